"""One release more after a thousand: everything that the ledger does before it is recorded."""

import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from disclosure.findings import Decision, Verdict
from disclosure.gate import decide
from disclosure.policy import load_policy
from disclosure.tables import Dimension, Magnitude, TableEvidence
from pseudonym.keyring import Keyring
from tests.bench.result import Result
from tests.lib.gate import layer
from tests.lib.plain_view import PlainView
from workbench.domain.release import Membership
from workbench.engine.ledger import Ledger, Overlaps
from workbench.engine.placed import Placed
from workbench.engine.standings import Standings
from workbench.engine.subtracted import subtracted
from workbench.engine.views import Views

RELEASES, PERSONS, CELLS, NUMBERS = 1000, 50_000, 10, 3
RUNS = 3
SECONDS = 10.0
SHOWN = tuple((cell,) for cell in range(CELLS))


class Nation:
    """Persons with traits that cohorts, categories and numbers are made from by chance."""

    def __init__(self) -> None:
        self.chance = np.random.default_rng(5)
        self.traits = self.chance.normal(size=(40, PERSONS)).astype(np.float32)
        self.view = PlainView({}, PERSONS, 8, version="v1")

    def table(self, number: int) -> Placed:
        """A cohort of its own (two traits above a bound), in ten cells of another trait's ranks,
        with three numbers made of traits: by the number, always the same."""
        chance = np.random.default_rng(number)
        one, other, cut, *rest = chance.choice(40, 3 + 2 * NUMBERS, replace=False)
        bound = chance.uniform(-1.5, -0.3)
        inside = (self.traits[one] > bound) & (self.traits[other] > bound)
        ranks = (np.arange(1, CELLS) + chance.uniform(-0.3, 0.3, CELLS - 1)) / CELLS
        edges = np.quantile(self.traits[cut][inside], ranks)
        cell = np.searchsorted(edges, self.traits[cut])
        vector = np.where(inside, cell, CELLS).astype(np.int32)
        values = {
            f"x{at}": np.exp(
                self.traits[rest[2 * at]] + chance.uniform(0.2, 1) * self.traits[rest[2 * at + 1]]
            ).astype(np.float64)[inside]
            for at in range(NUMBERS)
        }
        n = np.bincount(vector, minlength=CELLS + 1)[:CELLS]
        return Placed(vector, n, values, squares=True)


def evidence(placed: Placed) -> TableEvidence:
    """The table with n, mean and standard deviation of each number in each cell."""
    cell = placed.vector[placed.vector != CELLS]
    magnitudes = []
    for name, values in placed.values.items():
        order = np.lexsort((values, cell))
        ends = np.cumsum(placed.n) - 1
        magnitudes.append(
            Magnitude(
                name,
                placed.n.astype(np.int64),
                np.bincount(cell, values, CELLS).astype(np.float64),
                np.bincount(cell, values * values, CELLS).astype(np.float64),
                values[order][ends],
                values[order][ends - 1],
            )
        )
    codes = tuple(f"c{at}" for at in range(CELLS))
    return TableEvidence(
        (Dimension("cut", codes),), placed.n.astype(np.int64), placed.population, PERSONS, True,
        tuple(magnitudes),
    )  # fmt: skip


def recorded(nation: Nation, keys: Keyring) -> Iterator[Membership]:
    """A thousand sealed entries of the ledger."""
    views = Views(Path(), lambda _path: nation.view)
    for number in range(RELEASES):
        ledger = Ledger(nation.table(number), (), nation.view, views, keys)
        yield ledger.membership(f"{number:016x}", SHOWN)


def audit_1000() -> Result:
    """The ledger's part of one release more, and how long a restarted engine takes to catch up."""
    with TemporaryDirectory() as folder:
        keys = Keyring.create(Path(folder) / "keyring.json", b"a passphrase of a benchmark")
        nation = Nation()
        entries = list(recorded(nation, keys))
        views = Views(Path(folder), lambda _path: nation.view)
        policy = load_policy([layer("default.toml")])
        standings = Standings()

        def audit(earlier: Sequence[Membership], placed: Placed) -> tuple[float, float, Decision]:
            table = evidence(placed)
            start, worked = time.perf_counter(), time.process_time()
            ledger = Ledger(
                placed, earlier, nation.view, views, keys, standings.entries(nation.view.project)
            )
            history = standings.meeting(nation.view.project, ledger, policy.solver_seconds)
            differences = subtracted(ledger, policy.threshold)
            found = decide(table, policy, Overlaps(ledger, history), history, differences)
            return time.perf_counter() - start, time.process_time() - worked, found

        caught_up, *_ = audit(entries, nation.table(RELEASES))
        told = [audit(entries, nation.table(RELEASES + run)) for run in range(1, RUNS + 1)]
        attack = nation.table(17)
        attack.vector[np.flatnonzero(attack.vector == 3)[:4]] = 4
        caught = audit(entries, Placed(attack.vector, np.bincount(attack.vector)[:CELLS]))
        doctored = nation.table(17)
        doctored.values["x1"][11] = 0.0
        caught_too = audit(entries, doctored)
    seconds = statistics.median(one for one, *_ in told)
    moved = caught[-1]
    untold = moved.verdict is Verdict.REFUSE or all(one.mark for one in moved.cells[3:5])
    right = (
        untold
        and caught_too[-1].verdict is Verdict.REFUSE
        and all(one.verdict is Verdict.RELEASE for *_, one in told)
    )
    return Result(
        name="audit_1000",
        value=seconds,
        unit="s",
        against="the target; no other gate audits across releases",
        ratio=SECONDS / seconds,
        target=f"<= {SECONDS:g} s",
        ok=seconds <= SECONDS and right,
        notes=(
            f"one release more after {RELEASES} of a project with {PERSONS:,} persons: "
            f"{RELEASES * CELLS:,} cohorts (ten cells each, every release over a cohort of its "
            f"own), {RELEASES * CELLS * (1 + 3 * NUMBERS):,} numbers (n, and n, mean and sd of "
            "three numbers a cell): populations and counts compared with each, all independent "
            "counts together by algebra, all numbers with all earlier ones. Sealed entries are "
            f"opened; medians of {RUNS}, of processor time "
            f"{statistics.median(worked for _, worked, _ in told):.1f} s. The "
            "first after a restart, which makes the standing "
            f"anew: {caught_up:.0f} s. Four persons in another cell, and one person's value set "
            f"to nothing, were {'not told' if right else 'TOLD, or honest tables refused'}"
        ),
    )
