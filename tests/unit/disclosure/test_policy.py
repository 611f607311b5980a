"""Layers of policy: combined by strictness, refused by name when weaker, malformed or unknown."""

from fractions import Fraction
from typing import Any

import pytest

from disclosure.errors import Refusal
from disclosure.policy import KEYS, load_policy
from tests.lib.gate import POLICIES, layer

WEAKER: dict[str, Any] = {
    "threshold": 9,
    "spread": 5,
    "minimum_population": 999,
    "small_population": 99,
    "small_view": 50_001,
    "group_rows": 2,
    "sensitive": ["sex"],
    "dominance_one": "51/100",
    "dominance_two": "81/100",
    "p_percent": "9/100",
    "maximum_cells": 20_001,
    "solver_seconds": 21,
    "rho_per_release": "51/100",
    "rho_per_registry": "201/100",
}
STRICTER: dict[str, Any] = {
    "threshold": 11,
    "spread": 7,
    "minimum_population": 1001,
    "small_population": 101,
    "small_view": 1,
    "group_rows": 4,
    "sensitive": ["*"],
    "dominance_one": "4/10",
    "dominance_two": "7/10",
    "p_percent": "2/10",
    "maximum_cells": 100,
    "solver_seconds": 1,
    "rho_per_release": 0,
    "rho_per_registry": "1/2",
}


def made(level: str, **rules: Any) -> dict[str, Any]:
    head = {"level": level, "name": f"a-{level}", "version": 1}
    return {**head, "written_by": "w", "approved_by": "a", "rules": rules}


def test_every_key_has_a_weaker_and_a_stricter_value_here() -> None:
    assert set(WEAKER) == set(STRICTER) == set(KEYS)


@pytest.mark.parametrize("key", sorted(KEYS))
@pytest.mark.parametrize("level", ["registry", "project"])
def test_a_weaker_layer_is_refused_by_the_name_of_the_key(level: str, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        load_policy([layer("default.toml"), made(level, **{key: WEAKER[key]})])
    assert refused.value.code == "policy_weaker"
    assert f"`{key}`" in str(refused.value)


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_stricter_layer_holds_and_changes_the_hash(key: str) -> None:
    default = load_policy([layer("default.toml"), made("registry")])
    found = load_policy([layer("default.toml"), made("registry", **{key: STRICTER[key]})])
    if key != "sensitive":
        assert getattr(found, key) == Fraction(STRICTER[key])
        assert found.hash != default.hash


def test_the_strictest_of_all_linked_registries_applies() -> None:
    layers = [made("registry", threshold=n, p_percent=p) for n, p in ((12, "1/10"), (15, "1/5"))]
    for order in (layers, layers[::-1]):
        found = load_policy([layer("default.toml"), *order])
        assert (found.threshold, found.p_percent) == (15, Fraction(1, 5))


def test_a_project_may_not_be_weaker_than_its_strictest_registry() -> None:
    registry = made("registry", threshold=20)
    with pytest.raises(Refusal, match="threshold"):
        load_policy([layer("default.toml"), registry, made("project", threshold=15)])


@pytest.mark.parametrize(
    ("broken", "key"),
    [
        ({**made("project"), "colour": "red"}, "colour"),
        (made("project", treshold=10), "treshold"),
        (made("project", threshold="10"), "threshold"),
        (made("project", threshold=True), "threshold"),
        (made("project", threshold=2), "threshold"),
        (made("project", p_percent=0.2), "p_percent"),
        (made("project", sensitive="sex"), "sensitive"),
        (made("project", p_percent="1/0"), "p_percent"),
        ({**made("project"), "approved_by": "w"}, "approved_by"),
        ({**made("project"), "version": "1"}, "version"),
        ({**made("project"), "level": "friend"}, "level"),
        ({**made("project"), "rules": []}, "rules"),
        (made("project", spread=9), "spread"),
    ],
)
def test_what_nobody_knows_or_could_mean_is_refused(broken: dict[str, Any], key: str) -> None:
    with pytest.raises(Refusal) as refused:
        load_policy([layer("default.toml"), broken])
    assert refused.value.code == "policy_malformed"
    assert f"`{key}`" in str(refused.value)


def test_layers_stand_in_their_order_and_the_default_is_complete() -> None:
    default = layer("default.toml")
    for wrong in ([], [made("project")], [default, default], [default, made("project"),
                  made("registry")]):  # fmt: skip
        with pytest.raises(Refusal):
            load_policy(wrong)
    del default["rules"]["threshold"]
    with pytest.raises(Refusal, match="incomplete"):
        load_policy([default])


def test_every_policy_file_loads_and_none_is_weaker_than_the_default() -> None:
    files = [path for path in POLICIES.rglob("*.toml") if path.name != "default.toml"]
    assert len(files) >= 4
    for path in files:
        load_policy([layer("default.toml"), layer(str(path.relative_to(POLICIES)))])


def test_a_contract_narrows_only_the_star() -> None:
    default = load_policy([layer("default.toml")])
    assert default.is_sensitive("hiv", None)
    assert not default.is_sensitive("sex", frozenset({"hiv"}))
    named = load_policy([layer("default.toml"), made("project", sensitive=["*"])])
    assert named.is_sensitive("hiv", frozenset({"hiv"}))
