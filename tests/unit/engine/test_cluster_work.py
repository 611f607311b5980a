"""What a worker holds between rounds, and when it lets go of it."""

from pathlib import Path

import polars as pl
import pytest

from tests.lib.cluster import Derives
from tests.lib.file_view import FileView
from tests.lib.small_world import small_view
from workbench.engine.cluster import work
from workbench.engine.cluster.executor import _There
from workbench.engine.cluster.request import Forget
from workbench.engine.cluster.work import ANSWER, FAILED, run_group
from workbench.engine.executor import Job
from workbench.engine.groups import Group
from workbench.plan import Plan, Schema, check, nodes

PERSON = nodes.Dataset(name="person")
ROUNDS = nodes.Quantiles(cohort=PERSON, variable="weight")
ONCE = nodes.Crosstab(cohort=PERSON, by=("sex",))
GROUP = Group((0, 1), 1)


class Line:
    """Stands for the line to a scheduler: a request is run here."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    def ask(self, request: str, *_events: object) -> bytes:
        self.requests.append(request)
        return run_group(request)

    def tell(self, request: str) -> None:
        self.ask(request)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """A worker that has nothing in hand yet; the files that it reads."""
    (tmp_path / "unseal.key").write_text(Derives().derive("cluster workers 1").hex())
    monkeypatch.setattr(work, "_held", work._Held())
    work.prepare(tmp_path / "views", tmp_path)
    files: list[Path] = []
    scan = work.scan

    def noted(path: Path, *rest: object) -> pl.LazyFrame:
        files.append(path)
        return scan(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "scan", noted)
    return files


def there(tmp_path: Path, analysis: nodes.Analysis, keep: int = 1 << 30) -> tuple[_There, Line]:
    from threading import Event

    from workbench.engine.cluster.certificates import worker_key

    view, line = FileView(tmp_path / "views", small_view()), Line()
    schema = Schema.from_view(view.describe())
    checked = check(Plan(analysis=analysis), schema)
    job = Job(checked, view, schema, Event(), lambda done, total: None)
    return _There(job, line, worker_key(Derives()), keep), line  # type: ignore[arg-type]


def test_rows_of_a_plan_of_several_rounds_are_read_once_and_forgotten_at_its_end(
    tmp_path: Path, read: list[Path]
) -> None:
    made, line = there(tmp_path, ROUNDS)
    state = made_state(made)

    made.run(0, GROUP, state, placing=True)
    assert len(read) == 2
    made.run(0, GROUP, state, placing=False)
    assert len(read) == 2, "held for the next round"
    made.end()
    assert work._held._rows == {}
    run_group(line.requests[0])
    assert len(read) == 4, "nothing was held"


def test_rows_of_a_plan_of_one_round_are_not_held(tmp_path: Path, read: list[Path]) -> None:
    made, _ = there(tmp_path, ONCE)

    made.run(0, GROUP, {}, placing=True)

    assert work._held._rows == {}


def test_more_rows_than_there_is_room_for_are_read_again(tmp_path: Path, read: list[Path]) -> None:
    made, _ = there(tmp_path, ROUNDS, keep=10)

    for _ in range(2):
        made.run(0, GROUP, made_state(made), placing=True)

    assert len(read) == 4


def test_rows_that_nobody_asks_for_are_let_go(
    tmp_path: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = there(tmp_path, ROUNDS)
    made.run(0, GROUP, made_state(made), placing=True)

    work.forget_old()
    assert work._held._rows
    monkeypatch.setattr(work, "HELD", -1.0)
    work.forget_old()
    assert work._held._rows == {}


def test_the_end_of_one_plan_leaves_another_what_it_holds(tmp_path: Path, read: list[Path]) -> None:
    one, _ = there(tmp_path, ROUNDS)
    one.run(0, GROUP, made_state(one), placing=True)

    run_group(Forget(session="f" * 32).model_dump_json())

    assert work._held._rows


@pytest.mark.parametrize("text", ["", "{}", '{"k": "work"}', "[]", '{"k": "run", "code": "1"}'])
def test_whatever_a_worker_is_asked_it_answers_and_says_no_more_than_an_incident(text: str) -> None:
    answer = run_group(text)

    assert answer[:1] == FAILED
    assert len(answer) == 9


def test_forgetting_is_answered() -> None:
    assert run_group(Forget(session="0" * 32).model_dump_json()) == ANSWER


def made_state(made: _There) -> dict[str, object]:
    from workbench.engine.analyses import computation_of

    return dict(computation_of(made._job.checked).start())
