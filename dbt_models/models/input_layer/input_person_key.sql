{{ current_rows(source('landing', 'person_key')) }}
