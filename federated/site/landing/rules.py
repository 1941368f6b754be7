"""The contract as SQL: a cell's typed value, and the reasons for which a row cannot land.

A reason is `kind:register_column`, or the id of a row rule, or one of the two words below: a closed
vocabulary, never a value.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`

from collections.abc import Sequence
from dataclasses import dataclass

from federated.site.landing.contract import Column, RowRule, Table
from federated.site.landing.sql import identifier, literal
from federated.site.landing.staging import Staged
from privacy.problem import Problem

UNREADABLE_LINE = "unreadable_line"
NO_SUCH_CLAIM = "no_such_claim"

# Table programs write whole numbers as 1.0, and dates with a midnight, in columns with gaps.
_INTEGER = r"[+-]?[0-9]+([.,]0+)?"
_NUMBER = r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]00:00:00(\.0+)?)?"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.0+)?)?"
_TIMESTAMP = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?Z?)?"
)

_BROKEN = {
    "integer": "broken_number",
    "double": "broken_number",
    "date": "broken_date",
    "timestamp": "broken_date",
    "time": "broken_time",
}


@dataclass(frozen=True)
class Fault:
    """condition: SQL that is true (not null, not false) where the row has this fault."""

    reason: str
    condition: str


def cell(index: int | None) -> str:
    """SQL: the text in a cell, null where it is blank or the file has no such column."""
    return f"nullif(trim(cells[{index}]), '')" if index else "null::varchar"


def typed(text: str, data_type: str) -> str:
    """SQL: the text as `data_type`, null where it is not one."""
    if data_type == "varchar":
        return text
    if data_type == "integer":
        digits = f"regexp_extract({text}, '^[+-]?[0-9]+')"
        return f"try_cast(if({_is(text, _INTEGER)}, {digits}, null) as integer)"
    if data_type == "double":
        number = f"try_cast(if({_is(text, _NUMBER)}, replace({text}, ',', '.'), null) as double)"
        return f"if(isfinite({number}), {number}, null)"
    if data_type == "date":
        return f"try_cast(if({_is(text, _DATE)}, {text}, null) as date)"
    if data_type == "time":
        return f"try_cast(if({_is(text, _TIME)}, {text}, null) as time)"
    if data_type == "timestamp":
        plain = f"replace(rtrim({text}, 'Z'), 'T', ' ')"
        return f"try_cast(if({_is(text, _TIMESTAMP)}, {plain}, null) as timestamp)"
    raise Problem(
        f"the landing has no rule for the type `{data_type}`",
        "dbt_models/models/input_layer",
        "Give the column a type that another column of a contract has.",
    )


def _is(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def faults_of(column: Column, text: str, value: str) -> list[Fault]:
    """What may be wrong with one cell; `text`, `value`: SQL names of its text and typed value."""
    name, faults = column.register_name, list[Fault]()
    if column.required:
        faults.append(Fault(f"missing:{name}", f"{text} is null"))
    if column.data_type in _BROKEN:
        broken = f"{text} is not null and {value} is null"
        faults.append(Fault(f"{_BROKEN[column.data_type]}:{name}", broken))
    if column.domain:
        domain = ", ".join(_constant(code, column) for code in column.domain)
        faults.append(Fault(f"not_in_domain:{name}", f"{value} not in ({domain})"))
    limits = [
        f"{value} {operator} {_constant(limit, column)}"
        for operator, limit in (("<", column.minimum), (">", column.maximum))
        if limit is not None
    ]
    if limits:
        faults.append(Fault(f"out_of_range:{name}", " or ".join(limits)))
    return faults


def row_fault(rule: RowRule, values: dict[str, str]) -> Fault:
    """`values`: register name -> SQL name of the typed value (null where the file has no column).

    Times count only where both are known: a missing time says nothing about the order within a day.
    """
    start, *start_time = (values[name] for name in rule.starts_at)
    end, *end_time = (values[name] for name in rule.ends_at)
    condition = f"{end} < {start}"
    if start_time and end_time:
        condition += f" or ({end} = {start} and {end_time[0]} < {start_time[0]})"
    return Fault(rule.id, condition)


def reasons(faults: Sequence[Fault]) -> str:
    """SQL: all reasons of a row, varchar[]. The list is only built where a row has one."""
    if not faults:
        return f"if(cells is null, ['{UNREADABLE_LINE}'], []::varchar[])"
    found = ", ".join(f"if({f.condition}, {literal(f.reason)}, null)" for f in faults)
    return f"""
        case
            when cells is null then ['{UNREADABLE_LINE}']
            when {" or ".join(f"coalesce({f.condition}, false)" for f in faults)}
            then list_filter([{found}], lambda reason: reason is not null)
            else []::varchar[]
        end
    """


def checked(table: Table, staged: Staged) -> str:
    """SQL: the staged rows with typed columns (by English name), reasons, file and position."""
    texts, values, faults = list[str](), list[str](), list[Fault]()
    for i, column in enumerate(table.columns):
        texts.append(f"{cell(staged.columns.get(column.register_name))} as text_{i}")
        values.append(f"{typed(f'text_{i}', column.data_type)} as value_{i}")
        faults += faults_of(column, f"text_{i}", f"value_{i}")
    names = {c.register_name: f"value_{i}" for i, c in enumerate(table.columns)}
    faults += [row_fault(rule, names) for rule in table.row_rules]
    landed = ", ".join(f"value_{i} as {identifier(c.name)}" for i, c in enumerate(table.columns))
    return f"""
        select {staged.position} + row_number as position, {literal(staged.file)} as file,
            row_number, {reasons(faults)} as reasons, {landed}
        from (
            select *, {", ".join(values)}
            from (select row_number, cells, {", ".join(texts)} from {staged.table})
        )
    """


def _constant(value: int | float | str, column: Column) -> str:
    if column.data_type in ("date", "varchar"):
        return f"{literal(str(value))}::{column.data_type}"
    return str(value)
