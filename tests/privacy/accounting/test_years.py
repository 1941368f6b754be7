from privacy.accounting import charged_years


def test_look_back_and_follow_up_years_are_charged():
    assert charged_years(2022, years_before=1, last_data_year=2022) == (2021, 2022, 2023)
    assert charged_years(2022, years_before=1, last_data_year=2025) == (
        2021,
        2022,
        2023,
        2024,
        2025,
    )
    assert charged_years(2022, years_before=0, last_data_year=2019) == (2022, 2023)
