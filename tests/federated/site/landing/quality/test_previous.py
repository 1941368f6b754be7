"""A delivery beside the one before it, also where that one's rows are gone."""

import pytest

from federated.site.landing.quality.findings import code_change_by_chance, total_variation
from tests.federated.site.landing.quality.made_landing import found, in_month, stays, the_one

SPRING = ("2024-01-01", "2024-03-31")
MONTHS = ("2024-01", "2024-02", "2024-03")


def spring(count=100, **cells):
    return [row for month in MONTHS for row in in_month(month, count, **cells)]


def test_the_same_again_says_nothing(made):
    made.deliver("d1", npr_stay=spring(), period=SPRING)
    report = made.deliver("d2", npr_stay=spring(), period=SPRING)
    assert report.previous is not None and report.previous.delivery_id == "d1"
    assert report.findings == ()


def test_a_first_delivery_has_nothing_to_be_compared_with(made):
    assert made.deliver("d1", npr_stay=stays(3)).previous is None


def test_a_delivery_of_another_format_is_not_the_previous_one(made):
    made.deliver("d1", register="kuhr")
    assert made.deliver("d2", npr_stay=stays(3)).previous is None


def test_the_rows_of_the_previous_one_are_not_needed(made):
    made.deliver("d1", npr_stay=spring(bydel2="030199"), period=SPRING)
    made.replace("d1")
    report = made.deliver("d2", npr_stay=spring(bydel2="030101"), period=SPRING)
    assert report.previous is not None
    assert report.previous.tables[0].landed == 300


def test_previous_share_of_the_same_month_else_of_the_whole(made):
    cells = {"komNrHjem2": "-1"}
    made.deliver(
        "d1",
        npr_stay=[
            *in_month("2024-01", 30, **cells),
            *in_month("2024-01", 10),
            *in_month("2024-02", 40),
        ],
        period=SPRING,
    )
    report = made.deliver(
        "d2",
        npr_stay=[*in_month("2024-01", 4, **cells), *in_month("2024-04", 4, **cells)],
        period=("2024-01-01", "2024-04-30"),
    )
    before = {f.month: f.previous_share for f in found(report, "komnr_unknown")}
    assert before == {"2024-01": 30 / 40, "2024-04": 30 / 80}


def test_a_rule_that_was_silent_before_has_share_zero(made):
    made.deliver("d1", npr_stay=stays(10))
    report = made.deliver("d2", npr_stay=stays(10, innTid=None))
    assert the_one(report, "missing_time").previous_share == 0.0


def test_a_reason_that_did_not_occur_before_has_share_zero(made):
    made.deliver("d1", npr_stay=stays(10))
    rejected = [("npr_stay", ["missing:lopenr"], {"utDato": "2024-03-02"})]
    report = made.deliver("d2", npr_stay=stays(9), rejected=rejected)
    finding = the_one(report, "quarantined")
    assert (finding.share, finding.previous_share) == (0.1, 0.0)


@pytest.mark.parametrize(
    ("variable", "severity"), [("bydel2", "error"), ("henvFraTjeneste", "warning")]
)
def test_a_column_that_is_gone(made, variable: str, severity: str):
    """What the indicators need is an error when it vanishes; what they do not, a warning."""
    made.deliver("d1", npr_stay=stays(200, **{variable: "41"}))
    report = made.deliver("d2", npr_stay=stays(100, **{variable: None}))
    finding = the_one(report, "share_filled_changed")
    assert (finding.variable, finding.severity) == (variable, severity)
    assert (finding.count, finding.share, finding.previous_share) == (100, 0.0, 1.0)


def test_a_small_change_of_a_small_delivery_may_be_chance(made):
    filled, empty = stays(8, dodDato="2024-04-01"), stays(12)
    made.deliver("d1", npr_stay=[*filled, *empty])
    report = made.deliver("d2", npr_stay=[*stays(11, dodDato="2024-04-01"), *stays(9)])
    assert found(report, "share_filled_changed") == []


def test_codes_used_in_other_shares(made):
    made.deliver("d1", npr_stay=[*stays(500, innmateHast=1), *stays(500, innmateHast=4)])
    report = made.deliver("d2", npr_stay=[*stays(800, innmateHast=1), *stays(200, innmateHast=4)])
    finding = the_one(report, "codes_changed")
    assert (finding.variable, finding.count, finding.share) == ("innmateHast", 300, 0.3)


