"""Whether data are synthetic, as far as it can be proved: the generator's signed mark.

`synthetic-mark.json` lies beside the files it names:
    {"generator": "sloyfe-synthetic", "version": "1", "seed": 7,
     "files": {"npr.csv": "<sha256>", ...}, "signature": "<base64>"}
The signature is Ed25519 over the canonical JSON (sorted keys, no spaces, UTF-8) of the object
without `signature`.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`
# ruff: noqa: A001, A002 -- `format` is the word of the site file and of the command line

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from duckdb import DuckDBPyConnection
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federated.contract.messages import Digest
from federated.site.config import SiteConfig
from federated.site.landing.contract import load_contract
from federated.site.landing.source import content_hash, part_of
from federated.site.landing.sql import identifier
from privacy.problem import Problem
from privacy.signatures import canonical, is_signed_by, load_public_key

MARK_FILE = "synthetic-mark.json"

Origin = Literal["generated", "declared", "real"]


class _Mark(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    generator: Literal["sloyfe-synthetic"]
    version: Literal["1"]
    seed: int
    files: Annotated[dict[str, Digest], Field(min_length=1)]
    signature: str


def read_mark(
    source: Path,
    format: str,
    hashes: Mapping[str, str],
    papers: Mapping[str, str],
    generator_key: Path | None,
) -> str | None:
    """The mark that lies with the source, as canonical JSON, once it has been proved right.

    hashes: file name -> SHA-256 of the files read; papers: the same of what lies beside them
    (`delivery.yaml`), which a mark may name too and then binds. None where there is no mark, or no
    key of a generator that this site believes. Raises Problem where a mark is there but wrong.
    """
    file = (source if source.is_dir() else source.parent) / MARK_FILE
    if not file.is_file() or generator_key is None:
        return None
    try:
        mark = _Mark.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        raise _wrong("the synthetic mark cannot be read", file) from None
    if not _is_signed(mark, load_public_key(generator_key)):
        raise _wrong("the synthetic mark is not signed by the generator this site believes", file)
    for name, sha256 in hashes.items():
        if name not in mark.files:
            raise _wrong(f"the synthetic mark does not cover the file `{name}`", file)
        if mark.files[name] != sha256:
            raise _wrong(f"the file `{name}` is not the one the synthetic mark was made for", file)
    for name, sha256 in papers.items():
        if mark.files.get(name, sha256) != sha256:
            raise _wrong(f"`{name}` is not the one the synthetic mark was made for", file)
    for name in mark.files if source.is_dir() else ():
        if part_of(format, name) is not None and name not in hashes:
            raise _wrong(f"the file `{name}` that the synthetic mark names is missing", file)
    return canonical(mark.model_dump()).decode()


def warehouse_origin(
    connection: DuckDBPyConnection, generator_key: Path | None, declared: bool
) -> Origin:
    """What may be believed of a whole warehouse; an empty one, or any doubt, is `real`.

    The stored marks are verified anew against the key and the hash of what was landed, and every
    landed row must belong to a current delivery and be counted by it. `declared`: what the site
    file says now; a delivery that was landed as real stays real.
    """
    deliveries = connection.execute(
        "select delivery_id, format, file, sha256, rows_landed, origin, mark from landing.delivery "
        "where state = 'current'"
    ).fetchall()
    if not deliveries or _rows_by_delivery(connection) != {d[0]: d[4] for d in deliveries if d[4]}:
        return "real"
    key = load_public_key(generator_key) if generator_key is not None else None
    origins = set[Origin]()
    for _, format, file, sha256, _, origin, mark in deliveries:
        if mark is not None and key is not None and _covers(mark, key, format, file, sha256):
            origins.add("generated")
        elif origin == "declared" and declared:
            origins.add("declared")
        else:
            return "real"
    return "generated" if origins == {"generated"} else "declared"


def origin_of(site: SiteConfig, connection: DuckDBPyConnection) -> Origin:
    """`warehouse_origin` by what the site's file says."""
    generator = site.keys.generator
    key = site.path(generator) if generator is not None else None
    return warehouse_origin(connection, key, site.declared_synthetic)


def seeds_of(connection: DuckDBPyConnection) -> set[int]:
    """Seeds of the generator runs whose marks lie in a warehouse; whether to believe them is
    `warehouse_origin`.
    """
    marks = connection.execute(
        "select distinct mark from landing.delivery where state = 'current' and mark is not null"
    ).fetchall()
    return {_Mark.model_validate_json(mark).seed for (mark,) in marks}


def _rows_by_delivery(connection: DuckDBPyConnection) -> dict[str | None, int]:
    tables = " union all ".join(
        f"select delivery_id from landing.{identifier(table.name)}" for table in load_contract()
    )
    return dict(
        connection.execute(
            f"select delivery_id, count(*) from ({tables}) group by delivery_id"
        ).fetchall()
    )


def _covers(stored: str, key: Ed25519PublicKey, format: str, file: str, sha256: str) -> bool:
    """Whether a stored mark is signed and names exactly the contents that were landed."""
    try:
        mark = _Mark.model_validate_json(stored)
    except ValidationError:
        return False
    named = {file: mark.files[file]} if file in mark.files else mark.files
    contents = [(part, h) for name, h in named.items() if (part := part_of(format, name))]
    return _is_signed(mark, key) and content_hash(contents) == sha256


def _is_signed(mark: _Mark, key: Ed25519PublicKey) -> bool:
    return is_signed_by(key, mark.model_dump(exclude={"signature"}), mark.signature)


def _wrong(what: str, file: Path) -> Problem:
    return Problem(
        what,
        str(file),
        "Fetch the delivery anew, or remove the mark if the data are not generated.",
    )
