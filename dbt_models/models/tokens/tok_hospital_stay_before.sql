{{ service_tokens(ref('int_hospital_stay_span'), 'npr') }}
