"""Bucket groups of a plan: large enough to be worth a query, small enough for the memory given."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.domain.errors import Refusal
from workbench.engine.views import ProjectView
from workbench.plan import Plan, lineage

__all__ = ["GROUP_ROWS", "Group", "groups_of", "reads_of"]

GROUP_ROWS = 2_000_000
"""Small buckets are run together until a group holds so many rows: a query costs some
milliseconds of its own, whatever it reads."""
LEAST_ROWS = 100_000
"""So few rows are not worth a thread of their own; of more, each thread has its share."""
ROW = 16
"""Bytes of a value as a query holds it: eight of its own, or a text's view, and as many between."""
PERSON = 96
"""Bytes of a person in the person frame and what is joined to it."""


@dataclass(frozen=True)
class Group:
    """Buckets that are run together; need: bytes that this will take, as estimated."""

    buckets: tuple[int, ...]
    need: int


def groups_of(
    view: ProjectView,
    reads: Mapping[str, int],
    memory: int,
    at_once: int,
    worth: int = GROUP_ROWS,
) -> tuple[Group, ...]:
    """The groups of a plan in the buckets' order.

    reads: columns that the plan reads of each dataset. memory: bytes that the plan may take with
    `at_once` groups under way. worth: rows that are worth a group of their own.

    Raises Refusal("too_much_memory") when a single bucket takes more.
    """
    held_in = [[view.rows(name, bucket) for name in reads] for bucket in range(len(view.persons))]
    largest = [max((persons, *held)) for persons, held in zip(view.persons, held_in, strict=True)]
    enough = min(worth, max(LEAST_ROWS, -(-sum(largest) // at_once)))
    groups: list[Group] = []
    buckets: list[int] = []
    rows = need = 0
    for bucket, (persons, held) in enumerate(zip(view.persons, held_in, strict=True)):
        size = persons * PERSON + sum(
            count * ROW * (columns + 1) for count, columns in zip(held, reads.values(), strict=True)
        )
        if size > memory:
            raise Refusal(
                "too_much_memory",
                "The plan reads more at once than the permit's memory for a plan.",
                "Read fewer variables in one plan, or ask for a larger plan_memory_mb.",
            )
        if buckets and (rows >= enough or need + size > memory // at_once):
            groups.append(Group(tuple(buckets), need))
            buckets, rows, need = [], 0, 0
        buckets.append(bucket)
        rows += largest[bucket]
        need += size
    if buckets:
        groups.append(Group(tuple(buckets), need))
    return tuple(groups)


def reads_of(plan: Plan) -> dict[str, int]:
    """How many variables a plan reads of each of its datasets."""
    found = lineage(plan)
    columns = Counter(name.partition(".")[0] for name in found.variables)
    return {name: columns[name] for name in found.datasets}
