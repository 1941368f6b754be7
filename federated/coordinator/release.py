"""From answers to an immutable, signed release folder.

<releases>/<release_id>/cells.parquet      the public cells
                       /release.json       what they are, what they cost, what they rest on
                       /index.html         the same for people
                       /signature.json     Ed25519 over the sha256 of each file
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federated.contract.catalogue import Indicator
from federated.contract.messages import Answer, Receipt
from federated.coordinator.config import Member
from federated.coordinator.rounds import Asked
from privacy.accounting import charged_years
from privacy.bounds import CUT_SCALE
from privacy.clipping import Clip
from privacy.estimates.intervals import around, gaussian_half_width
from privacy.estimates.status import EVERYTHING, published, status_of
from privacy.mechanisms import epsilon_from_rho
from privacy.problem import Problem
from privacy.signatures import canonical, is_signed_by, sign

CONFIDENCE = 0.95
FILES = ("cells.parquet", "release.json", "index.html")


@dataclass(frozen=True)
class Release:
    """A published release. digest: sha256 over the hashes of its files."""

    release_id: str
    folder: Path
    digest: str
    record: dict[str, Any]

    @property
    def cells(self) -> int:
        return pq.read_metadata(self.folder / "cells.parquet").num_rows

    def receipt(self, site: str) -> Receipt:
        return Receipt(
            site=site,
            question_id=self.record["question_id"],
            attempt_id=self.record["attempt_id"],
            release_id=self.release_id,
            release_digest=self.digest,
        )


def release_id(asked: Asked) -> str:
    name = asked.indicator.replace("_", "-")
    return f"{name}-{asked.period}-e{asked.edition}-{asked.attempt_id[:8]}"


def releases(folder: Path) -> Iterator[Release]:
    """Every release that has been published."""
    for name in release_ids(folder):
        yield load_release(folder / name)


def find_release(folder: Path, question_id: str) -> Release | None:
    """The release that answers this question, if it has been published."""
    return next((r for r in releases(folder) if r.record["question_id"] == question_id), None)


def release_ids(releases: Path) -> list[str]:
    """The folders of all published releases, by name, which is the release's id."""
    found = releases.glob("[!.]*/release.json")  # hidden: not yet published
    return sorted(record.parent.name for record in found)


