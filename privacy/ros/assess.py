"""Residual risk, by rule: a measure counts exactly while its evidence holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from privacy.ros.evidence import Evidence, Finding
from privacy.ros.register import Measure, Register, Risk
from privacy.ros.scale import Level, Scale

MOST = {"likelihood": 2, "consequence": 1}
"""Steps by which all measures together lower a risk, at most. Measures against one event share
their weak points, and their steps do not simply add up. Steps of the register, as its risks are;
what has been found on them is carried to the organisation's scale."""


@dataclass(frozen=True)
class Assessed:
    """A risk before and after measures, on the organisation's scale.

    holding, lacking: its measures whose evidence holds, and those that count for nothing now.
    """

    risk: Risk
    likelihood: int
    consequence: int
    initial: Level
    residual_likelihood: int
    residual_consequence: int
    residual: Level
    holding: tuple[Measure, ...]
    lacking: tuple[Measure, ...]


def assess(
    register: Register, evidence: Mapping[str, Evidence], scale: Scale | None = None
) -> list[Assessed]:
    """Every risk, the gravest residual first.

    evidence: by id; what is not there is missing. However many measures hold, a risk falls by no
    more than MOST of each, and never below the register's lowest step: no measure makes a risk go
    away.
    """
    scale = scale or Scale()
    found = [_assess(risk, register, evidence, scale) for risk in register.risks]
    return sorted(found, key=lambda a: (-a.residual_likelihood * a.residual_consequence, a.risk.id))


def _assess(
    risk: Risk, register: Register, evidence: Mapping[str, Evidence], scale: Scale
) -> Assessed:
    measures = [register.by_id[name] for name in risk.measures]
    holding = [
        m
        for m in measures
        if m.evidence in evidence and evidence[m.evidence].finding is Finding.HOLDS
    ]
    likelihood, consequence = risk.likelihood, max(risk.consequence, risk.patient)
    before = scale.carried(likelihood), scale.carried(consequence)
    after = (
        scale.carried(max(1, likelihood - _steps(holding, "likelihood"))),
        scale.carried(max(1, consequence - _steps(holding, "consequence"))),
    )
    return Assessed(
        risk,
        *before,
        scale.level(*before),
        *after,
        scale.level(*after),
        tuple(holding),
        tuple(m for m in measures if m not in holding),
    )


def _steps(holding: Sequence[Measure], of: Literal["likelihood", "consequence"]) -> int:
    return min(MOST[of], sum(measure.lowers.get(of, 0) for measure in holding))
