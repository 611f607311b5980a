"""How the buckets of a view are put together to be run."""

from collections.abc import Sequence

import pytest

from tests.lib.plain_view import PlainView
from workbench.domain.errors import Refusal
from workbench.engine.groups import GROUP_ROWS, PERSON, ROW, groups_of, reads_of
from workbench.plan import Plan, nodes

READS = {"visit": 2}


class Sized(PlainView):
    """A view of so many rows in each bucket, a fifth as many persons."""

    sizes: Sequence[int]

    @property
    def persons(self) -> tuple[int, ...]:
        return tuple(rows // 5 for rows in self.sizes)

    def rows(self, dataset: str, bucket: int) -> int:
        return self.sizes[bucket]


def sized(sizes: Sequence[int]) -> Sized:
    made = Sized({}, 0)
    made.sizes = sizes
    return made


def need(rows: int) -> int:
    return rows // 5 * PERSON + rows * ROW * 3


def test_small_buckets_are_run_together_and_every_bucket_once_in_order() -> None:
    groups = groups_of(sized([GROUP_ROWS // 10] * 64), READS, 1 << 40, 2)

    assert [bucket for group in groups for bucket in group.buckets] == list(range(64))
    assert {len(group.buckets) for group in groups} == {10, 4}


def test_each_thread_has_its_share_of_what_would_fit_one_group() -> None:
    groups = groups_of(sized([GROUP_ROWS // 16] * 16), READS, 1 << 40, 2)

    assert [len(group.buckets) for group in groups] == [8, 8]


def test_a_group_is_told_what_it_takes() -> None:
    (group,) = groups_of(sized([1000, 2000]), READS, 1 << 40, 2)

    assert group.need == need(1000) + need(2000)


def test_little_memory_makes_smaller_groups() -> None:
    rows = [GROUP_ROWS // 10] * 64

    groups = groups_of(sized(rows), READS, 4 * need(rows[0]), 2)

    assert {len(group.buckets) for group in groups} == {2}
    assert all(group.need * 2 <= 4 * need(rows[0]) for group in groups)


def test_a_bucket_that_fits_only_alone_is_run_alone() -> None:
    rows = [GROUP_ROWS // 10] * 8

    groups = groups_of(sized(rows), READS, need(rows[0]), 2)

    assert {len(group.buckets) for group in groups} == {1}


def test_a_bucket_that_fits_in_no_way_is_refused_without_a_number() -> None:
    with pytest.raises(Refusal) as refused:
        groups_of(sized([1000]), READS, need(1000) - 1, 2)

    assert refused.value.code == "too_much_memory"
    assert not any(letter.isdigit() for letter in refused.value.reason)


def test_a_plan_reads_the_variables_that_it_names() -> None:
    visits = nodes.Dataset(name="visit")
    inside = nodes.Filter(
        frame=visits,
        where=nodes.Compare(op="==", left=nodes.Column(name="kind"), right=nodes.Value(value="in")),
    )
    total = nodes.Reduce(op="sum", frame=inside, value=nodes.Column(name="value"))
    cohort = nodes.Derive(
        frame=nodes.Dataset(name="person"),
        columns=(nodes.Derived(name="total", value=total),),
    )

    plan = Plan(analysis=nodes.Describe(cohort=cohort, variable="total", by=("sex",)))

    assert reads_of(plan) == {"person": 1, "visit": 2}
