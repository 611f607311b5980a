"""Damaged plans: whatever is done to valid ones, there is a Refusal or a plan, and nothing else."""

import copy
import json
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.lib.plain_view import described
from tests.lib.plans import plans
from workbench.plan import Plan, Refusal, Schema, canonical, check, explain, lineage, parse, pruned

__all__ = ["damaged", "outcome", "some_plans"]

SCHEMA = Schema.from_view(described(30))
ODD: list[Any] = [
    "income", "sex", "visit", "date", None, True, -1, 0, 1, 3, 2**31, 2**63, 2**70, 1e400, -0.5, "",
    "Σ", "x" * 300, "2020-01-01", "9999-12-31", "0000-00-00", [], {}, [[]], [1, 2], ["sex", "sex"],
    {"k": "column", "name": "age"}, {"k": "persons"}, {"k": "dataset", "name": "visit"},
    {"k": "exists", "frame": {"k": "dataset", "name": "visit"}}, {"k": "python", "code": "1"},
    {"k": "value", "value": {"k": "value"}}, {"__class__": "x"}, "\ud800", "days", "integer",
]  # fmt: skip


def some_plans(count: int, start: int) -> list[Any]:
    """Random valid plans as JSON trees."""
    found: list[Any] = []

    @seed(start)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(plan=plans())
    def collect(plan: Plan) -> None:
        found.append(json.loads(canonical(plan)))

    collect()
    return found


def damaged(trees: list[Any], count: int, start: int) -> Iterator[str]:
    """`count` texts: trees with a part left out, renamed, put elsewhere or made odd, or cut."""
    chance = np.random.default_rng(start)
    texts = [json.dumps(tree) for tree in trees]
    places = [list(_places(tree)) for tree in trees]
    alike: dict[Any, list[tuple[int, tuple[Any, ...]]]] = defaultdict(list)
    for which, paths in enumerate(places):
        for path in paths:
            alike[path[-1] if path else None].append((which, path))
    for _ in range(count):
        which = int(chance.integers(len(trees)))
        tree = json.loads(texts[which])
        for _ in range(1 + int(chance.integers(2))):
            path = places[which][int(chance.integers(len(places[which])))]
            # What stands under the same name elsewhere often fits the form, and not the meaning.
            donors = alike[path[-1] if path else None]
            other, donor = donors[int(chance.integers(len(donors)))]
            tree = _changed(tree, path, chance, _at(trees[other], donor))
        text = json.dumps(tree)
        if chance.random() < 0.02:
            text = text[: int(chance.integers(len(text)))]
        yield text


def outcome(text: str) -> str:
    """The refusal's code, "accepted", or a fault told as "broken: …"."""
    try:
        plan = pruned(parse(text))
        check(plan, SCHEMA)
        lineage(plan)
        explain(plan)
    except Refusal as refusal:
        return refusal.code if refusal.reason and refusal.remedy else "broken: speechless"
    except Exception:  # noqa: BLE001 - what must never happen is what is looked for
        return f"broken: {traceback.format_exc(limit=-3)}"
    return "accepted"


def told(texts: Iterator[str]) -> Counter[str]:
    """How often each outcome; raises at the first that is none."""
    seen: Counter[str] = Counter()
    for text in texts:
        code = outcome(text)
        if code.startswith("broken"):
            raise AssertionError(f"{code}\n{text}")
        seen[code] += 1
    return seen


def _places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(tree, (dict, list)):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _places(value, (*path, key))


def _at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _changed(tree: Any, path: tuple[Any, ...], chance: np.random.Generator, donor: Any) -> Any:
    odd, donor = copy.deepcopy((ODD[int(chance.integers(len(ODD)))], donor))
    if not path:
        return donor if chance.random() < 0.5 else odd
    try:
        parent = _at(tree, path[:-1])
        what = int(chance.integers(5))
        if what == 0:
            del parent[path[-1]]
        elif what == 1 and isinstance(parent, dict):
            parent[f"{path[-1]}_"] = parent.pop(path[-1])
        else:
            parent[path[-1]] = odd if what == 2 else donor
    except (KeyError, IndexError, TypeError):
        return tree  # the first change has taken this place away
    return tree
