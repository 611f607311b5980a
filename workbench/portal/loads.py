"""Loads and their reports as owners see them: rules and row numbers, never a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.domain.permissions import Person, owners_of, read_load
from workbench.portal.language import Words
from workbench.portal.reading import TONES
from workbench.ports import LoadRecord, Records

__all__ = [
    "ReportLine",
    "ShownDatasetLoads",
    "datasets_in",
    "owns_any",
    "registries_of",
    "report_of",
]

SEVERITIES = ("stop", "quarantine", "warn")


@dataclass(frozen=True)
class ReportLine:
    """One finding of a validation report; rows: the first row numbers as text."""

    severity: str
    tone: str
    rule: str
    column: str
    text: str
    remedy: str
    count: int
    rows: str


@dataclass(frozen=True)
class ShownLoad:
    """One load in a list; findings: how many rules had something to say."""

    id: str
    version: str
    state: str
    findings: int
    at: datetime


@dataclass(frozen=True)
class ShownDatasetLoads:
    """A dataset of a registry: what is published, whether there is a way back, its loads."""

    name: str
    published: str
    rollback: bool
    loads: tuple[ShownLoad, ...]


def owns_any(person: Person) -> bool:
    """Whether the person is named as owner of any registry, loaded or not (for the menu)."""
    return any(group.startswith(owners_of("")) for group in person.groups)


def registries_of(records: Records, person: Person) -> Mapping[str, Sequence[LoadRecord]]:
    """The loads that the person may read, newest first, by registry."""
    found: dict[str, list[LoadRecord]] = {}
    for load in records.loads.all():
        if read_load(person, load.registry):
            found.setdefault(load.registry, []).append(load)
    return found


def datasets_in(loads: Sequence[LoadRecord]) -> tuple[ShownDatasetLoads, ...]:
    """A registry's loads by dataset, in alphabetical order."""
    names = sorted({load.dataset for load in loads})
    return tuple(_dataset(name, [load for load in loads if load.dataset == name]) for name in names)


def report_of(report: Mapping[str, Any], words: Words) -> tuple[ReportLine, ...]:
    """The findings of a report in one language, what stops the load first."""
    lines = [_line(finding, words) for finding in report.get("findings", ())]
    order = {severity: place for place, severity in enumerate(SEVERITIES)}
    return tuple(sorted(lines, key=lambda line: order.get(line.severity, len(order))))


def _dataset(name: str, loads: Sequence[LoadRecord]) -> ShownDatasetLoads:
    published = next((load.version for load in loads if load.state == "published"), "")
    back = bool(published) and any(load.state == "superseded" for load in loads)
    shown = tuple(
        ShownLoad(load.id, load.version, load.state, len(load.report.get("findings", ())), load.at)
        for load in loads
    )
    return ShownDatasetLoads(name, published, back, shown)


def _line(finding: Mapping[str, Any], words: Words) -> ReportLine:
    severity = str(finding.get("severity", ""))
    count = int(finding.get("count", 0))
    numbers = [str(int(row)) for row in finding.get("rows", ())]
    rows = ", ".join(numbers)
    if numbers and count > len(numbers):
        rows = f"{rows} {words('load.more_rows', n=count - len(numbers))}"
    return ReportLine(
        severity,
        TONES.get(severity, ""),
        str(finding.get("rule", "")),
        str(finding.get("column", "")),
        words.pick(finding.get("text")),
        words.pick(finding.get("remedy")),
        count,
        rows,
    )
