"""Random layers: whatever is combined, no rule ever becomes weaker than any layer before asks."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import Refusal
from disclosure.policy import KEYS, load_policy
from tests.lib.gate import layer
from tests.unit.disclosure.test_policy import STRICTER, WEAKER, made

DEFAULT = layer("default.toml")


def values(key: str) -> st.SearchStrategy[Any]:
    """Values around the default, stricter and weaker, as a file may give them."""
    default = DEFAULT["rules"][key]
    if isinstance(default, list):
        return st.lists(st.sampled_from(["sex", "hiv", "*"]), max_size=2)
    ends = [Fraction(str(one)) for one in (WEAKER[key], STRICTER[key], default)]
    between = st.fractions(min(ends), max(ends), max_denominator=100)
    return between.map(str) if isinstance(default, str) else between.map(int)


RULES = st.fixed_dictionaries({}, optional={key: values(key) for key in sorted(KEYS)})
LAYERS = st.tuples(st.lists(RULES, max_size=3), st.lists(RULES, max_size=2))


def at_least_as_strict(found: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    return all(
        KEYS[key].stricter(found[key], KEYS[key].read(value)) == found[key]
        for key, value in asked.items()
    )


@settings(max_examples=300, deadline=None)
@given(LAYERS)
def test_every_layer_that_is_accepted_is_kept(layers: tuple[list[Any], list[Any]]) -> None:
    registries, projects = layers
    told = [DEFAULT]
    told += [made("registry", **rules) for rules in registries]
    told += [made("project", **rules) for rules in projects]
    try:
        policy = load_policy(told)
    except Refusal as refusal:
        named = refusal.code in ("policy_weaker", "policy_malformed") and "`" in str(refusal)
        assert named, str(refusal)  # noqa: PT017 - most layers are accepted, some are not
        return
    found = {key: getattr(policy, key) for key in KEYS}
    for one in told:
        assert at_least_as_strict(found, one["rules"])
    # One more layer that the loader accepts never takes a rule back.
    for more in projects:
        try:
            further = load_policy([*told, made("project", **more)])
        except Refusal:
            continue
        kept = {key: getattr(further, key) for key in KEYS}
        assert all(KEYS[key].stricter(found[key], kept[key]) == kept[key] for key in KEYS)


@settings(max_examples=200, deadline=None)
@given(st.permutations([0, 1, 2]), st.lists(RULES, min_size=3, max_size=3))
def test_the_order_of_registries_does_not_matter(order: list[int], rules: list[Any]) -> None:
    def outcome(chosen: list[Any]) -> Any:
        try:
            policy = load_policy([DEFAULT, *(made("registry", **one) for one in chosen)])
        except Refusal as refusal:
            return refusal.code
        return {key: getattr(policy, key) for key in KEYS}

    assert outcome(rules) == outcome([rules[at] for at in order])


def test_every_key_is_an_order() -> None:
    """The stricter of two is one of them (or both together), whichever is named first."""
    for key, kind in KEYS.items():
        low, high = kind.read(WEAKER[key]), kind.read(STRICTER[key])
        assert kind.stricter(low, high) == kind.stricter(high, low) == high
        assert kind.stricter(low, low) == low
