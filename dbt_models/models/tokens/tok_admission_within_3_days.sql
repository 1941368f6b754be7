{{ service_tokens(ref('int_onward_admission_span'), 'npr') }}
