"""Regression: models of many persons, none of whom is most of any number in it.

The rules are those of Ritchie (2019), DataSHIELD and ACRO, sharpened: what a person is of a
coefficient is measured after all other columns are accounted for, so that a category which others
nearly spell out is seen for what it adds. See docs/reference/rules.md for each number's why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding
from disclosure.policy import Policy
from disclosure.results.evidence import ResultEvidence
from disclosure.results.judgement import Judgement, judge
from disclosure.results.regression_blocks import blocks, nested_blocks
from disclosure.results.regression_findings import about, blocked
from disclosure.rules.dominance import Contributions, concentrated

__all__ = ["Fit", "Group", "NestedEvidence", "RegressionEvidence"]

Floats = NDArray[np.float64]
FREEDOM = 10
"""Residual degrees of freedom, at least."""
PERSONS_A_COLUMN = 10
"""Persons for each coefficient, at least."""
LEVERAGE = 0.5
"""No person decides its own fitted value by as much."""
FULL = 0.99
"""R² from which on a model tells each person's outcome."""
SEPARATED, WILD = 10.0, 100.0
"""An effect of a column (of one standard deviation of a number), and a standard error, on the log
scale, that only a model has which tells some persons' outcome."""


@dataclass(frozen=True)
class Group:
    """A group of persons that the model's categories make: persons and those with an event.

    cells: its inner cells among the evidence's groups; None where the ledger cannot tell it.
    """

    name: str
    persons: int
    events: int
    cells: tuple[int, ...] | None


@dataclass(frozen=True)
class Fit:
    """A fitted model: arrays over its columns, intercept included; errors as asked for.

    spread: the standard deviation of each column (of 0/1 columns 1, of the intercept 0). supported:
    Σr²/max r² of the part r of each column that no other column tells, weighted as the model does.
    share_one, share_two: what the outcomes of the largest one and two persons add to a coefficient,
    against those of all others; None of yes/no outcomes; largest: the largest addition, in the
    coefficient's unit. t_freedom: of the t distribution, None for the normal. residual_share: the
    largest squared residual in their sum.
    summary: name -> number. tests: of each term its name, the kind of test, degrees of freedom,
    statistic and p.
    """

    terms: tuple[str, ...]
    levels: tuple[str, ...]
    estimate: Floats
    error: Floats
    spread: Floats
    supported: Floats
    leverage: float
    freedom: int
    parameters: int
    summary: Mapping[str, float | None]
    tests: tuple[tuple[str, str, int, float, float], ...]
    share_one: Floats | None = None
    share_two: Floats | None = None
    largest: Floats | None = None
    clusters: int | None = None
    t_freedom: int | None = None
    residual_share: float = 0.0


@dataclass(frozen=True, kw_only=True)
class RegressionEvidence(ResultEvidence):
    """What the rules need of a model.

    model: as in the plan. ratio: whether exp(coefficient) is read. binary: a yes/no outcome;
    counts: whether events are counted. split: the groups of its categories, everybody first.
    moments: of the outcome in each of them, None for a yes/no outcome. rarest: of each number with
    few different values, by name, the persons that hold the rarest. references: by category.
    trouble: (code, term) of a model that has no answer; fit is None then.
    """

    model: str
    ratio: bool
    binary: bool
    counts: bool
    split: tuple[Group, ...]
    moments: Contributions | None
    rarest: Mapping[str, int]
    references: Mapping[str, str]
    outcome: str
    trouble: tuple[str, str] | None
    fit: Fit | None


@dataclass(frozen=True, kw_only=True)
class NestedEvidence(RegressionEvidence):
    """A model and one with fewer terms; the groups are those of the larger one.

    test: its kind, degrees of freedom, statistic and p.
    """

    smaller: Fit | None
    test: tuple[str, int, float, float] | None


@judge.register
def _(evidence: NestedEvidence, policy: Policy) -> Judgement:
    found = _findings(evidence, policy)
    if not found and evidence.smaller is not None:
        found = _fit(evidence, evidence.smaller, policy)
    larger, smaller, test = evidence.fit, evidence.smaller, evidence.test
    if found or larger is None or smaller is None or test is None:
        return Judgement(tuple(found))
    return Judgement(
        blocks=nested_blocks(evidence, larger, test),
        published=_distinct(evidence),
        proof=_proof(evidence, larger, policy),
    )


@judge.register
def _(evidence: RegressionEvidence, policy: Policy) -> Judgement:
    found, fit = _findings(evidence, policy), evidence.fit
    if found or fit is None:
        return Judgement(tuple(found))
    return Judgement(
        findings=(),
        blocks=blocks(evidence, fit, policy),
        published=_distinct(evidence),
        proof=_proof(evidence, fit, policy),
    )


