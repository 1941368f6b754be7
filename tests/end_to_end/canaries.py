"""Data with canaries in it, and the search for them in whatever left a site.

Canaries: person ids with a rare prefix, one day and time of admission, and exact counts above
10 000 unlike any other number in the run. A count is searched in every encoding a leak could
have: decimal text, big- and little-endian integers, varints, and floats.
"""

import base64
import hashlib
import json
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.signatures import sign

PREFIX = "kanarifugl"
DAY = date(2024, 3, 19)
PERIOD = "2024"
COUNTS = {
    # (age group, quarter) -> index stays that no one is readmitted after, per hospital
    "ous": {("18-66", "2024Q1"): 27_183, ("75-84", "2024Q3"): 31_416},
    "diakonhjemmet": {("18-66", "2024Q2"): 23_606, ("85+", "2024Q4"): 29_979},
    "lovisenberg": {("67-74", "2024Q1"): 25_772, ("18-66", "2024Q4"): 33_166},
}
AGES = {"18-66": 40, "67-74": 70, "75-84": 80, "85+": 90}
_HEADER = "episodeID;lopenr;aar;omsorgsniva;innDato;innTid;utDato;utTid;innmateHast;kjonn;fodselsar"


def cell_counts() -> set[int]:
    return {count for cells in COUNTS.values() for count in cells.values()}


def site_totals() -> set[int]:
    """Rows of a site: no answer ever holds them, noisy or not."""
    return {sum(cells.values()) for cells in COUNTS.values()}


def plant(deliveries: Path, municipality: str, key: Ed25519PrivateKey) -> None:
    """Write one NPR delivery per hospital, and the other ones empty, all with marks."""
    for site in (*COUNTS, municipality):
        header = "aar;kommuneNr;bydel;alder;kjonn;antall"
        _deliver(deliveries / site / "befolkning", {"befolkning.csv": [header]}, key)
    for site, cells in COUNTS.items():
        place = deliveries / site
        _deliver(place / "npr", {"npr.csv": [_HEADER, *_stays(site, cells)]}, key)
        _deliver(place / "npr-ide", {"ide.csv": ["lopenr;fodselsnummer"]}, key)
        referral = "henvisning_lnr;lopenr;mottattDato"
        _deliver(place / "npr-henvisning", {"henvisning.csv": [referral]}, key)
    kuhr = {
        "regning.csv": "enkeltregning_lnr;kpr_lnr;aar;dato;tjenestetype",
        "diagnose.csv": "enkeltregning_lnr;diagnoseKode",
        "takst.csv": "enkeltregning_lnr;takstKode",
    }
    place = deliveries / municipality
    _deliver(place / "kuhr", {name: [header] for name, header in kuhr.items()}, key)
    header = "tjeneste_lnr;kpr_lnr;aar;tjenestekode;startdato"
    _deliver(place / "kpr-omsorg", {"kpr_omsorg.csv": [header]}, key)
    _deliver(place / "person-key", {"person_key.csv": ["npr_lnr;kpr_lnr"]}, key)


def _stays(site: str, cells: dict[tuple[str, str], int]) -> Iterator[str]:
    """One stay a person, so that no bound cuts anything."""
    number = 0
    for (age_group, quarter), count in cells.items():
        quarter_begins = date(2024, 3 * int(quarter[-1]) - 2, 1)
        for nth in range(count):
            number += 1
            day = DAY if quarter == "2024Q1" and nth % 3 == 0 else quarter_begins
            admitted = datetime(day.year, day.month, day.day, 3, 17, 41)
            discharged = admitted + timedelta(hours=7)
            yield (
                f"{PREFIX}-{site}-opphold-{number};{PREFIX}-{site}-{number};2024;1;"
                f"{admitted:%Y-%m-%d;%H:%M:%S};{discharged:%Y-%m-%d;%H:%M:%S};1;2;"
                f"{2024 - AGES[age_group]}"
            )


