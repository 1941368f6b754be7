"""How many rows a CSV has by the rules of the landing, read letter by letter and slowly.

An oracle for the readers under test: it shares no code with them.
"""

import codecs
import re

MULTI_LINE = 1000


def decoded(content: bytes) -> str:
    """The text of a file without a stated encoding."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def lines_of(text: str) -> list[str]:
    return [line for line in re.split(r"\r\n|\n|\r", text) if line]


def fields_in(line: str, delimiter: str) -> int | None:
    """How many fields a line has by RFC 4180, or None where its quotes are not in order."""
    count, place = 0, 0
    while True:
        count += 1
        if line[place : place + 1] == '"':
            place += 1
            while True:
                place = line.find('"', place)
                if place < 0:
                    return None
                if line[place : place + 2] != '""':
                    break
                place += 2
            place += 1
        else:
            end = line.find(delimiter, place)
            place = len(line) if end < 0 else end
        if place == len(line):
            return count
        if line[place] != delimiter:
            return None
        place += 1


def count_rows(text: str, delimiter: str, width: int) -> tuple[int, int]:
    """(rows, unreadable ones among them) below the header of a file of `width` columns."""
    lines = lines_of(text)[1:]
    rows, unreadable, place = 0, 0, 0
    while place < len(lines):
        rows += 1
        last = place
        if fields_in(lines[place], delimiter) != width:
            last = _closes(lines, place)
            whole = "\n".join(lines[place : last + 1])
            if last == place or fields_in(whole, delimiter) != width:
                unreadable += 1
                last = place
        place = last + 1
    return rows, unreadable


def _closes(lines: list[str], place: int) -> int:
    """The next line with an odd number of quotes, if `place` has one too; else `place` itself."""
    if lines[place].count('"') % 2 == 0:
        return place
    for later in range(place + 1, min(len(lines), place + MULTI_LINE + 1)):
        if lines[later].count('"') % 2:
            return later
    return place
