"""ROS (risk and vulnerability analysis) as code: register, evidence, residual risk by rule."""

from privacy.ros.assess import Assessed, assess
from privacy.ros.assessments import Assessment, Assessments, Kept, Residual, stopped_by
from privacy.ros.evidence import Evidence, Finding
from privacy.ros.register import Level, Measure, Register, Risk, Scale, load_register

__all__ = [
    "Assessed",
    "Assessment",
    "Assessments",
    "Evidence",
    "Finding",
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
