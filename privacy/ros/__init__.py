"""ROS (risk and vulnerability analysis) as code: register, evidence, residual risk by rule."""

from privacy.ros.assess import Assessed, assess
from privacy.ros.assessments import Assessment, Assessments, Kept, Residual, stopped_by
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
    "Assessment",
    "Assessments",
    "AssetKind",
    "Evidence",
    "Finding",
    "FlowKind",
    "Kept",
    "Level",
    "Measure",
    "Register",
    "Residual",
    "Risk",
    "Scale",
    "assess",
    "load_register",
    "stopped_by",
]
