"""The same tables as an Excel workbook, every sheet of it marked internal."""

from federated.site.report.page import Report, reasons
from style import workbook as style

INTERNAL = "INTERNT – eksakte tall, forlater ikke virksomheten"


def workbook(report: Report) -> bytes:
    """One sheet per indicator, the familiar tables first, what is missing last."""
    with style.workbook(INTERNAL, alarm=True) as (book, buffer):
        if report.familiar:
            book.sheet("Kjente tabeller", report.familiar)
        for section in report.sections:
            book.sheet(section.figures.indicator.definition.name_nb, section.tables)
        if report.numbers is not None:
            book.sheet("Løpenumre i koblinger", [report.numbers])
        book.pairs(
            "Uten tall her",
            [(f.indicator.definition.name_nb, reasons(f)[0]) for f in report.absent],
        )
    return buffer.getvalue()
