"""The register contracts, read from the one place they stand: the dbt project's input layer."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from ruamel.yaml import YAML

from dbt_models import PROJECT_DIR
from privacy.problem import Problem

INPUT_LAYER = PROJECT_DIR / "models" / "input_layer"
CODE_LISTS = PROJECT_DIR / "seeds" / "code_list.csv"

RuleKind = Literal["order", "not_before_year", "not_after_year", "alive_in_year"]
LegalHolder = Literal["hospital", "municipality", "register"]
Sensitivity = Literal[
    "direct_identifier", "pseudonym", "health", "indirect_identifier", "administrative"
]
Standing = Literal["S", "B", "U"]
"""S: read in a public source. B: background knowledge. U: looked for and not found."""


# fmt: off
_TABLE_META = frozenset([
    "register", "landing_table", "beskrivelse", "file", "optional", "source", "legal_holder",
    "key", "event_date", "event_end", "row_rules",
])
_COLUMN_META = frozenset([
    "register_name", "beskrivelse", "required", "code_list", "open_list", "min", "max",
    "data_category", "sensitivity", "standing",
])
# fmt: on


@dataclass(frozen=True)
class Code:
    """One row of the seed `code_list`. valid_from, valid_to: ISO days, empty where open."""

    code: str
    name_nb: str
    name_en: str
    valid_from: str
    valid_to: str
    source: str
    standing: Literal["confirmed", "unconfirmed"]


@dataclass(frozen=True)
class Column:
    """One column. `minimum` and `maximum` are inclusive; dates as ISO text.

    code_list: name of its list in the seed. open_list: codes outside the list land all the same,
    since no public source confirms the list. description: English, beskrivelse: bokmål.
    data_category: fideslang key.
    """

    name: str
    register_name: str
    data_type: str
    description: str = ""
    beskrivelse: str = ""
    required: bool = False
    code_list: str | None = None
    open_list: bool = False
    minimum: int | float | str | None = None
    maximum: int | float | str | None = None
    data_category: str | None = None
    sensitivity: Sensitivity | None = None
    standing: Standing | None = None

    @property
    def closed_codes(self) -> tuple[str, ...]:
        """The codes that may land, whatever their years; empty where any may."""
        if self.code_list is None or self.open_list:
            return ()
        return tuple(dict.fromkeys(code.code for code in code_list(self.code_list)))


OWN_COLUMNS = frozenset(
    {"cells", "delivery_id", "file", "line", "position", "reasons", "row_number"}
)
"""Names of the landing's own columns, which no contract may take."""
_OWN_META = {"landing_own": True}
"""Of a column that the landing adds and a model passes on: no column of the register."""


@dataclass(frozen=True)
class RowRule:
    """A rule over several columns of a row; all names are register names.

    order: `ends_at` may not lie before `starts_at` (each: a date, and maybe a time of day).
    not_before_year: `date` is not before 1 January of `year`; not_after_year: not after its
    31 December; alive_in_year: `date` (of death) is not before 1 January of `year`. An empty cell
    breaks none of them.
    """

    id: str
    kind: RuleKind
    starts_at: tuple[str, ...] = ()
    ends_at: tuple[str, ...] = ()
    date: str = ""
    year: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(
            name for name in (*self.starts_at, *self.ends_at, self.date, self.year) if name
        )


@dataclass(frozen=True)
class Table:
    """One landing table.

    fragments: what the name of a file may hold that brings rows of it (empty: any name).
    optional: a delivery may come without it. key: register names; a second row with the same
    values is a duplicate. event_date: register name of the date that places a row in the
    delivery's period; event_end: where an event lasts, the date until which it does.
    """

    name: str
    register: str
    fragments: tuple[str, ...]
    columns: tuple[Column, ...]
    row_rules: tuple[RowRule, ...]
    key: tuple[str, ...] = ()
    event_date: str | None = None
    event_end: str | None = None
    optional: bool = False
    legal_holder: LegalHolder | None = None
    source: str = ""
    description: str = ""
    beskrivelse: str = ""

    @property
    def part(self) -> str:
        """What the files of this table are called by: the first fragment, else the table."""
        return self.fragments[0] if self.fragments else self.name

    def column(self, register_name: str) -> Column:
        return next(c for c in self.columns if c.register_name == register_name)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(c.register_name for c in self.columns if c.required)


@cache
def load_contract() -> tuple[Table, ...]:
    """Every landing table, in the order in which the files and their models stand.

    Raises Problem where a contract names a column, a list or a kind of rule that is not there.
    """
    return tuple(
        read_table(model, file)
        for file in sorted(INPUT_LAYER.glob("*.yml"))
        for model in YAML(typ="safe").load(file.read_text(encoding="utf-8"))["models"]
    )


