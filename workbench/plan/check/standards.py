"""Standard populations: public weights of five-year age groups, and what age bands weigh in them.

european_2013: Eurostat, Revision of the European Standard Population, 2013 (under 1 and 1–4 as
one). european_1976: Waterhouse et al., 1976. who_world: Ahmad et al., WHO,
2001. segi_world: Segi 1960, modified by Doll et al. 1966. nordic_2000: NORDCAN, the Nordic
population of 2000.
"""

from collections.abc import Mapping

from workbench.plan.errors import Refusal
from workbench.plan.names import listed
from workbench.plan.nodes.analyses.rates import Standard

__all__ = ["STANDARDS", "weights"]

STANDARDS: Mapping[Standard, tuple[float, ...]] = {
    "european_2013": (
        5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000,
        4000, 2500, 1500, 800, 200,
    ),
    "european_1976": (
        8000, 7000, 7000, 7000, 7000, 7000, 7000, 7000, 7000, 7000, 7000, 6000, 5000, 4000, 3000,
        2000, 1000, 1000,
    ),
    "who_world": (
        8.86, 8.69, 8.60, 8.47, 8.22, 7.93, 7.61, 7.15, 6.59, 6.04, 5.37, 4.55, 3.72, 2.96, 2.21,
        1.52, 0.91, 0.63,
    ),
    "segi_world": (
        12000, 10000, 9000, 9000, 8000, 8000, 6000, 6000, 6000, 6000, 5000, 4000, 4000, 3000, 2000,
        1000, 500, 500,
    ),
    "nordic_2000": (
        5900, 6600, 6200, 5800, 6100, 6800, 7300, 7300, 7000, 6900, 7400, 6100, 4800, 4100, 3900,
        3500, 2400, 1900,
    ),
}  # fmt: skip
"""Weights of ages 0–4, 5–9, …; the last group has no end."""
WIDTH = 5


def weights(standard: Standard, ages: tuple[int, ...]) -> tuple[float, ...]:
    """The share of each age band; they add up to 1 over the ages that are asked for.

    Raises Refusal when an edge lies inside an age group of the standard.
    """
    held = STANDARDS[standard]
    last = WIDTH * (len(held) - 1)
    if any(age % WIDTH or age > last for age in ages):
        raise Refusal(
            "bad_ages",
            f"The standard population {standard} has age groups of five years up to {last}.",
            f"Use edges among {listed([str(age) for age in range(0, last + 1, WIDTH)])}.",
        )
    ends = (*(age // WIDTH for age in ages[1:]), len(held))
    sums = [sum(held[age // WIDTH : end]) for age, end in zip(ages, ends, strict=True)]
    return tuple(one / sum(sums) for one in sums)
