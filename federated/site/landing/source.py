"""The files of a delivery: which they are, what they hash to, and whether they are text at all."""

# ruff: noqa: A002 -- `format` is the word of the site file and of the command line

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from federated.site.landing.contract import tables_of
from privacy.problem import Problem

SUFFIXES = (".csv", ".parquet")
SYNTHEA_PARTS = ("encounters", "patients")
_CHUNK = 1 << 22
_BOM = b"\xef\xbb\xbf"
_LINE_FEED, _CARRIAGE_RETURN = 10, 13

FIELD_SEPARATOR = "\x1f\x1e"
"""Stands in no text file; `staging` gives it to the reader, so that a line stays whole."""


@dataclass(frozen=True)
class SourceFile:
    """part: the file's role in its format (`regning`, `encounters`, ...)."""

    part: str
    path: Path
    name: str

    @property
    def is_parquet(self) -> bool:
        return self.path.suffix.lower() == ".parquet"


@dataclass(frozen=True)
class Fingerprint:
    """What one pass over the bytes tells.

    lines: lines that are not blank, the header included (0 for Parquet): counted here, from the
    bytes, so that what the reader makes of the file can be checked against it.
    """

    sha256: str
    lines: int = 0
    has_quotes: bool = False


def parts_of(format: str) -> tuple[str, ...]:
    """The parts that a delivery of this format must have."""
    if format == "synthea":
        return SYNTHEA_PARTS
    return tuple(table.file or table.name for table in tables_of(format))


def part_of(format: str, name: str) -> str | None:
    """The part that a file of this name plays, or None where the format does not read it."""
    path = Path(name)
    if path.suffix.lower() not in SUFFIXES:
        return None
    stem, parts = path.stem.lower(), parts_of(format)
    if format == "synthea":
        return stem if stem in parts and path.suffix.lower() == ".csv" else None
    if len(parts) == 1:
        return parts[0]
    return next((part for part in parts if part in stem), None)


def find_files(format: str, source: Path) -> tuple[SourceFile, ...]:
    """The files to read, by part and name.

    Raises Problem where `source` or one of the parts is missing.
    """
    if not source.exists():
        raise Problem("there is no such file or folder", str(source), "Check the path.")
    if len(parts_of(format)) > 1 and not source.is_dir():
        raise Problem(
            f"`{format}` is delivered as a folder, not as a file",
            str(source),
            f"Name the folder that holds {_listed(parts_of(format))}.",
        )
    candidates = data_files(source)
    found = [
        SourceFile(part, path, path.name)
        for path in candidates
        if (part := part_of(format, path.name)) is not None
    ]
    for part in parts_of(format):
        if not any(file.part == part for file in found):
            raise Problem(
                "there is no register file"
                if len(parts_of(format)) == 1
                else f"the file `{part}` is missing",
                str(source),
                f"Expected {_listed(parts_of(format))} as .csv"
                + ("." if format == "synthea" else " or .parquet."),
            )
    return tuple(sorted(found, key=lambda file: (file.part, file.name)))


def data_files(source: Path) -> list[Path]:
    """Every CSV and Parquet file of the source, read by the format or not."""
    candidates = sorted(source.iterdir()) if source.is_dir() else [source]
    return [p for p in candidates if p.is_file() and p.suffix.lower() in SUFFIXES]


def fingerprint(file: SourceFile) -> Fingerprint:
    """Hash the file and, for CSV, see that it is UTF-8 text and count its lines.

    Raises Problem where it cannot be read or is another encoding.
    """
    digest = hashlib.sha256()
    if file.is_parquet:
        for chunk in read_chunks(file.path):
            digest.update(chunk)
        return Fingerprint(digest.hexdigest())
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    lines, quoted, after_break, first = 0, False, True, True
    line_feeds = 0
    for chunk in read_chunks(file.path):
        digest.update(chunk)
        text = chunk.removeprefix(_BOM) if first else chunk
        first = False
        _refuse_other_encodings(file, decoder, text, line_feeds)
        codes = np.frombuffer(text, dtype=np.uint8)
        breaks = (codes == _LINE_FEED) | (codes == _CARRIAGE_RETURN)
        before = np.concatenate(([after_break], breaks[:-1]))
        lines += int(np.count_nonzero(~breaks & before))
        after_break = bool(breaks[-1]) if len(breaks) else after_break
        quoted = quoted or b'"' in text
        line_feeds += text.count(b"\n")
    _refuse_other_encodings(file, decoder, b"", line_feeds, final=True)
    return Fingerprint(digest.hexdigest(), lines, quoted)


def _refuse_other_encodings(
    file: SourceFile,
    decoder: codecs.IncrementalDecoder,
    chunk: bytes,
    lines_before: int,
    final: bool = False,
) -> None:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        # The decoder may have carried bytes over from the chunk before: `error.object` has them.
        line = lines_before + error.object[: error.start].count(b"\n") + 1
        raise Problem(
            "the file is not UTF-8",
            f"{file.path}, line {line}",
            "Save it as UTF-8; Latin-1 and other encodings are not read yet.",
        ) from None
    if any(control in chunk for control in (b"\x00", b"\x1e", b"\x1f")):
        raise Problem(
            "the file holds control characters: it is not plain UTF-8 text",
            str(file.path),
            "Save it as UTF-8 CSV.",
        )


def read_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, some megabytes at a time."""
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise Problem(
            "the file cannot be read", str(path), f"{error.strerror}: check its permissions."
        ) from None


def content_hash(parts_and_hashes: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over (part, SHA-256) of a delivery's files; their names and order do not count."""
    lines = sorted(f"{part}:{sha256}" for part, sha256 in parts_and_hashes)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _listed(parts: tuple[str, ...]) -> str:
    return ", ".join(parts)
