{{ users_by_kind(ref('int_hospital_use')) }}

{{ indicator_rows('user') }}
