"""What is written where: the files of a shard, and the papers that go with a delivery.

<out>/<organisation>/<register>/<part>.csv            one shard
<out>/<organisation>/<register>/<part>-0000.csv ...   several; Parquet alike
<out>/<organisation>/<register>/<part>-faults-0000.parquet   faulty rows, which fit no typed column
<out>/<organisation>/befolkning/befolkning.csv             all shards, the same everywhere
<out>/<organisation>/<register>/delivery.yaml, synthetic-mark.json
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from synthetic import dirt
from synthetic.dirt import Injected
from synthetic.events import Events, Window
from synthetic.national_id import as_text
from synthetic.registers import Registers
from synthetic.writing import FileFormat, WrittenFile, write_csv, write_parquet

POPULATION = "befolkning"
GENERATOR, VERSION = "sloyfe-synthetic", "1"
MARK_FILE, DELIVERY_FILE = "synthetic-mark.json", "delivery.yaml"
_DAYS_TO_EXTRACT = 15
_PLACES = 16  # in a CSV file where faulty rows stand, at most

# Streams of random numbers beside the model's own (`SeedSequence([seed, shard, stream])`).
_CLAIM_STREAM, _DIRT_STREAM = 1_001, 1_002


@dataclass(frozen=True)
class Place:
    """Where a table belongs: whose delivery, of what, and which part of it."""

    organisation: str
    register: str
    part: str


@dataclass(frozen=True)
class Part(Place):
    """One file of a shard, as a receipt keeps it. name: below `<organisation>/<register>`."""

    name: str
    rows: int
    sha256: str
    injected: tuple[Injected, ...]

    @property
    def path(self) -> Path:
        return Path(self.organisation, self.register, self.name)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Part":
        injected = tuple(Injected(**one) for one in content["injected"])
        return cls(**{**content, "injected": injected})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Order:
    """How every shard is to be written. dirt: what multiplies the rates of dirt, None for none."""

    folder: Path
    hospitals: tuple[str, ...]
    municipality: str
    window: Window
    seed: int
    shards: int
    file_format: FileFormat
    dirt: float | None


def registers_of(order: Order) -> list[tuple[str, str]]:
    """(organisation, register) of every delivery."""
    hospital, municipality = (
        ("npr", "npr-ide", "npr-henvisning"),
        ("kuhr", "kpr-omsorg", "person-key"),
    )
    own = [(name, register) for name in order.hospitals for register in hospital]
    own += [(order.municipality, register) for register in municipality]
    return [*own, *((name, POPULATION) for name in (*order.hospitals, order.municipality))]


def write_shard(order: Order, shard: int, events: Events) -> tuple[list[Part], pa.Table]:
    """Write all files of a shard but `npr-ide`; return them, and the shard's truth.

    The truth: a row a person, and in `hospitals` a bit for each that knows the person.
    """
    parts: list[Part] = []
    of = Registers(events.people, order.window, shard)
    for place, table in _tables(order, shard, events, of):
        parts += write_part(order, shard, place, table())
    return parts, _truth(events, of)


def write_identities(order: Order, shard: int, truth: pa.Table, ids: np.ndarray) -> list[Part]:
    """Write the `npr-ide` files of a shard. ids: the national ids of the persons in `truth`."""
    known_by = truth["hospitals"].to_numpy()
    text, numbers = as_text(ids), truth["lopenr"].combine_chunks()
    parts: list[Part] = []
    for hospital, name in enumerate(order.hospitals):
        rows = pa.array(np.flatnonzero(known_by >> np.uint64(hospital) & np.uint64(1)))
        table = pa.table({"lopenr": numbers.take(rows), "fodselsnummer": text.take(rows)})
        parts += write_part(order, shard, Place(name, "npr-ide", "ide"), table)
    return parts


def write_population(order: Order, table: pa.Table) -> list[Part]:
    """Write the public population table beside every organisation's deliveries; it has no dirt."""
    write, parts = (write_csv if order.file_format == "csv" else write_parquet), list[Part]()
    for organisation in (*order.hospitals, order.municipality):
        place = Place(organisation, POPULATION, POPULATION)
        folder = order.folder / organisation / POPULATION
        folder.mkdir(parents=True, exist_ok=True)
        file = write(folder / f"{POPULATION}.{order.file_format}", table)
        parts.append(
            Part(
                **vars(place), name=file.path.name, rows=file.rows, sha256=file.sha256, injected=()
            )
        )
    return parts


def _tables(
    order: Order, shard: int, events: Events, of: Registers
) -> Iterator[tuple[Place, Callable[[], pa.Table]]]:
    """Each place and what makes its table, one at a time to keep memory flat."""
    rng = np.random.Generator(
        np.random.SFC64(np.random.SeedSequence([order.seed, shard, _CLAIM_STREAM]))
    )
    for number, name in enumerate(order.hospitals):
        yield Place(name, "npr", "npr"), partial(of.npr, events.stays, number, name)
        referrals = partial(of.referrals, events.referrals, number)
        yield Place(name, "npr-henvisning", "henvisning"), referrals
    town = order.municipality
    yield Place(town, "kuhr", "regning"), partial(of.claims, events.claims)
    yield Place(town, "kuhr", "diagnose"), partial(of.diagnoses, rng, events.claims)
    yield Place(town, "kuhr", "takst"), partial(of.tariffs, rng, events.claims)
    yield Place(town, "kpr-omsorg", "tjeneste"), partial(of.care, events.care)
    yield Place(town, "kpr-omsorg", "funksjon"), partial(of.functions, events.functions)
    yield Place(town, "person-key", "person_key"), of.person_key


