"""A cross table with margins through the whole gate: against bare polars and against acro."""

import atexit
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import polars as pl

from pseudonym.keys import open_zone_keyring
from pseudonym.view import View, open_view
from tests.bench.million import COLUMNS, DATASET, PERMIT, ROWS, open_million, plaintext
from tests.bench.result import Result
from workbench.adapters.sql.records import open_records
from workbench.domain.audit import AuditEvent, What
from workbench.engine.local import LocalExecutor
from workbench.engine.run import Engine
from workbench.engine.views import Views
from workbench.plan import Plan, canonical, nodes
from workbench.services.policy_folder import PolicyFolder
from workbench.wiring import POLICIES

ROOT = Path(__file__).resolve().parents[2]
ACRO = ROOT / ".venv-acro/bin/python"
RUNS, ACRO_RUNS = 15, 5
FASTER = 30
PERSONS = nodes.Dataset(name=DATASET)
EARLIER = (
    nodes.Crosstab(cohort=PERSONS, by=(ROWS,), margins=True),
    nodes.Crosstab(cohort=PERSONS, by=(COLUMNS,), margins=True),
)
TABLE = nodes.Crosstab(cohort=PERSONS, by=(ROWS, COLUMNS), margins=True)
Answer = Mapping[str, Any]


class House:
    """The engine over the encrypted view of a million persons, with new books for every run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._number = count()
        self._rooms, self._held = open_million()
        instance = self._rooms.instance
        self._keyring = open_zone_keyring(instance.zone("engine"), {})
        self._views = Views(instance.zone("views"), self._open)
        self.view = self._open(instance.zone("views") / PERMIT.project / self._held.view_version)
        self._executor = LocalExecutor()
        open_records(f"sqlite:///{folder}/empty.sqlite", self._rooms.clock).close()

    def _open(self, path: Path) -> View:
        return open_view(path, self._keyring.unseal)

    def engine(self, *earlier: nodes.Analysis) -> Engine:
        """An engine whose project has released nothing but the `earlier` tables."""
        books = self.folder / f"{next(self._number)}.sqlite"
        shutil.copyfile(self.folder / "empty.sqlite", books)
        records = open_records(f"sqlite:///{books}", self._rooms.clock)
        event = AuditEvent(What.PERMIT_GRANT, "os:bench", PERMIT.project)
        records.permits.grant(PERMIT, event)
        records.permits.set_view(PERMIT.project, self._held.view_version, event)
        policies = PolicyFolder(POLICIES)
        made = Engine(
            records, self._rooms.clock, self._views, policies, self._keyring, self._executor
        )
        for analysis in earlier:
            ask(made, analysis)
        return made

    def bare(self) -> Callable[[], pl.DataFrame]:
        """The same counts by polars alone, from the same encrypted files."""
        parts = [
            (
                self.view.path / part["file"],
                pl.ParquetDecryptionProperties(
                    footer_key=bytes.fromhex(part["footer_key"]),
                    column_keys={k: bytes.fromhex(v) for k, v in part["column_keys"].items()},
                    aad_prefix=part["aad_prefix"].encode(),
                ),
            )
            for part in self.view.sealed_keys({DATASET: (ROWS, COLUMNS)})["datasets"][DATASET]
        ]

        def counts() -> pl.DataFrame:
            scans = [pl.scan_parquet(path, decryption=keys, glob=False) for path, keys in parts]
            return pl.concat(scans).group_by(ROWS, COLUMNS).len().collect()

        return counts


@cache
def house() -> House:
    """One house for both benchmarks."""
    folder = Path(tempfile.mkdtemp(prefix="wb-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return House(folder)


def ask(engine: Engine, analysis: nodes.Analysis) -> Answer:
    """The engine's answer to a plan that it has not seen; an error if it is refused or replayed."""
    text = canonical(Plan(analysis=analysis)).decode()
    answer = engine.run(
        PERMIT.project, "researcher", text, cancelled=Event(), progress=lambda done, total: None
    )
    if answer["replayed"]:
        raise SystemExit("a run was a replay: nothing was measured")
    return answer


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and the answer."""
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def gate(*earlier: nodes.Analysis) -> tuple[float, Answer]:
    """One first release: plan text to recorded release; the engine is made before the clock."""
    engine = house().engine(*earlier)
    try:
        return timed(lambda: ask(engine, TABLE))
    finally:
        engine.records.close()  # type: ignore[attr-defined] # the SQL records have it


def agreement(answer: Answer, counts: pl.DataFrame) -> tuple[int, int, int]:
    """Cells of an answer, margins too, that are shown and true, withheld, shown and untrue."""
    true = {(row, column): number for row, column, number in counts.iter_rows()}
    right = withheld = wrong = 0
    for cell in answer["body"]["cells"]:
        expected = sum(
            number
            for codes, number in true.items()
            if all(at in ("Σ", code) for at, code in zip(cell["codes"], codes, strict=True))
        )
        if cell["mark"]:
            withheld += 1
        elif cell["values"]["n"] == expected:
            right += 1
        else:
            wrong += 1
    return right, withheld, wrong


def gate_vs_polars() -> Result:
    """What the gate costs on top of counting; the shown counts have to be polars' own."""
    bare = house().bare()
    gate(), bare(), gate(*EARLIER)  # the first of each reads from the disk
    ours, theirs, later = [], [], []
    right = withheld = wrong = 0
    for _ in range(RUNS):
        seconds, answer = gate()
        ours.append(seconds)
        seconds, counts = timed(bare)
        theirs.append(seconds)
        later.append(gate(*EARLIER)[0])
        right, withheld, wrong = agreement(answer, counts)
    value, other = statistics.median(ours), statistics.median(theirs)
    return Result(
        name="gate_vs_polars",
        value=value,
        unit="s",
        against="polars group_by on the same encrypted Parquet",
        ratio=value / other,
        target="reported",
        ok=wrong == 0 and right > 0 and withheld > 0,
        notes=(
            "1,000,000 persons × 10 × 20 cells with margins, encrypted view, plan text to recorded "
            "release (SQLite) with certificate; the project's first release. "
            f"polars, without margins: {other:.4f} s. Of the answer's cells and margins {right} "
            f"are shown and equal polars' counts, {withheld} are withheld, {wrong} differ. With "
            f"two earlier releases in the ledger: {statistics.median(later):.3f} s. Medians of "
            f"{RUNS} runs in turn, each with a new database"
        ),
    )


