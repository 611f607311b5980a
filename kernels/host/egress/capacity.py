"""How much a sealed lane can tell against our will: upper bounds, in bits a day.

Code on real rows is hostile. It can choose whether and where it fails, when it ends, how much
memory it takes and whether its process dies; each of these reaches the researcher, and nothing
else does. The bounds count what can be told in one day by one person in one project, as if every
budget were used up by a perfect encoder.
"""

import math

from kernels.host.config import Limits
from kernels.host.egress.told import moments

__all__ = ["MEMORY_STEPS", "sealed_kernel", "sealed_runs"]

MEMORY_STEPS = 4
"""The most memory that a run or kernel has used is told in quarters of what it may use."""
_RUN_WORDS = 4
"""A run that fails without a line: of itself, of its memory, of its time, of its outbox."""
_KERNEL_WORDS = 3
"""A kernel that dies: of itself, of its memory, of what it sent."""


def sealed_runs(limits: Limits) -> float:
    """Of sealed runs: ok, one of the lines or a sentence, at a moment, and the memory's step.

    A line of a notebook is told with its cell; there are not more such places than lines.
    """
    outcomes = (1 + limits.sealed_lines + _RUN_WORDS) * MEMORY_STEPS
    a_run = math.log2(outcomes) + math.log2(moments(limits.sealed_wall, limits.grid))
    return limits.sealed_runs_a_day * a_run


def sealed_kernel(limits: Limits) -> float:
    """Of interactive kernels: their cells' times and outcomes, their memory, their deaths."""
    cells, errors, starts = limits.cells_a_day, limits.errors_a_day, limits.starts_a_day
    when = math.log2(moments(limits.wall, limits.grid))
    which = [_choose(cells, n) + n * math.log2(limits.cell_lines + 1) for n in range(errors + 1)]
    # a kernel's memory only ever rises, step by step: the cells at which it does so
    each = cells / max(1, starts)
    memory = starts * math.log2(math.comb(math.ceil(each) + MEMORY_STEPS - 1, MEMORY_STEPS - 1))
    deaths = starts * (when + math.log2(1 + _KERNEL_WORDS))
    return cells * when + _log2_sum(which) + memory + deaths


def _choose(n: int, k: int) -> float:
    return math.log2(math.comb(n, k)) if k <= n else -math.inf


def _log2_sum(logs: list[float]) -> float:
    top = max(logs)
    return top + math.log2(sum(2.0 ** (one - top) for one in logs))
