"""The policy of a release: layers of TOML that may only make each other stricter.

Layers come in the order default, registries, project. Each registry's layer is compared with the
default, the project's with the strictest of all before it. A key may be left out (nothing changes)
or made stricter; a weaker value is refused by name, and so is a key nobody knows.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Final

from disclosure.errors import Refusal

__all__ = ["EVERYTHING", "KEYS", "LEVELS", "LayerName", "Policy", "load_policy"]

EVERYTHING: Final = "*"
"""In `sensitive`: every dimension, but for those that a dataset's contract calls harmless."""

HEAD: Final = ("level", "name", "version", "written_by", "approved_by", "rules")
LEVELS: Final = ("default", "registry", "project")

Value = int | Fraction | frozenset[str]


@dataclass(frozen=True)
class LayerName:
    """Where a layer came from."""

    level: str
    name: str
    version: int
    written_by: str
    approved_by: str


@dataclass(frozen=True)
class Policy:
    """What the rules ask; see docs/reference/rules.md for each number's why.

    threshold: persons. spread: how many steps a withheld count must stay open. minimum_population,
    small_population: persons in a cohort, in ordinary views and in those below small_view persons.
    group_rows: a line of fewer than group_rows · threshold persons, all of them in one category,
    is a group disclosure. sensitive: names of dimensions (or EVERYTHING).
    dominance_one, dominance_two: the (1,k) and (2,k) rules as shares; p_percent: as a share.
    maximum_cells: inner cells; solver_seconds: audit time; rho_per_release: zCDP of one release;
    rho_per_registry: what one project may spend on the data of one registry.
    """

    threshold: int
    spread: int
    minimum_population: int
    small_population: int
    small_view: int
    group_rows: int
    sensitive: frozenset[str]
    dominance_one: Fraction
    dominance_two: Fraction
    p_percent: Fraction
    maximum_cells: int
    solver_seconds: int
    rho_per_release: Fraction
    rho_per_registry: Fraction
    layers: tuple[LayerName, ...]

    @property
    def words(self) -> str:
        """The effective values and the layers they came from, as JSON."""
        values = {key: _plain(getattr(self, key)) for key in KEYS}
        layers = [[getattr(one, f.name) for f in fields(LayerName)] for one in self.layers]
        return json.dumps({"layers": layers, "rules": values}, sort_keys=True)

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the policy's words."""
        return hashlib.sha256(self.words.encode()).hexdigest()

    def is_sensitive(self, dimension: str, contract: frozenset[str] | None) -> bool:
        """Whether the distribution over this dimension is guarded against group disclosure.

        contract: the dimensions that the contract calls sensitive; None where it says nothing.
        """
        if dimension in self.sensitive:
            return True
        return EVERYTHING in self.sensitive and (contract is None or dimension in contract)


@dataclass(frozen=True)
class _Key:
    """How a key is read, which values it may take, and which of two is stricter."""

    read: Callable[[object], Value]
    valid: Callable[[Any], bool]
    stricter: Callable[[Any, Any], Any]


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError
    return value


def _exact(value: object) -> Fraction:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ValueError
    return Fraction(value)


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ValueError
    return frozenset(value)


