"""The files of an edition: the same figures in every format, and none that is not shown."""

import csv
import io
import json
import math
import re
import zipfile

import pyarrow.parquet as pq
import pytest

from portal.room.downloads import downloads
from portal.room.editions import Edition, Shelf
from privacy.estimates.status import Status

NUMBERS = ("value", "ci_low", "ci_high")
WHOLE = {*NUMBERS, "edition", "definition_version"}


def _editions(shelves: list[Shelf]) -> list[Edition]:
    return [shelf.editions[0] for shelf in shelves]


@pytest.fixture(scope="module", params=range(5))
def edition(request, shelves) -> Edition:
    return _editions(shelves)[request.param]


@pytest.fixture(scope="module")
def files(edition) -> dict[str, bytes]:
    return {download.suffix: download.content for download in downloads(edition)}


def _from_csv(content: bytes) -> list[dict[str, object]]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8")))
    return [{k: _typed(k, v) for k, v in row.items()} for row in rows]


def _typed(name: str, text: str) -> object:
    if name in WHOLE:
        return int(text) if text else None
    return text


def _from_xlsx(content: bytes) -> list[dict[str, object]]:
    """The first sheet, from its third row on: title, headings, rows."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = book.read("xl/sharedStrings.xml").decode()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    strings = [re.sub(r"<[^>]+>", "", found) for found in re.findall(r"<si>(.*?)</si>", shared)]
    rows: list[dict[str, object]] = []
    headings: dict[str, str] = {}
    for number, row in re.findall(r'<row r="(\d+)"[^>]*>(.*?)</row>', sheet, re.DOTALL):
        cells: dict[str, object] = {}
        for place, kind, value in re.findall(
            r'<c r="([A-Z]+)\d+"[^>]*?(?: t="(s)")?(?:/>|><v>(.*?)</v></c>)', row
        ):
            cells[place] = strings[int(value)] if kind else (int(value) if value else None)
        if number == "4":
            headings = {place: str(name) for place, name in cells.items()}
        elif int(number) > 4 and cells:
            rows.append({name: cells.get(place) for place, name in headings.items()})
    return [{k: "" if v is None and k not in WHOLE else v for k, v in r.items()} for r in rows]


def test_csv_parquet_and_workbook_are_the_same_rows(files, edition):
    table = pq.read_table(io.BytesIO(files["parquet"])).to_pylist()
    assert len(table) == len(edition.cells)
    assert _from_csv(files["csv"]) == table
    assert _from_xlsx(files["xlsx"]) == table


def test_every_row_says_what_it_is_of(files, edition):
    record = edition.record
    for row in pq.read_table(io.BytesIO(files["parquet"])).to_pylist():
        assert row["definition"] == record.indicator.definition
        assert row["vintage"] == "npr " + record.vintages[row["site"]]["npr"]
        assert (row["period"], row["edition"]) == (record.period, record.edition)
        assert row["status"] in set(Status)


def test_what_a_status_hides_is_null_and_nothing_else_is(files):
    for row in pq.read_table(io.BytesIO(files["parquet"])).to_pylist():
        hidden = row["status"] in ("suppressed", "not_applicable", "not_delivered")
        assert row["value"] is None or not hidden
        assert row["value"] is not None or hidden or row["status"] == "uncertain"
        if row["status"] == "suppressed":
            assert row["ci_low"] == 0
        elif row["value"] is not None:
            assert row["value"] >= 5 or row["unit"] == "kroner"
            assert row["ci_low"] <= row["value"] <= row["ci_high"]


def test_json_stat_has_the_shape_of_the_standard(files, edition):
    stat = json.loads(files["json"])
    assert (stat["version"], stat["class"]) == ("2.0", "dataset")
    assert len(stat["id"]) == len(stat["size"])
    assert math.prod(stat["size"]) == len(stat["value"]) == len(stat["status"])
    assert stat["dimension"].keys() == set(stat["id"])
    for name, size in zip(stat["id"], stat["size"], strict=True):
        category = stat["dimension"][name]["category"]
        assert len(category["index"]) == len(set(category["index"])) == size
        assert category["label"].keys() == set(category["index"])
    assert {name for names in stat["role"].values() for name in names} <= set(stat["id"])
    assert stat["extension"]["release_id"] == edition.id


def test_json_stat_holds_the_same_figures(files):
    stat = json.loads(files["json"])
    strides = [math.prod(stat["size"][n + 1 :]) for n in range(len(stat["size"]))]
    for row in pq.read_table(io.BytesIO(files["parquet"])).to_pylist():
        place = sum(
            stat["dimension"][name]["category"]["index"].index(row[name]) * stride
            for name, stride in zip(stat["id"][:-1], strides, strict=False)
        )
        assert stat["value"][place : place + 3] == [row[name] for name in NUMBERS]
        assert set(stat["status"][place : place + 3]) == {row["status"]}


def test_every_status_is_in_some_file(shelves):
    found = {
        row["status"]
        for edition in _editions(shelves)
        for row in pq.read_table(io.BytesIO(downloads(edition)[1].content)).to_pylist()
    }
    assert found == set(Status)
