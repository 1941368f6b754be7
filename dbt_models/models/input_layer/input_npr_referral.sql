{{ current_rows(source('landing', 'npr_referral')) }}
