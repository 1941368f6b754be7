"""Adjusted shares in the site report: worked by hand, beside the crude ones, and in the picture."""

import pandas as pd
import pytest

from federated.contract.catalogue import Indicator
from federated.contract.indicator import IndicatorDefinition, KeyDefinition, StandardDefinition
from federated.contract.standardise import Reference
from federated.site.report.charts import comparison_picture
from federated.site.report.comparison import Standardised, comparison_tables
from federated.site.report.figures import Figures
from federated.site.report.tables import Names
from style.tables import Table
from style.written import written
from tests.federated.site.report.test_tables import indicator as any_indicator

NAMES = Names(values={"sector": {"x": "Sektor X", "y": "Sektor Y"}}, groups={})
SECTOR, BAND, SEX = (
    KeyDefinition(name=name, name_nb=nb, name_en=name, seed=name, column=name)
    for name, nb in (("sector", "Sektor"), ("band", "Bånd"), ("sex", "Kjønn"))
)
BANDS = {("low",): Reference(0.75, 0.1), ("high",): Reference(0.25, 0.4)}
SEXES = {("male",): Reference(0.5, None), ("female",): Reference(0.5, None)}


def figures(
    id_: str,
    keys: list[KeyDefinition],
    standard: StandardDefinition,
    rows: list[tuple[object, ...]],
) -> Figures:
    content = any_indicator().definition.model_dump() | {
        "id": id_,
        "keys": [key.model_dump() for key in keys],
        "rates": [],
        "standard": standard.model_dump(),
    }
    values = {"sector": ("x", "y"), "band": ("low", "high"), "sex": ("male", "female")}
    definition = IndicatorDefinition.model_validate(content)
    built = Indicator(definition, "f", f"atom_{id_}", ("indicators", f"atom_{id_}"),
                      {key.name: values[key.name] for key in keys})  # fmt: skip
    columns = ["period", *(key.name for key in keys), "received", "refused"]
    frame = pd.DataFrame(rows, columns=columns)
    return Figures(built, "delivered", frame, None, partial=frozenset({"2024"}))


def adjusted(rows: list[tuple[object, ...]] | None = None) -> Standardised:
    """In 2023 sector x has 90 + 10 stays, y 10 + 40; a tenth of the low band and two fifths of the
    high one have the event everywhere, but 20 of 40 in y.
    """
    definition = StandardDefinition(
        keys=["band"], name_nb="Risikojustert andel", name_en="Risk-adjusted", beside="crude"
    )
    rows = rows or [
        ("2023", "x", "low", 90, 9), ("2023", "x", "high", 10, 4),
        ("2023", "y", "low", 10, 1), ("2023", "y", "high", 40, 20),
        ("2024", "x", "low", 5, 1), ("2024", "x", "high", 2, 1),
    ]  # fmt: skip
    return Standardised(figures("adjusted", [SECTOR, BAND], definition, rows), definition, BANDS)


def by_sex() -> Standardised:
    definition = StandardDefinition(keys=["sex"], name_nb="Standardisert andel", name_en="By sex")
    rows: list[tuple[object, ...]] = [("2023", "male", 100, 10), ("2023", "female", 50, 25)]
    return Standardised(figures("crude", [SEX], definition, rows), definition, SEXES)


def rows_of(table: Table) -> dict[object, tuple[object, ...]]:
    return {row[0]: row[1:] for row in table.rows}


def test_shares_of_a_sector_worked_by_hand() -> None:
    """x: 0.75 x 0.1 + 0.25 x 0.4 = 0.175, and 13 of 13 expected. y: 0.75 x 0.1 + 0.25 x 0.5 = 0.2,
    and 21 of 0.1 x 10 + 0.4 x 40 = 17.
    """
    _, by_sector = comparison_tables(adjusted(), None, NAMES)
    assert [column.heading for column in by_sector.columns] == [
        "Sektor", "Mottatt", "Rå andel", "Risikojustert andel", "fra", "til",
        "Observert", "Forventet", "O/E", "fra", "til",
    ]  # fmt: skip
    rows = rows_of(by_sector)
    x, y = rows["Sektor X"], rows["Sektor Y"]
    assert x[:3] == (100, pytest.approx(0.13), pytest.approx(0.175))
    assert y[:3] == (50, pytest.approx(0.42), pytest.approx(0.2))
    assert x[5:8] == (13, pytest.approx(13), pytest.approx(1))
    assert y[5:8] == (21, pytest.approx(17), pytest.approx(21 / 17))
    everybody = rows["Alle"]
    assert everybody[:2] == (150, pytest.approx(34 / 150))
    assert everybody[2] == pytest.approx(0.75 * 0.1 + 0.25 * 24 / 50)
    assert [by_sector.rows[n][0] for n in by_sector.emphasised] == ["Alle"]
    assert "Risikojustert andel: veid etter bånd." in by_sector.note_nb
    assert "synt" in by_sector.note_nb


def test_the_standardised_share_of_the_other_indicator_stands_beside_it() -> None:
    """0.5 x 10/100 + 0.5 x 25/50 = 0.3; of 2024 it has no row, so that nothing can be said."""
    by_year, by_sector = comparison_tables(adjusted(), by_sex(), NAMES)
    assert [column.heading for column in by_year.columns[:5]] == [
        "År", "Mottatt", "Rå andel", "Standardisert andel", "Risikojustert andel",
    ]  # fmt: skip
    rows = rows_of(by_year)
    assert rows["2023"][1:3] == (pytest.approx(34 / 150), pytest.approx(0.3))
    assert rows["2024*"][2] is None and "2024" in by_year.note_nb
    # It is not known by sector, and so has no column there.
    assert "Standardisert andel" not in [column.heading for column in by_sector.columns]


def test_a_standard_without_expected_shares_gives_no_ratio() -> None:
    (by_year,) = comparison_tables(by_sex(), None, NAMES)
    assert [column.heading for column in by_year.columns] == [
        "År", "Mottatt", "Rå andel", "Standardisert andel", "fra", "til",
    ]  # fmt: skip
    assert comparison_picture(by_sex(), NAMES, "i") is None


def test_where_a_band_is_empty_the_share_is_not_said_but_the_ratio_is() -> None:
    own = adjusted([("2023", "x", "low", 90, 9), ("2023", "y", "low", 10, 1),
                    ("2023", "y", "high", 40, 20)])  # fmt: skip
    x = rows_of(comparison_tables(own, None, NAMES)[1])["Sektor X"]
    assert x[1:5] == (pytest.approx(0.1), None, None, None)
    assert x[5:8] == (9, pytest.approx(9), pytest.approx(1))


def test_fewer_than_five_events_have_no_interval() -> None:
    by_year, _ = comparison_tables(adjusted(), None, NAMES)
    row = rows_of(by_year)["2024*"]
    assert row[2:5] == (pytest.approx(0.75 / 5 + 0.25 / 2), None, None)
    assert row[5] == 2 and row[8:] == (None, None)
    assert None not in rows_of(by_year)["2023"]


def test_the_picture_has_every_group_that_has_an_adjusted_share() -> None:
    drawn = comparison_picture(adjusted(), NAMES, "atom_adjusted")
    assert drawn is not None
    assert "2023" in drawn.title and "2024" not in drawn.title
    assert all(name in drawn.svg for name in ("Sektor X", "Sektor Y", "Alle"))
    assert 'id="atom_adjusted-title"' in drawn.svg


def test_a_ratio_is_written_with_two_decimals() -> None:
    assert written(1.2345, "ratio") == "1,23"
