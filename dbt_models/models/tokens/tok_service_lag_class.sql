{{ service_tokens(ref('int_service_lag_span'), 'kpr') }}
