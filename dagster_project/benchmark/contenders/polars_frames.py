"""The transforms in Polars, lazy and on its streaming engine."""

from pathlib import Path

import polars as pl

from dagster_project.benchmark.contenders.lookups import Lookups

_LOOK_BACK = 90


def run(transform: str, inputs: Path, lookups: Lookups) -> pl.DataFrame:
    frame = {"episodes": _episodes, "monthly": _monthly, "preadmission": _preadmission}[transform](
        inputs, lookups
    )
    return frame.collect(engine="streaming")


def _in_ranges(value: pl.Expr, ranges: tuple[tuple[str, int, int], ...]) -> pl.Expr:
    found = pl.lit(None, dtype=pl.String)
    for name, low, high in ranges:
        found = pl.when(value.is_between(low, high)).then(pl.lit(name)).otherwise(found)
    return found


def _moment(day: str, clock: str) -> pl.Expr:
    since_midnight = pl.col(clock).cast(pl.Duration("us")).fill_null(pl.duration())
    return pl.col(day).cast(pl.Datetime("us")) + since_midnight


def _episodes(inputs: Path, lookups: Lookups) -> pl.LazyFrame:
    del lookups
    year = pl.col("discharge_date").dt.year().cast(pl.Int32)
    admitted, ended = (
        _moment("admission_date", "admission_time"),
        _moment("discharge_date", "discharge_time"),
    )
    stays = (
        pl.scan_parquet(inputs / "npr_stay.parquet")
        .filter(pl.col("care_level") == 1)
        .select(
            stay_id=pl.col("person_id") + "/" + pl.col("episode_id"),
            person_id="person_id",
            is_linkable=(pl.col("link_quality") != 4).fill_null(value=True),
            admitted_at=admitted,
            discharged_at=pl.max_horizontal(admitted, ended),
            is_acute=pl.col("urgency").is_in([1, 2, 3]).fill_null(value=False),
            is_dead=pl.col("state_at_discharge").is_in([2, 3]).fill_null(value=False),
            sex="sex",
            birth_year=pl.when(pl.col("birth_year").is_between(year - 130, year)).then(
                pl.col("birth_year")
            ),
            death_date="death_date",
        )
        .with_columns(
            chain_of=pl.when("is_linkable").then(pl.col("person_id")).otherwise(pl.col("stay_id"))
        )
        .sort("chain_of", "admitted_at", "stay_id")
    )
    lasted = pl.col("discharged_at").cum_max().over("chain_of")
    numbered = (
        stays.with_columns(lasted_until=lasted)
        .with_columns(pl.col("lasted_until").shift(), before=pl.col("chain_of").shift())
        .with_columns(
            chain=(
                (pl.col("chain_of") != pl.col("before"))
                | (pl.col("admitted_at") > pl.col("lasted_until") + pl.duration(hours=8))
            )
            .fill_null(value=True)
            .cast(pl.UInt32)
            .cum_sum()
        )
        .sort("chain", "discharged_at", "stay_id")
    )
    return numbered.group_by("chain", maintain_order=True).agg(
        episode_id=pl.col("stay_id").last(),
        person_id=pl.col("person_id").first(),
        is_linkable=pl.col("is_linkable").first(),
        admitted_at=pl.col("admitted_at").min(),
        discharged_at=pl.col("discharged_at").max(),
        stay_count=pl.len(),
        is_acute=pl.col("is_acute").any(),
        is_dead_at_discharge=pl.col("is_dead").last(),
        sex=pl.col("sex").last(),
        birth_year=pl.col("birth_year").last(),
        death_date=pl.col("death_date").last(),
    )


def _monthly(inputs: Path, lookups: Lookups) -> pl.LazyFrame:
    return (
        pl.scan_parquet(inputs / "fct_claim.parquet")
        .group_by(
            pl.col("contact_on").dt.truncate("1mo").alias("month"),
            "service",
            "area",
            _in_ranges(pl.col("age"), lookups.ages).fill_null("unknown").alias("age_group"),
        )
        .agg(
            contacts=pl.len(),
            patient_share=pl.col("patient_share").sum(),
            refund=pl.col("refund").sum(),
        )
    )


def _preadmission(inputs: Path, lookups: Lookups) -> pl.LazyFrame:
    named = pl.LazyFrame({"service": list(lookups.groups), "group": list(lookups.groups.values())})
    days = (
        pl.scan_parquet(inputs / "tok_admission_day.parquet")
        .select("person_id", "day")
        .filter(pl.col("day").is_between(lookups.first, lookups.last))
    )
    claims = (
        pl.scan_parquet(inputs / "fct_claim.parquet")
        .select("person_id", "service", "contact_on")
        .join(named, on="service")
        .join(days, on="person_id")
        .with_columns(days_since=(pl.col("day") - pl.col("contact_on")).dt.total_days())
        .filter(pl.col("days_since").is_between(1, _LOOK_BACK))
    )
    stopped = pl.min_horizontal("ended_on", "death_date", pl.lit(lookups.last))
    care = (
        pl.scan_parquet(inputs / "fct_care_service.parquet")
        .with_columns(stopped_on=stopped)
        .filter(pl.col("started_on") <= pl.col("stopped_on"))
        .join(named, on="service")
        .join(days, on="person_id")
        .filter(pl.col("started_on") < pl.col("day"))
        .with_columns(
            days_since=(
                pl.col("day") - pl.min_horizontal("stopped_on", pl.col("day").dt.offset_by("-1d"))
            ).dt.total_days()
        )
        .filter(pl.col("days_since") <= _LOOK_BACK)
    )
    columns = ("person_id", "day", "group", "days_since")
    return (
        pl.concat([claims.select(columns), care.select(columns)])
        .group_by("person_id", "day", service="group")
        .agg(days_since=pl.col("days_since").min())
        .with_columns(**{"class": _in_ranges(pl.col("days_since"), lookups.classes)})
    )
