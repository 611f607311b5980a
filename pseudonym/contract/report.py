"""The validation report: findings by rule and row number, never by id or value."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

import polars as pl

from pseudonym.contract.texts import TEXTS
from pseudonym.errors import Refusal

__all__ = ["Finding", "Flag", "Phase", "Report", "Severity", "flag"]

Phase = Literal["receive", "schema", "values", "keys", "time", "comparison", "hiding", "decision"]
Severity = Literal["warn", "quarantine", "stop"]
SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """One rule's word about one column ("" for the whole file).

    rows: the first 20 row numbers, counted from 1 below the header. detail: a limit, a type or a
    name from the contract. text and remedy: by language, "nb" and "en".
    """

    phase: Phase
    rule: str
    severity: Severity
    column: str
    count: int
    rows: tuple[int, ...]
    text: Mapping[str, str]
    remedy: Mapping[str, str]
    detail: str = ""


@dataclass(frozen=True)
class Flag:
    """A finding and all the row numbers behind it."""

    finding: Finding
    rows: pl.Series


def flag(
    phase: Phase,
    rule: str,
    severity: Severity,
    column: str = "",
    *,
    rows: pl.Series | None = None,
    count: int | None = None,
    detail: str = "",
) -> Flag:
    """One finding in both languages; `count` is the number of rows unless given."""
    rows = pl.Series([], dtype=pl.UInt32) if rows is None else rows.cast(pl.UInt32)
    number = len(rows) if count is None else count
    words = TEXTS[rule]
    said = [part.format(count=number, detail=detail) for part in words]
    return Flag(
        Finding(
            phase,
            rule,
            severity,
            column,
            number,
            tuple(rows.head(SHOWN).to_list()),
            {"nb": said[0], "en": said[1]},
            {"nb": said[2], "en": said[3]},
            detail,
        ),
        rows,
    )


@dataclass(frozen=True)
class Report:
    """All findings of a validation. rows: how many were read; quarantined: how many to leave out.

    quarantine: their row numbers (UInt32, sorted, unique); stays in memory, never in the JSON.
    """

    dataset: str
    version: str
    contract: str
    rows: int
    findings: tuple[Finding, ...]
    quarantined: int
    quarantine: pl.Series = field(repr=False, compare=False)

    @classmethod
    def of(
        cls, dataset: str, version: str, contract: str, rows: int, flags: Iterable[Flag]
    ) -> "Report":
        """Collect the flags of all phases."""
        flags = list(flags)
        bad = [item.rows for item in flags if item.finding.severity == "quarantine"]
        held = pl.concat(bad).unique().sort() if bad else pl.Series([], dtype=pl.UInt32)
        found = tuple(item.finding for item in flags)
        return cls(dataset, version, contract, rows, found, len(held), held)

    @property
    def verdict(self) -> Literal["pass", "warn", "stop"]:
        """`stop`: nothing may be loaded. `warn`: may be loaded, but read the findings."""
        severities = {finding.severity for finding in self.findings}
        return "stop" if "stop" in severities else "warn" if severities else "pass"

    def to_json(self) -> dict[str, Any]:
        """JSON-ready mapping: counts, row numbers, rules and words."""
        return {
            "v": 1,
            "dataset": self.dataset,
            "version": self.version,
            "contract": self.contract,
            "rows": self.rows,
            "quarantined": self.quarantined,
            "verdict": self.verdict,
            "findings": [{**asdict(found), "rows": list(found.rows)} for found in self.findings],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Report":
        """The inverse of `to_json`, without the full list of quarantined rows."""
        try:
            findings = tuple(
                Finding(**{**found, "rows": tuple(found["rows"])}) for found in value["findings"]
            )
            known = all(
                found.rule in TEXTS
                and found.phase in get_args(Phase)
                and found.severity in get_args(Severity)
                for found in findings
            )
            report = cls(
                value["dataset"],
                value["version"],
                value["contract"],
                value["rows"],
                findings,
                value["quarantined"],
                pl.Series([], dtype=pl.UInt32),
            )
        except (KeyError, TypeError):
            known, report = False, None
        if report is None or not known:
            raise Refusal("bad_report", "The report is not one of ours.", "Run the check again.")
        return report

    def render(self, lang: str = "en") -> str:
        """The report as lines of text for a person."""
        heads = {
            "nb": ("stanser", "holdes utenfor", "advarsel", "rad", "Gjør dette", "alt"),
            "en": ("stops", "left out", "warning", "row", "Do this", "whole file"),
        }
        stop, held, warn, row, remedy, whole = heads.get(lang, heads["en"])
        lang = lang if lang in heads else "en"
        words = {"stop": stop, "quarantine": held, "warn": warn}
        sums = {
            "nb": f"{self.dataset} {self.version}: {self.rows} rader lest, "
            f"{self.quarantined} holdes utenfor, {len(self.findings)} funn.",
            "en": f"{self.dataset} {self.version}: {self.rows} rows read, "
            f"{self.quarantined} left out, {len(self.findings)} findings.",
        }
        lines = [sums[lang]]
        for found in self.findings:
            rows = ", ".join(str(number) for number in found.rows)
            more = ", …" if found.count > len(found.rows) > 0 else ""
            where = f" [{row} {rows}{more}]" if rows else ""
            lines.append(
                f"- {words[found.severity]}: {found.column or whole}: "
                f"{found.text[lang]}{where} ({found.phase}.{found.rule})"
            )
            lines.append(f"  {remedy}: {found.remedy[lang]}")
        return "\n".join(lines)
