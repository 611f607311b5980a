"""Survival of groups over public times: from counts by day to what the gate is told."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from disclosure.results import (
    CurveEvidence,
    LifeTableEvidence,
    LogRankEvidence,
    MeansEvidence,
    TestEvidence,
)
from disclosure.results.survival import Kind
from workbench.engine.analyses.computation import Parts, State, codes_of, computes
from workbench.engine.analyses.followed import Followed
from workbench.engine.analyses.lifetimes import (
    Lifetimes,
    aalen_johansen,
    at_times,
    greenwood,
    nelson_aalen,
    product_limit,
    restricted_mean,
)
from workbench.engine.analyses.logrank import GroupTest, Weights, group_test
from workbench.engine.placed import Placed
from workbench.plan.nodes import (
    CumulativeIncidence,
    KaplanMeier,
    LifeTable,
    LogRank,
    NelsonAalen,
    RestrictedMean,
)

__all__ = ["Curves", "LifeTables", "LogRanks", "Means"]

Floats = NDArray[np.float64]


@computes(KaplanMeier, NelsonAalen, CumulativeIncidence)
class Curves(Followed):
    """A curve of each group (and cause) at the public times, and a test between the groups."""

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> CurveEvidence:
        """Estimates at the public times only; whom they are about by interval."""
        lives = self.lives(merged)
        kind, value, spread, before = self._curve(lives)
        tested = self.groups > 1 and kind != "cumulative_incidence"
        return CurveEvidence(
            **self.whom(placed, view_population),
            kind=kind,
            by=self.by,
            codes=self.group_codes(),
            times=self.times,
            cause=self.told[-1].name,
            causes=self.told[-1].codes[1:],
            value=at_times(value, lives.days, self.times, before),
            spread=at_times(spread, lives.days, self.times, 0.0),
            test=_tested(group_test([lives]), "logrank") if tested else None,
        )

    def _curve(self, lives: Lifetimes) -> tuple[Kind, Floats, Floats, float]:
        """Kind, estimate and the error of its limits (groups, causes, J), and where it starts."""
        analysis = self.checked.plan.analysis
        if isinstance(analysis, CumulativeIncidence):
            found = [
                aalen_johansen(one, risk)
                for one, risk in zip(lives.ended, lives.at_risk, strict=True)
            ]
            value, variance = (np.stack([one[at] for one in found]) for at in (0, 1))
            return "cumulative_incidence", value, np.sqrt(variance), 0.0
        if isinstance(analysis, NelsonAalen):
            value, variance = nelson_aalen(lives.events, lives.at_risk)
            return "nelson_aalen", value[:, None, :], np.sqrt(variance)[:, None, :], 0.0
        value = product_limit(lives.events, lives.at_risk)
        spread = np.sqrt(greenwood(lives.events, lives.at_risk))
        return "kaplan_meier", value[:, None, :], spread[:, None, :], 1.0


@computes(LifeTable)
class LifeTables(Followed):
    """Persons by group, event and interval; the placing of the persons has counted them."""

    def evidence(
        self,
        placed: Placed,
        merged: Parts,  # noqa: ARG002 - see above
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> LifeTableEvidence:
        """The counts."""
        return LifeTableEvidence(
            **self.whom(placed, view_population),
            by=self.by,
            codes=self.group_codes(),
            times=self.times,
        )


@computes(RestrictedMean)
class Means(Followed):
    """The area under each group's survival curve."""

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> MeansEvidence:
        """Means and their errors."""
        lives, until = self.lives(merged), self.times[0]
        found = [
            restricted_mean(events, at_risk, lives.days, until)
            for events, at_risk in zip(lives.events, lives.at_risk, strict=True)
        ]
        return MeansEvidence(
            **self.whom(placed, view_population),
            by=self.by,
            codes=self.group_codes(),
            until=until,
            mean=np.array([one for one, _ in found]),
            error=np.sqrt([one for _, one in found]),
        )


@computes(LogRank)
class LogRanks(Followed):
    """Observed and expected events of each group, summed over strata."""

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> LogRankEvidence:
        """The test, and whom each group holds."""
        node = self._node()
        axes = self.told[len(node.strata) : -1]
        groups = int(np.prod([len(one.codes) for one in axes], dtype=np.int64))
        lives = self.lives(merged)
        strata = [
            Lifetimes(lives.days, lives.ended[start : start + groups])
            for start in range(0, self.groups, groups)
        ]
        return LogRankEvidence(
            **self.whom(placed, view_population),
            by=node.by,
            codes=codes_of(axes),
            test=_tested(group_test(strata, node.weights), node.weights),
        )

    def _node(self) -> LogRank:
        analysis = self.checked.plan.analysis
        if not isinstance(analysis, LogRank):
            raise TypeError("no log-rank test")
        return analysis


def _tested(found: GroupTest, name: Weights) -> TestEvidence:
    p = float(chdtrc(found.dof, found.chi2)) if found.dof else float("nan")
    return TestEvidence(name, found.observed, found.expected, found.chi2, found.dof, p)
