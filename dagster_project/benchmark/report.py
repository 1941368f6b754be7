"""What a run found, as ratios, as JSON and as text."""

from collections.abc import Sequence
from typing import Any

from dagster_project.benchmark.run import Delivered, Grown, Measured
from dagster_project.benchmark.sizes import (
    LINEAR_MOST,
    PANDAS_LEAST,
    PANDAS_MEMORY_LEAST,
    POLARS_LEAST,
    SIZES,
    limits,
)
from dagster_project.benchmark.transforms import TRANSFORMS


def document(measured: Measured) -> dict[str, Any]:
    """The run as one JSON document. ratios: of CPU-seconds, ours below where it says `vs_ours`.

    rss: peak MiB. rss_ratios: the other's peak memory over ours. targets: what is asked of each
    ratio, and whether it is met.
    """
    ratios = _ratios(measured)
    memory = {
        other: {name: _rss(measured, f"{name}_{other}", f"{name}_ours") for name in TRANSFORMS}
        for other in measured.plan.contenders
    }
    return {
        "size": measured.plan.size.name,
        "persons": measured.plan.size.persons,
        "years": measured.plan.size.years,
        "towns": measured.plan.size.towns,
        "rows": measured.rows,
        "claim_rows": sum(n for name, n in measured.rows.items() if name.startswith("kuhr_")),
        "repeats": measured.repeats,
        "memory_limit": measured.plan.memory_limit,
        "versions": measured.versions,
        "models": measured.models["works"],
        "full_models": measured.models["full"],
        "ratios": ratios,
        "rss": {name: round(usage.rss / 2**20) for name, usage in measured.usage.items()},
        "rss_ratios": {f"{other}_vs_ours": found for other, found in memory.items()},
        "cpu_seconds": {name: round(usage.cpu, 3) for name, usage in measured.usage.items()},
        "equal": {name: {"rows": rows} for name, rows in measured.result_rows.items()},
        "targets": _targets(measured, ratios, memory),
    }


def _ratios(measured: Measured) -> dict[str, Any]:
    ratios: dict[str, Any] = {
        "pipeline_vs_scan": _cpu(measured, "works_dbt", "works_scan"),
        "pipeline_script_vs_scan": _cpu(measured, "works_script", "works_scan"),
        "full_script_vs_scan": _cpu(measured, "full_script", "full_scan"),
    }
    if "full_dbt" in measured.usage:
        ratios["dbt_vs_script"] = _cpu(measured, "full_dbt", "full_script")
        ratios["full_pipeline_vs_scan"] = _cpu(measured, "full_dbt", "full_scan")
    if "full_dbt_tests" in measured.usage:
        ratios["dbt_vs_script_with_tests"] = _cpu(measured, "full_dbt_tests", "full_script_tests")
        ratios["script_with_tests_vs_without"] = _cpu(measured, "full_script_tests", "full_script")
    for name in TRANSFORMS:
        ratios[f"{name}_vs_scan"] = _cpu(measured, f"{name}_ours", f"{name}_scan")
    for other in measured.plan.contenders:
        ratios[f"{other}_vs_ours"] = {
            name: _cpu(measured, f"{name}_{other}", f"{name}_ours") for name in TRANSFORMS
        }
    return ratios


def _cpu(measured: Measured, this: str, that: str) -> float:
    return round(measured.usage[this].cpu / measured.usage[that].cpu, 3)


def _rss(measured: Measured, this: str, that: str) -> float:
    return round(measured.usage[this].rss / measured.usage[that].rss, 2)


def _targets(
    measured: Measured, ratios: dict[str, Any], memory: dict[str, dict[str, float]]
) -> list[dict[str, Any]]:
    """Every target that the run can tell of: what, how much at most or at least, found, met."""
    size = measured.plan.size.name
    if measured.plan.size != SIZES[size]:
        return []  # they are set for the whole size
    targets = [
        _target(name, "at most", limit, ratios[name])
        for name, limit in limits(size).items()
        if name in ratios
    ]
    if "polars_vs_ours" in ratios:
        targets += [
            _target(f"polars_vs_ours.{name}", "at least", round(POLARS_LEAST, 2), found)
            for name, found in ratios["polars_vs_ours"].items()
        ]
    if "pandas_vs_ours" in ratios and size == "oslo1":
        targets += [
            _target(f"pandas_vs_ours.{name}", "at least", least, ratios["pandas_vs_ours"][name])
            for name, least in PANDAS_LEAST.items()
        ]
        targets += [
            _target(f"rss_ratios.pandas_vs_ours.{name}", "at least", least, memory["pandas"][name])
            for name, least in PANDAS_MEMORY_LEAST.items()
        ]
    return targets


