{{ contact_year_tokens('gp') }}
