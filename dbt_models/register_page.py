"""The page of every register, variable and code list, made from the contracts and their seed.

`python -m dbt_models.register_page > docs/registers.md` writes it; a test keeps the two alike.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ruamel.yaml import YAML

from dbt_models import PROJECT_DIR

_INTRODUCTION = """\
# Registre og variabler

*Registers and variables. Made from the contracts (`dbt_models/models/input_layer`) and the code
lists (`dbt_models/seeds/code_list.csv`) by `python -m dbt_models.register_page`; do not edit.*

Én tabell per landingstabell. **Grunnlag**: S lest i en navngitt offentlig kilde, B
bakgrunnskunnskap som ikke er bekreftet, U lett etter og ikke funnet. En kode utenfor en *lukket*
liste går til karantene; utenfor en *åpen* liste lander raden, og kvalitetsrapporten teller den.

One table per landing table. **Standing** (Grunnlag): S read in a named public source, B background
knowledge not confirmed, U looked for and not found. A code outside a *closed* (lukket) list is
quarantined; outside an *open* (åpen) one the row lands and the quality report counts it.
"""

_COLUMNS = (
    "Variabel", "Kolonne", "Type", "Beskrivelse", "Description", "Kodeliste", "Kategori",
    "Følsomhet", "Grunnlag",
)  # fmt: skip
_CODES = ("Kode", "Navn", "Name", "Gyldig", "Kilde", "Grunnlag")
_HOLDERS = {"hospital": "sykehus", "municipality": "kommune", "register": "register"}
_SENSITIVITIES = {
    "direct_identifier": "direkte identifiserende",
    "pseudonym": "pseudonym",
    "health": "helse",
    "indirect_identifier": "indirekte identifiserende",
    "administrative": "administrativ",
}
_STANDINGS = {"confirmed": "bekreftet", "unconfirmed": "ubekreftet"}


def register_page() -> str:
    """The page as Markdown, bokmål first."""
    parts = [_INTRODUCTION]
    for file in sorted((PROJECT_DIR / "models" / "input_layer").glob("*.yml")):
        models = YAML(typ="safe").load(file.read_text(encoding="utf-8"))["models"]
        parts += [_table_section(model) for model in models]
    parts += ["## Kodelister\n", *_code_list_sections()]
    return "\n".join(parts)


def _table_section(model: Mapping[str, Any]) -> str:
    meta = model["config"]["meta"]
    optional = " (delen kan mangle)" if meta.get("optional") else ""
    facts = [
        ("Register", f"`{meta['register']}`{optional}"),
        ("Filnavn inneholder", " eller ".join(f"`{part}`" for part in meta.get("file", ()))),
        ("Innehaver når stedet ikke sier annet", _HOLDERS[meta["legal_holder"]]),
        ("Nøkkel", ", ".join(f"`{name}`" for name in meta.get("key", ()))),
        ("Dato i perioden", " til ".join(
            f"`{meta[name]}`" for name in ("event_date", "event_end") if name in meta
        )),
        ("Radregler", ", ".join(f"`{rule['id']}`" for rule in meta.get("row_rules", ()))),
        ("Kilde", meta["source"]),
    ]  # fmt: skip
    lines = [f"* {name}: {value}" for name, value in facts if value]
    columns = (c for c in model["columns"] if "register_name" in c["config"]["meta"])
    rows = (_variable(column) for column in columns)
    described = f"{meta['beskrivelse']}.\n\n*{model['description']}*\n"
    table = _markdown(_COLUMNS, rows)
    return "\n".join([f"## `{meta['landing_table']}`\n", described, *lines, "", *table, ""])


def _variable(column: Mapping[str, Any]) -> Sequence[str]:
    meta = column["config"]["meta"]
    required = " (påkrevd)" if meta.get("required") else ""
    codes = ""
    if "code_list" in meta:
        codes = f"`{meta['code_list']}`, {'åpen' if meta.get('open_list') else 'lukket'}"
    return (
        f"`{meta['register_name']}`{required}",
        f"`{column['name']}`",
        column["data_type"],
        meta["beskrivelse"],
        column["description"],
        codes,
        f"`{meta['data_category']}`",
        _SENSITIVITIES[meta["sensitivity"]],
        meta["standing"],
    )


def _code_list_sections() -> Iterator[str]:
    with (PROJECT_DIR / "seeds" / "code_list.csv").open(encoding="utf-8", newline="") as file:
        for name, codes in groupby(csv.DictReader(file), key=lambda row: row["code_list"]):
            rows = (
                (
                    f"`{row['code']}`", row["name_nb"], row["name_en"],
                    _span(row["valid_from"], row["valid_to"]), row["source"],
                    _STANDINGS[row["standing"]],
                )
                for row in codes
            )  # fmt: skip
            yield "\n".join([f"### `{name}`\n", *_markdown(_CODES, rows), ""])


def _span(valid_from: str, valid_to: str) -> str:
    return f"{valid_from}–{valid_to}" if valid_from or valid_to else ""


def _markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    sys.stdout.write(register_page())
