{{ users_by_kind(ref('int_care_use')) }}

{{ indicator_rows('user') }}
