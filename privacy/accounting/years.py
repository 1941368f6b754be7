"""Which data-years a release charges."""


def charged_years(period: int, years_before: int, last_data_year: int) -> tuple[int, ...]:
    """Every data-year whose records can change the answer for `period`.

    From `years_before` earlier (chained stays begin there) to the end of the data: an episode that
    begins within the follow-up window can be continued by stays of any later year.
    """
    return tuple(range(period - years_before, max(period + 1, last_data_year) + 1))
