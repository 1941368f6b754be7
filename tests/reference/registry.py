"""Every model that an indicator is made of, and its plain-Python reference.

One place that says which reference belongs to which atom table or token model. What a model should
hold is a function of what was delivered, and of nothing else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from federated.contract.indicator import BoundDefinition
from tests.dbt_models.seeds import seed
from tests.reference import (
    acute,
    groups,
    municipal,
    payers,
    readmission_variants,
    risk,
    target_groups,
)
from tests.reference.atoms import Unit, atom_rows
from tests.reference.readmission import index_stays
from tests.reference.readmission import units as index_units
from tests.reference.tokens import index_tokens, service_hour_bands

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Delivered:
    """What a site was delivered: landing table -> rows, all registers for the same days."""

    landing: Mapping[str, Sequence[Row]]
    first: date
    last: date

    def rows(self, table: str) -> Sequence[Row]:
        return self.landing.get(table, ())

    @property
    def stays(self) -> Sequence[Row]:
        return self.rows("npr_stay")

    @property
    def care(self) -> Sequence[Row]:
        return self.rows("kpr_care")

    @property
    def period(self) -> municipal.Period:
        return municipal.Period(self.first, self.last)

    @property
    def data_end(self) -> datetime:
        """The first moment that is not delivered."""
        return datetime.combine(self.last + timedelta(days=1), time())


def _same_site(delivered: Delivered) -> list[Unit]:
    contacts = [municipal.hospital_contact(row) for row in delivered.stays]
    return index_units(index_stays(contacts, delivered.data_end))


def _kad_occupancy(delivered: Delivered) -> list[Unit]:
    months = {
        f"{row['data_year']}-{row['month']:02}"
        for row in delivered.rows("bed_capacity")
        if row["care_level"] == 1
    }
    return municipal.kad_occupancy(delivered.care, delivered.period, months)


def _municipal_cost(delivered: Delivered) -> list[Unit]:
    prices: municipal.Prices = {
        (row["service"], int(row["year"])): (row["unit"], float(row["nok"]))
        for row in seed("municipal_price")
        if row["nok"]
    }
    claims = delivered.rows("kuhr_claim")
    return municipal.municipal_cost(delivered.care, claims, delivered.period, prices)


def _activity(code: str, atom: str, *, is_by_day: bool) -> "Units":
    return lambda delivered: municipal.collaboration(
        delivered.rows("collaboration_activity"), code, atom, is_by_day=is_by_day
    )


def _stays(units: Callable[[Sequence[Row]], list[Unit]]) -> "Units":
    return lambda delivered: units(delivered.stays)


def _followed(units: Callable[[Sequence[Row], datetime], list[Unit]]) -> "Units":
    return lambda delivered: units(delivered.stays, delivered.data_end)


def _care(units: Callable[[Sequence[Row], Sequence[Row]], list[Unit]]) -> "Units":
    return lambda delivered: units(delivered.care, delivered.rows("kpr_function"))


def _referrals(units: Callable[[Sequence[Row]], list[Unit]]) -> "Units":
    return lambda delivered: units(delivered.rows("npr_referral"))


def _adjusted(
    units: Callable[[Sequence[Row], datetime, date], list[Unit]],
) -> "Units":
    return lambda delivered: units(delivered.stays, delivered.data_end, delivered.first)


def _claims(delivered: Delivered) -> tuple[Sequence[Row], Sequence[Row], Sequence[Row]]:
    tables = ("kuhr_claim", "kuhr_diagnosis", "kuhr_tariff")
    claims, diagnoses, tariffs = (delivered.rows(table) for table in tables)
    return claims, diagnoses, tariffs


def _contact_years(service: str) -> "Tokens":
    return lambda d: target_groups.contact_tokens(
        d.rows("kuhr_claim"), d.rows("kuhr_tariff"), service
    )


Units = Callable[[Delivered], list[Unit]]
ATOMS: dict[str, Units] = {
    "atom_acsc_admissions": _stays(acute.acsc_units),
    "atom_acute_admissions": _stays(acute.acute_admission_units),
    "atom_acute_admissions_10_percent": _stays(acute.ten_percent_units),
    "atom_acute_stay_cost": _stays(acute.acute_stay_cost_units),
    "atom_adhd_patients": _stays(groups.adhd_patients),
    "atom_before_long_term_stay": lambda d: groups.before_long_term_stay(d.care, d.first),
    "atom_bup_patients": _stays(groups.bup_patients),
    "atom_bup_referrals": _referrals(groups.bup_referrals),
    "atom_bup_waiting": _referrals(groups.bup_waiting),
    "atom_collaboration_meetings": _activity("mote", "meeting", is_by_day=True),
    "atom_death_after_discharge": _followed(acute.death_units),
    "atom_death_after_discharge_adjusted": _adjusted(risk.death_adjusted),
    "atom_digital_form_followup": _activity("skjema", "form", is_by_day=True),
    "atom_discharge_days": _followed(readmission_variants.discharge_days),
    "atom_discharge_letter_within_1_day": lambda d: municipal.discharge_letters(
        d.stays, d.rows("discharge_letter"), d.period
    ),
    "atom_discharge_ready": _followed(acute.discharge_ready_units),
    "atom_discharge_ready_cost": _stays(acute.discharge_ready_cost_units),
    "atom_discharge_ready_days": _stays(acute.discharge_ready_days_units),
    "atom_frail_specialist_care": _stays(groups.frail_specialist_care),
    "atom_frailty_risk": _stays(groups.frailty_risk),
    "atom_function_level": _care(groups.function_level),
    "atom_hospital_cost": _stays(acute.hospital_cost_units),
    "atom_hospital_isf_income": _stays(acute.hospital_isf_income_units),
    "atom_individual_plan": _activity("plan", "person", is_by_day=False),
    "atom_kad_days": lambda d: municipal.kad_days(d.care, d.period),
    "atom_kad_occupancy": _kad_occupancy,
    "atom_kad_use": lambda d: municipal.kad_use(d.care, d.period),
    "atom_multiple_chronic_conditions": _stays(groups.multiple_chronic_conditions),
    "atom_multiple_chronic_conditions_primary": lambda d: (
        target_groups.multiple_chronic_conditions_primary(*_claims(d)[:2])
    ),
    "atom_multiple_chronic_contacts": lambda d: target_groups.multiple_chronic_contacts(
        *_claims(d)
    ),
    "atom_municipal_cost": _municipal_cost,
    "atom_pathway_hospital_cost": _followed(acute.pathway_cost_units),
    "atom_pathway_payer_cost": _followed(payers.pathway_payer_cost),
    "atom_primary_care_cost": lambda d: payers.primary_care_cost(d.rows("kuhr_claim")),
    "atom_readmission_30d_fhi": _followed(readmission_variants.fhi),
    "atom_readmission_30d_fhi_adjusted": _adjusted(risk.fhi_adjusted),
    "atom_readmission_30d_hdir": _followed(readmission_variants.hdir),
    "atom_readmission_30d_same_site": _same_site,
    "atom_readmission_30d_skde": _followed(readmission_variants.skde),
    "atom_readmission_30d_skde_adjusted": _adjusted(risk.skde_adjusted),
    "atom_readmission_30d_skde_diagnosis": _followed(readmission_variants.skde_diagnosis),
    "atom_remote_contacts_gp": lambda d: municipal.remote_contacts_gp(
        d.rows("kuhr_claim"), d.rows("kuhr_tariff")
    ),
    "atom_remote_contacts_hospital": _stays(municipal.remote_contacts_hospital),
    "atom_services_of_frail": _care(groups.services_of_frail),
    "atom_severe_mental_illness": _stays(groups.severe_mental_illness),
    "atom_severe_mental_illness_readmission": _followed(groups.severe_mental_illness_readmission),
    "atom_target_group_acsc": _stays(target_groups.target_group_acsc),
    "atom_target_group_readmission": _followed(target_groups.target_group_readmission),
    "atom_team_based_followup": _activity("team", "person", is_by_day=False),
    "atom_use_by_level_care": lambda d: municipal.users(municipal.care_use(d.care, d.period)),
    "atom_use_by_level_hospital": lambda d: municipal.users(municipal.hospital_use(d.stays)),
    "atom_use_by_level_primary": lambda d: municipal.users(
        municipal.primary_use(d.rows("kuhr_claim"))
    ),
}
"""Atom table -> its units, before the bounds."""


def _contacts(delivered: Delivered) -> municipal.ContactDays:
    claims, period = delivered.rows("kuhr_claim"), delivered.period
    return municipal.contact_days(claims, delivered.care, period, period)


def _discharged(
    tokens: Callable[[Sequence[Row], datetime], list[readmission_variants.IndexToken]],
) -> "Tokens":
    return lambda d: index_tokens(tokens(d.stays, d.data_end), 4)


def _user_years(delivered: Delivered) -> Iterable[tuple[object, ...]]:
    primary = municipal.primary_use(delivered.rows("kuhr_claim"))
    care = municipal.care_use(delivered.care, delivered.period)
    return municipal.municipal_user_years(primary, care)


def _municipal_cost_bands(delivered: Delivered) -> Iterable[tuple[object, ...]]:
    days = delivered.first, delivered.last
    before = acute.municipal_cost_tokens(delivered.care, days)
    return before | acute.municipal_cost_tokens(delivered.care, days, after=True)


Tokens = Callable[[Delivered], Iterable[tuple[object, ...]]]
TOKENS: dict[str, Tokens] = {
    "tok_acute_admission_back_30d": lambda d: readmission_variants.tok_acute_admission_back_30d(
        d.stays, d.data_end, d.first
    ),
    "tok_acute_admission_day": lambda d: index_tokens(acute.admission_days(d.stays), 4),
    "tok_admission_within_3_days": lambda d: municipal.onward_classes(d.stays, d.first),
    "tok_discharge_alive_day": _discharged(readmission_variants.tok_discharge_alive_day),
    "tok_discharge_day": _discharged(readmission_variants.tok_discharge_day),
    "tok_discharge_home_day": _discharged(readmission_variants.tok_discharge_home_day),
    "tok_gp_contact_class": lambda d: readmission_variants.tok_gp_contact_class(
        d.rows("kuhr_claim"), d.rows("kuhr_tariff"), d.first
    ),
    "tok_gp_contact_year": _contact_years("gp"),
    "tok_home_care_class": lambda d: readmission_variants.tok_home_care_class(d.care, d.first),
    "tok_hospital_group_year": lambda d: index_tokens(
        target_groups.hospital_group_years(d.stays), 1
    ),
    "tok_hospital_stay_before": lambda d: groups.hospital_stay_tokens(d.stays, d.last),
    "tok_hospital_user_year": lambda d: index_tokens(
        municipal.hospital_user_years(municipal.hospital_use(d.stays)), 1
    ),
    "tok_kad_discharge_day": lambda d: index_tokens(
        municipal.kad_discharge_days(d.care, d.period), 6
    ),
    "tok_legevakt_contact_year": _contact_years("legevakt"),
    "tok_long_term_stay_start": lambda d: index_tokens(
        groups.long_term_stay_tokens(d.care, d.first), 1
    ),
    "tok_municipal_cost_band": _municipal_cost_bands,
    "tok_municipal_user_year": _user_years,
    "tok_service_day_band": lambda d: municipal.service_day_bands(_contacts(d), d.period),
    "tok_service_hour_band": lambda d: service_hour_bands(d.care, d.period),
    "tok_service_lag_class": lambda d: municipal.service_lag_classes(_contacts(d), d.period),
    "tok_short_term_stay_class": lambda d: readmission_variants.tok_short_term_stay_class(
        d.care, d.first
    ),
}
"""Token model -> its rows."""


def reference_rows(
    model: str, delivered: Delivered, bounds: BoundDefinition | None
) -> list[tuple[object, ...]]:
    """Every row the model should hold, all columns, sorted by their text.

    bounds: of the definition that stands beside an atom table.
    """
    if model in TOKENS:
        return sorted(TOKENS[model](delivered), key=repr)
    assert bounds is not None, model
    units = ATOMS[model](delivered)
    return sorted(atom_rows(units, bounds.per_cell, bounds.total), key=repr)
