"""What is prescribed for what: substances, who begins, when, how long and how much."""

from dataclasses import dataclass
from typing import Final

__all__ = ["COURSES", "TREATMENTS", "Course", "Treatment"]

Substances = tuple[tuple[str, float, float], ...]
"""ATC code and its weight among the alternatives in 2014 and in 2023."""

_STATINS: Final = (("C10AA05", 0.45, 0.66), ("C10AA01", 0.45, 0.16), ("C10AA07", 0.10, 0.18))
_PRESSURE: Final = (
    ("C09CA06", 0.32, 0.36), ("C09AA05", 0.24, 0.20), ("C08CA01", 0.26, 0.30),
    ("C07AB02", 0.18, 0.14),
)  # fmt: skip
_LATER: Final = (("A10BB12", 0.85, 0.10), ("A10BK03", 0.07, 0.52), ("A10BJ06", 0.08, 0.38))


@dataclass(frozen=True)
class Treatment:
    """Of a lasting condition. share: who begins; wait: mean days until then; stop: share who stop
    a year; dose: DDDs a day; years: at most so many (0: without end); group: of the treatments of
    one group a person has one at a time."""

    condition: str
    substances: Substances
    share: float
    wait: float
    stop: float
    dose: float
    years: float = 0.0
    group: str = ""


TREATMENTS: Final = (
    Treatment("I21", _STATINS, 0.90, 6, 0.05, 2.0, group="statin"),
    Treatment("I21", (("C07AB02", 1, 1),), 0.80, 6, 0.12, 0.5),
    Treatment("I21", (("B01AC06", 1, 1),), 0.88, 4, 0.05, 1.0),
    Treatment("I21", (("B01AC24", 0.35, 0.75), ("B01AC04", 0.65, 0.25)), 0.82, 4, 0.1, 1.0, 1.0),
    Treatment("I21", (("C09AA05", 0.7, 0.5), ("C09CA06", 0.3, 0.5)), 0.55, 20, 0.08, 1.0),
    Treatment("I63", _STATINS, 0.78, 10, 0.07, 1.6, group="statin"),
    Treatment("I63", (("B01AC04", 0.4, 0.8), ("B01AC06", 0.6, 0.2)), 0.72, 6, 0.07, 1.0),
    Treatment("I48", (("B01AF02", 0.20, 0.92), ("B01AA03", 0.80, 0.08)), 0.78, 40, 0.06, 1.0),
    Treatment("I48", (("C07AB02", 1, 1),), 0.62, 30, 0.10, 0.6),
    Treatment("I50", (("C03CA01", 1, 1),), 0.75, 15, 0.12, 1.2),
    Treatment("I10", _PRESSURE, 0.92, 20, 0.06, 1.1),
    Treatment("I10", _PRESSURE, 0.35, 500, 0.08, 1.0),
    Treatment("E78", _STATINS, 0.82, 60, 0.04, 1.2, group="statin"),
    Treatment("E11", (("A10BA02", 1, 1),), 0.85, 60, 0.07, 0.9),
    Treatment("E11", _LATER, 0.48, 1500, 0.12, 1.0),
    Treatment("E11", (("A10AE04", 1, 1),), 0.18, 3000, 0.06, 0.9),
    Treatment("E10", (("A10AB05", 1, 1),), 1.0, 3, 0.0, 0.9),
    Treatment("E10", (("A10AE04", 1, 1),), 0.85, 3, 0.01, 0.7),
    Treatment("J44", (("R03BB04", 1, 1),), 0.62, 60, 0.12, 1.0),
    Treatment("J44", (("R03AK06", 1, 1),), 0.60, 200, 0.14, 1.0),
    Treatment("J45", (("R03BA02", 0.6, 0.5), ("R03AK06", 0.4, 0.5)), 0.62, 90, 0.22, 0.7),
    Treatment("J45", (("R03AC02", 1, 1),), 0.75, 60, 0.25, 0.3),
    Treatment("F32", (("N06AB10", 0.74, 0.72), ("N06AX11", 0.26, 0.28)), 0.58, 90, 0.32, 1.2),
    Treatment("F90", (("N06BA04", 1, 1),), 0.78, 120, 0.18, 1.1),
    Treatment("E03", (("H03AA01", 1, 1),), 0.93, 60, 0.01, 0.8),
    Treatment("K21", (("A02BC05", 1, 1),), 0.72, 60, 0.22, 0.9),
    Treatment("N40", (("G04CA02", 1, 1),), 0.52, 200, 0.16, 1.0),
    Treatment("F03", (("N06DA02", 1, 1),), 0.38, 120, 0.35, 1.0),
)  # fmt: skip


@dataclass(frozen=True)
class Course:
    """Short use that comes and goes. rate: dispensings a 1,000 person-years at ages 0, 18, 40, 60,
    75 (between them in a straight line); men: relative rate; winter: seasonal swing, with its peak
    as a share of the year; ddd: DDDs a dispensing."""

    atc: str
    rate: tuple[float, float, float, float, float]
    men: float
    ddd: float
    winter: float = 0.0
    peak: float = 0.04
    trend: float = 0.0


COURSES: Final = (
    Course("J01CE02", (110, 45, 45, 42, 48), 0.85, 10.0, 0.30, trend=-0.045),
    Course("J01CA08", (12, 60, 40, 70, 130), 0.12, 5.0, trend=-0.01),
    Course("M01AE01", (6, 45, 55, 42, 20), 0.75, 20.0),
    Course("N02BE01", (6, 22, 55, 130, 330), 0.7, 33.0, trend=0.02),
    Course("N02AJ06", (1, 32, 80, 95, 90), 0.75, 12.0, trend=-0.03),
    Course("N05CF01", (0.4, 15, 45, 90, 150), 0.65, 30.0, trend=-0.01),
    Course("R06AX27", (40, 55, 42, 32, 22), 0.8, 50.0, 0.75, 0.40),
    Course("G03AA07", (0, 140, 8, 0, 0), 0.0, 168.0, trend=-0.05),
    Course("G03AC09", (0, 65, 35, 0, 0), 0.0, 168.0, trend=0.02),
)
