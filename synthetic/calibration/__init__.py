"""The synthetic registers held against published tables: targets, measures, report."""

from synthetic.calibration.compare import Calibration, Result, calibrate
from synthetic.calibration.measure import FrailtyCutOffs, ServiceCodes
from synthetic.calibration.targets import Target, targets

__all__ = [
    "Calibration",
    "FrailtyCutOffs",
    "Result",
    "ServiceCodes",
    "Target",
    "calibrate",
    "targets",
]