def cells_table(indicator: Indicator, asked: Asked, answers: Mapping[str, Answer]) -> pa.Table:
    """One row per site, public cell and measure.

    Columns: site, the indicator's keys, measure, value, ci_low, ci_high (int64), status.
    `value` is the noisy count itself, unbiased and so sometimes below zero; the interval is cut at
    zero. Of a sum of amounts both are in the amount's unit. `uncertain`: the noise is larger than
    the value. No cell is `suppressed` here: sums and estimates are made of these figures, and the
    display threshold is for where figures are read.
    """
    atoms = indicator.definition.atoms
    widths = _half_widths(indicator, asked)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("site", *indicator.key_names, *_VALUE_COLUMNS)
    }
    for site in asked.roster:
        values = answers[site].values
        sums = values[len(values) // indicator.bound.parts :]
        for position, key in enumerate(indicator.domain(asked.period)):
            counted, summed = (
                dict(zip(atoms, part[position * len(atoms) :], strict=False))
                for part in (values, sums)
            )
            for measure, definition in indicator.definition.measures.items():
                of = summed if definition.amount else counted
                value = _step(indicator, measure) * sum(of[atom] for atom in definition.atoms)
                ends = around(value, widths[measure])
                status = status_of(value, ends.low, ends.high, counts=[value], display=EVERYTHING)
                row = {
                    "site": site,
                    **dict(zip(indicator.key_names, key, strict=True)),
                    "measure": measure,
                    **asdict(published(value, ends.low, ends.high, status)),
                }
                for name, content in row.items():
                    columns[name].append(content)
    return pa.table(columns)


def _clip(indicator: Indicator, measure: str) -> Clip | None:
    """Of the amounts that a measure sums; None where it counts."""
    return indicator.bound.clip if indicator.definition.measures[measure].amount else None


def _step(indicator: Indicator, measure: str) -> int:
    clip = _clip(indicator, measure)
    return 1 if clip is None else clip.step


def _half_widths(indicator: Indicator, asked: Asked) -> dict[str, int]:
    """By measure, of the interval of one cell, in the measure's unit."""
    widths: dict[str, int] = {}
    for name, measure in indicator.definition.measures.items():
        clip = _clip(indicator, name)
        scale = asked.scale * (1 if clip is None else clip.steps)
        steps = gaussian_half_width(scale, len(measure.atoms), CONFIDENCE)
        widths[name] = _step(indicator, name) * steps
    return widths


def _measure(indicator: Indicator, name: str) -> dict[str, Any]:
    """A measure as a reader needs it. amount: of a sum, its unit, what its noise is like, and the
    measure that counts the same rows.
    """
    definition, clip = indicator.definition, _clip(indicator, name)
    measure = definition.measures[name]
    content: dict[str, Any] = {
        "name_nb": measure.name_nb,
        "name_en": measure.name_en,
        "atoms": len(measure.atoms),
    }
    if clip is None or definition.amount is None:
        return content
    amount = {
        "unit_nb": definition.amount.unit_nb,
        "unit_en": definition.amount.unit_en,
        "step": clip.step,
        "steps": clip.steps,
        "count": definition.count_of(name),
    }
    return content | {"amount": amount}


def _standard(indicator: Indicator) -> dict[str, Any] | None:
    """What a reader needs to standardise the shares: strata, and how many noisy atoms lie in each
    part and in the rest of its whole.
    """
    definition = indicator.definition
    if definition.standard is None:
        return None
    return {
        **definition.standard.model_dump(include={"keys", "name_nb", "name_en"}),
        "strata": [
            {"values": list(values), "weight": of.weight, "expected": of.expected}
            for values, of in indicator.standard.items()
        ],
        "atoms": [
            [
                len(definition.measures[share.part].atoms),
                len(definition.measures[share.of].atoms)
                - len(definition.measures[share.part].atoms),
            ]
            for share in definition.shares
        ],
    }


_VALUE_COLUMNS = ("measure", "value", "ci_low", "ci_high", "status")


def release_record(
    indicator: Indicator,
    asked: Asked,
    answers: Mapping[str, Answer],
    members: Iterable[Member],
) -> dict[str, Any]:
    """Everything a reader needs to judge the figures, as plain JSON."""
    definition = indicator.definition
    # Every attempt drew noise of its own and was charged, also those that came to nothing.
    rho = asked.attempt * asked.rho(indicator)
    return {
        "release_id": release_id(asked),
        "question_id": asked.question_id,
        "attempt_id": asked.attempt_id,
        "attempt": asked.attempt,
        "edition": asked.edition,
        "version": 1,
        "period": asked.period,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "code_version": version("sloyfe"),
        "indicator": {
            **definition.model_dump(
                include={
                    "id",
                    "version",
                    "name_nb",
                    "name_en",
                    "definition_nb",
                    "definition_en",
                    "source",
                    "owner",
                    "unit_nb",
                    "unit_en",
                    "known_limits_nb",
                    "known_limits_en",
                    "shares",
                    "means",
                }
            ),
            "definition": indicator.fingerprint,
            "measures": {name: _measure(indicator, name) for name in definition.measures},
            "standard": _standard(indicator),
        },
        "sites": [
            {"id": member.id, "name": member.name, "operator": member.operator}
            for member in members
            if member.id in asked.roster
        ],
        "keys": [
            {
                "name": key.name,
                "name_nb": key.name_nb,
                "name_en": key.name_en,
                "values": list(indicator.key_values(key, asked.period)),
                "value_names": {
                    value: {"nb": nb, "en": en}
                    for value, (nb, en) in indicator.value_names.get(key.name, {}).items()
                },
                "calendar": key.calendar,
                "additive": key.additive,
            }
            for key in definition.keys
        ],
        "privacy": {
            "unit": "person",
            "neighbours": "add or remove one person's records at every site",
            "bounds": definition.bounds.model_dump(exclude_none=True),
            "mechanism": "discrete Gaussian, added at each site",
            "scale": asked.scale,
            "rho_site": asked.rho_site(indicator),
            "rho": rho,
            "epsilon": epsilon_from_rho(rho, asked.delta),
            "delta": asked.delta,
            "data_years": {
                site: list(_years(indicator, asked, answer)) for site, answer in answers.items()
            },
            # noisy, one person moves it by one; its noise is CUT_SCALE times the counts'
            "persons_cut": {site: answer.persons_cut[0] for site, answer in answers.items()},
            "persons_cut_half_width": gaussian_half_width(CUT_SCALE * asked.scale, 1, CONFIDENCE),
            "private": not any(answer.not_private for answer in answers.values()),
            "data_origin": _least_sure(answer.data_origin for answer in answers.values()),
            "end_stated": all(answer.end_stated for answer in answers.values()),
        },
        "expected_error": _half_widths(indicator, asked),
        "vintages": {site: dict(answer.data_through) for site, answer in answers.items()},
        "confidence": CONFIDENCE,
    }


def publish(
    releases: Path,
    record: dict[str, Any],
    cells: pa.Table,
    page: Callable[[Path], str],
    key: Ed25519PrivateKey,
) -> Release:
    """Write the folder aside, sign it, make it read-only and move it into place in one step.

    page: makes `index.html` from the folder that holds the other two files.
    """
    target = releases / record["release_id"]
    if target.exists():
        return load_release(target)
    releases.mkdir(parents=True, exist_ok=True)
    aside = releases / f".{record['release_id']}.new"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        _write_files(aside, record, cells, page, key)
    except BaseException:
        shutil.rmtree(aside)
        raise
    aside.rename(target)
    target.chmod(0o555)
    return load_release(target)


def _write_files(
    folder: Path,
    record: dict[str, Any],
    cells: pa.Table,
    page: Callable[[Path], str],
    key: Ed25519PrivateKey,
) -> None:
    pq.write_table(cells, folder / "cells.parquet")
    _write_json(folder / "release.json", record)
    (folder / "index.html").write_text(page(folder), encoding="utf-8")
    hashes = _hashes(folder)
    _write_json(
        folder / "signature.json",
        {
            "algorithm": "Ed25519 over canonical JSON of `files`",
            "files": hashes,
            "signature": sign(key, hashes),
        },
    )
    for file in folder.iterdir():
        with file.open("rb") as written:
            os.fsync(written.fileno())
        file.chmod(0o444)


def verify_release(folder: Path, key: Ed25519PublicKey) -> None:
    """Raise Problem unless every file is as it was signed."""
    try:
        content = json.loads((folder / "signature.json").read_text(encoding="utf-8"))
        signed, signature = dict(content["files"]), str(content["signature"])
        hashes = _hashes(folder)
    except (OSError, ValueError, LookupError, TypeError):
        raise Problem(
            "the release is not whole", str(folder), "Fetch it again from the coordinator."
        ) from None
    changed = [name for name in FILES if signed.get(name) != hashes[name]]
    if changed:
        raise Problem(
            f"`{changed[0]}` is not the file that was signed",
            str(folder),
            "Do not use it; fetch the release again from the coordinator.",
        )
    if not is_signed_by(key, signed, signature):
        raise Problem(
            "the signature is not by this coordinator's release key",
            str(folder),
            "Do not use it; ask the coordinator for its public release key.",
        )


def load_release(folder: Path) -> Release:
    record = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(canonical(_hashes(folder))).hexdigest()
    return Release(record["release_id"], folder, digest, record)


def _hashes(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}


def _years(indicator: Indicator, asked: Asked, answer: Answer) -> tuple[int, ...]:
    """What the site charged, as far as it can be told from the months its data reach."""
    last = max(int(month[:4]) for month in answer.data_through.values())
    return charged_years(int(asked.period), indicator.definition.data_years.before, last)


def _least_sure(origins: Iterable[str]) -> str:
    found = set(origins)
    return next(origin for origin in ("real", "declared", "generated") if origin in found)


def _write_json(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
