"""Small makers of policies and evidence for tests of the gate."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from disclosure.policy import Policy, load_policy
from disclosure.tables import Dimension, Magnitude, Overlap, TableEvidence

POLICIES = Path(__file__).resolve().parents[2] / "policies"


def layer(path: str) -> dict[str, Any]:
    """A policy file as parsed TOML."""
    return tomllib.loads((POLICIES / path).read_text(encoding="utf-8"))


def policy(**stricter: Any) -> Policy:
    """The default policy, with some keys replaced by stricter values."""
    head = {"level": "project", "name": "test", "version": 1}
    signed = {"written_by": "a", "approved_by": "b"}
    return load_policy([layer("default.toml"), {**head, **signed, "rules": stricter}])


def lenient(**rules: Any) -> Policy:
    """A default layer of a test's own, e.g. with a small threshold for exhaustive attackers."""
    base = layer("default.toml")
    base["rules"] = {**base["rules"], "minimum_population": 1, "small_population": 1, **rules}
    return load_policy([base])


def evidence(
    counts: Any,
    *,
    margins: bool = True,
    outside: int = 0,
    view: int = 1_000_000,
    magnitudes: Sequence[Magnitude] = (),
    codes: Sequence[Sequence[str]] | None = None,
    names: Sequence[str] = ("row", "column", "layer"),
    sensitive: frozenset[str] | None = None,
) -> TableEvidence:
    """Evidence of a table of counts; `outside` persons of the cohort are in no cell."""
    n = np.asarray(counts, np.int64)
    labels = codes or [
        [f"{axis}{i}" for i in range(size)] for axis, size in zip("abc", n.shape, strict=False)
    ]
    dimensions = tuple(Dimension(name, tuple(c)) for name, c in zip(names, labels, strict=False))
    total = int(n.sum()) + outside
    return TableEvidence(dimensions, n, total, view, margins, tuple(magnitudes), sensitive)


def magnitude(
    values: Mapping[tuple[int, ...], Sequence[float]], shape: tuple[int, ...]
) -> Magnitude:
    """The moments of a variable from its values in each cell (cells left out are empty)."""
    n = np.zeros(shape, np.int64)
    total, squares, largest, second = (np.zeros(shape) for _ in range(4))
    for at, given in values.items():
        x = np.asarray(given, float)
        ranked = np.sort(np.abs(x))
        n[at], total[at], squares[at] = x.size, x.sum(), np.square(x).sum()
        largest[at] = ranked[-1] if x.size else 0.0
        second[at] = ranked[-2] if x.size > 1 else 0.0
    return Magnitude("x", n, total, squares, largest, second)


def overlap(
    release: str,
    new: np.ndarray,
    old: np.ndarray,
    cells: tuple[int, int],
    earlier: tuple[tuple[int, ...], ...],
) -> Overlap:
    """From each person's inner cell in the new and the earlier table (-1: not in it)."""
    joint = np.zeros((cells[0] + 1, cells[1] + 1), np.int64)
    np.add.at(joint, (np.where(new < 0, cells[0], new), np.where(old < 0, cells[1], old)), 1)
    return Overlap(release, joint, earlier)
