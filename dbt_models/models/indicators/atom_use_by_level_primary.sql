{{ users_by_kind(ref('int_primary_use')) }}

{{ indicator_rows('user') }}
