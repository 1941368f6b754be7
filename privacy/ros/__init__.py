"""ROS (risk and vulnerability analysis) as code: register, evidence, residual risk by rule."""

from privacy.ros.assess import Assessed, assess
from privacy.ros.evidence import Evidence, Finding
from privacy.ros.register import (
    AssetKind,
    FlowKind,
    Measure,
    Register,
    Risk,
    load_register,
)
from privacy.ros.scale import Level, Scale

__all__ = [
    "Assessed",
    "AssetKind",
    "Evidence",
    "Finding",
    "FlowKind",
    "Level",
    "Measure",
    "Register",
    "Risk",
    "Scale",
    "assess",
    "load_register",
]
