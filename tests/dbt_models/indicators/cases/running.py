"""Many cases in few builds: the persons of each are renamed, and stand in one landing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from federated.contract.catalogue import Indicator
from tests.dbt_models.indicators.cases.case import Case, Row
from tests.dbt_models.indicators.cases.matching import MATCHING
from tests.dbt_models.workbench import Workbench
from tests.reference.registry import Delivered, reference_rows

Table = tuple[tuple[str, ...], list[tuple[object, ...]]]
"""Names of the columns, and the rows."""


def worked(
    workbench: Workbench, indicators: Mapping[str, Indicator], cases: Iterable[Case]
) -> dict[str, list[str]]:
    """What the SQL makes of each case, by the case's id: lines, sorted."""
    found: dict[str, list[str]] = {}
    for batch in _batches(cases):
        here = _built(workbench, batch, indicators, "here")
        there = _built(workbench, batch, indicators, "there")
        for number, case in batch.items():
            if case.indicator in MATCHING:
                lines = _matched(case.indicator, number, here, there)
            else:
                model = indicators[case.indicator].model
                lines = _lines(case, number, here[model], indicators[case.indicator])
            found[case.id] = sorted(lines)
    return found


def referenced(indicators: Mapping[str, Indicator], cases: Iterable[Case]) -> dict[str, list[str]]:
    """The same of the plain-Python references, for indicators that are not linked."""
    found: dict[str, list[str]] = {}
    for batch in _batches(case for case in cases if case.indicator not in MATCHING):
        tables: dict[str, Table] = {}
        for number, case in batch.items():
            indicator = indicators[case.indicator]
            if indicator.model not in tables:
                delivered = Delivered(_landing(batch, "here"), *case.period)
                rows = reference_rows(indicator.model, delivered, indicator.definition.bounds)
                tables[indicator.model] = _columns(indicator), rows
            found[case.id] = sorted(_lines(case, number, tables[indicator.model], indicator))
    return found


Batch = dict[int, Case]
"""Number of a case -> case: those of the same days, for which the same tables are delivered."""


def _batches(cases: Iterable[Case]) -> list[Batch]:
    found: dict[object, Batch] = defaultdict(dict)
    for number, case in enumerate(cases):
        tables = (
            frozenset(table for table, rows in landing.items() if rows)
            for landing in (case.here, case.there)
        )
        found[case.period, case.boundary, *tables][number] = case
    return list(found.values())


def _landing(batch: Batch, side: str) -> dict[str, list[Row]]:
    """Rows of all cases; those of persons and claims under names of their own."""
    found: dict[str, list[Row]] = defaultdict(list)
    for number, case in batch.items():
        for table, rows in getattr(case, side).items():
            for row in rows:
                renamed = {
                    name: f"{number}:{row[name]}"
                    for name in ("person_id", "claim_id")
                    if name in row
                }
                if renamed or row not in found[table]:
                    found[table].append(row | renamed)
    return dict(found)


def _built(
    workbench: Workbench, batch: Batch, indicators: Mapping[str, Indicator], side: str
) -> dict[str, Table]:
    models: set[str] = set()
    for case in batch.values():
        match = MATCHING.get(case.indicator)
        if match is not None:
            models |= {match.index} if side == "here" else set(match.found)
        elif side == "here":
            models.add(indicators[case.indicator].model)
    if not models:
        return {}
    ((period, boundary),) = {(case.period, case.boundary) for case in batch.values()}
    workbench.land(_landing(batch, side), period, boundary)
    return {
        model: (workbench.columns(model), rows)
        for model, rows in workbench.all_rows(sorted(models)).items()
    }


def _columns(indicator: Indicator) -> tuple[str, ...]:
    amount = ("amount",) if indicator.definition.amount else ()
    keys = indicator.key_names
    return ("unit_id", "person_id", "period", *keys, "atom", *amount, "is_counted")


def _lines(case: Case, number: int, table: Table, indicator: Indicator) -> list[str]:
    names, rows = table
    own = f"{number}:"
    shown = case.columns or tuple(n for n in _columns(indicator) if n not in _SILENT)
    found: list[str] = []
    for row in rows:
        of_row = {
            name: str(value).removeprefix(own) for name, value in zip(names, row, strict=True)
        }
        is_own = str(row[names.index("person_id")]).startswith(own)
        if is_own and case.unit in (None, of_row["unit_id"]):
            found.append(" ".join(of_row[name] for name in shown))
    return found


_SILENT = ("person_id", "is_counted")


def _matched(
    indicator: str, number: int, here: Mapping[str, Table], there: Mapping[str, Table]
) -> list[str]:
    match = MATCHING[indicator]
    own = f"{number}:"
    found: list[str] = []
    for index in _dicts(here[match.index]):
        person, day = str(index["person_id"]), index["day"]
        if not person.startswith(own):
            continue
        start = f"{person.removeprefix(own)} {day} {index['bucket']}"
        classes = [
            " ".join([label, *(str(token[name]) for name in columns)]).strip()
            for model, (label, columns) in match.found.items()
            for token in _dicts(there[model])
            if token["person_id"] == person and token["day"] == day
        ]
        found += [f"{start} {name}" for name in classes or ["-"]]
    return found


def _dicts(table: Table) -> Sequence[dict[str, object]]:
    names, rows = table
    return [dict(zip(names, row, strict=True)) for row in rows]
