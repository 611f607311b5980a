"""A privacy budget under 64 spenders at once, many of them killed: nothing overspent or lost."""

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from tests.bench.result import Result
from tests.lib import samples
from tests.lib.postgres import Cluster
from workbench.adapters.clock import SystemClock
from workbench.adapters.sql import open_records
from workbench.adapters.sql.chain import Writing
from workbench.domain.budget import Charge
from workbench.domain.chain import verify
from workbench.domain.errors import Refusal

PROCESSES = multiprocessing.get_context("fork")
SPENDERS, KILLS = 64, 64
PRICE, GRANTED = Fraction(1, 997), Fraction(1)
LAB = Charge("lab", Fraction(3, 4))
"""A registry that holds less than the project: it decides for every other question."""
CRASH = 0.01
"""Of the spends this share kills its own process in the middle of the transaction."""


@dataclass(frozen=True)
class Spent:
    """What the books of one database say afterwards, beside what the spenders were told."""

    releases: int
    killed: int
    overspent: int
    lost: int
    whole: bool
    seconds: float


def budget_concurrency() -> Result:
    """Spend until every account is empty, on SQLite and on PostgreSQL."""
    found = {}
    for name, place in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with place() as url, tempfile.TemporaryDirectory() as folder:
            found[name] = _spent(url, Path(folder))
    overspent = sum(one.overspent for one in found.values())
    lost = sum(one.lost for one in found.values())
    sound = all(one.whole and one.killed for one in found.values())
    told = "; ".join(
        f"{name}: {one.releases} answers in {one.seconds:.1f} s, {one.killed} spenders killed"
        for name, one in found.items()
    )
    return Result(
        name="budget_concurrency",
        value=overspent + lost,
        unit="overspent or lost",
        against="the exact sum of what was granted",
        ratio=overspent + lost,
        target="0",
        ok=not overspent and not lost and sound,
        notes=(
            f"{SPENDERS} processes spend ρ = {PRICE} at a time of a project's ρ = {GRANTED}, every "
            f"other question from a registry's account of ρ = {LAB.limit} as well, until refused; "
            "some are killed (SIGKILL) at any moment, some kill themselves between the event and "
            "the commit, and others take their place. Afterwards no account is above its grant, "
            "every answer that a spender was told is in the books, each with its charge and its "
            f"event, and the audit chain is whole. {told}"
        ),
    )


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/books.sqlite"


@contextmanager
def _postgresql() -> Iterator[str]:
    cluster = Cluster(connections=2 * SPENDERS)
    try:
        yield cluster.url(cluster.create())
    finally:
        cluster.close()


def _spend(url: str, worker: int, notes: Path) -> None:
    """Spend until both kinds of question are refused; what is told is noted before going on."""
    chance, append = np.random.default_rng(worker), Writing.append

    def dying(self: Writing, event: object, once: str = "") -> object:
        entry = append(self, event, once)  # type: ignore[arg-type]  # passed on as it came
        if chance.random() < CRASH:
            os.kill(os.getpid(), signal.SIGKILL)
        return entry

    Writing.append = dying  # type: ignore[method-assign,assignment]  # the test's own crash
    records = open_records(url, SystemClock())
    empty: set[bool] = set()
    with (notes / str(worker)).open("a") as told:
        for number in range(100_000):
            linked = number % 2 == 0
            if linked in empty:
                if len(empty) == 2:
                    os._exit(0)
                continue
            release = samples.release(worker * 100_000 + number, rho=PRICE)
            charged = (LAB,) if linked else ()
            event = samples.event(subject=release.id)
            try:
                records.releases.record(release, None, event, charged)
            except Refusal as refused:
                if refused.code not in ("budget_exhausted", "registry_budget_exhausted"):
                    os._exit(3)
                empty.add(linked)
            else:
                told.write(f"{release.id} {int(linked)}\n")
                told.flush()
    os._exit(4)


def _spent(url: str, notes: Path) -> Spent:
    records = open_records(url, SystemClock())
    records.permits.grant(samples.permit(budget_rho=str(GRANTED)), samples.event())
    records.close()  # no connection crosses a fork
    start, chance = time.perf_counter(), np.random.default_rng(4)
    workers = iter(range(1, 100_000))

    def born() -> multiprocessing.process.BaseProcess:
        process = PROCESSES.Process(target=_spend, args=(url, next(workers), notes))
        process.start()
        return process

    living, ended = [born() for _ in range(SPENDERS)], []
    killed = kills = 0
    while living:
        time.sleep(0.02)
        if kills < KILLS:
            victim = living[int(chance.integers(len(living)))]
            if victim.pid and victim.is_alive():
                os.kill(victim.pid, signal.SIGKILL)
                kills += 1
        for one in [one for one in living if not one.is_alive()]:
            living.remove(one)
            ended.append(one)
            if one.exitcode == -signal.SIGKILL:
                killed += 1
                living.append(born())  # whoever was killed is replaced
    if {one.exitcode for one in ended} - {0, -signal.SIGKILL}:
        raise SystemExit("a spender ended otherwise than refused or killed")
    return _judged(url, notes, killed, time.perf_counter() - start)


def _judged(url: str, notes: Path, killed: int, seconds: float) -> Spent:
    records = open_records(url, SystemClock())
    releases = records.releases.of_project("study")
    known = {one.id for one in releases}
    lines = [line.split() for path in notes.iterdir() for line in path.read_text().splitlines()]
    told = {line[0] for line in lines if len(line) == 2}
    linked = {line[0] for line in lines if len(line) == 2 and line[1] == "1"}
    account = records.releases.account("study")
    (lab,) = records.releases.registry_accounts("study")
    overspent = int(account.spent > GRANTED) + int(lab.spent > LAB.limit)
    overspent += int(account.spent != PRICE * len(releases))
    # Who was refused left less than one price; a told linked answer is in the registry's account.
    whole = account.spent + PRICE > GRANTED and lab.spent >= PRICE * len(linked)
    events = [entry.event.subject for entry in records.audit.entries()][1:]
    whole = whole and sorted(events) == sorted(known)
    whole = whole and verify(records.audit.entries(), records.audit.anchors()).whole
    records.close()
    return Spent(len(releases), killed, overspent, len(told - known), whole, seconds)
