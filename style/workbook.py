"""Tables as an Excel workbook: numbers stay numbers, and every sheet says what it is."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from style import theme
from style.tables import Table, Value
from style.written import FORMATS, MISSING

_LONGEST_SHEET_NAME = 31


class Workbook:
    """heading: stands on every sheet. alarm: whether it is a warning that must be seen."""

    def __init__(self, book: xlsxwriter.Workbook, heading: str, *, alarm: bool) -> None:
        self._book = book
        self._heading = heading
        self._names = _SheetNames()
        colour = theme.ALARM if alarm else theme.ACCENT
        self._head = book.add_format(
            {"bold": True, "font_color": "#ffffff", "bg_color": colour.light}
        )
        self._title = book.add_format({"bold": True, "font_size": 12})
        self._columns = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._note = book.add_format({"italic": True, "font_color": theme.QUIET.light})
        self._numbers: dict[tuple[str, bool, bool], Format] = {}

    def sheet(self, name: str, tables: Sequence[Table], *, missing: str | None = MISSING) -> None:
        """missing: what stands where there is no value; None leaves the cell empty."""
        sheet = self._begin(name)
        row = 2
        for table in tables:
            sheet.write_string(row, 0, table.title_nb, self._title)
            for place, column in enumerate(table.columns):
                sheet.write_string(row + 1, place, column.heading, self._columns)
                if column.width is not None:
                    sheet.set_column(place, place, column.width)
            for number, values in enumerate(table.rows):
                is_sum = number in table.emphasised
                for place, value in enumerate(values):
                    column = table.columns[place]
                    style = self._number(column.kind, is_sum, column.width is not None)
                    _write(
                        sheet, row + 2 + number, place, missing if value is None else value, style
                    )
            row += 2 + len(table.rows)
            if table.note_nb:
                sheet.write_string(row, 0, table.note_nb, self._note)
                row += 1
            row += 1

    def pairs(self, name: str, pairs: Sequence[tuple[str, str]]) -> None:
        """A sheet of two columns of text."""
        sheet = self._begin(name)
        for place, pair in enumerate(pairs, start=2):
            sheet.write_string(place, 0, pair[0])
            sheet.write_string(place, 1, pair[1])

    def _begin(self, name: str) -> Worksheet:
        sheet = self._book.add_worksheet(self._names(name))
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 40, 12)
        sheet.write_string(0, 0, self._heading, self._head)
        sheet.set_header(f"&L{self._heading.replace('&', '&&')[:200]}")
        sheet.freeze_panes(1, 1)
        return sheet

    def _number(self, kind: str, is_sum: bool, wraps: bool) -> Format:
        found = self._numbers.get((kind, is_sum, wraps))
        if found is None:
            wanted: dict[str, object] = {"num_format": FORMATS.get(kind, "General")}
            if is_sum:
                wanted |= {"bold": True, "bg_color": "#f2f6f6"}
            if wraps:
                wanted |= {"text_wrap": True, "valign": "top"}
            found = self._numbers[kind, is_sum, wraps] = self._book.add_format(wanted)
        return found


@contextmanager
def workbook(
    heading: str, *, alarm: bool = False, created: datetime | None = None
) -> Iterator[tuple[Workbook, io.BytesIO]]:
    """A workbook to fill; the buffer holds its bytes afterwards. created: when its figures were
    made; else now.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        if created is not None:
            book.set_properties({"created": created.replace(tzinfo=None)})
        yield Workbook(book, heading, alarm=alarm), buffer


def _write(sheet: Worksheet, row: int, column: int, value: Value, style: Format) -> None:
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


class _SheetNames:
    r"""Names that Excel takes: at most 31 characters, none of `[]:*?/\\'`, each used once."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def __call__(self, title: str) -> str:
        plain = re.sub(r"[\[\]:*?/\\']", " ", title)
        name, number = plain[:_LONGEST_SHEET_NAME].strip(), 1
        while name.lower() in self._used:
            number += 1
            name = f"{plain[: _LONGEST_SHEET_NAME - 1 - len(str(number))].strip()} {number}"
        self._used.add(name.lower())
        return name
