{{ service_tokens(ref('int_gp_contact_span'), 'kpr') }}
