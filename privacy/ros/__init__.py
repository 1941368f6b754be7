"""ROS (risk and vulnerability analysis) as code: register, evidence, residual risk by rule."""

from privacy.ros.assess import Assessed, assess
from privacy.ros.evidence import Evidence, Finding
from privacy.ros.register import Level, Measure, Register, Risk, Scale, load_register

__all__ = [
    "Assessed",
    "Evidence",
    "Finding",
    "Level",
    "Measure",
    "Register",
    "Risk",
    "Scale",
    "assess",
    "load_register",
]
