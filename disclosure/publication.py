"""What is published: cells with their marks, the counts for the ledger, the proof for a verifier.

Marks say only what the audit has granted the intruder: a small inner cell is primary, every other
withheld cell (and every withheld margin, whatever it holds) complementary.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Cell, Mark
from disclosure.policy import Policy
from disclosure.rules import means
from disclosure.statistics import Judged
from disclosure.tables import MARGIN, TableEvidence, margins_of

__all__ = ["INTRUDER", "described", "noisy_cells", "proof", "published_counts", "shown_cells"]

INTRUDER = ("threshold", "marks", "combinations", "contributor")
"""What the intruder is taken to know; see disclosure.suppression.protect."""

Value = float | int | None


def _codes(evidence: TableEvidence) -> list[tuple[str, ...]]:
    """The codes of every published cell in C order."""
    end = (MARGIN,) if evidence.margins else ()
    return list(product(*((*dimension.codes, *end) for dimension in evidence.dimensions)))


def shown_cells(
    evidence: TableEvidence,
    judged: Sequence[Judged],
    policy: Policy,
    further: Sequence[Sequence[Mapping[str, Value]]] = (),
) -> tuple[Cell, ...]:
    """Every cell in C order with what may be seen of it.

    further: by cell of the lattice, the values of further statistics; hidden where the cell is.

    Counts: {"n"}. One described variable: {"n", "mean", "sd"}, n of persons with a value; several:
    the same with the variable's name before it ("age.n").
    """
    columns = [_values(one, policy) for one in judged]
    names = [""] if len(judged) == 1 else [f"{one.name}." for one in judged]
    marks = [[_mark(one, cell) for cell in range(one.lattice.size)] for one in judged]
    cells = []
    asked = np.flatnonzero(~judged[0].silent.ravel()).tolist()
    for at, codes in zip(asked, _codes(evidence), strict=True):
        values = {
            f"{name}{key}": value
            for name, column in zip(names, columns, strict=True)
            for key, value in column[at].items()
        }
        hidden = any(one.hidden.flat[at] for one in judged)
        for one in further:
            values |= dict.fromkeys(one[at]) if hidden else one[at]
        withheld = [mark[at] for mark in marks if mark[at][0] is not Mark.SHOWN]
        mark, reason = min(withheld, key=_weight) if withheld else (Mark.SHOWN, "")
        cells.append(Cell(codes, values, mark, reason))
    return tuple(cells)


def noisy_cells(evidence: TableEvidence, values: NDArray[np.int64]) -> tuple[Cell, ...]:
    """Every cell with its noisy count; margins are sums of noisy counts."""
    table = margins_of(values) if evidence.margins else values
    return tuple(
        Cell(codes, {"n": int(value)}, Mark.NOISY, "privacy")
        for codes, value in zip(_codes(evidence), table.ravel().tolist(), strict=True)
    )


def published_counts(judged: Sequence[Judged]) -> tuple[tuple[int, ...], ...]:
    """Every count that is shown for any statistic, as the inner cells it sums, in C order."""
    shown = np.logical_or.reduce([(~one.hidden & ~one.silent).ravel() for one in judged])
    sums = judged[0].lattice.sums()
    sums.sort_indices()
    members = sums.indices.tolist()
    starts = sums.indptr.tolist()
    return tuple(
        tuple(members[starts[cell] : starts[cell + 1]]) for cell in np.flatnonzero(shown).tolist()
    )


def proof(judged: Sequence[Judged], policy: Policy, releases: Sequence[str]) -> Mapping[str, Any]:
    """What a second verifier needs to repeat the audit; holds nothing that is not published.

    For each statistic the counts in C order (null where withheld) and, for each withheld cell, how
    it is marked ("p" primary, "c" complementary, "d" withheld for dominance).
    """
    return {
        "version": 1,
        "kind": "suppression",
        "policy": policy.hash,
        "policy_words": policy.words,
        "threshold": policy.threshold,
        "spread": policy.spread,
        "intruder": list(INTRUDER),
        "shape": list(judged[0].lattice.shape),
        "margins": not judged[0].silent.any(),
        "statistics": [
            {
                "name": one.name,
                "counts": [
                    None if hidden else value
                    for value, hidden in zip(
                        one.lattice.values.ravel().tolist(),
                        one.hidden.ravel().tolist(),
                        strict=True,
                    )
                ],
                "withheld": {
                    str(cell): _letter(one, cell)
                    for cell in np.flatnonzero(one.hidden.ravel()).tolist()
                },
            }
            for one in judged
        ],
        "compared_with": list(releases),
    }


def _letter(judged: Judged, cell: int) -> str:
    if judged.silent.flat[cell]:
        return "u"
    mark, reason = _mark(judged, cell)
    if mark is Mark.PRIMARY:
        return "p" if reason == "threshold" else "d"
    return "c"


def _mark(judged: Judged, cell: int) -> tuple[Mark, str]:
    if not judged.hidden.flat[cell]:
        return Mark.SHOWN, ""
    if judged.lattice.inner.flat[cell]:
        if judged.small.flat[cell] or judged.doubt.flat[cell]:
            return Mark.PRIMARY, "threshold"
        if judged.dominated.flat[cell]:
            return Mark.PRIMARY, "dominance"
        if judged.close.flat[cell]:
            return Mark.PRIMARY, "ledger"
    return Mark.COMPLEMENTARY, "suppression"


def _weight(marked: tuple[Mark, str]) -> int:
    return 0 if marked[0] is Mark.PRIMARY else 1


def _values(judged: Judged, policy: Policy) -> list[dict[str, Value]]:
    counts = judged.lattice.values.ravel().tolist()
    hidden = judged.hidden.ravel().tolist()
    if judged.cells is None:
        return [{"n": None if away else n} for n, away in zip(counts, hidden, strict=True)]
    moments = zip(
        counts,
        hidden,
        judged.cells.total.ravel().tolist(),
        judged.cells.total_sq.ravel().tolist(),
        judged.cells.largest.ravel().tolist(),
        strict=True,
    )
    return [
        {"n": None, "mean": None, "sd": None}
        if away
        else described(n, total, squares, largest, policy)
        for n, away, total, squares, largest in moments
    ]


def described(
    n: int, total: float, squares: float, largest: float, policy: Policy
) -> dict[str, Value]:
    """n, mean and sd (n - 1 in the denominator) with capped digits; None where undefined."""
    if n < 2:
        return {"n": n, "mean": None, "sd": None}
    mean = total / n
    sd = math.sqrt(max(squares - n * mean * mean, 0.0) / (n - 1))
    return {
        "n": n,
        "mean": means.capped(mean, means.mean_digits(n, largest, policy)),
        "sd": means.capped(sd, means.sd_digits(n, total, squares, largest, policy)),
    }
