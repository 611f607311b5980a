"""What hospitals see: tables of episodes that come of nothing lasting, and of lasting illness."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["BANDS", "CHRONIC", "PASSING", "WARD", "Chronic", "Passing"]

BANDS: Final = (0, 18, 40, 60, 75)
"""The ages at which the bands of `Passing.rate` begin."""


@dataclass(frozen=True)
class Passing:
    """rate: episodes a 1,000 person-years by band of age; men: relative rate of men (women 1).

    inpatient, day: shares of care levels, the rest are outpatients; acute: share; stay: mean days
    of an inpatient stay; winter: seasonal swing (negative: summer).
    """

    rate: tuple[float, float, float, float, float]
    men: float = 1.0
    inpatient: float = 0.3
    day: float = 0.1
    acute: float = 0.5
    stay: float = 3.0
    winter: float = 0.0


PASSING: Final[Mapping[str, Passing]] = {
    "A09": Passing((5, 2, 1.5, 3, 7), 0.95, 0.7, 0, 0.95, 2.2, 0.25),
    "A41": Passing((0.3, 0.5, 1.5, 5, 15), 1.25, 0.98, 0, 1, 8, 0.05),
    "B34": Passing((9, 1, 0.6, 0.8, 2), 1.1, 0.6, 0, 0.98, 1.6, 0.35),
    "D50": Passing((0.4, 2.5, 3, 5, 10), 0.55, 0.25, 0.25, 0.3, 3),
    "E66": Passing((3, 5, 5, 1, 0.1), 0.55, 0.1, 0.05, 0.02, 2.5),
    "E86": Passing((0.8, 0.2, 0.4, 1.5, 7), 0.9, 0.85, 0, 0.98, 3, -0.1),
    "F20": Passing((0.2, 9, 9, 4, 1), 1.5, 0.08, 0.02, 0.15, 25),
    "F41": Passing((9, 17, 9, 2.5, 1), 0.55, 0.02, 0.0, 0.05, 10),
    "G35": Passing((0.1, 5, 7, 3, 0.4), 0.5, 0.03, 0.45, 0.03, 4),
    "H25": Passing((0, 0.2, 4, 34, 62), 0.8, 0.005, 0.7, 0.0, 1),
    "H66": Passing((22, 2.5, 2.5, 3, 3), 1.1, 0.03, 0.25, 0.1, 1.5, 0.2),
    "I20": Passing((0, 0.2, 4, 11, 13), 1.8, 0.6, 0.05, 0.6, 2.2, 0.04),
    "I71": Passing((0, 0.05, 0.5, 3.5, 5), 3.5, 0.3, 0.0, 0.25, 6),
    "I83": Passing((0, 3, 6, 5, 2), 0.5, 0.02, 0.55, 0.0, 1.2),
    "J06": Passing((9, 1, 0.5, 0.6, 1.2), 1.15, 0.55, 0, 0.97, 1.5, 0.4),
    "J18": Passing((3, 1, 2.2, 9, 33), 1.2, 0.88, 0, 0.97, 6, 0.28),
    "J35": Passing((12, 5, 0.8, 0.2, 0.1), 0.9, 0.15, 0.65, 0.05, 1.2, 0.05),
    "K35": Passing((1.7, 1.6, 1.0, 0.9, 0.7), 1.2, 0.98, 0, 0.99, 2.5, -0.05),
    "K40": Passing((1, 1.2, 3, 6.5, 6), 8.0, 0.12, 0.75, 0.06, 1.4),
    "K50": Passing((1.5, 7, 6, 4, 2), 1.0, 0.05, 0.3, 0.06, 6),
    "K57": Passing((0, 0.5, 3, 6, 9), 0.85, 0.5, 0.1, 0.6, 4),
    "K80": Passing((0.1, 3.5, 4.5, 6, 7), 0.55, 0.6, 0.15, 0.5, 2.6),
    "L03": Passing((1, 1.5, 2, 4, 8), 1.25, 0.7, 0, 0.9, 4.5, -0.1),
    "M16": Passing((0.1, 0.5, 4, 17, 14), 0.65, 0.38, 0.02, 0.02, 3.5),
    "M17": Passing((0.3, 2, 9, 21, 14), 0.7, 0.26, 0.15, 0.02, 3.2),
    "M54": Passing((2, 14, 22, 17, 12), 0.9, 0.09, 0.05, 0.15, 3.0),
    "M75": Passing((0.3, 3, 12, 9, 3), 1.0, 0.05, 0.2, 0.02, 1.3),
    "N20": Passing((0.1, 3, 5, 5.5, 4), 1.9, 0.4, 0.2, 0.6, 2.0, -0.08),
    "N39": Passing((4, 2, 2, 6, 27), 0.65, 0.7, 0, 0.9, 4),
    "N92": Passing((1, 9, 13, 0.1, 0), 0.0, 0.08, 0.25, 0.06, 1.5),
    "O20": Passing((0.3, 9, 0.4, 0, 0), 0.0, 0.06, 0.05, 0.9, 1.3),
    "Q21": Passing((3, 0.6, 0.3, 0.2, 0.1), 1.0, 0.15, 0.05, 0.1, 5),
    "R07": Passing((1.2, 5, 10, 14, 13), 1.15, 0.75, 0.0, 0.95, 1.2, 0.03),
    "R10": Passing((11, 12, 8, 8, 10), 0.7, 0.55, 0.03, 0.85, 1.5),
    "R55": Passing((1.4, 1.6, 2, 5, 14), 1.0, 0.8, 0, 0.97, 1.8),
    "S06": Passing((4.5, 2.5, 1.6, 2, 5), 1.4, 0.8, 0, 0.99, 1.8, -0.1),
    "S52": Passing((12, 3.5, 4.5, 6.5, 8), 0.75, 0.25, 0.15, 0.9, 1.8, -0.08),
    "S72": Passing((0.2, 0.1, 0.4, 2.6, 18), 0.5, 0.97, 0, 0.99, 7, 0.12),
    "S82": Passing((4, 4, 4.5, 4.5, 4.5), 0.95, 0.45, 0.05, 0.92, 3.5, 0.18),
    "T50": Passing((1.0, 2.4, 1.3, 0.6, 0.5), 0.75, 0.85, 0, 1, 1.8),
    "Z03": Passing((14, 11, 16, 26, 31), 0.95, 0.22, 0.06, 0.5, 1.5),
    "Z09": Passing((28, 34, 58, 98, 88), 0.92, 0.01, 0.06, 0.01, 1.5),
    "Z51": Passing((1.5, 2.5, 7, 18, 14), 1.0, 0.12, 0.55, 0.05, 5),
}
"""Chapters I to XXI beside the lasting conditions; rates are Norway's in rough figures."""


