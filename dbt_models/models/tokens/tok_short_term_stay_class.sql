{{ service_tokens(ref('int_short_term_stay_span'), 'kpr') }}
