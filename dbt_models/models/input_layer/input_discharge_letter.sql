{{ current_rows(source('landing', 'discharge_letter')) }}