def _deliver(folder: Path, files: dict[str, Sequence[str]], key: Ed25519PrivateKey) -> None:
    folder.mkdir(parents=True)
    hashes = {}
    for name, lines in files.items():
        content = "".join(f"{line}\n" for line in lines).encode()
        (folder / name).write_bytes(content)
        hashes[name] = hashlib.sha256(content).hexdigest()
    (folder / "delivery.yaml").write_text(
        "period_from: 2023-01-01\nperiod_to: 2025-02-28\nextracted_on: 2025-03-01\n"
    )
    mark = {"generator": "sloyfe-synthetic", "version": "1", "seed": 0, "files": hashes}
    signed = {**mark, "signature": sign(key, mark)}
    (folder / "synthetic-mark.json").write_text(json.dumps(signed))


@dataclass(frozen=True)
class Found:
    """What a search turned up: which canaries, by kind, and in which encodings."""

    ids: bool
    dates: frozenset[str]
    cell_counts: dict[str, frozenset[int]]
    totals: dict[str, frozenset[int]]

    @property
    def leaks(self) -> bool:
        """Whether this cannot be chance.

        An id, a date or a site's total has no business anywhere. A cell's count may come out of
        the noise unchanged, about once in forty; four of six in one encoding (p < 1e-5) may not.
        """
        return (
            self.ids
            or bool(self.dates)
            or any(self.totals.values())
            or any(len(found) >= 4 for found in self.cell_counts.values())
        )


def search(bodies: Iterable[bytes]) -> Found:
    text = b"\n".join(bodies)
    text = b"\n".join([text, *_decoded(text)])
    return Found(
        ids=PREFIX.encode() in text or PREFIX[::-1].encode() in text,
        dates=frozenset(form for form in _date_forms() if form.encode() in text),
        cell_counts=_counts_in(text, cell_counts()),
        totals=_counts_in(text, site_totals()),
    )


_BASE64 = re.compile(rb"[A-Za-z0-9+/]{12,}={0,2}")


def _decoded(text: bytes) -> Iterator[bytes]:
    """What the base64 in it says: an answer's values are written so."""
    for run in _BASE64.findall(text):
        try:
            yield base64.b64decode(run, validate=True)
        except ValueError:
            continue


def _date_forms() -> tuple[str, ...]:
    return (
        f"{DAY:%Y-%m-%d}", f"{DAY:%Y%m%d}", f"{DAY:%d.%m.%Y}", f"{DAY:%d/%m/%Y}", "03:17:41",
    )  # fmt: skip


def _varint(number: int) -> bytes:
    """Base-128, least significant group first (protobuf). Three bytes for the counts used here."""
    groups = []
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])


ENCODINGS = {
    "decimal": lambda n: str(n).encode(),
    "int32 little": lambda n: struct.pack("<i", n),
    "int32 big": lambda n: struct.pack(">i", n),
    "int64 little": lambda n: struct.pack("<q", n),
    "int64 big": lambda n: struct.pack(">q", n),
    "varint": _varint,
    "zigzag varint": lambda n: _varint(2 * n),
    "float32 little": lambda n: struct.pack("<f", n),
    "float32 big": lambda n: struct.pack(">f", n),
    "float64 little": lambda n: struct.pack("<d", n),
    "float64 big": lambda n: struct.pack(">d", n),
}


def _counts_in(text: bytes, counts: set[int]) -> dict[str, frozenset[int]]:
    return {
        name: frozenset(count for count in counts if is_in(text, encode(count)))
        for name, encode in ENCODINGS.items()
        for is_in in (_stands_in if name == "decimal" else bytes.__contains__,)
    }


_LONGER = re.compile(rb"[0-9A-Za-z]")


def _stands_in(text: bytes, number: bytes) -> bool:
    """Whether a decimal number stands by itself, not inside a longer one, a word or a fraction."""
    at = text.find(number)
    while at >= 0:
        before, after = text[max(at - 1, 0) : at], text[at + len(number) : at + len(number) + 1]
        if not (_LONGER.match(before) or before == b"." or _LONGER.match(after)):
            return True
        at = text.find(number, at + 1)
    return False
