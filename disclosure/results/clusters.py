"""Clusters: centres are means of many persons; shares, not counts, say how large they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Severity
from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.comparisons import dominated
from disclosure.results.digits import significant
from disclosure.results.evidence import ResultEvidence
from disclosure.results.judgement import Judgement, judge
from disclosure.rules import means
from disclosure.rules.dominance import Contributions

__all__ = ["ClustersEvidence"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROWS = 3
"""A cluster holds at least so many times the threshold."""


@dataclass(frozen=True, kw_only=True)
class ClustersEvidence(ResultEvidence):
    """persons: (clusters,). moments: (variables, clusters).

    scale: (variables,), standard deviations. within: the sum of squared distances to the centres.
    """

    variables: tuple[str, ...]
    scale: Floats
    persons: Ints
    within: float
    moments: Contributions


@judge.register
def _(evidence: ClustersEvidence, policy: Policy) -> Judgement:
    least = ROWS * policy.threshold
    if (evidence.persons < least).any():
        return Judgement((_small(least),))
    blocked = dominated(evidence.moments, policy)
    if blocked is not None:
        return Judgement((blocked,))
    order = np.argsort(-evidence.persons, kind="stable").tolist()
    whole = int(evidence.persons.sum())
    # whole per cents: a share is then never about fewer persons than a hundredth of the cohort
    rows: list[tuple[Value, ...]] = [
        (
            str(place + 1),
            round(100 * int(evidence.persons[at]) / whole),
            *_centre(evidence, at, policy),
        )
        for place, at in enumerate(order)
    ]
    columns = (
        BlockColumn("cluster", "text", {"en": "Cluster", "nb": "Klynge"}),
        BlockColumn("share", "integer", {"en": "Share", "nb": "Andel"}, "%"),
        *(BlockColumn(one, "number", {"en": one, "nb": one}) for one in evidence.variables),
    )
    spread = whole * len(evidence.variables)
    fit: tuple[Value, ...] = (whole, significant(1 - evidence.within / spread, 3))
    return Judgement(
        (),
        (
            Block("centres", {"en": "Centres", "nb": "Sentre"}, columns, tuple(rows)),
            Block(
                "fit",
                {"en": "Fit", "nb": "Tilpasning"},
                (
                    BlockColumn("persons", "persons", {"en": "Persons", "nb": "Personer"}),
                    BlockColumn("explained", "number", {"en": "Explained", "nb": "Forklart"}),
                ),
                (fit,),
            ),
        ),
        ((0,),),
        {"kind": "clusters", "least": least},
    )


def _centre(evidence: ClustersEvidence, at: int, policy: Policy) -> tuple[float, ...]:
    n = int(evidence.persons[at])
    return tuple(
        means.capped(float(total[at]) / n, means.mean_digits(n, float(largest[at]), policy))
        for total, largest in zip(evidence.moments.total, evidence.moments.largest, strict=True)
    )


def _small(least: int) -> Finding:
    return Finding(
        "threshold",
        Severity.BLOCKING,
        {
            "en": f"A cluster holds fewer than {least} persons.",
            "nb": f"En klynge har færre enn {least} personer.",
        },
        {
            "en": "Ask for fewer clusters, or cap the highest values of the variables.",
            "nb": "Be om færre klynger, eller sett et tak på variablenes høyeste verdier.",
        },
    )
