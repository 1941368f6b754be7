{{ current_rows(source('landing', 'population')) }}
