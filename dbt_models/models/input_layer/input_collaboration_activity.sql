{{ current_rows(source('landing', 'collaboration_activity')) }}
