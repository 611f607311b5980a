"""What a question may become so that the gate lets it through: changes, tried before they are told.

What is told depends on the plan, the public schema, the gate's yes or no to questions that the
asker could ask as well, which categories of a variable are below the threshold (the marks of a
table by it say as much) and above which round number at least a threshold of persons lie. No number
of a trial is told, and nothing of it is recorded but that it was made.
"""

import heapq
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench.plan.errors
from workbench.domain.errors import Refusal
from workbench.plan import CheckedPlan, Plan, Schema, canonical, check, explain, nodes, pruned
from workbench.plan.changes import (
    Change,
    as_earlier,
    cap,
    categories,
    changes,
    merged,
    noisy,
    numbers,
    said,
)

__all__ = ["Outcome", "Trials", "hinted", "mended"]

OFFERED = 3
TRIES = 16
SECONDS = 10.0
"""Of trying, after which changes are told untried. A trial takes what the question itself takes."""
EARLIER = 3
"""Earlier releases whose cohort is tried."""
_ROUND = tuple(float(f"{digit}e{power}") for power in range(-3, 13) for digit in (1, 2, 5))
_RELEASE = re.compile(r"\b[0-9a-f]{16}\b")
_TROUBLES: Mapping[str, frozenset[str]] = {
    "population": frozenset({"population"}),
    "ledger": frozenset({"ledger"}),
    "dominance": frozenset({"dominance", "few"}),
    "concentration": frozenset({"dominance", "few"}),
    "association": frozenset({"dominance", "few"}),
    "regression": frozenset({"dominance", "few"}),
    "variation": frozenset({"dominance", "few"}),
}
_FEW = frozenset({"few"})
_NOT_OF_GROUPS = frozenset({"times", "fewer"})
"""Changes that make no group larger."""


@dataclass(frozen=True)
class Outcome:
    """What the gate said of a plan. findings: JSON; cells: how many a released table has."""

    findings: Sequence[Mapping[str, Any]]
    cells: int = 0
    released: bool = True

    @property
    def withheld(self) -> int:
        """How many numbers were withheld."""
        return sum(one["cells"] for one in self.findings if one["severity"] == "withheld")

    @property
    def rules(self) -> list[str]:
        """The rules that refused or withheld."""
        told = [one["rule"] for one in self.findings if one["severity"] != "note"]
        return list(dict.fromkeys(told))

    def better_than(self, other: "Outcome") -> bool:
        """Whether this is released where the other is not, or clearly less of it is withheld."""
        if not self.released or not other.released:
            return self.released
        if not self.withheld:
            return bool(other.withheld)
        less = 2 * self.withheld <= other.withheld
        return less and self.withheld * other.cells <= other.withheld * self.cells


@dataclass(frozen=True)
class Trials:
    """What mending needs of the engine.

    judge: the gate's word on a plan, nothing recorded; raises Refusal when it was stopped. persons:
    of a plan of counts, how many fell into each inner cell. earlier: the plans of the project's
    releases, newest first, by id. rho: the cost of a count with noise, "" where there is none left.
    """

    schema: Schema
    threshold: int
    judge: Callable[[CheckedPlan, float], Outcome]
    persons: Callable[[CheckedPlan, float], NDArray[np.int64]]
    earlier: Mapping[str, Plan]
    rho: str = ""
    clock: Callable[[], float] = time.monotonic


@dataclass
class _Path:
    """Changes one after the other."""

    steps: tuple[Change, ...]
    loss: float = 0.0

    @property
    def plan(self) -> Plan:
        return self.steps[-1].plan

    @property
    def places(self) -> set[tuple[Any, Any]]:
        """What was changed already: of no two steps of one path is it the same."""
        return {_place(one) for one in self.steps}

    def more_than(self, others: Sequence["_Path"]) -> bool:
        """Whether it holds all of another's changes, and so says nothing new."""
        return any(all(one in self.whats for one in other.whats) for other in others)

    @property
    def whats(self) -> list[Mapping[str, Any]]:
        """What is changed, without the plans that come of it."""
        return [one.what for one in self.steps]


@dataclass
class _Found:
    offered: list[dict[str, Any]] = field(default_factory=list)
    paths: list[_Path] = field(default_factory=list)
    tried: int = 0
    late: bool = False


