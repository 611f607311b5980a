"""What a plan may take: over it nothing is charged, nothing released, and the service goes on."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.lib.engine_world import World
from tests.lib.plain_view import PlainView
from tests.lib.small_world import slow_view, small_view
from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.plan import nodes

PERSONS = nodes.Dataset(name="person")
NOISY = nodes.DpCount(cohort=PERSONS, by=("sex",), rho="1/4")
TABLE = nodes.Crosstab(cohort=PERSONS, by=("sex", "vital"))


class HugeView(PlainView):
    """Says that a bucket holds more rows than any memory."""

    def rows(self, dataset: str, bucket: int) -> int:
        return 10**9


class CountedView(PlainView):
    """Counts how often each bucket is read."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.read: Counter[int] = Counter()

    def scan(self, dataset: str, bucket: int) -> pl.LazyFrame:
        self.read[bucket] += 1
        return super().scan(dataset, bucket)


def as_kind(kind: type[PlainView], view: PlainView) -> Any:
    return kind(view.frames, view.count, view.buckets, view.project, view.version)


def refused(world: World, project: str) -> Refusal:
    with pytest.raises(Refusal) as found:
        world.ask(NOISY, project)
    return found.value


def assert_nothing_happened(world: World, project: str, code: str) -> None:
    books = world.records.releases
    assert books.account(project).spent == 0
    assert books.of_project(project) == ()
    assert books.memberships(project) == ()
    assert world.audited(What.PLAN_RELEASE) == []
    assert world.audited(What.PLAN_REFUSE)[-1].details["code"] == code
    world.add(small_view("beta"))
    assert world.ask(TABLE, "beta")["release"], "others are still served"


def test_a_plan_that_takes_longer_than_its_permit_gives_is_stopped(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.add(slow_view(), plan_seconds=1)

    refusal = refused(world, "alpha")

    assert refusal.code == "too_long"
    assert "plan_seconds" in refusal.remedy
    assert_nothing_happened(world, "alpha", "too_long")


def test_a_plan_whose_smallest_part_exceeds_its_memory_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.add(as_kind(HugeView, small_view()))

    refusal = refused(world, "alpha")

    assert refusal.code == "too_much_memory"
    assert "plan_memory_mb" in refusal.remedy
    assert_nothing_happened(world, "alpha", "too_much_memory")


def test_the_same_plan_asked_by_many_at_once_is_run_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    view = as_kind(CountedView, small_view())
    world.add(view)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: world.ask(TABLE, "alpha"), range(4)))

    assert len({one["release"] for one in answers}) == 1
    assert sorted(one["replayed"] for one in answers) == [False, True, True, True]
    assert set(view.read.values()) == {1}, view.read
    assert len(world.audited(What.PLAN_RELEASE)) == 1
    assert len(world.audited(What.PLAN_REPLAY)) == 3


def test_when_the_first_of_two_fails_the_second_computes_for_itself(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.add(slow_view(), plan_seconds=1)

    with ThreadPoolExecutor(2) as threads:
        codes = list(threads.map(lambda _: refused(world, "alpha").code, range(2)))

    assert codes == ["too_long", "too_long"]
