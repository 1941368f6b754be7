"""The same tables as an Excel workbook: numbers stay numbers, every sheet is marked internal."""

import io
import re

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from federated.site.report.page import Report, reasons
from federated.site.report.tables import Table, Value
from federated.site.report.written import FORMATS, MISSING

INTERNAL = "INTERNT – eksakte tall, forlater ikke virksomheten"
_LONGEST_SHEET_NAME = 31


def workbook(report: Report) -> bytes:
    """One sheet per indicator, the familiar tables first, what is missing last."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        formats = _Formats(book)
        names = _SheetNames()
        if report.familiar:
            _fill(book.add_worksheet(names("Kjente tabeller")), report.familiar, formats)
        for section in report.sections:
            title = section.figures.indicator.definition.name_nb
            _fill(book.add_worksheet(names(title)), section.tables, formats)
        if report.numbers is not None:
            _fill(book.add_worksheet(names("Løpenumre i koblinger")), [report.numbers], formats)
        sheet = book.add_worksheet(names("Uten tall her"))
        _head(sheet, formats)
        for place, figures in enumerate(report.absent, start=2):
            sheet.write_string(place, 0, figures.indicator.definition.name_nb)
            sheet.write_string(place, 1, reasons(figures)[0])
    return buffer.getvalue()


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.internal = book.add_format(
            {"bold": True, "font_color": "#ffffff", "bg_color": "#a1172a"}
        )
        self.title = book.add_format({"bold": True, "font_size": 12})
        self.heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.note = book.add_format({"italic": True, "font_color": "#51636a"})
        self._book = book
        self._numbers: dict[tuple[str, bool], Format] = {}

    def number(self, kind: str, is_sum: bool) -> Format:
        found = self._numbers.get((kind, is_sum))
        if found is None:
            wanted: dict[str, object] = {"num_format": FORMATS.get(kind, "General")}
            if is_sum:
                wanted |= {"bold": True, "bg_color": "#f2f6f6"}
            found = self._numbers[kind, is_sum] = self._book.add_format(wanted)
        return found


def _head(sheet: Worksheet, formats: _Formats) -> None:
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 40, 12)
    sheet.write_string(0, 0, INTERNAL, formats.internal)
    sheet.set_header(f"&L{INTERNAL}")
    sheet.freeze_panes(1, 1)


def _fill(sheet: Worksheet, tables: list[Table], formats: _Formats) -> None:
    _head(sheet, formats)
    row = 2
    for table in tables:
        sheet.write_string(row, 0, table.title_nb, formats.title)
        for place, column in enumerate(table.columns):
            sheet.write_string(row + 1, place, column.heading, formats.heading)
        for number, values in enumerate(table.rows):
            is_sum = number in table.emphasised
            for place, value in enumerate(values):
                style = formats.number(table.columns[place].kind, is_sum)
                _write(sheet, row + 2 + number, place, value, style)
        row += 2 + len(table.rows)
        if table.note_nb:
            sheet.write_string(row, 0, table.note_nb, formats.note)
            row += 1
        row += 1


def _write(sheet: Worksheet, row: int, column: int, value: Value, style: Format) -> None:
    if value is None:
        sheet.write_string(row, column, MISSING, style)
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
