"""The figures the synthetic population is drawn towards, each with its source or marked as a guess.

Arrays over age follow `AGE_FROM`: 0-17, 18-66, 67-74, 75-84, 85+.
"""

import numpy as np

AGE_FROM = np.array([0, 18, 67, 75, 85])
AGE_TO = np.array([17, 66, 74, 84, 105])

# Population by bydel and age group, 1 January 2021. Source: Statistics Norway (SSB), through
# folkehelseinstituttet/fhidata, NLOD 2.0. Sentrum and Marka (3 000 persons) are left out.
BYDELER = tuple(f"0301{number:02d}" for number in range(1, 16))
POPULATION = np.array(
    [
        [9639, 46559, 2212, 1110, 356],  # 01 Gamle Oslo
        [8805, 51325, 1933, 1047, 346],  # 02 Grünerløkka
        [6216, 36259, 1765, 1082, 350],  # 03 Sagene
        [4566, 31331, 1555, 1013, 399],  # 04 St. Hanshaugen
        [6560, 44591, 3846, 2963, 1055],  # 05 Frogner
        [7314, 21303, 2983, 2363, 931],  # 06 Ullern
        [12076, 30573, 3893, 2889, 1127],  # 07 Vestre Aker
        [11614, 34512, 3180, 2236, 1092],  # 08 Nordre Aker
        [7927, 22833, 1599, 1115, 529],  # 09 Bjerke
        [5676, 18403, 1593, 1204, 579],  # 10 Grorud
        [7694, 21048, 2145, 1828, 564],  # 11 Stovner
        [10869, 32397, 3272, 2221, 818],  # 12 Alna
        [11473, 32584, 2861, 2385, 1488],  # 13 Østensjø
        [11846, 32926, 3717, 2776, 1318],  # 14 Nordstrand
        [9823, 25425, 2294, 1207, 348],  # 15 Søndre Nordstrand
    ]
)

# Acute inpatient admissions a person-year, readmissions included. 75+ together: about .370, near
# Eldrehelseatlas 2013-2015 (497 per 1000 for all urgencies). Below 75: a guess.
ACUTE_RATE = np.array([0.040, 0.065, 0.190, 0.315, 0.450])
# Planned inpatient admissions a person-year: a guess that fits the same atlas at 75+.
PLANNED_RATE = np.array([0.010, 0.030, 0.090, 0.110, 0.080])
# Hospital outpatient and day contacts a person-year: a guess, there so that they can be left out.
OUTPATIENT_RATE = np.array([0.25, 0.45, 0.90, 1.00, 0.70])

# Mean length of a stay in days. SKDE: 4.7 for 75+ in 2023. Younger: a guess.
STAY_DAYS = np.array([2.1, 3.0, 4.2, 4.8, 5.1])
STAY_SPREAD = 0.9
LONGEST_STAY_DAYS = 60

# Chance that a stay is followed by an acute readmission that would not have come otherwise. Tuned
# so that 16-18 % of discharges are followed by one within 30 days (Eldrehelseatlas: 17.45 % at
# 75+); the rest of them come from frail persons' ordinary admissions.
READMISSION = np.array([0.130, 0.180, 0.175, 0.165, 0.160])
READMISSION_AFTER_PLANNED = 0.75
READMISSION_GAP_DAYS = 11.0
ELSEWHERE = 0.20  # of readmissions, at another hospital: a guess
TRANSFER = 0.05  # of stays, registered as two contacts: a guess
TRANSFER_ELSEWHERE = 0.25  # of transfers, to another hospital

# Chance of dying in an acute stay, and deaths a person-year outside hospital: guesses that give
# about 55 deaths per 1000 persons aged 75+ a year.
DEATH_IN_STAY = np.array([0.001, 0.008, 0.03, 0.045, 0.07])
DEATH_RATE = np.array([0.0001, 0.001, 0.010, 0.020, 0.075])

# GP and legevakt contacts a person-year. 75+: Eldrehelseatlas 5.4 (all GP contacts) and 0.45.
GP_RATE = np.array([1.4, 2.3, 3.8, 4.7, 5.0])
LEGEVAKT_RATE = np.array([0.22, 0.20, 0.22, 0.30, 0.42])
LEGEVAKT_BEFORE_ACUTE = 0.4
GP_AFTER_DISCHARGE = 0.45

# Main diagnosis (ICD-10 without dot), DRG and DRG weight. Weights are illustrative.
ACUTE_DIAGNOSES = (
    ("I500", "127", 1.05), ("J189", "89", 1.20), ("J441", "88", 0.98), ("N390", "320", 0.85),
    ("I639", "14", 1.40), ("S720", "210", 2.60), ("A419", "416", 1.90), ("R074", "143", 0.35),
    ("I489", "139", 0.50), ("K590", "183", 0.45), ("E86", "296", 0.70), ("R55", "142", 0.45),
    ("A099", "183", 0.55), ("C349", "82", 1.30), ("T840", "218", 1.60),
)  # fmt: skip
PLANNED_DIAGNOSES = (
    ("M161", "209", 2.40), ("M171", "209", 2.30), ("C509", "258", 1.10), ("C189", "148", 3.20),
    ("I251", "112", 1.50), ("N40", "337", 0.95), ("K409", "162", 0.70), ("K802", "494", 1.00),
)  # fmt: skip
