"""Many spenders at once, some of them shot: nothing overspent, nothing lost, the chain whole."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import pytest

from tests.lib import samples
from workbench.adapters.clock import SystemClock
from workbench.adapters.sql import SqlRecords, open_records
from workbench.adapters.sql.chain import Writing
from workbench.domain.chain import verify
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputState

PROCESSES = multiprocessing.get_context("fork")
PRICE, GRANTED = Fraction(1, 101), 2


def spend(url: str, worker: int, told: Path) -> None:
    """Spend until refused; every answer is noted before the next question."""
    records = open_records(url, SystemClock())
    with told.open("a") as notes:
        for number in range(1000):
            release = samples.release(worker * 1000 + number, rho=PRICE)
            ledger = samples.membership(worker * 1000 + number)
            try:
                records.releases.record(release, ledger, samples.event(subject=release.id))
            except Refusal as refused:
                os._exit(0 if refused.code == "budget_exhausted" else 3)
            notes.write(release.id + "\n")
            notes.flush()
    os._exit(4)


def start(url: str, worker: int, told: Path) -> multiprocessing.process.BaseProcess:
    process = PROCESSES.Process(target=spend, args=(url, worker, told))
    process.start()
    return process


def test_sixteen_spenders_some_of_them_killed_never_overspend(url: str, tmp_path: Path) -> None:
    records = open_records(url, SystemClock())
    records.permits.grant(samples.permit(budget_rho=str(GRANTED)), samples.event())
    records.close()  # no connection may cross a fork
    told = tmp_path / "told"

    spenders = [start(url, worker, told) for worker in range(16)]
    killed = []
    for worker in range(16, 24):
        time.sleep(0.03)
        victim = spenders[worker % 16]
        if victim.is_alive() and victim.pid:
            os.kill(victim.pid, signal.SIGKILL)
            killed.append(victim)
        spenders.append(start(url, worker, told))
    for spender in spenders:
        spender.join(60)

    assert killed
    assert {one.exitcode for one in spenders if one not in killed} == {0}
    releases = records.releases.of_project("study")
    account = records.releases.account("study")
    assert account.spent == PRICE * len(releases)
    assert account.spent <= GRANTED < account.spent + PRICE
    assert set(told.read_text().split()) <= {release.id for release in releases}
    assert len(records.releases.memberships("study")) == len(releases)
    events = [entry.event.subject for entry in records.audit.entries()]
    assert sorted(events[1:]) == sorted(release.id for release in releases)
    assert verify(records.audit.entries(), records.audit.anchors()).whole
    records.close()


def test_threads_that_share_the_books_never_overspend(opened: SqlRecords) -> None:
    opened.permits.grant(samples.permit(budget_rho="1/4"), samples.event())

    def attempt(number: int) -> bool:
        release = samples.release(number, rho=Fraction(1, 100))
        try:
            opened.releases.record(release, samples.membership(number), samples.event())
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(attempt, range(64)))

    assert sum(answers) == 25
    assert opened.releases.account("study").spent == Fraction(1, 4)
    assert verify(opened.audit.entries(), opened.audit.anchors()).whole


def test_the_same_question_at_once_is_charged_once(opened: SqlRecords) -> None:
    opened.permits.grant(samples.permit(), samples.event())

    def ask(number: int) -> str:
        same = samples.release(number, rho=Fraction(1, 4), fingerprint="f" * 64)
        return opened.releases.record(same, samples.membership(number), samples.event()).id

    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(ask, range(16)))

    assert len(answers) == 1
    assert opened.releases.account("study").spent == Fraction(1, 4)


def test_of_officers_that_decide_at_once_one_decides(opened: SqlRecords) -> None:
    opened.permits.grant(samples.permit(), samples.event())
    request = samples.request()
    opened.outputs.submit(request, samples.event())
    decisions = [OutputState.APPROVED, OutputState.REJECTED, OutputState.RETURNED] * 4

    def decide(number: int) -> str:
        review = samples.review(request, decisions[number], officer=f"officer{number}")
        try:
            opened.outputs.move(
                request.id, OutputState.SUBMITTED, decisions[number], samples.event(), review=review
            )
        except Refusal as refused:
            return refused.code
        return "decided"

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(decide, range(12)))

    assert sorted(answers) == ["decided"] + ["moved_on"] * 11
    found = opened.outputs.find(request.id)
    assert found is not None
    assert len(found.reviews) == 1


def dying(url: str, act: Callable[[SqlRecords], None]) -> int | None:
    """The exit code of a process that is killed between an event and its commit."""

    def die() -> None:
        told = Writing.append

        def append(self: Writing, event: object, once: str = "") -> object:
            told(self, event, once)
            os.kill(os.getpid(), signal.SIGKILL)

        Writing.append = append
        act(open_records(url, SystemClock()))

    process = PROCESSES.Process(target=die)
    process.start()
    process.join(30)
    return process.exitcode


@pytest.mark.parametrize("book", ["releases", "permits", "outputs"])
def test_a_crash_before_the_commit_leaves_nothing(url: str, book: str) -> None:
    records = open_records(url, SystemClock())
    records.permits.grant(samples.permit(), samples.event())
    records.close()
    acts: dict[str, Callable[[SqlRecords], object]] = {
        "releases": lambda r: r.releases.record(
            samples.release(rho=Fraction(1, 4)), samples.membership(), samples.event()
        ),
        "permits": lambda r: r.permits.set_view("study", "v9", samples.event()),
        "outputs": lambda r: r.outputs.submit(samples.request(), samples.event()),
    }

    assert dying(url, acts[book]) == -signal.SIGKILL
    assert records.releases.account("study").spent == 0
    assert records.releases.of_project("study") == ()
    assert records.outputs.waiting() == ()
    held = records.permits.find("study")
    assert held is not None
    assert held.view_version == ""
    assert len(list(records.audit.entries())) == 1
    acts[book](records)
    assert verify(records.audit.entries(), records.audit.anchors()).entries == 2
    records.close()


def test_a_reader_does_not_wait_for_a_writer(opened: SqlRecords) -> None:
    opened.permits.grant(samples.permit(), samples.event())
    with opened.permits._store.write() as writing:
        writing.append(samples.event())

        assert len(opened.permits.all()) == 1
        assert len(list(opened.audit.entries())) == 1
