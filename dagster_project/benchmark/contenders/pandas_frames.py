"""The transforms in idiomatic pandas: read the columns, merge, sort, group."""

# pandas' own annotations take a selection of columns for a Series or an array as well.
# pyright: reportArgumentType=false, reportCallIssue=false, reportReturnType=false

from datetime import time
from pathlib import Path

import numpy as np
import pandas as pd

from dagster_project.benchmark.contenders.lookups import Lookups

_LOOK_BACK = 90


def run(transform: str, inputs: Path, lookups: Lookups) -> pd.DataFrame:
    return {"episodes": _episodes, "monthly": _monthly, "preadmission": _preadmission}[transform](
        inputs, lookups
    )


def _moment(day: pd.Series, clock: pd.Series) -> pd.Series:
    since_midnight = clock.fillna(time(0)).astype(str)
    return pd.to_datetime(day) + pd.to_timedelta(since_midnight)


def _episodes(inputs: Path, lookups: Lookups) -> pd.DataFrame:
    del lookups
    read = pd.read_parquet(
        inputs / "npr_stay.parquet",
        columns=[
            "episode_id", "person_id", "link_quality", "admission_date", "admission_time",
            "discharge_date", "discharge_time", "urgency", "state_at_discharge", "sex",
            "birth_year", "death_date",
        ],
        filters=[("care_level", "==", 1)],
    )  # fmt: skip
    stays = pd.DataFrame({"stay_id": read.person_id + "/" + read.episode_id})
    stays["person_id"] = read.person_id
    stays["is_linkable"] = read.link_quality != 4
    stays["admitted_at"] = _moment(read.admission_date, read.admission_time)
    ended = _moment(read.discharge_date, read.discharge_time)
    stays["discharged_at"] = np.maximum(stays.admitted_at, ended)
    stays["is_acute"] = read.urgency.isin([1, 2, 3])
    stays["is_dead_at_discharge"] = read.state_at_discharge.isin([2, 3])
    stays["sex"] = read.sex
    year = pd.to_datetime(read.discharge_date).dt.year
    stays["birth_year"] = read.birth_year.where(read.birth_year.between(year - 130, year))
    stays["death_date"] = pd.to_datetime(read.death_date)
    stays["chain_of"] = stays.person_id.where(stays.is_linkable, stays.stay_id)
    stays = stays.sort_values(["chain_of", "admitted_at", "stay_id"], ignore_index=True)
    lasted_until = stays.groupby("chain_of").discharged_at.cummax().shift()
    starts = (stays.chain_of != stays.chain_of.shift()) | (
        stays.admitted_at > lasted_until + pd.Timedelta(hours=8)
    )
    stays["chain"] = starts.cumsum()
    whole = stays.groupby("chain").agg(
        admitted_at=("admitted_at", "min"),
        discharged_at=("discharged_at", "max"),
        stay_count=("stay_id", "size"),
        is_acute=("is_acute", "any"),
    )
    last = (
        stays.sort_values(["chain", "discharged_at", "stay_id"])
        .drop_duplicates("chain", keep="last")
        .set_index("chain")
        .rename(columns={"stay_id": "episode_id"})
    )
    names = [
        "episode_id", "person_id", "is_linkable", "is_dead_at_discharge", "sex", "birth_year",
        "death_date",
    ]  # fmt: skip
    return whole.join(last[names]).reset_index(drop=True)


def _in_ranges(value: pd.Series, ranges: tuple[tuple[str, int, int], ...]) -> pd.Series:
    edges = [low for _, low, _ in ranges] + [ranges[-1][2] + 1]
    found = pd.cut(value, edges, right=False, labels=[name for name, _, _ in ranges])
    return pd.Series(found, index=value.index)


def _monthly(inputs: Path, lookups: Lookups) -> pd.DataFrame:
    claims = pd.read_parquet(
        inputs / "fct_claim.parquet",
        columns=["contact_on", "service", "area", "age", "patient_share", "refund"],
    )
    claims["month"] = pd.to_datetime(claims.contact_on).dt.to_period("M").dt.to_timestamp()
    claims["age_group"] = _in_ranges(claims.age, lookups.ages).astype(str).replace("nan", "unknown")
    return (
        claims.groupby(["month", "service", "area", "age_group"])
        .agg(
            contacts=("service", "size"),
            patient_share=("patient_share", "sum"),
            refund=("refund", "sum"),
        )
        .reset_index()
    )


def _preadmission(inputs: Path, lookups: Lookups) -> pd.DataFrame:
    first, last = pd.Timestamp(lookups.first), pd.Timestamp(lookups.last)
    days = pd.read_parquet(inputs / "int_acute_admission_day.parquet", columns=["person_id", "day"])
    days["day"] = pd.to_datetime(days.day)
    days = days[days.day.between(first, last)]
    claims = pd.read_parquet(
        inputs / "fct_claim.parquet", columns=["person_id", "service", "contact_on"]
    )
    claims = claims.loc[claims.person_id.isin(days.person_id.unique())].copy()
    claims["service"] = claims.service.map(lookups.groups)
    claims = claims.loc[claims.service.notna()].merge(days, on="person_id")
    claims["days_since"] = (claims.day - pd.to_datetime(claims.contact_on)).dt.days
    claims = claims.loc[claims.days_since.between(1, _LOOK_BACK)]
    care = pd.read_parquet(
        inputs / "fct_care_service.parquet",
        columns=["person_id", "service", "started_on", "ended_on", "death_date"],
    )
    care["service"] = care.service.map(lookups.groups)
    for name in ("started_on", "ended_on", "death_date"):
        care[name] = pd.to_datetime(care[name])
    care["stopped_on"] = care[["ended_on", "death_date"]].min(axis=1).fillna(last).clip(upper=last)
    care = care.loc[care.service.notna() & (care.started_on <= care.stopped_on)]
    care = care.merge(days, on="person_id")
    care = care.loc[care.started_on < care.day]
    until = np.minimum(care.stopped_on, care.day - pd.Timedelta(days=1))
    care["days_since"] = (care.day - until).dt.days
    care = care.loc[care.days_since <= _LOOK_BACK]
    columns = ["person_id", "day", "service", "days_since"]
    nearest = (
        pd.concat([claims.loc[:, columns], care.loc[:, columns]])
        .groupby(["person_id", "day", "service"])
        .days_since.min()
        .reset_index()
    )
    nearest["class"] = _in_ranges(nearest.days_since, lookups.classes).astype(str)
    return nearest
