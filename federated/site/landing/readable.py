"""A delivered file as it can be read: UTF-8 CSV or Parquet, itself or a copy that is soon gone."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from federated.site.landing.mapping import NO_MAPPING, Mapping
from federated.site.landing.source import STATISTICS_SUFFIXES, SourceFile, file_hash, suffix_of
from federated.site.landing.statistics_file import to_parquet
from federated.site.landing.text import TextFile, utf8_text

WORKSPACE_PREFIX = ".ingest-"
_STALE_SECONDS = 86_400


@dataclass(frozen=True)
class Readable:
    """source: the delivered file. path: what to read in its stead (maybe the same).

    sha256: of the delivered file. text: what is known of a CSV; None for Parquet.
    """

    source: SourceFile
    path: Path
    sha256: str
    text: TextFile | None = None

    @property
    def part(self) -> str:
        return self.source.part

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def rows_sha256(self) -> str:
        """Of what is read: the same for a file and its packed copy."""
        is_packed = self.name.lower().endswith(".gz")
        return file_hash(self.path) if is_packed else self.sha256

    @property
    def may_hold_rows(self) -> bool:
        """False for a CSV that is a header alone, and for Parquet without rows."""
        if self.text is not None:
            return self.text.lines > 1
        try:
            return pq.read_metadata(self.path).num_rows > 0
        except (pa.ArrowException, OSError):
            return True  # whoever reads it will say what is wrong

    @property
    def notes(self) -> tuple[str, ...]:
        if self.text is None:
            return ()
        notes = list[str]()
        if self.text.encoding != "utf-8":
            notes.append(f"{self.name} is not UTF-8; it was read as {self.text.encoding}.")
        if self.text.ends_midline:
            notes.append(f"{self.name}: the last line has no line end; the file may be cut short.")
        return tuple(notes)


def readable(file: SourceFile, workspace: Path, mapping: Mapping = NO_MAPPING) -> Readable:
    """Make a file readable; copies, where one is needed, go to `workspace`."""
    own = Path(tempfile.mkdtemp(dir=workspace))
    sha256 = file_hash(file.path)
    suffix = suffix_of(file.name)
    if suffix == ".parquet":
        return Readable(file, _plainly_named(file.path, own), sha256)
    if suffix in STATISTICS_SUFFIXES:
        copy = own / "rows.parquet"
        to_parquet(file.path, copy)
        return Readable(file, copy, sha256)
    text = utf8_text(file.path, own, mapping.encoding)
    return Readable(file, _plainly_named(text.path, own), sha256, text)


def _plainly_named(path: Path, workspace: Path) -> Path:
    """The same file by a name in which DuckDB sees no pattern (`npr[1].csv`)."""
    if not any(sign in str(path) for sign in "*?["):
        return path
    link = workspace / f"link{path.suffix}"
    link.symlink_to(path.resolve())
    return link


def needs_copy(path: Path) -> bool:
    """Whether the bytes of a file do not show its text: packed, or a statistics program's."""
    suffix = suffix_of(path.name)
    return suffix in STATISTICS_SUFFIXES or (suffix or "").endswith(".gz")


@contextmanager
def workspace_beside(warehouse: Path) -> Iterator[Path]:
    """A folder for copies, for this user alone and on the warehouse's own disk; gone at the end.

    What a killed run left there is cleared away first, once it is a day old. Folders that had to be
    made for it, and are empty afterwards, go too.
    """
    home = warehouse.parent
    made = [folder for folder in (home, *home.parents) if not folder.exists()]
    home.mkdir(parents=True, exist_ok=True)
    for left in home.glob(f"{WORKSPACE_PREFIX}*"):
        if time.time() - left.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    try:
        with tempfile.TemporaryDirectory(dir=home, prefix=WORKSPACE_PREFIX) as folder:
            yield Path(folder)
    finally:
        for folder in made:
            with suppress(OSError):  # not empty: something was landed
                folder.rmdir()
