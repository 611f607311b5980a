"""The linear audit at its limits: many persons, many releases, more than can be audited."""

import time

import numpy as np

from disclosure.findings import Verdict
from disclosure.gate import decide
from disclosure.ledger import linear
from disclosure.ledger.atoms import of_overlap
from disclosure.suppression.lattice import lattice_of
from disclosure.tables import Atoms
from tests.lib.gate import evidence, overlap, policy


def random_atoms(releases: int, atoms: int, cells: int) -> Atoms:
    rng = np.random.default_rng(3)
    members = rng.integers(0, cells, (atoms, releases + 1))
    every = tuple((cell,) for cell in range(cells))
    names = tuple(f"r{i}" for i in range(releases))
    return Atoms(names, np.full(atoms, 50), members, (every,) * releases)


def test_many_atoms_fit_in_memory_and_time() -> None:
    atoms = random_atoms(8, 100_000, 40)
    sums = lattice_of(np.zeros(40, np.int64)).sums()
    start = time.process_time()
    assert not linear.collides(atoms, atoms.earlier[0], sums, 10)
    assert time.process_time() - start < 10


def test_what_cannot_be_audited_is_refused_and_never_passed() -> None:
    counts = np.full(40, 2500)
    atoms = random_atoms(linear.AT_MOST // 40, 4000, 40)
    answer = decide(evidence(counts), policy(), [], atoms)
    assert answer.verdict is Verdict.REFUSE
    assert "audited together" in answer.findings[0].text["en"]
    assert "kontrolleres sammen" in answer.findings[0].text["nb"]


def test_three_releases_that_are_harmless_in_pairs_are_refused_together() -> None:
    """b and c split the persons of a but for three, who fall in neither."""
    persons = np.arange(3003)
    a = np.zeros(3003, int)
    b = np.where(persons < 1500, 0, -1)
    c = np.where((persons >= 1500) & (persons < 3000), 0, -1)
    shown = ((0,),)
    apart = [overlap("a", c, a, (1, 1), shown), overlap("b", c, b, (1, 1), shown)]
    table = evidence(np.array([1500]))
    assert decide(table, policy(), apart).verdict is Verdict.RELEASE
    stacked, sizes = np.unique(np.stack([c, a, b], 1), axis=0, return_counts=True)
    together = Atoms(("a", "b"), sizes, stacked, (shown, shown))
    answer = decide(table, policy(), apart, together)
    assert answer.verdict is Verdict.REFUSE
    assert "release a, b" in answer.findings[0].text["en"]


def test_persons_outside_both_tables_make_no_atom() -> None:
    met = overlap("r", np.array([0, -1, -1]), np.array([1, 0, -1]), (1, 2), ())
    atoms = of_overlap(met)
    assert atoms.counts.tolist() == [1, 1]
    assert atoms.cells.tolist() == [[0, 1], [-1, 0]]
