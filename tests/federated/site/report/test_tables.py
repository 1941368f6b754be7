"""Figures as tables: shares, rates and changes by hand, groups by year, and what cannot be said."""

import pandas as pd
import pytest

from federated.contract.catalogue import Indicator
from federated.contract.indicator import IndicatorDefinition, KeyDefinition
from federated.site.report.figures import Figures
from federated.site.report.tables import (
    Group,
    Names,
    Table,
    by_key,
    rates_by_key,
    share,
    shares_by_key,
)
from style.written import written

AREA = KeyDefinition(
    name="area", name_nb="Bosted", name_en="Residence", seed="area", column="area",
    rollup="area_group",
)  # fmt: skip
NAMES = Names(
    values={"area": {"a": "Alna", "b": "Bjerke"}},
    groups={"area_group": [Group("sector_x", "Sektor", (("a", 0, 2022), ("b", 0, 9999)))]},
)


def indicator() -> Indicator:
    text = dict.fromkeys(
        (
            "owner", "name_nb", "name_en", "definition_nb", "definition_en", "source",
            "source_dated", "unit_nb", "unit_en", "numerator_nb", "numerator_en",
            "denominator_nb", "denominator_en", "exclusions_nb", "exclusions_en",
            "known_limits_nb", "known_limits_en", "audience",
        ),
        "x",
    )  # fmt: skip
    definition = IndicatorDefinition.model_validate(
        text
        | {
            "id": "referrals",
            "version": 1,
            "rhythm": "yearly",
            "status": "local",
            "release": "noisy_counts",
            "levels": ["hospital"],
            "needs": ["npr_referral"],
            "keys": [AREA.model_dump()],
            "atoms": ["accepted", "refused"],
            "measures": {
                "received": {
                    "atoms": ["accepted", "refused"],
                    "name_nb": "Mottatt",
                    "name_en": "In",
                },
                "refused": {"atoms": ["refused"], "name_nb": "Avvist", "name_en": "Refused"},
            },
            "shares": [
                {"part": "refused", "of": "received", "name_nb": "Andel", "name_en": "Share"}
            ],
            "rates": [{"measure": "received", "per": 1000, "name_nb": "Rate", "name_en": "Rate"}],
            "bounds": {"per_cell": 2, "total": 4},
            "data_years": {"before": 0, "after": "to_end_of_data"},
        }
    )
    return Indicator(definition, "f", "atom_referrals", ("indicators", "atom_referrals"),
                     {"area": ("a", "b", "c")})  # fmt: skip


def figures(partial: frozenset[str] = frozenset()) -> Figures:
    rows = [
        ("2022", "a", 200, 50), ("2022", "b", 100, 0),
        ("2023", "a", 250, 25), ("2023", "b", 110, 11),
    ]  # fmt: skip
    people = [("2022", "a", 4_000), ("2022", "b", 5_000), ("2023", "a", 5_000)]
    return Figures(
        indicator(),
        "delivered",
        pd.DataFrame(rows, columns=["period", "area", "received", "refused"]),
        pd.DataFrame(people, columns=["period", "area", "persons"]),
        partial=partial,
    )


def rows_of(table: Table) -> dict[object, tuple[object, ...]]:
    return {row[0]: row[1:] for row in table.rows}


def test_counts_groups_and_the_change_of_the_last_two_years() -> None:
    received, _ = by_key(figures(), AREA, NAMES)
    assert [column.heading for column in received.columns] == [
        "Bosted", "2022", "2023", "Endring 2022–2023",
    ]  # fmt: skip
    assert rows_of(received) == {
        "Alna": (200, 250, pytest.approx(0.25)),
        "Bjerke": (100, 110, pytest.approx(0.10)),
        "c": (0, 0, None),  # a public value nobody is in: zero, and no change from zero
        "Sektor": (300, 110, pytest.approx(-190 / 300)),  # Alna has left the sector
        "Alle": (300, 360, pytest.approx(0.20)),
    }
    assert [received.rows[n][0] for n in sorted(received.emphasised)] == ["Sektor", "Alle"]


def test_a_rollup_is_of_the_key_that_names_it() -> None:
    """Two indicators may call a key the same and mean other values by it."""
    apart = AREA.model_copy(update={"rollup": None})
    received, _ = by_key(figures(), apart, NAMES)
    assert "Sektor" not in rows_of(received) and "Alle" in rows_of(received)


def test_a_share_of_a_group_is_of_its_sums_not_a_mean_of_shares() -> None:
    (table,) = shares_by_key(figures(), AREA, NAMES)
    assert rows_of(table)["Alna"] == (0.25, 0.1)
    assert rows_of(table)["Alle"] == (pytest.approx(50 / 300), pytest.approx(0.1))
    assert rows_of(table)["c"] == (None, None)


def test_a_rate_is_per_inhabitant_and_nothing_where_nobody_lives() -> None:
    (table,) = rates_by_key(figures(), AREA, NAMES)
    assert rows_of(table)["Alna"] == (50.0, 50.0)
    assert rows_of(table)["Bjerke"] == (20.0, None)
    assert rows_of(table)["Sektor"] == (pytest.approx(1000 * 300 / 9_000), None)


def test_a_year_that_is_not_whole_is_marked_and_not_compared() -> None:
    received, _ = by_key(figures(partial=frozenset({"2023"})), AREA, NAMES)
    assert [column.heading for column in received.columns] == ["Bosted", "2022", "2023*"]
    assert "2023" in received.note_nb


def test_a_picture_shows_the_last_whole_year_with_anything_to_show() -> None:
    assert figures().latest("refused") == "2023"
    assert figures(partial=frozenset({"2023"})).latest("refused") == "2022"
    assert figures(partial=frozenset({"2022", "2023"})).latest("refused") == "2023"
    last_year_empty = figures()
    last_year_empty.values.loc[last_year_empty.values["period"] == "2023", "refused"] = 0
    assert last_year_empty.latest("refused") == "2022"


def test_values_that_do_not_add_up_have_no_total() -> None:
    apart = AREA.model_copy(update={"additive": False})
    received, _ = by_key(figures(), apart, NAMES)
    assert "Alle" not in rows_of(received)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (1204, "count", "1 204"), (0, "count", "0"), (None, "count", "–"),
        (0.2345, "percent", "23,4 %"), (0.264, "change", "+26,4 %"),
        (-0.5, "change", "−50,0 %"), (0.0, "change", "0,0 %"), (1234.56, "rate", "1 234,6"),
        ("Alna", "text", "Alna"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_in_norwegian_text(value, kind, text) -> None:
    narrow = "\N{NARROW NO-BREAK SPACE}"
    assert written(value, kind).replace(narrow, " ") == text


def test_a_share_of_nothing_cannot_be_said() -> None:
    assert share(1, 0) is None
