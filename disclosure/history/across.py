"""All releases together, as far as anyone can tell from what is public.

Two plans that ask for the same persons in other words are told apart; the same words mean the same
persons as long as project and view are the same. So a count is known by its *group*: the view, the
cohort's base, and the set of its conditions (each filter, each code of a dimension). Then

  - a group has one count, wherever it stands;
  - of two groups, one inside the other, the difference is a group too;
  - what one table withholds may follow from another's margins: all equations are solved at once.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

import numpy as np
import scipy.sparse as sp

from disclosure.errors import Refusal
from disclosure.verifier.certificates import canonical, tables_of
from disclosure.verifier.tables import flaw, follow, parts_of

__all__ = ["Across", "groups_of"]

Group = frozenset[int]
KINDS = ("count", "crosstab", "describe")
APART = 3
"""Groups are compared that differ by at most so many conditions."""


class Across:
    """Counts of groups and equations between them, gathered release by release."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._counts: dict[Group, tuple[int, str]] = {}
        self._secret: set[Group] = set()
        self._sums: list[tuple[str, dict[Group, int], int]] = []
        self._threshold = 0
        self._compared = self._alone = 0

    def add(
        self, statement: Mapping[str, Any], plan: Any | None, body: Mapping[str, Any] | None
    ) -> None:
        """A release whose certificate holds; refuses a count that an earlier one contradicts."""
        release, proof = statement["release"], statement["proof"]
        found = None
        if plan is not None and body is not None and statement.get("view"):
            found = groups_of(plan, body) if statement["kind"] == "table" else None
        if found is None or len(proof["statistics"]) != 1:
            self._alone += 1
            return
        scope = canonical([statement["project"], statement["view"]]).decode()
        groups = [frozenset(map(self._number, (scope, *one))) for one in found]
        (table,) = tables_of(proof)
        if len(groups) != table.inside.size:
            raise flaw("The table's dimensions are not those of its plan.")
        self._threshold = min(self._threshold or table.threshold, table.threshold)
        for at in np.flatnonzero(~table.hidden).tolist():
            count, first = self._counts.setdefault(groups[at], (int(table.counts[at]), release))
            self._compared += first != release
            if count != table.counts[at]:
                raise flaw(f"A count of the same persons is another one in release {first}.")
        unknown = [groups[at] for at in table.unknown.tolist()]
        small = np.isin(table.letters[table.unknown], ["p", "d"])
        self._secret |= {one for one, is_small in zip(unknown, small, strict=True) if is_small}
        for row in range(table.matrix.shape[0]):
            line = table.matrix[row]
            terms = {unknown[j]: int(v) for j, v in zip(line.indices, line.data, strict=True)}
            if terms:
                self._sums.append((release, terms, int(table.right[row])))

    def settle(self) -> tuple[int, int]:
        """Check everything together; how many counts were compared, how many releases were not."""
        for group, (count, release) in self._counts.items():
            for larger in _larger(group):
                whole, other = self._counts.get(larger, (count, ""))
                if not (whole == count or whole - count >= self._threshold):
                    raise flaw(f"Releases {other} and {release} differ by a small group.")
        self._solve()
        return self._compared, self._alone

    def _solve(self) -> None:
        columns: dict[Group, int] = {}
        rows: dict[tuple[tuple[int, int], ...], tuple[int, set[str]]] = {}
        for release, terms, right in self._sums:
            sources, left, rest = {release}, [], right
            for group, factor in terms.items():
                if group in self._counts:
                    count, other = self._counts[group]
                    rest, sources = rest - factor * count, sources | {other}
                else:
                    left.append((columns.setdefault(group, len(columns)), factor))
            key = tuple(sorted(left))
            value, names = rows.setdefault(key, (rest, sources))
            if value != rest or (not key and rest):
                told = ", ".join(sorted(names | sources))
                raise flaw(f"Releases {told}: their counts contradict each other.")
            names |= sources
        filled = [(key, *one) for key, one in rows.items() if key]
        if not filled:
            return
        cells = [(at, c, f) for at, (key, *_) in enumerate(filled) for c, f in key]
        places, column, factors = (np.array(one) for one in zip(*cells, strict=True))
        matrix = sp.csr_matrix((factors, (places, column)), shape=(len(filled), len(columns)))
        rights = np.array([value for _, value, _ in filled], np.int64)
        secret = np.array([group in self._secret for group in columns])
        part = parts_of(matrix)[[key[0][0] for key, *_ in filled]]
        for one in np.unique(part):
            mine = np.flatnonzero(part == one)
            releases = set().union(*(filled[at][2] for at in mine.tolist()))
            if len(releases) > 1:
                try:
                    follow(matrix[mine], rights[mine], secret, self._threshold)
                except Refusal as refusal:
                    told = ", ".join(sorted(releases))
                    raise flaw(f"Releases {told} together: {refusal.reason}") from None

    def _number(self, term: str) -> int:
        return self._numbers.setdefault(term, len(self._numbers))


