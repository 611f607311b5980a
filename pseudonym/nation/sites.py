"""Cancer by site: incidence, stage at diagnosis, survival, morphology.

Rates and five-year relative survival are those of Cancer in Norway in round figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pseudonym.nation.illness import Condition

__all__ = ["SITES", "STAGES", "Site"]

STAGES: Final = ("localised", "regional", "distant", "unknown")


@dataclass(frozen=True)
class Site:
    """rate: as of any condition, at 60; spread: shares of STAGES; survive: at five years, by stage.

    types: morphology groups and their shares.
    """

    rate: Condition
    spread: tuple[float, float, float, float]
    survive: tuple[float, float, float, float]
    types: Mapping[str, float]


_ADENO: Final = {"adenocarcinoma": 0.93, "other": 0.07}
SITES: Final[Mapping[str, Site]] = {
    "C16": Site(
        Condition(0.17, 0.09, 0.07, 1.6, since=25),
        (0.3, 0.25, 0.35, 0.1),
        (0.72, 0.35, 0.04, 0.25),
        _ADENO,
    ),
    "C18": Site(
        Condition(0.72, 0.53, 0.075, 1.15, 0.02, since=25),
        (0.30, 0.42, 0.22, 0.06),
        (0.97, 0.84, 0.20, 0.60),
        _ADENO,
    ),
    "C20": Site(
        Condition(0.48, 0.30, 0.06, 1.2, 0.02, since=25),
        (0.32, 0.40, 0.20, 0.08),
        (0.97, 0.82, 0.22, 0.62),
        _ADENO,
    ),
    "C22": Site(
        Condition(0.10, 0.05, 0.06, 1.7, 0.04, since=30),
        (0.4, 0.2, 0.25, 0.15),
        (0.42, 0.15, 0.04, 0.12),
        {"other": 0.85, "adenocarcinoma": 0.15},
    ),
    "C25": Site(
        Condition(0.20, 0.17, 0.075, 1.8, 0.02, since=35),
        (0.15, 0.25, 0.52, 0.08),
        (0.38, 0.14, 0.03, 0.08),
        _ADENO,
    ),
    "C34": Site(
        Condition(0.19, 0.165, 0.075, 13.0, -0.02, 1.3, since=35),
        (0.22, 0.27, 0.46, 0.05),
        (0.68, 0.37, 0.08, 0.22),
        {"adenocarcinoma": 0.52, "squamous": 0.24, "small_cell": 0.14, "other": 0.10},
    ),
    "C43": Site(
        Condition(1.0, 0.85, 0.045, 0.9, 0.0, 0.75, 0.03, since=15),
        (0.86, 0.07, 0.03, 0.04),
        (0.98, 0.70, 0.32, 0.90),
        {"melanoma": 1.0},
    ),
    "C50": Site(
        Condition(0.015, 2.35, 0.018, 1.05, 0.012, 0.9, 0.01, since=22),
        (0.56, 0.34, 0.05, 0.05),
        (0.99, 0.91, 0.36, 0.85),
        {"adenocarcinoma": 0.96, "other": 0.04},
    ),
    "C53": Site(
        Condition(0.0, 0.12, -0.012, 1.7, 0.0, 1.3, since=20),
        (0.55, 0.28, 0.12, 0.05),
        (0.95, 0.70, 0.22, 0.65),
        {"squamous": 0.75, "adenocarcinoma": 0.25},
    ),
    "C54": Site(
        Condition(0.0, 0.50, 0.04, 0.9, 0.06, since=30),
        (0.74, 0.14, 0.08, 0.04),
        (0.96, 0.72, 0.28, 0.70),
        _ADENO,
    ),
    "C56": Site(
        Condition(0.0, 0.30, 0.03, since=18),
        (0.2, 0.18, 0.57, 0.05),
        (0.94, 0.72, 0.38, 0.45),
        {"adenocarcinoma": 0.88, "other": 0.12},
    ),
    "C61": Site(
        Condition(3.6, 0.0, 0.065, 0.95, 0.0, 0.9, since=40),
        (0.62, 0.22, 0.09, 0.07),
        (0.999, 0.98, 0.40, 0.90),
        {"adenocarcinoma": 0.99, "other": 0.01},
    ),
    "C62": Site(
        Condition(0.05, 0.0, -0.05, since=15),
        (0.72, 0.20, 0.06, 0.02),
        (0.998, 0.98, 0.85, 0.97),
        {"germ_cell": 1.0},
    ),
    "C64": Site(
        Condition(0.38, 0.18, 0.05, 1.4, 0.05, since=25),
        (0.66, 0.14, 0.16, 0.04),
        (0.96, 0.72, 0.18, 0.65),
        {"adenocarcinoma": 0.85, "other": 0.15},
    ),
    "C67": Site(
        Condition(0.50, 0.15, 0.075, 3.2, since=35),
        (0.78, 0.12, 0.06, 0.04),
        (0.86, 0.44, 0.09, 0.60),
        {"urothelial": 0.95, "squamous": 0.05},
    ),
    "C71": Site(
        Condition(0.15, 0.11, 0.03, since=1),
        (0.85, 0.05, 0.01, 0.09),
        (0.30, 0.20, 0.10, 0.25),
        {"glioma": 0.9, "other": 0.1},
    ),
    "C73": Site(
        Condition(0.06, 0.14, 0.005, since=15),
        (0.62, 0.29, 0.05, 0.04),
        (0.995, 0.96, 0.58, 0.9),
        {"adenocarcinoma": 0.95, "other": 0.05},
    ),
    "C83": Site(
        Condition(0.35, 0.26, 0.055, since=10),
        (0.30, 0.15, 0.50, 0.05),
        (0.88, 0.82, 0.70, 0.72),
        {"lymphoid": 1.0},
    ),
    "C90": Site(
        Condition(0.18, 0.12, 0.075, since=35),
        (0.0, 0.0, 0.0, 1.0),
        (0.6, 0.6, 0.6, 0.60),
        {"lymphoid": 1.0},
    ),
    "C91": Site(
        Condition(0.14, 0.09, 0.06, since=1),
        (0.0, 0.0, 0.0, 1.0),
        (0.85, 0.85, 0.85, 0.85),
        {"lymphoid": 1.0},
    ),
}