def write_part(order: Order, shard: int, place: Place, clean: pa.Table) -> list[Part]:
    """Write one table as CSV, or as Parquet with its faulty rows in a file of their own."""
    folder = order.folder / place.organisation / place.register
    folder.mkdir(parents=True, exist_ok=True)
    part = place.part
    suffix = "" if order.shards == 1 else f"-{shard:04d}"
    table, faulty = clean, None
    landed: list[Injected] = []
    refused: list[Injected] = []
    rows: list[int] = []
    if order.dirt is not None:
        # Its own stream for each file, so that one file's dirt does not hang on another's.
        stream = [order.seed, shard, _DIRT_STREAM, *f"{place.organisation}/{part}".encode()]
        rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(stream)))
        table, landed = dirt.flawed(rng, part, clean, order.dirt)
        faulty, refused = dirt.faulty_rows(
            rng, part, clean, table, shard=shard, rate=order.dirt, file_format=order.file_format
        )
        count = min(faulty.num_rows, _PLACES) if faulty else 0
        rows = np.sort(rng.integers(0, table.num_rows + 1, count)).tolist()

    def receipt(file: WrittenFile, injected: Sequence[Injected]) -> Part:
        return Part(
            **vars(place),
            name=file.path.name,
            rows=file.rows,
            sha256=file.sha256,
            injected=tuple(injected),
        )

    if order.file_format == "csv":
        file = write_csv(folder / f"{part}{suffix}.csv", table, faulty, rows)
        return [receipt(file, [*landed, *refused])]
    parts = [receipt(write_parquet(folder / f"{part}{suffix}.parquet", table), landed)]
    if faulty is not None:
        path = folder / f"{part}-faults{suffix}.parquet"
        parts.append(receipt(write_parquet(path, faulty), refused))
    return parts


def _truth(events: Events, of: Registers) -> pa.Table:
    """What no register holds: a row a person with the model's causal state at the start."""
    people, window = events.people, of.window
    lives = people.dies_at >= window.seconds
    died = np.where(lives, 0, people.dies_at).astype("timedelta64[s]").astype("timedelta64[D]")
    return pa.table(
        {
            "number": people.number,
            "lopenr": of.npr_numbers,
            "kpr_lnr": of.kpr_numbers,
            "born": pa.array(people.born.astype("datetime64[D]")),
            "is_female": pa.array(people.is_female),
            "bydel": pa.array(people.bydel),
            "dies_on": pa.array(window.first_day + died, mask=lives),
            "moves_in": _day_in(people.moves_in, window),
            "moves_out": _day_in(people.moves_out, window),
            "lives_alone": pa.array(people.lives_alone),
            "frailty": people.frailty,
            "conditions": people.conditions,
            "hospitals": _known_by(events, window),
        }
    )


def _day_in(day: np.ndarray, window: Window) -> pa.Array:
    """Dates of days inside the window, else null."""
    is_in = (day >= 0) & (day < window.days)
    return pa.array(window.first_day + np.where(is_in, day, 0), mask=~is_in)


def _known_by(events: Events, window: Window) -> np.ndarray:
    """A bit for each hospital that reports a contact or a referral of the person; uint64."""
    known = np.zeros(len(events.people), dtype=np.uint64)
    stays, referrals = events.stays, events.referrals
    seen = (stays.end >= 0) & (stays.end < window.seconds)
    received = (referrals.received >= 0) & (referrals.received < window.days)
    for hospital in np.union1d(stays.hospital, referrals.hospital).tolist():
        bit = np.uint64(1 << hospital)
        known[stays.person[seen & (stays.hospital == hospital)]] |= bit
        known[referrals.person[received & (referrals.hospital == hospital)]] |= bit
    return known


# -- papers ----------------------------------------------------------------------------------------


def write_papers(
    order: Order, parts: Sequence[Part], period_to: date, signing_key: Ed25519PrivateKey
) -> None:
    """`delivery.yaml` and the signed mark of every delivery. period_to: the last day, inclusive."""
    extracted_on = period_to + timedelta(days=_DAYS_TO_EXTRACT)
    for organisation, register in registers_of(order):
        folder = order.folder / organisation / register
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DELIVERY_FILE).write_text(
            f"period_from: {order.window.first_day}\n"
            f"period_to: {period_to}\n"
            f"extracted_on: {extracted_on}\n",
            encoding="utf-8",
        )
        files = {
            part.name: part.sha256
            for part in parts
            if (part.organisation, part.register) == (organisation, register)
        }
        mark = signed_mark(files, order.seed, signing_key)
        (folder / MARK_FILE).write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")


def signed_mark(
    files: Mapping[str, str], seed: int, signing_key: Ed25519PrivateKey
) -> dict[str, object]:
    """The generator's statement that `files` (name -> SHA-256) are synthetic, signed over its
    canonical JSON.
    """
    statement: dict[str, object] = {
        "generator": GENERATOR,
        "version": VERSION,
        "seed": seed,
        "files": dict(files),
    }
    canonical = json.dumps(
        statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    return statement | {"signature": base64.b64encode(signing_key.sign(canonical)).decode()}
