"""The files of a delivery: which they are, what part each plays, and what they hash to."""

# ruff: noqa: A002 -- `format` is the word of the site file and of the command line

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from federated.site.landing.contract import tables_of
from federated.site.landing.mapping import NO_MAPPING, Mapping
from privacy.problem import Problem

TEXT_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
STATISTICS_SUFFIXES = (".sav", ".zsav", ".sas7bdat", ".xpt", ".dta")
SUFFIXES = (*TEXT_SUFFIXES, ".parquet", *STATISTICS_SUFFIXES)
SYNTHEA_PARTS = ("encounters", "patients")
_CHUNK = 1 << 22


@dataclass(frozen=True)
class SourceFile:
    """part: the file's role in its format (`regning`, `encounters`, ...)."""

    part: str
    path: Path

    @property
    def name(self) -> str:
        return self.path.name


def suffix_of(name: str) -> str | None:
    """The suffix by which a file is read (`.csv.gz` before `.gz`), or None where none is ours."""
    return max((s for s in SUFFIXES if name.lower().endswith(s)), key=len, default=None)


def parts_of(format: str) -> tuple[str, ...]:
    """Every part that a delivery of this format may have."""
    if format == "synthea":
        return SYNTHEA_PARTS
    return tuple(table.part for table in tables_of(format))


def required_parts(format: str) -> tuple[str, ...]:
    """The parts that a delivery of this format must have."""
    if format == "synthea":
        return SYNTHEA_PARTS
    return tuple(table.part for table in tables_of(format) if not table.optional)


def part_of(format: str, name: str, mapping: Mapping = NO_MAPPING) -> str | None:
    """The part that a file of this name plays, or None where the format does not read it.

    The mapping's word comes first, then the fragments of the contract. A name without a fragment
    is the one required part, where the format has no other.
    """
    parts = _parts_in(format, name, mapping)
    return parts[0] if len(parts) == 1 else None


def _parts_in(format: str, name: str, mapping: Mapping) -> tuple[str, ...]:
    """The parts that a name speaks of; more than one where it is ambiguous."""
    suffix = suffix_of(name)
    if suffix is None:
        return ()
    stem = name.lower().removesuffix(suffix)
    if format == "synthea":
        return (stem,) if stem in SYNTHEA_PARTS and suffix == ".csv" else ()
    mapped = mapping.part_of(name)
    if mapped is not None:
        return (mapped,)
    # The format's own name says nothing of the part: `kpr-omsorg_funksjon` is of `funksjon`.
    own = stem.replace("_", "-").replace(format, "")
    found = _with_fragment(format, own) or _with_fragment(format, stem)
    if found:
        return found
    required = required_parts(format)
    return required if len(required) == 1 else ()


def _with_fragment(format: str, stem: str) -> tuple[str, ...]:
    return tuple(t.part for t in tables_of(format) if any(f in stem for f in t.fragments))


def find_files(format: str, source: Path, mapping: Mapping = NO_MAPPING) -> tuple[SourceFile, ...]:
    """The files to read, by part and name.

    Raises Problem where `source` or a required part is missing, or a name speaks of two parts.
    """
    if not source.exists():
        raise Problem("there is no such file or folder", str(source), "Check the path.")
    required = required_parts(format)
    if len(required) > 1 and not source.is_dir():
        raise Problem(
            f"`{format}` is delivered as a folder, not as a file",
            str(source),
            f"Name the folder that holds {', '.join(required)}.",
        )
    found = list[SourceFile]()
    for path in data_files(source):
        parts = _parts_in(format, path.name, mapping)
        if len(parts) > 1:
            raise Problem(
                f"the name of the file speaks of {' and '.join(parts)}",
                str(path),
                f"Rename it, or say in mapping.yaml what it is: `files: {{{path.name}: ...}}`.",
            )
        found += [SourceFile(part, path) for part in parts]
    for part in required:
        if not any(file.part == part for file in found):
            raise Problem(
                "there is no register file"
                if len(required) == 1
                else f"the file `{part}` is missing",
                str(source),
                f"Expected {', '.join(required)} as "
                + (".csv." if format == "synthea" else f"one of {' '.join(SUFFIXES)}"),
            )
    return tuple(sorted(found, key=lambda file: (file.part, file.name)))


def data_files(source: Path) -> list[Path]:
    """Every file of the source that could hold records, read by the format or not."""
    candidates = sorted(source.iterdir()) if source.is_dir() else [source]
    return [p for p in candidates if p.is_file() and suffix_of(p.name)]


def file_hash(path: Path) -> str:
    """SHA-256 of a file as it lies there."""
    digest = hashlib.sha256()
    for chunk in read_chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


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
