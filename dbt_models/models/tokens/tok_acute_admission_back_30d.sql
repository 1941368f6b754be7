{{ service_tokens(ref('int_acute_admission_span'), 'npr') }}
