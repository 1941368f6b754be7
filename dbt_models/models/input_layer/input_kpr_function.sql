{{ current_rows(source('landing', 'kpr_function')) }}
