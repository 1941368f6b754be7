{{ service_tokens(ref('int_municipal_cost_span'), 'kpr') }}
