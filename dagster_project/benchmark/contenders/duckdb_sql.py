"""The transforms in hand-written DuckDB SQL, straight from Parquet into a table in memory."""

# ruff: noqa: S608 -- what is spliced in is named here or comes from the project's own seeds

from pathlib import Path

import duckdb

from dagster_project.benchmark.contenders.lookups import Lookups


def run(
    transform: str, inputs: Path, lookups: Lookups, connection: duckdb.DuckDBPyConnection
) -> None:
    """Leave the result in the table `result`."""
    {"episodes": _episodes, "monthly": _monthly, "preadmission": _preadmission}[transform](
        inputs, lookups, connection
    )


def _file(inputs: Path, name: str) -> str:
    return f"read_parquet('{inputs / name}.parquet')"


def _cases(value: str, ranges: tuple[tuple[str, int, int], ...]) -> str:
    """CASE over ranges, both ends included."""
    whens = " ".join(f"when {value} between {low} and {high} then '{n}'" for n, low, high in ranges)
    return f"case {whens} end"


def _episodes(inputs: Path, lookups: Lookups, connection: duckdb.DuckDBPyConnection) -> None:
    """Textbook chaining: a running end, a flag, a running number, a grouping."""
    del lookups
    connection.execute(
        f"""
        create table result as
        with stay as (
            select
                person_id || '/' || episode_id as stay_id,
                person_id,
                coalesce(link_quality != 4, true) as is_linkable,
                admission_date + coalesce(admission_time, time '00:00') as admitted_at,
                greatest(
                    admission_date + coalesce(admission_time, time '00:00'),
                    discharge_date + coalesce(discharge_time, time '00:00')
                ) as discharged_at,
                coalesce(urgency in (1, 2, 3), false) as is_acute,
                coalesce(state_at_discharge in (2, 3), false) as is_dead,
                sex,
                if(
                    birth_year between year(discharge_date) - 130 and year(discharge_date),
                    birth_year, null
                ) as birth_year,
                death_date
            from {_file(inputs, "npr_stay")}
            where care_level = 1
        ),
        flagged as (
            select
                *,
                if(is_linkable, person_id, stay_id) as chain_of,
                coalesce(
                    admitted_at > max(discharged_at) over (
                        partition by if(is_linkable, person_id, stay_id)
                        order by admitted_at, stay_id
                        rows between unbounded preceding and 1 preceding
                    ) + interval 8 hours,
                    true
                ) as starts
            from stay
        ),
        numbered as (
            select
                *,
                sum(starts::int) over (
                    partition by chain_of order by admitted_at, stay_id rows unbounded preceding
                ) as chain
            from flagged
        )
        select
            arg_max(stay_id, (discharged_at, stay_id)) as episode_id,
            any_value(person_id) as person_id,
            any_value(is_linkable) as is_linkable,
            min(admitted_at) as admitted_at,
            max(discharged_at) as discharged_at,
            count(*) as stay_count,
            bool_or(is_acute) as is_acute,
            arg_max(is_dead, (discharged_at, stay_id)) as is_dead_at_discharge,
            arg_max_null(sex, (discharged_at, stay_id)) as sex,
            arg_max_null(birth_year, (discharged_at, stay_id)) as birth_year,
            arg_max_null(death_date, (discharged_at, stay_id)) as death_date
        from numbered
        group by chain_of, chain
        """
    )


def _monthly(inputs: Path, lookups: Lookups, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        create table result as
        select
            date_trunc('month', contact_on)::date as month,
            service,
            area,
            coalesce({_cases("age", lookups.ages)}, 'unknown') as age_group,
            count(*) as contacts,
            sum(patient_share) as patient_share,
            sum(refund) as refund
        from {_file(inputs, "fct_claim")}
        group by all
        """
    )


def _preadmission(inputs: Path, lookups: Lookups, connection: duckdb.DuckDBPyConnection) -> None:
    groups = ", ".join(f"('{service}', '{group}')" for service, group in lookups.groups.items())
    first, last = f"date '{lookups.first}'", f"date '{lookups.last}'"
    connection.execute(
        f"""
        create temp table admission as
        select (row_number() over ())::integer as number, person_id, day
        from {_file(inputs, "tok_admission_day")}
        where day between {first} and {last};

        create table result as
        with named (service, service_group) as (values {groups}),
        near as (
            select admission.number, named.service_group as service,
                min(admission.day - claim.contact_on) as days_since
            from {_file(inputs, "fct_claim")} as claim
            inner join named using (service)
            inner join (
                select number, person_id, day,
                    unnest([epoch_us(day - 1) // (90 * 86400000000),
                        epoch_us(day - 1) // (90 * 86400000000) - 1]) as stretch
                from admission
            ) as admission
                on claim.person_id = admission.person_id
                and epoch_us(claim.contact_on) // (90 * 86400000000) = admission.stretch
                and claim.contact_on between admission.day - 90 and admission.day - 1
            group by all
            union all
            select admission.number, named.service_group,
                min(admission.day - least(ended_on, death_date, {last}, admission.day - 1))
            from {_file(inputs, "fct_care_service")} as care
            inner join named using (service)
            inner join admission
                on care.person_id = admission.person_id and care.started_on < admission.day
            where started_on <= least(ended_on, death_date, {last})
            group by all
        ),
        nearest as (
            select number, service, min(days_since) as days_since
            from near where days_since <= 90 group by all
        )
        select person_id, day, service, days_since,
            {_cases("days_since", lookups.classes)} as class
        from nearest inner join admission using (number)
        """
    )
