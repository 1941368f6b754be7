"""`mapping.yaml`: how one delivery differs from the register's own shape.

```yaml
columns: {Pasientnr: lopenr, Inn: innDato}     # their name: the register's name
delimiter: ";"                                 # one of ; , | tab
encoding: windows-1252                         # utf-8, utf-16, latin-1, windows-1252
decimal: ","                                   # the other mark then parts thousands
date_format: dd/mm/yyyy                        # yyyy, mm and dd in any order
files: {kontakter_2024.csv: npr_stay}          # a file's name, or a piece of it: its table
values: {kjonn: {M: "1", K: "2", NA: ""}}      # register column: their word: ours
```

All fields are optional.
"""

# ruff: noqa: A002 -- `format` is the word of the site file and of the command line

import hashlib
import json
import re
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, create_model
from ruamel.yaml import YAML

from federated.contract.config_file import read_config
from federated.site.landing.contract import tables_of
from privacy.problem import Problem

MAPPING_FILE = "mapping.yaml"


@dataclass(frozen=True)
class Notation:
    """How a delivery writes what can be written in several ways.

    decimal: its decimal mark, where that is stated; the other one then parts thousands. Unstated,
    both are decimal marks and spaces alone part thousands. date_format: `dd.mm.yyyy` and the like,
    in place of `dd.mm.yyyy`; ISO dates are read always. values: register column -> its words ->
    ours.
    """

    decimal: Literal[",", "."] | None = None
    date_format: str | None = None
    values: AnyMapping[str, AnyMapping[str, str]] = field(default_factory=dict)


PLAIN = Notation()


Encoding = Literal["utf-8", "utf-16", "latin-1", "windows-1252"]


def _quoted(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("put quotes around it: what YAML takes for a number loses its zeros")
    return value


def _date_format(text: str) -> str:
    tokens, rest = re.findall("yyyy|mm|dd", text.lower()), re.sub("yyyy|mm|dd", "", text.lower())
    if sorted(tokens) != ["dd", "mm", "yyyy"] or re.sub("[-./ ]", "", rest):
        raise ValueError("write one yyyy, one mm and one dd, parted by - . / or nothing")
    return text.lower()


_dict: Any = dict  # for types that are only known at run time

Text = Annotated[str, BeforeValidator(_quoted)]


class Mapping(BaseModel):
    """What `mapping.yaml` says; the fields as in the example above."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[Text, Text] = {}
    delimiter: Annotated[
        Literal[";", ",", "|", "\t"] | None,
        BeforeValidator(lambda name: "\t" if name == "tab" else name),
    ] = None
    encoding: Encoding | None = None
    decimal: Literal[",", "."] | None = None
    date_format: Annotated[str, AfterValidator(_date_format)] | None = None
    files: dict[Text, Text] = {}
    values: dict[Text, dict[Text, Text]] = {}

    @property
    def notation(self) -> Notation:
        return Notation(self.decimal, self.date_format, self.values)

    @property
    def identity(self) -> str:
        """SHA-256 over what it says; empty where it says nothing."""
        said = self.model_dump(exclude_defaults=True)
        text = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest() if said else ""

    def renamed(self, header: Iterable[str]) -> tuple[str, ...]:
        """The header in the register's names. A name that another column is given is put aside."""
        ours = {_plain(theirs): name for theirs, name in self.columns.items()}
        header = tuple(name.strip() for name in header)
        given = {ours[h.casefold()].casefold() for h in header if h.casefold() in ours}
        return tuple(
            ours.get(h.casefold(), f"{h} (not mapped)" if h.casefold() in given else h)
            for h in header
        )

    def part_of(self, name: str) -> str | None:
        """The part that a file name is given here: by the whole name, or the longest piece."""
        name = name.lower()
        pieces = [piece for piece in self.files if piece.lower() in name]
        return self.files[max(pieces, key=len)] if pieces else None


NO_MAPPING = Mapping()


def read_mapping(file: Path, format: str) -> Mapping:
    """Read a mapping; raise Problem with line and field for what the format does not have."""
    read = read_config(file, _mapping_for(format))
    tables = tables_of(format)
    parts = {name: table.part for table in tables for name in (*table.fragments, table.name)}
    # `files` may name a table or a fragment; from here on only the part counts.
    files = {name: parts[part] for name, part in read.files.items()}
    return Mapping.model_validate(read.model_dump() | {"files": files})


def find_mapping(source: Path) -> Path | None:
    """`<file>.mapping.yaml`, or `mapping.yaml` in the folder, if one is there."""
    folder = source if source.is_dir() else source.parent
    candidates = (source.with_name(f"{source.name}.{MAPPING_FILE}"), folder / MAPPING_FILE)
    return next((file for file in candidates if file.is_file()), None)


def refuse_unused(
    mapping: Mapping, file: Path, headers: Iterable[str], names: Iterable[str]
) -> None:
    """Raise Problem for a column or a file of the mapping that the delivery does not have."""
    headers, names = tuple(headers), tuple(names)
    known = {_plain(header) for header in headers}
    for column in mapping.columns:
        if _plain(column) not in known:
            raise Problem(
                f"no file of the delivery has the column `{column}`",
                _place(file, "columns", column),
                _close(column, headers) or "Remove it, or deliver the file with that column.",
            )
    for piece in mapping.files:
        if not any(piece.lower() in name.lower() for name in names):
            raise Problem(
                f"no file of the delivery is called `{piece}`",
                _place(file, "files", piece),
                _close(piece, names) or "Remove it, or deliver that file.",
            )


def _plain(name: str) -> str:
    return name.strip().casefold()


def _mapping_for(format: str) -> type[Mapping]:
    """The model whose columns, tables and values are those of one format."""
    tables = tables_of(format)
    column: Any = _one_of(
        [c.register_name for table in tables for c in table.columns], "column", format
    )
    part: Any = _one_of(
        [name for table in tables for name in (table.name, *table.fragments)], "table", format
    )
    return create_model(
        "Mapping",
        __base__=Mapping,
        columns=(_dict[Text, column], {}),
        files=(_dict[Text, part], {}),
        values=(_dict[column, _dict[Text, Text]], {}),
    )


def _one_of(known: list[str], kind: str, format: str) -> Any:
    def check(name: str) -> str:
        if name not in known:
            mend = _close(name, known)
            raise ValueError(f"`{format}` has no {kind} `{name}`" + (f". {mend}" if mend else ""))
        return name

    return Annotated[str, BeforeValidator(_quoted), AfterValidator(check)]


def _close(name: str, known: Iterable[str]) -> str:
    by_case = {other.casefold(): other for other in known}
    close = get_close_matches(name.casefold(), by_case, n=1, cutoff=0.5)
    return f"Did you mean `{by_case[close[0]]}`?" if close else ""


def _place(file: Path, field: str, key: str) -> str:
    line = YAML(typ="rt").load(file.read_text(encoding="utf-8"))[field].lc.key(key)[0] + 1
    return f"{file}, line {line}, field {field}.{key}"
