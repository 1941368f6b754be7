{{ index_tokens(ref('int_acute_admission_day'), 'npr') }}