def _larger(group: Group) -> Iterator[Group]:
    """The groups that a group lies in, by dropping some of its conditions."""
    for size in range(1, APART + 1):
        for dropped in combinations(group, size):
            yield group.difference(dropped)


def groups_of(plan: str, body: Mapping[str, Any]) -> list[tuple[str, ...]] | None:
    """Of each cell and margin (C order) the conditions on its persons; None for other analyses."""
    analysis = json.loads(plan)["analysis"]
    if analysis["k"] not in KINDS:
        return None
    frame, wheres = analysis["cohort"], []
    named: dict[str, Any] = {}
    while frame["k"] in ("filter", "derive"):
        if frame["k"] == "filter":
            wheres.append(frame["where"])
        else:
            named |= {one["name"]: one["value"] for one in frame["columns"]}
        frame = frame["frame"]
    words = _Words(named)
    always = [canonical(frame).decode(), *(c for one in wheres for c in words.conditions(one))]
    if analysis["k"] == "describe":
        always.append("known " + words.meaning(_column(analysis["variable"])))
    axes = []
    for name, dimension in zip(analysis["by"], body["dimensions"], strict=True):
        meaning = words.meaning(_column(name))
        axes.append([*((f"{meaning} is {code}",) for code in dimension["codes"]), ()])
    return [(*always, *sum(place, ())) for place in product(*axes)]


class _Words:
    """Expressions in one spelling, with what their names were derived from."""

    def __init__(self, named: Mapping[str, Any]) -> None:
        self._named = named

    def conditions(self, where: Mapping[str, Any]) -> Iterator[str]:
        """The conditions of a filter: all of them hold of its persons."""
        if where["k"] == "logic" and where["op"] == "and":
            for one in where["operands"]:
                yield from self.conditions(one)
        elif (
            where["k"] == "compare"
            and (where["op"], where["left"]["k"], where["right"]["k"]) == ("==", "column", "value")
            and isinstance(where["right"]["value"], str | bool)
        ):
            value = where["right"]["value"]
            code = value if isinstance(value, str) else str(value).lower()
            yield f"{self.meaning(where['left'])} is {code}"
        else:
            yield "where " + self.meaning(where)

    def meaning(self, expression: Any, inside: frozenset[str] = frozenset()) -> str:
        """An expression together with the meaning of every derived name in it."""
        if expression["k"] == "column" and expression["name"] in self._named.keys() - inside:
            name = expression["name"]
            return self.meaning(self._named[name], inside | {name})
        mentioned = sorted(set(_columns(expression)) & (self._named.keys() - inside))
        told = {one: self.meaning(self._named[one], inside | {one}) for one in mentioned}
        return canonical([expression, told]).decode()


def _columns(node: Any) -> Iterator[str]:
    """Every name of a column in an expression, however deep."""
    if isinstance(node, list):
        for one in node:
            yield from _columns(one)
    elif isinstance(node, dict):
        if node.get("k") == "column":
            yield node["name"]
        for one in node.values():
            yield from _columns(one)


def _column(name: str) -> dict[str, str]:
    return {"k": "column", "name": name}
