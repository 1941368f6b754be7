{{ service_tokens(ref('int_home_care_span'), 'kpr') }}
