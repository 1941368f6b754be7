{{ current_rows(source('landing', 'bed_capacity')) }}