def mended(checked: CheckedPlan, asked: Outcome, trials: Trials) -> dict[str, Any]:
    """{"asked", "rules", "proposals", "tried"}: the changes that make the plan releasable.

    asked: "refused", "withheld" or "released". A proposal: {"changes", "words", "plan",
    "explained", "tried", "shows", "answers"}; shows: "everything", "more", or "" where it was not
    tried; answers: the rules that are satisfied by it. The least change comes first.
    """
    state = "withheld" if asked.withheld else "released"
    told = {"asked": state if asked.released else "refused", "rules": asked.rules}
    if told["asked"] == "released":
        return told | {"proposals": [], "tried": 0}
    troubles = frozenset[str]().union(*(_TROUBLES.get(one, _FEW) for one in asked.rules)) or _FEW
    search = _Search(trials, asked, troubles, trials.clock() + SECONDS)
    found = search.run(checked)
    if len(found.offered) < OFFERED and "population" not in troubles and trials.rho:
        last = [_Path((one,), one.loss) for one in noisy(checked, trials.rho)]
        found.offered += [_proposal(one, "", ()) for one in last if _checked(one.plan, trials)]
    return told | {"proposals": found.offered[:OFFERED], "tried": found.tried}


def hinted(
    findings: Sequence[Mapping[str, Any]], checked: CheckedPlan, schema: Schema
) -> list[dict[str, Any]]:
    """The findings, each with the least "change" that may help against it, where there is one:
    {"what", "words"}, of the plan and the public schema alone. Nothing is tried; `mended` does."""
    found = [one for one in changes(checked, schema) if _checks(one.plan, schema)]
    found.sort(key=lambda one: one.loss)
    return [_hinted(one, found) for one in findings]


def _hinted(finding: Mapping[str, Any], found: Sequence[Change]) -> dict[str, Any]:
    told = dict(finding)
    if finding["severity"] == "note":
        return told
    named = _RELEASE.search(str(finding["text"].get("en")))
    if finding["rule"] == "ledger" and named:
        what: Mapping[str, Any] = {"k": "cohort", "release": named.group()}
        return told | {"change": {"what": what, "words": said(what)}}
    troubles = _TROUBLES.get(str(finding["rule"]), _FEW)
    groups = str(finding["rule"]) in ("threshold", "groups")
    fitting = (one for one in found if not (groups and one.what["k"] in _NOT_OF_GROUPS))
    first = next((one for one in fitting if not one.helps.isdisjoint(troubles)), None)
    if first is not None:
        told["change"] = {"what": dict(first.what), "words": dict(first.words)}
    return told


