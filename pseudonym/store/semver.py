"""What a change of contract means for the version: MAJOR, MINOR or PATCH (semver.org)."""

from enum import IntEnum

from pseudonym.contract.identifier import Identifier
from pseudonym.contract.model import Contract
from pseudonym.contract.variable import Variable

__all__ = ["Level", "bump", "level_between", "needed", "parse"]

Version = tuple[int, int, int]


class Level(IntEnum):
    """How far a version goes beyond another."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3


def parse(version: str) -> Version:
    """ "2.1.0" → (2, 1, 0)."""
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch


def bump(version: str, level: Level) -> str:
    """The next version at a level."""
    major, minor, patch = parse(version)
    if level is Level.MAJOR:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if level is Level.MINOR else f"{major}.{minor}.{patch + 1}"


def level_between(old: str, new: str) -> Level | None:
    """How far `new` lies above `old`; None when it does not."""
    before, after = parse(old), parse(new)
    if after <= before:
        return None
    if after[0] > before[0]:
        return Level.MAJOR
    return Level.MINOR if after[1] > before[1] else Level.PATCH


def needed(old: Contract, new: Contract) -> Level:
    """MAJOR: something changed or went away that analyses rest on. MINOR: something came.

    PATCH: labels, descriptions, thresholds, or only the data themselves.
    """
    if _meaning(old) != _meaning(new):
        return Level.MAJOR
    before = {item.name: item for item in old.variables}
    after = {item.name: item for item in new.variables}
    if not before.keys() <= after.keys():
        return Level.MAJOR
    ties, more = ({item.name for item in one.links} for one in (old, new))
    if not ties <= more:
        return Level.MAJOR
    levels = [_variable(before[name], after[name]) for name in before]
    if after.keys() - before.keys() or more - ties:
        levels.append(Level.MINOR)
    return max(levels)


def _meaning(contract: Contract) -> object:
    def unit(item: Identifier) -> object:
        return item.name, item.unit_type, item.id_type, contract.namespace(item)

    dataset = contract.dataset
    return (
        dataset.temporality,
        dataset.primary_key,
        [unit(item) for item in contract.identifiers],
    )


def _variable(old: Variable, new: Variable) -> Level:
    if (old.data_type, old.unit, old.role) != (new.data_type, new.unit, new.role):
        return Level.MAJOR
    before = {(item.code, item.valid_from): item for item in old.value_domain.codes}
    after = {(item.code, item.valid_from): item for item in new.value_domain.codes}
    bounds = [(item.value_domain.min, item.value_domain.max) for item in (old, new)]
    if not before.keys() <= after.keys() or old.missing.codes != new.missing.codes:
        return Level.MAJOR
    if before.keys() != after.keys() or bounds[0] != bounds[1]:
        # An enumeration that begins is a change of meaning; one that grows is an addition.
        return Level.MINOR if bool(before) == bool(after) else Level.MAJOR
    return Level.PATCH
