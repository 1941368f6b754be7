"""Builds the reading room: every page and file written aside, then put in place in one step.

The same releases give the same bytes: nothing here looks at the clock.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.room import pages
from portal.room.downloads import downloads
from portal.room.editions import Edition, Shelf, Standing
from portal.room.groups import by_group
from portal.room.pages import LANGUAGES, MANIFEST, Worked
from privacy.problem import Problem

KIND = "sloyfe reading room"


@dataclass(frozen=True)
class Site:
    """What was written. files: by path below `folder`, sorted."""

    folder: Path
    releases: int
    pages: int
    files: list[str]

    def document(self) -> dict[str, Any]:
        return {
            "out": str(self.folder),
            "index": str(self.folder / "index.html"),
            "releases": self.releases,
            "pages": self.pages,
            "files": self.files,
        }


def parts_of(shelves: Sequence[Shelf]) -> int:
    """How many parts `progress` is told of: every edition is worked out, and then written."""
    return 2 * sum(len(shelf.editions) for shelf in shelves) + len(shelves)


def build_site(
    shelves: Sequence[Shelf],
    out: Path,
    *,
    name: str | None = None,
    progress: Callable[[str], object] = lambda _: None,
) -> Site:
    """Write the site to `out`, in place of the one that is there. Raises Problem where the folder
    holds something else or cannot be written.

    name: of the helsefellesskap.
    """
    _require_ours(out)
    aside = out.with_name(f".{out.name}.new")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        try:
            _write_all(aside, shelves, name, progress)
            _put_in_place(aside, out)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    except OSError as error:
        raise Problem(
            f"the site cannot be written: {(error.strerror or '').lower()}",
            str(out),
            "Name another folder with --out, or make room.",
        ) from None
    files = sorted(str(file.relative_to(out)) for file in out.rglob("*") if file.is_file())
    number = sum(len(shelf.editions) for shelf in shelves)
    return Site(out, number, sum(file.endswith(".html") for file in files), files)


def _write_all(
    folder: Path, shelves: Sequence[Shelf], name: str | None, progress: Callable[[str], object]
) -> None:
    known: dict[str, Worked] = {}
    for shelf in shelves:
        for edition in shelf.editions:
            known[edition.id] = pages.worked(edition)
            progress(edition.id)
    files: dict[str, list[dict[str, Any]]] = {}
    for phrases in LANGUAGES:
        _write(
            folder / pages.index_path(phrases), pages.render_index(shelves, known, phrases, name)
        )
    for shelf in shelves:
        for edition in shelf.editions:
            for phrases in LANGUAGES:
                page = pages.render_edition(shelf, edition, known[edition.id], phrases)
                _write(folder / pages.edition_path(phrases, edition.id), page)
            files[edition.id] = _write_files(folder, edition)
            progress(edition.id)
        for phrases in LANGUAGES:
            page = pages.render_indicator(shelf, known, phrases)
            _write(folder / pages.indicator_path(phrases, shelf.id), page)
        progress(shelf.id)
    content = _manifest(shelves, known, files, name)
    _write(folder / MANIFEST, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _write_files(folder: Path, edition: Edition) -> list[dict[str, Any]]:
    """None of a withdrawn release: no program should go on reading what was wrong."""
    if edition.standing is Standing.WITHDRAWN:
        return []
    written: list[dict[str, Any]] = []
    for download in downloads(edition):
        place = pages.data_path(edition.id, download.suffix)
        _write(folder / place, download.content)
        written.append(
            {
                "path": place,
                "format": download.format,
                "sha256": hashlib.sha256(download.content).hexdigest(),
                "bytes": len(download.content),
            }
        )
    return written


def _manifest(
    shelves: Sequence[Shelf],
    known: Mapping[str, Worked],
    files: Mapping[str, list[dict[str, Any]]],
    name: str | None,
) -> dict[str, Any]:
    return {
        "kind": KIND,
        "version": 1,
        "helsefellesskap": name,
        "groups": [
            {
                "id": group.id,
                "name_nb": group.name_nb,
                "name_en": group.name_en,
                "indicators": [shelf.id for shelf in inside],
            }
            for group, inside in by_group(shelves)
        ],
        "indicators": [
            {
                "id": shelf.id,
                "name_nb": known[shelf.named.id].record.indicator.name_nb,
                "name_en": known[shelf.named.id].record.indicator.name_en,
                "newest": shelf.newest.id if shelf.newest else None,
                "pages": {p.code: pages.indicator_path(p, shelf.id) for p in LANGUAGES},
                "releases": [_entry(edition, files[edition.id]) for edition in shelf.editions],
            }
            for shelf in shelves
        ],
    }


def _entry(edition: Edition, files: list[dict[str, Any]]) -> dict[str, Any]:
    record, notice = edition.record, edition.withdrawal
    return {
        "release_id": edition.id,
        "period": record.period,
        "edition": record.edition,
        "published_at": record.published_at.isoformat(),
        "definition_version": record.indicator.version,
        "definition": record.indicator.definition,
        "vintages": record.vintages,
        "epsilon": record.privacy.epsilon,
        "delta": record.privacy.delta,
        "data_origin": record.privacy.data_origin,
        "private": record.privacy.private,
        "standing": edition.standing.value,
        "withdrawal": None
        if notice is None
        else notice.model_dump(
            mode="json",
            include={"reason_nb", "reason_en", "successor", "by", "withdrawn_at", "number"},
        ),
        "pages": {p.code: pages.edition_path(p, edition.id) for p in LANGUAGES},
        "files": files,
    }


def _write(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def _require_ours(out: Path) -> None:
    """A folder is replaced whole, so it must be an earlier site, or empty, or not there."""
    try:
        if not out.exists() or (out.is_dir() and not any(out.iterdir())):
            return
        ours = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["kind"] == KIND
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    if not ours:
        raise Problem(
            "the folder holds something other than an earlier site, which would be lost",
            str(out),
            "Name an empty or new folder with --out.",
        )


def _put_in_place(aside: Path, out: Path) -> None:
    """The old site is there until the new one is: readers never meet half of it."""
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    try:
        aside.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
