"""CSV as UTF-8: what encoding a text file has, and a copy in UTF-8 where it has another.

Without a word in the mapping a file is UTF-8, or UTF-16 if it begins with that mark. What is not
valid UTF-8 is read as Windows-1252, which holds all printable characters of Latin-1; but never a
file in which other characters *are* valid UTF-8: that one is damaged or mixed, and a guess would
spoil its letters.
"""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from federated.site.landing.mapping import Encoding
from federated.site.landing.source import read_chunks
from privacy.problem import Problem

_LINE_FEED, _CARRIAGE_RETURN = 10, 13
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_MULTI_BYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_PIECE = 1 << 22

FIELD_SEPARATOR = "\x1f\x1e"
"""Stands in no text file; `staging` gives it to the reader, so that a line stays whole."""


@dataclass(frozen=True)
class TextFile:
    """A text file in UTF-8: the delivered one, or a copy.

    lines: lines that are not blank, the header included: counted from the bytes, so that what the
    reader makes of the file can be checked against it. ends_midline: the last line has no end.
    encoding: what the delivered file was read as.
    """

    path: Path
    lines: int
    has_quotes: bool
    ends_midline: bool
    encoding: Encoding = "utf-8"


class _NotUtf8(Exception):
    def __init__(self, line: int, is_cut: bool) -> None:
        super().__init__(line, is_cut)
        self.line = line
        self.is_cut = is_cut


def utf8_text(delivered: Path, workspace: Path, encoding: Encoding | None = None) -> TextFile:
    """The file as UTF-8 text, unpacked and decoded into `workspace` where need be.

    Raises Problem where it is cut short, or is no text in an encoding that can be told.
    """
    path = delivered
    if delivered.suffix.lower() == ".gz":
        path = workspace / "unpacked.csv"
        _copy(_unpacked(delivered), path)
    start = next(read_chunks(path), b"")[:4]
    if encoding is None and start.startswith(_UTF_32):
        raise Problem("the file is UTF-32", str(delivered), "Save it as UTF-8.")
    if encoding is None and start.startswith(_UTF_16):
        encoding = "utf-16"
    if encoding not in (None, "utf-8"):
        is_marked = start.startswith(_UTF_16)
        codec = "utf-16-le" if encoding == "utf-16" and not is_marked else encoding
        return _decoded(delivered, path, workspace, encoding, codec)
    try:
        return _measured(delivered, path, "utf-8")
    except _NotUtf8 as found:
        if encoding is None and not found.is_cut and not _holds_utf8(path):
            return _decoded(delivered, path, workspace, "windows-1252", "windows-1252")
        raise Problem(
            "the file ends in the middle of a character: it is cut short"
            if found.is_cut
            else "the file is not UTF-8",
            f"{delivered}, line {found.line}",
            "Deliver it anew."
            if found.is_cut
            else "Other characters of it are, or mapping.yaml says so. Save it in one encoding, "
            "or name that as `encoding` in mapping.yaml.",
        ) from None


def _measured(delivered: Path, path: Path, encoding: Encoding) -> TextFile:
    """Count lines and quotes of a UTF-8 file in one pass. Raises _NotUtf8."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    lines, line_feeds, quoted, after_break, first = 0, 0, False, True, True
    for chunk in read_chunks(path):
        text = chunk.removeprefix(codecs.BOM_UTF8) if first else chunk
        first = False
        _decode(decoder, text, line_feeds)
        if any(control in text for control in (b"\x00", b"\x1e", b"\x1f")):
            raise Problem(
                "the file holds control characters: it is not plain UTF-8 text",
                str(delivered),
                "Save it as UTF-8 CSV.",
            )
        codes = np.frombuffer(text, dtype=np.uint8)
        breaks = (codes == _LINE_FEED) | (codes == _CARRIAGE_RETURN)
        before = np.concatenate(([after_break], breaks[:-1]))
        lines += int(np.count_nonzero(~breaks & before))
        after_break = bool(breaks[-1]) if len(breaks) else after_break
        quoted = quoted or b'"' in text
        line_feeds += text.count(b"\n")
    _decode(decoder, b"", line_feeds, final=True)
    return TextFile(path, lines, quoted, not after_break, encoding)


def _decode(
    decoder: codecs.IncrementalDecoder, chunk: bytes, lines_before: int, final: bool = False
) -> None:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        # The decoder may have carried bytes over from the chunk before: `error.object` has them.
        line = lines_before + error.object[: error.start].count(b"\n") + 1
        raise _NotUtf8(line, is_cut=final) from None


def _holds_utf8(path: Path) -> bool:
    """Whether some characters are valid UTF-8 beyond ASCII, as hardly any Windows-1252 text is."""
    return any(not c.isascii() and _MULTI_BYTE.search(c) for c in read_chunks(path))


def _decoded(
    delivered: Path, path: Path, workspace: Path, encoding: Encoding, codec: str
) -> TextFile:
    copy = workspace / "decoded.csv"
    decoder = codecs.getincrementaldecoder(codec)("strict")

    def in_utf8() -> Iterator[bytes]:
        for chunk in read_chunks(path):
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()

    try:
        _copy(in_utf8(), copy)
    except UnicodeError:
        raise Problem(
            f"the file is neither UTF-8 nor {encoding}",
            str(delivered),
            "Save it as UTF-8, or name its encoding in mapping.yaml; it may also be cut short.",
        ) from None
    try:
        return _measured(delivered, copy, encoding)
    except _NotUtf8:  # what was just encoded is UTF-8
        raise AssertionError from None


def _unpacked(path: Path) -> Iterator[bytes]:
    """The text in a gzip file, some megabytes at a time."""
    try:
        with gzip.open(path) as stream:
            while piece := stream.read(_PIECE):
                yield piece
    except (OSError, EOFError, zlib.error):
        raise Problem(
            "the file cannot be unpacked", str(path), "Deliver it anew; it may be cut short."
        ) from None


def _copy(pieces: Iterable[bytes], to: Path) -> None:
    with to.open("wb") as stream:
        for piece in pieces:
            stream.write(piece)
