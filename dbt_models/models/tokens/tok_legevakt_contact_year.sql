{{ contact_year_tokens('legevakt') }}