@dataclass(frozen=True)
class Chronic:
    """admit: share taken in when it begins; stay: mean days; visits: a year in the first year and
    later; again: later admissions a year."""

    admit: float
    stay: float
    visits: tuple[float, float]
    again: float


CHRONIC: Final[Mapping[str, Chronic]] = {
    "I21": Chronic(0.96, 4.5, (1.6, 0.22), 0.09),
    "I63": Chronic(0.95, 7.0, (1.0, 0.12), 0.06),
    "I50": Chronic(0.60, 6.0, (1.5, 0.7), 0.32),
    "I48": Chronic(0.40, 2.2, (1.0, 0.25), 0.10),
    "J44": Chronic(0.25, 5.5, (0.6, 0.3), 0.28),
    "J45": Chronic(0.06, 2.2, (0.35, 0.07), 0.02),
    "E10": Chronic(0.70, 4.0, (2.6, 1.5), 0.07),
    "E11": Chronic(0.04, 4.0, (0.3, 0.12), 0.02),
    "I10": Chronic(0.02, 2.0, (0.08, 0.015), 0.005),
    "F32": Chronic(0.05, 18.0, (1.8, 0.10), 0.012),
    "F90": Chronic(0.0, 1.0, (2.0, 0.6), 0.0),
    "E03": Chronic(0.0, 1.0, (0.1, 0.02), 0.0),
    "M05": Chronic(0.05, 5.0, (2.6, 1.4), 0.04),
    "M81": Chronic(0.0, 1.0, (0.25, 0.05), 0.0),
    "N40": Chronic(0.08, 2.5, (0.5, 0.1), 0.02),
    "K21": Chronic(0.01, 2.0, (0.2, 0.03), 0.004),
    "L40": Chronic(0.01, 6.0, (0.9, 0.3), 0.004),
    "G40": Chronic(0.35, 3.0, (1.2, 0.5), 0.10),
    "G43": Chronic(0.02, 1.5, (0.3, 0.06), 0.01),
    "G20": Chronic(0.05, 6.0, (1.5, 0.8), 0.12),
    "F03": Chronic(0.12, 9.0, (0.5, 0.1), 0.10),
    "N18": Chronic(0.12, 6.0, (1.5, 1.0), 0.14),
    "F10": Chronic(0.20, 7.0, (1.0, 0.2), 0.12),
}
WARD: Final = (
    ("C", "oncology"), ("F", "psychiatry"), ("O", "obstetrics"), ("N92", "obstetrics"),
    ("P", "paediatrics"), ("Q", "paediatrics"), ("S", "surgery"), ("K35", "surgery"),
    ("K40", "surgery"), ("K80", "surgery"), ("M16", "surgery"), ("M17", "surgery"),
    ("M75", "surgery"), ("H", "surgery"), ("I83", "surgery"), ("J35", "surgery"),
    ("N20", "surgery"), ("N40", "surgery"),
)  # fmt: skip
"""The first prefix that fits says the ward; internal medicine where none does."""
