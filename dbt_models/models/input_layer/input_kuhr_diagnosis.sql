{{ current_rows(source('landing', 'kuhr_diagnosis')) }}
