{{ service_tokens(ref('int_service_hour_span'), 'kpr') }}