def test_total_variation_by_hand():
    assert total_variation({"1": 1}, {"2": 5}) == 1
    assert total_variation({"1": 2, "2": 2}, {"1": 50, "2": 50}) == 0
    assert total_variation({"1": 3, "2": 1}, {"1": 1, "2": 1, "3": 2}) == 0.5


def test_code_change_by_chance_is_what_sampling_gives():
    """Against the mean over many pairs of samples of one distribution."""
    import numpy as np

    generator = np.random.default_rng(7)
    shares = [0.5, 0.3, 0.15, 0.05]
    pairs = [(generator.multinomial(200, shares), generator.multinomial(300, shares))] + [
        (generator.multinomial(200, shares), generator.multinomial(300, shares))
        for _ in range(2000)
    ]
    as_codes = [tuple({str(i): int(n) for i, n in enumerate(s)} for s in pair) for pair in pairs]
    measured = np.mean([total_variation(a, b) for a, b in as_codes])
    said = np.mean([code_change_by_chance(a, b) for a, b in as_codes])
    assert said == pytest.approx(measured, rel=0.05)


def test_fewer_and_more_rows_of_the_same_month(made):
    made.deliver("d1", npr_stay=spring(100), period=SPRING)
    rows = [*in_month("2024-01", 60), *in_month("2024-02", 95), *in_month("2024-03", 140)]
    report = made.deliver("d2", npr_stay=rows, period=SPRING)
    fewer = the_one(report, "fewer_rows_than_before")
    assert (fewer.month, fewer.count, fewer.of, fewer.share) == ("2024-01", 40, 100, 0.4)
    assert fewer.severity == "warning"
    assert the_one(report, "more_rows_than_before").month == "2024-03"


def test_a_month_that_lost_half_its_rows_is_an_error(made):
    made.deliver("d1", npr_stay=spring(100), period=SPRING)
    rows = [*in_month("2024-01", 100), *in_month("2024-02", 50), *in_month("2024-03", 100)]
    report = made.deliver("d2", npr_stay=rows, period=SPRING)
    finding = the_one(report, "fewer_rows_than_before")
    assert (finding.month, finding.severity) == ("2024-02", "error")


def test_months_next_to_each_other_are_compared_on_average(made):
    made.deliver("d1", npr_stay=in_month("2024-03", 100))
    report = made.deliver(
        "d2",
        npr_stay=in_month("2024-04", 40),
        period=("2024-04-01", "2024-04-30"),
        extracted_on="2024-05-05",
    )
    finding = the_one(report, "fewer_rows_than_before")
    assert (finding.month, finding.count, finding.of) == (None, 57, 97)  # of 30 days each


def test_a_table_that_no_longer_comes(made):
    care = [{"tjeneste_lnr": f"T{i}", "startdato": "2024-03-02"} for i in range(60)]
    function = [{"vurdering_lnr": f"V{i}", "vurdertDato": "2024-03-02"} for i in range(60)]
    made.deliver("d1", register="kpr-omsorg", kpr_care=care, kpr_function=function)
    report = made.deliver("d2", register="kpr-omsorg", kpr_care=care)
    finding = the_one(report, "fewer_rows_than_before")
    assert (finding.table, finding.count, finding.share) == ("kpr_function", 60, 1.0)


def test_an_undated_table_is_compared_as_a_whole(made):
    def keys(count: int) -> list[dict[str, str]]:
        return [{"npr_lnr": f"N{i}", "kpr_lnr": f"K{i}"} for i in range(count)]

    made.deliver("d1", register="person-key", person_key=keys(310))
    report = made.deliver("d2", register="person-key", person_key=keys(155))
    finding = the_one(report, "fewer_rows_than_before")
    assert (finding.month, finding.count, finding.share) == (None, 150, 0.5)


def test_more_of_one_reason_than_before(made):
    def rejected(count: int):
        return [("npr_stay", ["missing:lopenr"], {"utDato": "2024-03-02"})] * count

    made.deliver("d1", npr_stay=stays(990), rejected=rejected(10))
    report = made.deliver("d2", npr_stay=stays(950), rejected=rejected(50))
    finding = the_one(report, "reasons_changed")
    assert (finding.reason, finding.count) == ("missing:lopenr", 50)
    assert (finding.share, finding.previous_share) == (0.05, 0.01)


def test_a_profile_of_another_version_is_not_compared_with(made):
    made.deliver("d1", npr_stay=stays(200))
    made.replace("d1")
    made.connection.execute("update landing.delivery_profile set version = 0")
    report = made.deliver("d2", npr_stay=stays(20))
    assert report.previous is None
    assert found(report, "fewer_rows_than_before") == []