class _Search:
    """The least changes first, two of them where one is not enough; each tried while time lasts."""

    def __init__(
        self, trials: Trials, asked: Outcome, troubles: frozenset[str], until: float
    ) -> None:
        self._trials = trials
        self._asked = asked
        self._troubles = troubles
        self._until = until
        self._order = count()
        self._seen: set[bytes] = set()

    def run(self, checked: CheckedPlan) -> _Found:
        found, waiting = _Found(), list[tuple[float, int, _Path]]()
        self._push(waiting, checked, None)
        while waiting and len(found.offered) < OFFERED:
            _, _, path = heapq.heappop(waiting)
            plan = _checked(path.plan, self._trials)
            if plan is None or canonical(plan.plan) in self._seen or path.more_than(found.paths):
                continue
            self._seen.add(canonical(plan.plan))
            if found.tried >= TRIES or self._left <= 0 or found.late:
                # Untried, two changes at once are a guess: only single ones are told.
                if len(path.steps) == 1 and not found.offered:
                    found.offered += self._untried(path, waiting)
                break
            found.tried += 1
            try:
                outcome = self._trials.judge(plan, self._left)
            except Refusal as refusal:
                if refusal.code == "cancelled":
                    raise
                found.late = refusal.code == "too_long"
                if found.late:
                    self._seen.discard(canonical(plan.plan))
                    heapq.heappush(waiting, (path.loss, next(self._order), path))
                continue
            if outcome.better_than(self._asked):
                shows = "more" if outcome.withheld else "everything"
                gone = [one for one in self._asked.rules if one not in outcome.rules]
                found.offered.append(_proposal(path, shows, gone))
                found.paths.append(path)
            elif len(path.steps) == 1:
                self._push(waiting, plan, path)
        return found

    @property
    def _left(self) -> float:
        return self._until - self._trials.clock()

    def _untried(
        self, first: _Path, waiting: list[tuple[float, int, _Path]]
    ) -> list[dict[str, Any]]:
        singles = [one for _, _, one in sorted(waiting)[: 4 * OFFERED] if len(one.steps) == 1]
        known = [one for one in (first, *singles) if _checked(one.plan, self._trials)]
        return [_proposal(one, "", ()) for one in known[:OFFERED]]

    def _push(
        self, waiting: list[tuple[float, int, _Path]], checked: CheckedPlan, before: _Path | None
    ) -> None:
        for one in self._changes(checked, first=before is None):
            if one.helps.isdisjoint(self._troubles):
                continue
            if before is not None and not _goes_with(one, before):
                continue
            steps = (one,) if before is None else (*before.steps, one)
            path = _Path(steps, sum(step.loss for step in steps))
            heapq.heappush(waiting, (path.loss, next(self._order), path))

    def _changes(self, checked: CheckedPlan, *, first: bool) -> Iterator[Change]:
        yield from changes(checked, self._trials.schema)
        if not first or "population" in self._troubles:
            return
        try:
            if "ledger" in self._troubles:
                for release in self._releases():
                    yield from as_earlier(checked, release, self._trials.earlier[release])
            if "few" in self._troubles:
                yield from self._merged(checked)
            if "dominance" in self._troubles:
                yield from self._capped(checked)
        except Refusal as refusal:
            if refusal.code == "cancelled":
                raise

    def _releases(self) -> list[str]:
        """The earlier releases that the findings name, then the newest of the others."""
        said = [str(one["text"].get("en")) for one in self._asked.findings]
        named = [one for text in said for one in _RELEASE.findall(text)]
        every = dict.fromkeys([*named, *self._trials.earlier])
        return [one for one in every if one in self._trials.earlier][:EARLIER]

    def _merged(self, checked: CheckedPlan) -> Iterator[Change]:
        """Small categories as one: those that few persons have, and those with few in a cell."""
        names = categories(checked)[:3]
        cohort = checked.plan.analysis.cohort
        for group in ((tuple(names),) if len(names) > 1 else ()) + tuple((one,) for one in names):
            table = _checked(Plan(analysis=nodes.Crosstab(cohort=cohort, by=group)), self._trials)
            if table is None:
                continue
            codes = [one.codes for one in table.dimensions]
            n = self._trials.persons(table, self._left).reshape([len(one) for one in codes])
            cells = np.where(n > 0, n, n.sum() + 1)
            for axis, name in enumerate(group):
                others = tuple(at for at in range(n.ndim) if at != axis)
                persons = cells.min(axis=others) * (n.sum(axis=others) > 0)
                held = dict(zip(codes[axis], persons.tolist(), strict=True))
                yield from merged(checked, name, held, self._trials.threshold)

    def _capped(self, checked: CheckedPlan) -> Iterator[Change]:
        """Numbers cut at the round numbers that enough persons reach."""
        for name in numbers(checked):
            asked = nodes.Histogram(
                cohort=checked.plan.analysis.cohort, variable=name, edges=_ROUND
            )
            plan = _checked(Plan(analysis=asked), self._trials)
            if plan is None:
                continue
            n = self._trials.persons(plan, self._left)[: len(_ROUND) + 1]
            above = n[::-1].cumsum()[::-1][1:]
            tops = [
                max((e for e, more in zip(_ROUND, above, strict=True) if more >= least), default=0)
                for least in (self._trials.threshold, 5 * self._trials.threshold)
            ]
            for high in dict.fromkeys(one for one in tops if one):
                yield from cap(checked, name, high)


def _checked(plan: Plan, trials: Trials) -> CheckedPlan | None:
    return _checks(plan, trials.schema)


def _checks(plan: Plan, schema: Schema) -> CheckedPlan | None:
    try:
        return check(pruned(plan), schema)
    except workbench.plan.errors.Refusal:
        return None


def _place(change: Change) -> tuple[Any, Any]:
    what = change.what
    named = (what.get(one) for one in ("variable", "field", "term", "filter"))
    return what["k"], next((one for one in named if one), None)


def _goes_with(change: Change, before: _Path) -> bool:
    """Another cohort is another question: it is not mixed with a smaller one."""
    wider = [one.what["k"] == "wider" for one in (change, *before.steps)]
    return _place(change) not in before.places and any(wider) == all(wider)


def _proposal(path: _Path, shows: str, answers: Sequence[str]) -> dict[str, Any]:
    plan = pruned(path.plan)
    words = {
        language: " ".join(one.words[language] for one in path.steps) for language in ("en", "nb")
    }
    return {
        "changes": [dict(one.what) for one in path.steps],
        "words": words,
        "plan": canonical(plan).decode(),
        "explained": explain(plan),
        "tried": bool(shows),
        "shows": shows,
        "answers": list(answers),
    }