def _union(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    everything = frozenset({EVERYTHING})
    return everything if EVERYTHING in one | other else one | other


def _share(value: Fraction) -> bool:
    return 0 < value <= 1


KEYS: Final[Mapping[str, _Key]] = {
    "threshold": _Key(_whole, lambda v: 3 <= v <= 1000, max),
    "spread": _Key(_whole, lambda v: 1 <= v <= 998, max),
    "minimum_population": _Key(_whole, lambda v: v >= 1, max),
    "small_population": _Key(_whole, lambda v: v >= 1, max),
    "small_view": _Key(_whole, lambda v: v >= 0, min),
    "group_rows": _Key(_whole, lambda v: 1 <= v <= 100, max),
    "sensitive": _Key(_names, lambda _: True, _union),
    "dominance_one": _Key(_exact, _share, min),
    "dominance_two": _Key(_exact, _share, min),
    "p_percent": _Key(_exact, lambda v: 0 < v <= 10, max),
    "maximum_cells": _Key(_whole, lambda v: v >= 1, min),
    "solver_seconds": _Key(_whole, lambda v: 1 <= v <= 600, min),
    "rho_per_release": _Key(_exact, lambda v: 0 <= v <= 10, min),
    "rho_per_registry": _Key(_exact, lambda v: 0 <= v <= 100, min),
}
"""Every key of `[rules]`."""


def load_policy(layers: Sequence[Mapping[str, Any]]) -> Policy:
    """Combine parsed TOML layers: one default (complete), any registries, any project layers.

    Raises Refusal("policy_malformed") for unknown keys and impossible values, and
    Refusal("policy_weaker") for a layer that is weaker than those before it; both name the key.
    """
    if not layers:
        raise _malformed("There is no policy.", "layers")
    heads = tuple(_head(layer) for layer in layers)
    if [head.level for head in heads].count("default") != 1 or heads[0].level != "default":
        raise _malformed("The first layer, and no other, must be the default.", "level")
    if [LEVELS.index(head.level) for head in heads] != sorted(
        LEVELS.index(head.level) for head in heads
    ):
        raise _malformed("Layers come as default, registries, project.", "level")
    default = _values(layers[0], heads[0])
    missing = sorted(set(KEYS) - set(default))
    if missing:
        raise _malformed("The default policy is incomplete.", missing[0])
    effective = dict(default)
    for layer, head in zip(layers[1:], heads[1:], strict=True):
        values = _values(layer, head)
        _only_stricter(values, default if head.level == "registry" else effective, head)
        for key, value in values.items():
            effective[key] = KEYS[key].stricter(effective[key], value)
    _possible(effective)
    return Policy(**effective, layers=heads)  # type: ignore[arg-type]  # _values checked each key


def _head(layer: Mapping[str, Any]) -> LayerName:
    unknown = sorted(set(layer) - set(HEAD))
    if unknown:
        raise _malformed("A policy has a key that nobody knows.", unknown[0])
    for key in HEAD:
        kind = {"version": int, "rules": Mapping}.get(key, str)
        if not isinstance(layer.get(key), kind):
            raise _malformed("A policy lacks a key, or it has the wrong type.", key)
    if layer["level"] not in LEVELS:
        raise _malformed("A policy's level is default, registry or project.", "level")
    if layer["written_by"] == layer["approved_by"]:
        raise _malformed("A policy needs another approver than its writer.", "approved_by")
    return LayerName(
        *(layer[key] for key in ("level", "name", "version", "written_by", "approved_by"))
    )


def _values(layer: Mapping[str, Any], head: LayerName) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, raw in layer["rules"].items():
        key = KEYS.get(name)
        if key is None:
            raise _malformed(f"Policy {head.name} has a rule that nobody knows.", name)
        try:
            value = key.read(raw)
        except (ValueError, ZeroDivisionError):
            raise _malformed(f"Policy {head.name} has a value of the wrong form.", name) from None
        if not key.valid(value):
            raise _malformed(f"Policy {head.name} has an impossible value.", name)
        found[name] = value
    return found


def _only_stricter(values: Mapping[str, Value], base: Mapping[str, Value], head: LayerName) -> None:
    for name, value in values.items():
        if KEYS[name].stricter(base[name], value) != value:
            raise Refusal(
                "policy_weaker",
                f"Policy {head.name} ({head.level}) weakens `{name}`.",
                f"Leave `{name}` out, or make it at least as strict as the layers before it.",
            )


def _possible(effective: Mapping[str, Value]) -> None:
    threshold, spread = _whole(effective["threshold"]), _whole(effective["spread"])
    if spread > threshold - 2:
        raise _malformed("No count below the threshold could stay open that wide.", "spread")


def _malformed(reason: str, key: str) -> Refusal:
    return Refusal("policy_malformed", reason, f"Correct `{key}` in the policy file.")


def _plain(value: Value) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)