def gate_vs_acro() -> Result:
    """The whole gate against acro's crosstab with suppression of the same two columns."""
    with _acro() as crosstab:
        gate(), crosstab()
        ours, theirs = [], []
        for _ in range(ACRO_RUNS):
            ours += [gate()[0] for _ in range(3)]
            theirs.append(crosstab())
    value, other = statistics.median(ours), statistics.median(theirs)
    return Result(
        name="gate_vs_acro",
        value=value,
        unit="s",
        against="acro 1.0.2 crosstab, suppress=True",
        ratio=other / value,
        target=f">= {FASTER}",
        ok=other >= FASTER * value,
        notes=(
            "the table of `gate_vs_polars`, the whole way against acro's crosstab call alone "
            "(margins, suppression of small cells) on the plain columns in memory; acro: "
            f"{other:.2f} s. Medians of {3 * ACRO_RUNS} and {ACRO_RUNS} runs in turn; the ratio "
            "is acro's time over ours. acro withholds no complementary cells, compares with no "
            "earlier release and signs nothing"
        ),
    )


@contextmanager
def _acro() -> Iterator[Callable[[], float]]:
    """Runs acro's crosstab once a call, in its own environment; the seconds it took."""
    subprocess.run([ROOT / "images/setup", "acro"], check=True, stdout=sys.stderr)
    script = Path(__file__).with_name("acro_crosstab.py")
    command = [str(ACRO), str(script), str(plaintext()), ROWS, COLUMNS]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=house().folder,
    ) as process:
        asked, told = process.stdin, process.stdout
        if asked is None or told is None:
            raise SystemExit("acro has no pipes")

        def crosstab() -> float:
            asked.write("run\n")
            asked.flush()
            return float(json.loads(told.readline())["seconds"])

        try:
            if json.loads(told.readline())["version"] != "1.0.2":
                raise SystemExit("acro is of another version")
            yield crosstab
        finally:
            asked.close()