def _findings(evidence: RegressionEvidence, policy: Policy) -> list[Finding]:
    """The groups first; then, as that tells nothing of them, trouble; then the model."""
    found = _groups(evidence, policy)
    if not found and evidence.trouble is not None:
        return [about(*evidence.trouble)]
    if not found and evidence.fit is not None:
        return _fit(evidence, evidence.fit, policy)
    return found


def _distinct(evidence: RegressionEvidence) -> tuple[tuple[int, ...], ...]:
    return tuple(dict.fromkeys(one for one in _published(evidence) if one))


def _groups(evidence: RegressionEvidence, policy: Policy) -> list[Finding]:
    """Every group that the categories make has enough persons, and enough events."""
    t = policy.threshold
    few = [one.name for one in evidence.split if 0 < one.persons < t]
    few += [name for name, persons in evidence.rarest.items() if persons < t]
    if few:
        return [blocked("support", few, t)]
    everybody = evidence.split[0]
    short = [
        one.name
        for one in evidence.split
        if evidence.counts and one.persons and not _enough_events(one, evidence, t)
    ]
    if short:
        return [blocked("events", [] if everybody.name in short else short, t)]
    if evidence.moments is not None:
        heavy = concentrated(evidence.moments, policy)
        names = [one.name for one, flag in zip(evidence.split, heavy, strict=True) if flag]
        if names:
            return [blocked("dominance", names, t)]
    return []


def _enough_events(group: Group, evidence: RegressionEvidence, threshold: int) -> bool:
    others = group.persons - group.events
    enough = group.events >= threshold
    # That everybody of a group has been somewhere at least once is no outcome that separates.
    return enough and (others >= threshold or (others == 0 and not evidence.binary))


def _fit(evidence: RegressionEvidence, fit: Fit, policy: Policy) -> list[Finding]:
    t = policy.threshold
    names = [
        f"{term} [{level}]" if level else term
        for term, level in zip(fit.terms, fit.levels, strict=True)
    ]

    def named(flags: NDArray[np.bool_]) -> list[str]:
        return [name for name, flag in zip(names, flags, strict=True) if flag]

    if fit.freedom < FREEDOM or fit.parameters * PERSONS_A_COLUMN > evidence.population:
        return [blocked("saturated", [], t)]
    found = []
    thin = named(fit.supported < t)
    if thin:
        found.append(blocked("isolated", thin, t))
    if fit.leverage >= LEVERAGE:
        found.append(blocked("leverage", [], t))
    if fit.share_one is not None and fit.share_two is not None:
        one, two = float(policy.dominance_one), float(policy.dominance_two)
        heavy = named((fit.share_one > one) | (fit.share_two > two))
        if heavy:
            found.append(blocked("influence", heavy, t))
    if fit.clusters is not None and fit.clusters < FREEDOM:
        found.append(blocked("clusters", [], FREEDOM))
    full = fit.summary.get("r2")
    alone = evidence.model == "linear" and fit.residual_share > float(policy.dominance_one)
    if alone or (full is not None and full >= FULL):
        found.append(blocked("explained", [], t))
    if evidence.model not in {"linear", "gamma"}:
        effects = np.abs(fit.estimate) * fit.spread
        wild = fit.error * np.where(fit.spread > 0, fit.spread, 1.0)
        if (effects > SEPARATED).any() or (wild > WILD).any():
            found.append(blocked("separated", [], t))
    return found


def _published(evidence: RegressionEvidence) -> list[tuple[int, ...]]:
    """The counts that a model tells or implies: everybody, its groups, and events in each."""
    found: list[tuple[int, ...]] = []
    events = {at for at, codes in enumerate(evidence.groups) if _event(codes, evidence)}
    for one in evidence.split:
        if one.cells is None:
            continue
        found.append(one.cells)
        if evidence.binary:
            found.append(tuple(at for at in one.cells if at in events))
    return found


def _event(codes: tuple[str, ...], evidence: RegressionEvidence) -> bool:
    return evidence.binary and codes[0] in ("true", "1")


def _proof(evidence: RegressionEvidence, fit: Fit, policy: Policy) -> dict[str, Any]:
    return {
        "family": "regression",
        "rules": [
            {"rule": "support", "at_least": policy.threshold},
            {"rule": "isolated", "at_least": policy.threshold},
            {"rule": "leverage", "below": LEVERAGE},
            {"rule": "freedom", "at_least": FREEDOM, "is": fit.freedom},
            {"rule": "persons_a_coefficient", "at_least": PERSONS_A_COLUMN},
        ],
        "parameters": fit.parameters,
        "groups": len(evidence.split),
    }