def tables_of(register: str) -> tuple[Table, ...]:
    return tuple(table for table in load_contract() if table.register == register)


def table_named(name: str) -> Table:
    return next(table for table in load_contract() if table.name == name)


@cache
def registers() -> tuple[str, ...]:
    """The formats that have a contract, in the order of their files."""
    return tuple(dict.fromkeys(table.register for table in load_contract()))


def code_list(name: str) -> tuple[Code, ...]:
    """The rows of one list, in the order of the seed."""
    return _code_lists()[name]


@cache
def _code_lists() -> Mapping[str, tuple[Code, ...]]:
    lists: dict[str, tuple[Code, ...]] = {}
    with CODE_LISTS.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            name = row.pop("code_list")
            lists[name] = (*lists.get(name, ()), Code(**cast(dict[str, Any], row)))
    return lists


def read_table(model: Mapping[str, Any], file: Path) -> Table:
    """One model of a contract file. Raises Problem as `load_contract` does."""
    meta = model["config"]["meta"]
    _refuse_unknown(meta, _TABLE_META, model["name"], file)
    columns = [c for c in model["columns"] if c["config"]["meta"] != _OWN_META]
    for column in columns:
        _refuse_unknown(column["config"]["meta"], _COLUMN_META, model["name"], file)
    fragments = meta.get("file", ())
    rules = tuple(_rule(rule, model["name"], file) for rule in meta.get("row_rules", ()))
    table = Table(
        name=meta["landing_table"],
        register=meta["register"],
        fragments=(fragments,) if isinstance(fragments, str) else tuple(fragments),
        columns=tuple(_column(column) for column in columns),
        row_rules=rules,
        key=tuple(meta.get("key", ())),
        event_date=meta.get("event_date"),
        event_end=meta.get("event_end"),
        optional=meta.get("optional", False),
        legal_holder=meta.get("legal_holder"),
        source=meta.get("source", ""),
        description=model.get("description", ""),
        beskrivelse=meta.get("beskrivelse", ""),
    )
    _check(table, file)
    return table


def _refuse_unknown(meta: Mapping[str, Any], known: frozenset[str], model: str, file: Path) -> None:
    """A misspelt word would be a rule that nobody checks."""
    for word in meta:
        if word not in known:
            raise _broken(f"the contract has the unknown word `{word}`", model, file)


def _rule(rule: Mapping[str, Any], model: str, file: Path) -> RowRule:
    kind = rule.get("kind", "order")
    if kind not in get_args(RuleKind):
        raise _broken(f"the row rule `{rule['id']}` has the unknown kind `{kind}`", model, file)
    return RowRule(
        id=rule["id"],
        kind=kind,
        starts_at=_names(rule.get("starts_at", ())),
        ends_at=_names(rule.get("ends_at", ())),
        date=rule.get("date", rule.get("death", "")),
        year=rule.get("year", ""),
    )


def _names(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _column(column: Mapping[str, Any]) -> Column:
    meta = column["config"]["meta"]
    return Column(
        name=column["name"],
        register_name=meta["register_name"],
        data_type=column["data_type"],
        description=column.get("description", ""),
        beskrivelse=meta.get("beskrivelse", ""),
        required=meta.get("required", False),
        code_list=meta.get("code_list"),
        open_list=meta.get("open_list", False),
        minimum=meta.get("min"),
        maximum=meta.get("max"),
        data_category=meta.get("data_category"),
        sensitivity=meta.get("sensitivity"),
        standing=meta.get("standing"),
    )


def _check(table: Table, file: Path) -> None:
    known = {column.register_name for column in table.columns}
    named = [*table.key, *(name for rule in table.row_rules for name in rule.columns)]
    named += [name for name in (table.event_date, table.event_end) if name]
    for name in named:
        if name not in known:
            raise _broken(f"a rule names the column `{name}`, which is not there", table.name, file)
    for column in table.columns:
        if column.name in OWN_COLUMNS:
            raise _broken(f"the landing has a column `{column.name}` itself", table.name, file)
        if column.code_list is None:
            continue
        if column.code_list not in _code_lists():
            raise _broken(f"there is no code list `{column.code_list}`", table.name, file)
        if column.data_type == "integer" and not all(
            code.lstrip("-").isdigit() for code in column.closed_codes
        ):
            raise _broken(
                f"the integer `{column.register_name}` has codes that are none", table.name, file
            )


def _broken(what: str, model: str, file: Path) -> Problem:
    return Problem(what, f"{file}, {model}", "Mend the contract or the seed it speaks of.")
