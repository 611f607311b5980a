"""The gate taken away: the control that shows each judge would find the leak if nobody guarded.

The same engine with a policy that asks for nothing, without history, with the limits that stand in
the rules' own code lifted. From the test's side only: by patching while the controls run.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import disclosure.gate
import disclosure.results.associations
import disclosure.results.regression
import disclosure.rules.quantiles
from disclosure.policy import Policy
from tests.lib.gate import policy
from tests.redteam.battery.attacker import Stage

__all__ = ["ungated"]

LIFTED: tuple[tuple[Any, str, Any], ...] = (
    (disclosure.results.associations, "LEVERAGE", 9.0),
    (disclosure.results.associations, "EXACT", 2.0),
    (disclosure.results.associations, "PERSONS_A_COMPONENT", 0),
    (disclosure.results.regression, "LEVERAGE", 9.0),
    (disclosure.results.regression, "FREEDOM", 0),
    (disclosure.results.regression, "PERSONS_A_COLUMN", 0),
    (disclosure.results.regression, "FULL", 2.0),
    (disclosure.results.regression, "SEPARATED", 1e9),
    (disclosure.results.regression, "WILD", 1e9),
    (disclosure.rules.quantiles, "QUARTILES", 1),
)


def nothing() -> Policy:
    """A policy that no file could say: every number at where it asks for nothing."""
    return replace(
        policy(),
        threshold=0,
        spread=0,
        minimum_population=1,
        small_population=1,
        group_rows=0,
        dominance_one=math.inf,  # type: ignore[arg-type]  # one person may make up everything
        dominance_two=math.inf,  # type: ignore[arg-type]  # as above
        p_percent=Fraction(0),
        rho_per_release=Fraction(10**9),
        rho_per_registry=Fraction(10**9),
    )


class _Nothing:
    def of(self, *_: Any) -> Policy:
        return nothing()


@contextmanager
def ungated(folder: Path) -> Iterator[Stage]:
    """A stage whose engine releases what it computes."""
    stage = Stage(folder, rho="100")
    stage.world.engine._policies = _Nothing()  # type: ignore[assignment]  # the test's own
    releases = stage.world.records.releases
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(releases), "memberships", lambda *_: ())
        for module, name, value in LIFTED:
            patch.setattr(module, name, value)
        with stage.running():
            yield stage
