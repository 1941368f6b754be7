{{ service_tokens(ref('int_service_band_span'), 'kpr') }}
