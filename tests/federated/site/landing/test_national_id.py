"""The detector, on numbers that are computed here: none stands in this file."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federated.site.landing import ingest, refuse_real_national_ids
from federated.site.landing.national_id import is_real_form
from privacy.problem import Problem

CHUNK = 1 << 22


def with_check_digits(nine: str) -> str | None:
    """Append both check digits by the published rule; None where the first nine have none."""
    digits = [int(d) for d in nine]
    for weights in ([3, 7, 6, 1, 8, 9, 4, 5, 2], [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]):
        rest = sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
        if rest == 1:
            return None
        digits.append(0 if rest == 0 else 11 - rest)
    return "".join(map(str, digits))


def number(day: int = 17, month: int = 5, year: int = 81, individual: int = 100) -> str:
    """The first valid number of this day with an individual number from `individual` on."""
    for candidate in range(individual, 1000):
        made = with_check_digits(f"{day:02}{month:02}{year:02}{candidate:03}")
        if made:
            return made
    raise AssertionError("no such number")


VALID = number()


def centuries(year: int, individual: int) -> list[int]:
    """The century by the published table of individual numbers."""
    table = [
        (range(0, 500), range(0, 100), 1900),
        (range(500, 750), range(54, 100), 1800),
        (range(500, 1000), range(0, 40), 2000),
        (range(900, 1000), range(40, 100), 1900),
    ]
    return [c for numbers, years, c in table if individual in numbers and year in years]


@given(
    st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 999), st.booleans()
)
def test_form_against_the_published_tables(day, month, year, individual, d_number):
    made = with_check_digits(f"{day:02}{month:02}{year:02}{individual:03}")
    if made is None:
        return
    real = False
    for century in centuries(year, individual):
        try:
            date(century + year, month, day - 40 if day > 40 else day)
        except ValueError:
            continue
        real = True
    assert is_real_form(made) is real


@given(st.integers(0, 10), st.integers(1, 9))
def test_any_single_digit_changed_is_found_out_by_the_check_digits(place, step):
    place %= 11
    changed = VALID[:place] + str((int(VALID[place]) + step) % 10) + VALID[place + 1 :]
    assert not is_real_form(changed)


def test_real_form_and_d_numbers_count():
    assert is_real_form(number())
    assert is_real_form(number(day=40 + 17))
    assert is_real_form(number(1, 1, 5, 500))


@pytest.mark.parametrize("added", [40, 65, 80])
def test_synthetic_months_never_count(added):
    made = number(month=5 + added)
    assert not is_real_form(made)


def text_file(tmp_path, text: str | bytes):
    file = tmp_path / "x.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize(
    "text",
    [
        VALID,
        f"a,b\n1,{VALID}\n",
        f'a;"{VALID}";c',
        f"a,{VALID[:6]} {VALID[6:]},b",
        f"a,{VALID[:6]}-{VALID[6:]},b",
        f"pasient {VALID}.",
        f"a,{VALID}.0,b",
        f"a,-{VALID},b",
        f"fnr_{VALID}",
        f"\u00a0{VALID}\u00a0",
        f"a,P{VALID},b",
        f"a,NO-{VALID},b",
        f"a;{VALID[:2]}.{VALID[2:4]}.{VALID[4:6]} {VALID[6:]};b",
        f"a;{VALID[:2]}.{VALID[2:4]}.{VALID[4:6]}{VALID[6:]};b",
    ],
    ids=map(str, range(14)),  # a name of its own would show the number
)
def test_found_in_text(tmp_path, text):
    with pytest.raises(Problem) as problem:
        refuse_real_national_ids([text_file(tmp_path, text)])
    assert f"line {text[: text.index(VALID[6:])].count(chr(10)) + 1}" in problem.value.where
    assert VALID not in str(problem.value)
    assert VALID[6:] not in str(problem.value)


@pytest.mark.parametrize(
    "text",
    [
        "1" + VALID,
        VALID + "1",
        "a1b" + VALID,
        VALID + "f",
        f"3c1c5636-{VALID}-2c43",
        f"3c1c5636-2c43-bd4b-6eab-{VALID}a",
        f"3c1c5636-2c43-bd4b-6eab-a{VALID}",
        f"{VALID[:2]}.{VALID[2:4]}.{VALID[4:6]}.{VALID[6:]}",
        f"{VALID[:6]}-{VALID[6:]}-4b2d",
        f"{VALID[:6]}--{VALID[6:]}",
        f"{VALID[:6]}  {VALID[6:]}",
        f"{VALID[:5]}-{VALID[5:]}",
        f"{VALID[:6]}\n{VALID[6:]}",
        f"0.{VALID}",
        f"{VALID}.75",
        f"{VALID[:6]} {VALID[6:]}00",  # a SNOMED-like code is longer
        VALID[:10],
    ],
    ids=map(str, range(17)),
)
def test_not_found_where_the_digits_do_not_stand_alone(tmp_path, text):
    refuse_real_national_ids([text_file(tmp_path, text)])


@pytest.mark.parametrize("before", [*range(CHUNK - 78, CHUNK + 3, 8), 2 * CHUNK - 5])
def test_found_across_the_border_of_chunks_and_only_there(tmp_path, before):
    lines = b"x" * 63 + b"\n"
    filler = (lines * (before // 64 + 1))[: before - 1] + b","
    with pytest.raises(Problem) as problem:
        refuse_real_national_ids([text_file(tmp_path, filler + VALID.encode() + b",y")])
    assert problem.value.where.endswith(f"line {filler.count(10) + 1}")
    refuse_real_national_ids([text_file(tmp_path, filler + VALID.encode() + b"0,y")])
    refuse_real_national_ids([text_file(tmp_path, filler + b"a1-" + VALID.encode() + b",y")])


LOST_ZERO = int(number(day=7))


@pytest.mark.parametrize(
    "values",
    [
        pa.array([None, "x", VALID]),
        pa.array([None, "x", f"se {VALID[:6]} {VALID[6:]}"], pa.large_string()),
        pa.array([None, "x", VALID]).dictionary_encode(),
        pa.array([None, b"x", VALID.encode()]),
        pa.array([None, 5, int(VALID)]),
        pa.array([None, 5, LOST_ZERO]),
        pa.array([None, 5.5, float(VALID)]),
        pa.array([None, [], [VALID]]),
        pa.array([None, {"a": "x"}, {"a": VALID}]),
    ],
    ids=lambda values: str(values.type),
)
def test_found_in_parquet_columns(tmp_path, values):
    file = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3], "fnr": values}), file)
    with pytest.raises(Problem) as problem:
        refuse_real_national_ids([file])
    assert "column `fnr`, row 3" in problem.value.where
    assert VALID[6:] not in str(problem.value)


def test_a_lost_zero_is_found_where_it_fills_a_cell(tmp_path):
    assert len(str(LOST_ZERO)) == 10
    for text in (f"fnr;x\n{LOST_ZERO};1\n", f'x;fnr\n1;"{LOST_ZERO}"', f"fnr\n{LOST_ZERO}.0\n"):
        with pytest.raises(Problem, match=r"line 2, column `fnr`") as problem:
            refuse_real_national_ids([text_file(tmp_path, text)])
        assert str(LOST_ZERO) not in str(problem.value)
    for text in (f"ref {LOST_ZERO}", f"a{LOST_ZERO}", f"{LOST_ZERO}.5", f"0.{LOST_ZERO}"):
        refuse_real_national_ids([text_file(tmp_path, f"fnr;x\n{text};1\n")])


def test_a_column_of_other_ten_digit_numbers_may_hold_a_valid_one_by_chance(tmp_path):
    phones = [str(6_100_000_000 + n) for n in range(2000)]
    chance = [phone for phone in phones if is_real_form("0" + phone)]
    assert chance  # else this test would show nothing
    body = "\n".join(f"{n};{phone}" for n, phone in enumerate(phones))
    refuse_real_national_ids([text_file(tmp_path, f"n;phone\n{body}\n")])
    file = tmp_path / "x.parquet"
    pq.write_table(pa.table({"phone": phones, "minus": [-int(VALID)] * len(phones)}), file)
    refuse_real_national_ids([file])
    pq.write_table(pa.table({"fnr": [*phones[:3], str(LOST_ZERO)]}), file)
    with pytest.raises(Problem, match="column `fnr`, row 4"):
        refuse_real_national_ids([file])


@pytest.mark.parametrize("shift", range(0, 22, 3))
def test_ten_digits_are_counted_once_at_the_border_of_chunks(tmp_path, shift):
    """One of twenty is valid, just enough: one of the others counted twice would tip it."""
    others = [n for n in range(6_170_000_000, 6_170_000_100) if not is_real_form(f"0{n}")]
    cells = "\n".join(map(str, [*others[:10], LOST_ZERO, *others[10:19]]))
    filler = "fnr\n" + "x\n" * ((CHUNK - 120) // 2) + "x" * shift + "\n"
    with pytest.raises(Problem, match="column `fnr`"):
        refuse_real_national_ids([text_file(tmp_path, f"{filler}{cells}\n")])
    refuse_real_national_ids([text_file(tmp_path, f"{filler}{cells}\n{others[20]}\n")])


def test_the_column_is_named_where_a_header_names_it(tmp_path):
    body = f'id;merknad;fnr\n1;"a; b";2\n2;"c; d";{VALID}\n'
    with pytest.raises(Problem, match=r"line 3, column `fnr`"):
        refuse_real_national_ids([text_file(tmp_path, body)])
    headerless = f"Kari Nordmann;5550123\n{VALID};2\n"
    with pytest.raises(Problem) as problem:
        refuse_real_national_ids([text_file(tmp_path, headerless)])
    assert problem.value.where.endswith("line 2")


def test_ingest_stops_where_data_are_said_to_be_synthetic(make_site, write_csv, npr_row):
    source = write_csv("npr.csv", [npr_row(1), npr_row(2) | {"bydel2": VALID}])
    declared = make_site("declared", declared_synthetic=True)
    with pytest.raises(Problem, match=r"national identity number.*npr\.csv, line 3"):
        ingest(declared, "npr", source)
    assert not declared.warehouse_path.exists()
    real = make_site("real")
    with pytest.raises(Problem, match="national identity number"):
        ingest(real, "npr", source, refuse_national_ids=True)
    assert ingest(real, "npr", source).rows_landed == 2


def test_columns_outside_the_contract_are_looked_at_too(make_site, write_csv, npr_row):
    source = write_csv("npr.csv", [npr_row(1) | {"kommentar": VALID}])
    with pytest.raises(Problem, match="national identity number"):
        ingest(make_site(declared_synthetic=True), "npr", source)
