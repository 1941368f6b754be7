"""The contract as SQL: a cell's typed value, and the reasons for which a row cannot land.

A reason is `kind:register_column`, or the id of a row rule, or one of the words below: a closed
vocabulary, never a value.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from federated.site.landing.contract import Column, RowRule, Table
from federated.site.landing.delivery import Period
from federated.site.landing.mapping import PLAIN, Notation
from federated.site.landing.sql import identifier, literal
from federated.site.landing.staging import Staged
from privacy.problem import Problem

UNREADABLE_LINE = "unreadable_line"
NO_SUCH_CLAIM = "no_such_claim"
OUTSIDE_PERIOD = "outside_period"

# Table programs write whole numbers as 1.0, and dates with a midnight, in columns with gaps.
_SPACES = "\u0020\u00a0\u2009\u202f"
"""What stands between thousands: a space, or one that does not break the line."""
_TIME = r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.0+)?)?"
_MIDNIGHT = r"([T ]00:00(:00(\.0+)?)?)?"
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_NORWEGIAN = r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}"
_CLOCK = r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?Z?)?"

_BROKEN = {
    "integer": "broken_number",
    "bigint": "broken_number",
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


def typed(text: str, data_type: str, notation: Notation = PLAIN) -> str:
    """SQL: the text as `data_type`, null where it is not one."""
    if data_type == "varchar":
        return text
    if data_type in ("integer", "bigint"):
        return _integer(text, data_type, notation)
    if data_type == "double":
        return _double(text, notation)
    if data_type == "date":
        return _date(text, notation)
    if data_type == "time":
        return f"try_cast(if({_is(text, _TIME)}, {text}, null) as time)"
    if data_type == "timestamp":
        return _timestamp(text, notation)
    raise Problem(
        f"the landing has no rule for the type `{data_type}`",
        "dbt_models/models/input_layer",
        "Give the column a type that another column of a contract has.",
    )


def _integer(text: str, data_type: str, notation: Notation) -> str:
    # The plain case first: nearly every cell of a register is one, and the pattern is short.
    zeros = _zeros(notation)
    grouped = f"[+-]?[0-9]{{1,3}}({_separators(notation)}[0-9]{{3}})+{zeros}"
    whole = "'^[+-]?[0-9]+'"
    return f"""try_cast(case
        when {_is(text, "[+-]?[0-9]+")} then {text}
        when {_is(text, f"[+-]?[0-9]+{zeros}")} then regexp_extract({text}, {whole})
        when {_is(text, grouped)} then regexp_extract({_without(text, notation)}, {whole})
    end as {data_type})"""


def _double(text: str, notation: Notation) -> str:
    mark = re.escape(notation.decimal) if notation.decimal else "[.,]"
    plain = rf"[+-]?([0-9]+({mark}[0-9]*)?|{mark}[0-9]+)([eE][+-]?[0-9]+)?"
    grouped = rf"[+-]?[0-9]{{1,3}}({_separators(notation)}[0-9]{{3}})+({mark}[0-9]*)?"
    number = f"""try_cast(case
        when {_is(text, plain)} then replace({text}, ',', '.')
        when {_is(text, grouped)} then replace({_without(text, notation)}, ',', '.')
    end as double)"""
    return f"if(isfinite({number}), {number}, null)"


def _separators(notation: Notation) -> str:
    other = {",": ".", ".": ","}.get(notation.decimal or "", "")
    return f"[{_SPACES}{other}]"


def _zeros(notation: Notation) -> str:
    return rf"({re.escape(notation.decimal)}0+)?" if notation.decimal else "([.,]0+)?"


def _without(text: str, notation: Notation) -> str:
    """SQL: the text without what parts its thousands."""
    return f"regexp_replace({text}, {literal(_separators(notation))}, '', 'g')"


def _date(text: str, notation: Notation) -> str:
    pattern, strptime = _day(notation)
    return f"""case
        when {_is(text, _ISO)} then try_cast({text} as date)
        when {_is(text, pattern + _MIDNIGHT)}
            then try_strptime(regexp_extract({text}, {literal("^" + pattern)}), '{strptime}')::date
        when {_is(text, _ISO + _MIDNIGHT)} then try_cast(left({text}, 10) as date)
    end"""


def _timestamp(text: str, notation: Notation) -> str:
    pattern, strptime = _day(notation)
    plain = f"replace(rtrim({text}, 'Z'), 'T', ' ')"
    day = f"try_strptime(regexp_extract({text}, {literal('^' + pattern)}), '{strptime}')::date"
    clock = f"coalesce(nullif(regexp_extract({text}, '[0-9]+:[0-9:.]+$'), ''), '00:00')"
    return f"""case
        when {_is(text, _ISO + _CLOCK)} then try_cast({plain} as timestamp)
        when {_is(text, pattern + _CLOCK)} then {day} + try_cast({clock} as time)
    end"""


def _day(notation: Notation) -> tuple[str, str]:
    """The pattern of a day that is not ISO, and the same for `strptime`."""
    if notation.date_format is None:
        return _NORWEGIAN, "%d.%m.%Y"
    pattern, strptime = re.escape(notation.date_format), notation.date_format
    for token, digits, directive in (
        ("yyyy", "[0-9]{4}", "%Y"),
        ("mm", "[0-9]{2}", "%m"),
        ("dd", "[0-9]{2}", "%d"),
    ):
        pattern = pattern.replace(token, digits)
        strptime = strptime.replace(token, directive)
    return pattern, strptime


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
    if column.closed_codes:
        codes = ", ".join(_constant(code, column) for code in column.closed_codes)
        faults.append(Fault(f"not_in_domain:{name}", f"{value} not in ({codes})"))
    limits = [
        f"{value} {operator} {_constant(limit, column)}"
        for operator, limit in (("<", column.minimum), (">", column.maximum))
        if limit is not None
    ]
    if limits:
        faults.append(Fault(f"out_of_range:{name}", " or ".join(limits)))
    return faults


def row_fault(rule: RowRule, values: Mapping[str, str]) -> Fault | None:
    """The fault of a row rule; None where the file lacks a column without which it says nothing.

    values: register name -> SQL name of the typed value, of the columns that the file has.
    """
    if rule.kind == "order":
        return _order_fault(rule, values)
    date, year = values.get(rule.date), values.get(rule.year)
    if date is None or year is None:
        return None
    # `year(date)`, not a comparison of dates: a made-up year may have no first of January.
    operator = ">" if rule.kind == "not_after_year" else "<"
    return Fault(rule.id, f"year({date}) {operator} {year}")


def _order_fault(rule: RowRule, values: Mapping[str, str]) -> Fault | None:
    """Times count only where both are known: else nothing is known of the order within the day."""
    start, *start_time = (values.get(name) for name in rule.starts_at)
    end, *end_time = (values.get(name) for name in rule.ends_at)
    if start is None or end is None:
        return None
    condition = f"{end} < {start}"
    if start_time and end_time and start_time[0] and end_time[0]:
        condition += f" or ({end} = {start} and {end_time[0]} < {start_time[0]})"
    return Fault(rule.id, condition)


def period_fault(table: Table, period: Period | None, values: Mapping[str, str]) -> Fault | None:
    """A row whose event lies outside the stated period; one that lasts only has to touch it."""
    begins = values.get(table.event_date or "")
    if period is None or begins is None:
        return None
    first, last = f"date '{period.first}'", f"date '{period.last}'"
    ends = begins
    if table.event_end:  # empty, or no such column: it lasts
        ends = f"coalesce({values.get(table.event_end, 'null::date')}, {last})"
    return Fault(OUTSIDE_PERIOD, f"{begins}::date > {last} or {ends}::date < {first}")


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


def checked(
    table: Table,
    staged: Staged,
    delivered: AbstractSet[str],
    notation: Notation = PLAIN,
    period: Period | None = None,
) -> str:
    """SQL: the staged rows with typed columns (by English name), reasons, file and position.

    delivered: register names of the columns wanted, which some file of the delivery has; one that
    this file lacks is null, and nothing is computed for it.
    """
    texts, values, landed, faults = list[str](), list[str](), list[str](), list[Fault]()
    present = dict[str, str]()
    for i, column in enumerate(table.columns):
        if column.register_name not in delivered:
            continue
        index = staged.columns.get(column.register_name)
        if index is None:
            landed.append(f"null::{column.data_type} as {identifier(column.name)}")
            continue
        text, value = f"text_{i}", f"value_{i}"
        texts.append(f"{_translated(cell(index), column, notation)} as {text}")
        if column.data_type == "varchar":
            value = text
        else:
            values.append(f"{typed(text, column.data_type, notation)} as {value}")
        landed.append(f"{value} as {identifier(column.name)}")
        present[column.register_name] = value
        faults += faults_of(column, text, value)
    faults += [found for rule in table.row_rules if (found := row_fault(rule, present))]
    outside = period_fault(table, period, present)
    faults += [outside] if outside else []
    return f"""
        select {staged.position} + row_number as position, {literal(staged.file)} as file,
            row_number, {reasons(faults)} as reasons, {", ".join(landed)}
        from (
            select {", ".join(["*", *values])}
            from (select row_number, cells, {", ".join(texts)} from {staged.table})
        )
    """


def _translated(text: str, column: Column, notation: Notation) -> str:
    """SQL: the cell in our words, where the mapping gives the sender's own."""
    words = notation.values.get(column.register_name)
    if not words:
        return text
    branches = " ".join(
        f"when {text} = {literal(theirs)} then {literal(ours)}"
        for theirs, ours in words.items()
        if theirs
    )
    empty = f"when {text} is null then {literal(words[''])}" if "" in words else ""
    return f"nullif(case {branches} {empty} else {text} end, '')"


def _constant(value: int | float | str, column: Column) -> str:
    if column.data_type in ("date", "varchar", "timestamp", "time"):
        return f"{literal(str(value))}::{column.data_type}"
    return str(value)