def _target(name: str, sense: str, limit: float, found: float) -> dict[str, Any]:
    is_met = found <= limit if sense == "at most" else found >= limit
    return {"ratio": name, "sense": sense, "limit": limit, "found": found, "met": is_met}


def text(found: dict[str, Any]) -> str:
    """The document for people: each contender's CPU as a ratio, its memory, and the targets."""
    rows = sum(found["rows"].values())
    lines = [
        f"{found['size']}: {found['persons']} persons, {found['years']} year(s), "
        f"{found['rows']['npr_stay']} hospital contacts, {found['claim_rows']} claim rows, "
        f"{rows} rows in all; median of {found['repeats']}",
    ]
    cpu, rss = found["cpu_seconds"], found["rss"]
    names = {
        "scan": "scan of the same columns",
        "script": "one script of the SQL",
        "dbt": "dbt build",
        "script_tests": "script, with data tests",
        "dbt_tests": "dbt build, with data tests",
    }
    titles = {"works": "Pipeline of the four works", "full": "Full pipeline, all marts"}
    for selection, title in titles.items():
        lines += ["", f"{title:<34}{'CPU / scan':>12}{'peak MiB':>10}"]
        for part, label in names.items():
            name = f"{selection}_{part}"
            if name in cpu:
                ratio = cpu[name] / cpu[f"{selection}_scan"]
                lines.append(f"{label:<34}{ratio:>12.2f}{rss[name]:>10}")
    for transform in TRANSFORMS:
        lines += [
            "",
            f"{transform.capitalize():<34}{'CPU / scan':>12}{'peak MiB':>10}"
            f"   ({found['equal'][transform]['rows']} rows, the same from all)",
        ]
        own = [name for name in cpu if name.startswith(f"{transform}_")]
        for name in own:
            label = {"ours": "our models"}.get(part := name.removeprefix(f"{transform}_"), part)
            ratio = cpu[name] / cpu[f"{transform}_scan"]
            lines.append(f"{label:<34}{ratio:>12.2f}{rss[name]:>10}")
    return "\n".join([*lines, "", "Targets", *_target_lines(found)])


def linear_document(grown: Sequence[Grown]) -> dict[str, Any]:
    """CPU-seconds a row at each size over those at the first, as one JSON document."""
    base = grown[0]
    ratios = {
        name: {
            str(step.times): round(
                (step.usage[name].cpu / step.rows) / (base.usage[name].cpu / base.rows), 3
            )
            for step in grown[1:]
        }
        for name in base.usage
    }
    return {
        "rows": {str(step.times): step.rows for step in grown},
        "ratios": ratios,
        "rss": {
            name: {str(step.times): round(step.usage[name].rss / 2**20) for step in grown}
            for name in base.usage
        },
        "targets": [
            _target(f"{name} at {times} times", "at most", LINEAR_MOST, found)
            for name, by_times in ratios.items()
            for times, found in by_times.items()
        ],
    }


def linear_text(found: dict[str, Any]) -> str:
    lines = [f"rows: {', '.join(f'{n} at {t} times' for t, n in found['rows'].items())}", ""]
    lines.append(f"{'CPU a row, over the base size':<34}{'5 times':>12}{'10 times':>12}")
    for name, by_times in found["ratios"].items():
        lines.append(f"{name:<34}" + "".join(f"{ratio:>12.2f}" for ratio in by_times.values()))
    return "\n".join([*lines, "", *_target_lines(found)])


def incremental_document(delivered: Delivered) -> dict[str, Any]:
    """CPU-seconds of a build that goes on over those of one in full, as one JSON document."""
    cpu = {name: usage.cpu for name, usage in delivered.usage.items()}
    return {
        "repeats": delivered.repeats,
        "rows": delivered.rows,
        "delivered_rows": delivered.delivered_rows,
        "ratios": {"going_on_vs_full_refresh": round(cpu["going_on"] / cpu["full_refresh"], 3)},
        "rss": {name: round(usage.rss / 2**20) for name, usage in delivered.usage.items()},
        "cpu_seconds": {name: round(seconds, 3) for name, seconds in cpu.items()},
    }


def incremental_text(found: dict[str, Any]) -> str:
    share = found["delivered_rows"] / found["rows"]
    rss = found["rss"]
    return "\n".join(
        [
            f"delivered: {found['delivered_rows']} of {found['rows']} rows ({share:.1%}); "
            f"median of {found['repeats']}",
            f"going on, over a full refresh {found['ratios']['going_on_vs_full_refresh']:>8.2f}"
            f"   (peak {rss['going_on']} and {rss['full_refresh']} MiB)",
        ]
    )


def _target_lines(found: dict[str, Any]) -> list[str]:
    return [
        f"{'met    ' if target['met'] else 'NOT met'} {target['ratio']:<40}"
        f"{target['found']:>8.2f}  ({target['sense']} {target['limit']:g})"
        for target in found["targets"]
    ]
