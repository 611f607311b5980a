"""From a checked plan to the evidence that the gate judges, in as many rounds as it takes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses import Computation, Evidence, computation_of
from workbench.engine.executor import Executor, Job
from workbench.engine.faults import fault
from workbench.engine.placed import Placed

__all__ = ["ROUNDS", "Computed", "compute"]

ROUNDS = 100
"""A computation that has not ended by then is at fault: each kind has a limit of its own."""


@dataclass(frozen=True)
class Computed:
    """Where each person fell, for the ledger, and the evidence, for the gate."""

    placed: Placed
    evidence: Evidence


def compute(
    executor: Executor, job: Job, admit: Callable[[Placed, int], None] | None = None
) -> Computed:
    """Run a job. Raises Refusal when it was cancelled or its analysis has no answer.

    admit: told of the persons, and of how many the view has, before the analysis can say anything
    of them: "no variation" about two persons would tell that they are alike.
    """
    computation = computation_of(job.checked)
    state = computation.start()
    with executor.open(job) as session:
        for _ in range(ROUNDS):
            merged = session.round(state)
            if admit is not None:
                admit(session.placed, sum(job.view.persons))
            following = computation.advance(merged, state)
            if following is None:
                placed = _named(session.placed, computation)
                population = sum(job.view.persons)
                return Computed(placed, computation.evidence(placed, merged, state, population))
            state = following
    raise fault("a computation went on for ever")


def _named(placed: Placed, computation: Computation) -> Placed:
    """With each number under the name that the asker gave it, as far as it has one."""
    names = {
        key: read[0]
        for key, value in computation.measured().items()
        if len(read := value.meta.root_names()) == 1
    }
    values: dict[str, NDArray[np.float64]] = {}
    for key, one in placed.values.items():
        name = names.get(key, key)
        values[key if name in values else name] = one
    return replace(placed, values=values, squares=computation.squares)
