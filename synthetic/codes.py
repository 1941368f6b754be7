"""The codes that events point to: tuples whose indices stand in the columns of `synthetic.events`.

Only the codes that the model uses, without the texts of the classifications (ICD-10 and ICPC-2 are
under copyright); the comments are our own words. The order is part of a seed's bytes: append, do
not insert.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

BYDELER: Final = tuple(f"0301{number:02d}" for number in range(1, 16))
"""Oslo's fifteen bydeler. Sentrum (16), Marka (17) and unknown (99) are left out: 3 038 persons."""

BYDEL_NAMES: Final = (
    "Gamle Oslo", "Grünerløkka", "Sagene", "St. Hanshaugen", "Frogner",
    "Ullern", "Vestre Aker", "Nordre Aker", "Bjerke", "Grorud",
    "Stovner", "Alna", "Østensjø", "Nordstrand", "Søndre Nordstrand",
)  # fmt: skip

CONDITIONS: Final = (
    "heart_failure", "copd", "diabetes", "dementia", "stroke", "cancer", "kidney_disease",
    "atrial_fibrillation", "depression", "osteoporosis", "ischaemic_heart", "arthritis",
    "hypertension",
)  # fmt: skip
"""Chronic conditions; bit i of `People.conditions` is CONDITIONS[i]."""

ICD10: Final = (
    # Main diagnoses of somatic stays that the model's equations name.
    "I500", "J441", "J189", "I639", "S720",  # heart failure, COPD, pneumonia, stroke, hip fracture
    "N390", "N300", "E86", "K590", "A099", "M109", "D509",  # the other groups of the indicator
    "S525", "S422", "S328", "S220",  # other fractures
    "I480", "I214", "I209", "A419", "N179", "E119", "E118", "R072", "R55", "R104", "R42", "K922",
    "K800", "K573", "K353", "L031", "S060", "T814", "I269", "J459", "J440", "F059", "G459", "C349",
    "C189", "C509", "C61", "C787", "R509", "M545", "I952", "T840", "E871",
    # Planned surgery and care.
    "M161", "M171", "H251", "H353", "K409", "I702", "I350", "Z501", "Z512", "Z514", "Z491", "N40",
    # Outpatient and day contacts.
    "Z092", "Z039", "M179", "H409", "L409", "Z348", "O800", "O829", "P073", "J069", "J210", "Q899",
    # Other diagnoses, from the conditions and the state of the person.
    "I10", "I259", "I489", "E149", "F03", "F009", "G309", "I693", "I694", "N189", "N183", "F329",
    "M819", "M069", "R296", "W19", "R26", "Z740", "Z602", "R15", "R32", "L891", "R410", "R54",
    "Z858", "Z950", "Z921", "J449", "D649", "R64", "H547", "G819", "R402", "T391",
    # Psychiatry and addiction (BUP, VOP, TSB).
    "F900", "F901", "F908", "F988", "F320", "F321", "F322", "F330", "F331", "F410", "F411", "F401",
    "F419", "F430", "F431", "F432", "F500", "F502", "F509", "F840", "F845", "F952", "F913", "F929",
    "F200", "F209", "F29", "F312", "F319", "F603", "F429", "F422", "F102", "F112", "F192", "F989",
    "R451", "R454", "R458", "Z004", "Z032", "Z038", "Z133", "R480", "F813", "F801", "F948", "Z638",
    # Conditions on the list of those that care outside hospital can keep away.
    "E101", "N10",
)  # fmt: skip

ICPC2: Final = (
    "A04", "A97", "A98", "A03", "A29", "A49", "B80", "D01", "D12", "D73", "D84",
    "F92", "F93", "H71", "H81", "K74", "K75", "K77", "K78", "K84", "K85", "K86", "K90", "K94",
    "L03", "L15", "L75", "L89", "L90", "L91", "L95", "L84", "L92", "N17", "N01", "N89",
    "P06", "P70", "P74", "P76", "P81", "P03", "P01", "R02", "R05", "R74", "R78", "R81", "R95",
    "R96", "S03", "S18", "S70", "S74", "S87", "S97", "T34", "T83", "T86", "T90", "T93",
    "U71", "U99", "U02", "U70", "W78", "X74", "Y85", "Y77", "Z28", "D92", "K22", "A80", "R80",
    "A79",
)  # fmt: skip

NCSP: Final = (
    "NFB40", "NFJ52", "NFB20", "NFB30",  # hip fracture and hip replacement
    "NGB40",  # knee replacement
    "CJE20",  # cataract
    "JKA21", "JEA01", "JFB30", "JAB30",  # gall bladder, appendix, colon, hernia
    "FNG02", "FNA00", "FMD00", "FPE00",  # coronary, valve, pacemaker
    "HAB40", "KED22", "NCJ65", "PDQ10", "MCA10",
)  # fmt: skip

NO_DRG_WEIGHT: Final = 0.0
_DRG_WEIGHTS: Final = (
    # Illustrative: the order of size of a Norwegian DRG, no year's price list. One point was
    # 52 248 NOK in 2024 (Hdir), so ordinary inpatient stays lie between 40 and 210 thousand.
    ("127", 1.05), ("88", 0.98), ("89", 1.15), ("90", 0.82), ("14A", 1.62), ("14B", 1.10),
    ("15", 0.78), ("210N", 2.65), ("211N", 2.20), ("236", 0.85), ("320", 0.88), ("321", 0.77),
    ("296", 0.80), ("182A", 0.79), ("183", 0.77), ("174", 1.02), ("175", 0.78), ("245", 0.84),
    ("395", 0.92), ("224", 1.30), ("254", 0.77), ("243", 0.78), ("138", 0.86), ("139", 0.77),
    ("121", 1.42), ("122", 1.12), ("140", 0.80), ("143", 0.77), ("416N", 2.10), ("316", 1.28),
    ("294", 0.86), ("141", 0.77), ("65", 0.77), ("207", 1.05), ("494", 1.38), ("167", 1.18),
    ("277", 1.02), ("278", 0.78), ("281", 0.77), ("29", 0.78), ("418", 1.25), ("78", 1.28),
    ("96", 0.80), ("429", 1.24), ("82", 1.48), ("172", 1.44), ("274", 1.38), ("346", 1.20),
    ("203", 1.46), ("419", 0.96), ("420", 0.77), ("209A", 2.75), ("209E", 2.62), ("39O", 0.28),
    ("162O", 0.72), ("110", 4.00), ("112E", 1.95), ("104B", 3.95), ("116O", 2.30), ("462A", 1.90),
    ("462B", 1.10), ("409O", 0.25), ("410A", 0.35), ("317O", 0.075), ("336", 1.00), ("148", 3.60),
    ("373", 0.80), ("371", 1.45), ("388A", 1.80), ("70", 0.60), ("467", 0.77), ("566", 1.55),
    # Outpatient groups (900 series): hundredths of a point.
    ("901A", 0.030), ("902X", 0.034), ("904A", 0.037), ("905A", 0.040), ("906A", 0.035),
    ("908U", 0.032), ("910A", 0.041), ("911O", 0.036), ("914O", 0.029), ("923O", 0.026),
    ("850A", 0.090), ("856O", 0.120), ("980D", 0.028), ("999O", 0.000),
    # Psychiatry: outside the somatic weights.
    ("919A", 0.040), ("919B", 0.060), ("430", 1.60), ("426", 1.20), ("427", 1.00), ("434", 1.10),
)  # fmt: skip
DRG: Final = tuple(code for code, _ in _DRG_WEIGHTS)
DRG_WEIGHT: Final[NDArray[np.float64]] = np.array([weight for _, weight in _DRG_WEIGHTS])
"""ISF weight of DRG[i]; index -1 (no DRG) must be met before the look-up."""

# Provisional: these services exist, but their numbers were not found in a public source. They are
# configuration: put the register's own numbers here when they are known.
KPR_KAD = 22
KPR_COERCION = 23
KPR_LOCATION_TECHNOLOGY = 24
KPR_MEDICATION_DISPENSER = 25
KPR_DIGITAL_SUPERVISION = 26
PROVISIONAL_KPR_CODES = (
    KPR_KAD, KPR_COERCION, KPR_LOCATION_TECHNOLOGY, KPR_MEDICATION_DISPENSER,
    KPR_DIGITAL_SUPERVISION,
)  # fmt: skip

_POSITION: Final = {
    "ICD10": {code: index for index, code in enumerate(ICD10)},
    "ICPC2": {code: index for index, code in enumerate(ICPC2)},
    "NCSP": {code: index for index, code in enumerate(NCSP)},
    "DRG": {code: index for index, code in enumerate(DRG)},
}


def icd10(code: str) -> int:
    """Index of an ICD-10 code in ICD10. Raises KeyError."""
    return _POSITION["ICD10"][code]


def icpc2(code: str) -> int:
    """Index of an ICPC-2 code in ICPC2. Raises KeyError."""
    return _POSITION["ICPC2"][code]


def ncsp(code: str) -> int:
    """Index of an NCSP code in NCSP. Raises KeyError."""
    return _POSITION["NCSP"][code]


def drg(code: str) -> int:
    """Index of a DRG in DRG. Raises KeyError."""
    return _POSITION["DRG"][code]


def condition_bit(name: str) -> int:
    """The bit of a chronic condition in `People.conditions`. Raises ValueError."""
    return 1 << CONDITIONS.index(name)


def indices(codes: Sequence[str], of: Sequence[str]) -> NDArray[np.int16]:
    """Where each of `codes` stands in the tuple `of`. Raises ValueError."""
    return np.array([of.index(code) for code in codes], dtype=np.int16)
