"""A release asked for once more: the same plan on the data of today, and what has changed."""

import hashlib
import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from workbench.plan import Plan, parse
from workbench.sdk.refused import Refused, told
from workbench.sdk.release import Release

__all__ = ["Rerun", "saved_answer"]

_SIZE_LIMIT = 32 << 20


class Rerun:
    """before, now: the two releases. same: whether every number is the same.

    differences: the numbers that are not, as a frame (where, before, now); empty when `same`.
    """

    def __init__(self, before: Release, now: Release) -> None:
        self.before = before
        self.now = now
        self.differences = _differences(before.to_json(), now.to_json())
        self.same = self.differences.is_empty()

    def __repr__(self) -> str:
        if self.now.id == self.before.id:
            return f"The same data and rules: release {self.now.id} is the answer still."
        count = len(self.differences)
        differ = "1 number differs" if count == 1 else f"{count} numbers differ"
        told = "every number is the same" if self.same else differ
        return f"Release {self.before.id} once more is {self.now.id}: {told}."

    def _repr_html_(self) -> str:
        table = "" if self.same else self.differences.head(50)._repr_html_()
        return f"<p>{escape(repr(self))}</p>{table}"


def saved_answer(path: str | Path) -> Mapping[str, Any]:
    """What .save_certificate() or .download() wrote, with its plan.

    Raises Refused when the file is something else, or its plan is not the one that was certified.
    """
    target = Path(path)
    if target.is_dir():
        target = target / "certificate.json"
    try:
        if target.stat().st_size > _SIZE_LIMIT:
            raise ValueError
        found = json.loads(target.read_text(encoding="utf-8"))
        statement = found["certificate"]["statement"]
        certified, release, plan = statement["plan_sha256"], statement["release"], found["plan"]
        sums = hashlib.sha256(plan.encode()).hexdigest()
        body = found["body"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Refused(
            "not_a_certificate",
            "This file holds no certificate with its plan.",
            "Name what release.save_certificate(…) or release.download(…) wrote, or a release id.",
        ) from None
    if sums != certified:
        raise Refused(
            "plan_not_certified",
            "The plan in this file is not the one that was certified.",
            'Take the file from the release again: p.release("…").save_certificate(…).',
        )
    return {
        "release": release, "body": body, "certificate": found["certificate"],
        "plan": plan, "replayed": True,
    }  # fmt: skip


def plan_of(release: Release) -> Plan:
    """The plan that a release answers; Refused when this version no longer speaks its language."""
    with told():
        return parse(release.plan)


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> pl.DataFrame:
    old, new = _numbers(before), _numbers(now)
    changed = [
        (where, old.get(where), new.get(where))
        for where in dict.fromkeys([*old, *new])
        if old.get(where) != new.get(where)
    ]
    schema = {"where": pl.String, "before": pl.Float64, "now": pl.Float64}
    return pl.DataFrame(changed, schema=schema, orient="row")


def _numbers(body: Mapping[str, Any]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for cell in body.get("cells", ()):
        for name, value in cell["values"].items():
            found[" ".join([*map(_code, cell["codes"]), name])] = value
    for block in body.get("blocks", ()):
        names = [one["name"] for one in block["columns"]]
        texts = [one["kind"] in ("code", "text") for one in block["columns"]]
        for at, row in enumerate(block["rows"]):
            keys = [_code(str(v)) for v, text in zip(row, texts, strict=True) if text]
            line = " ".join([block["name"], *(keys or [str(at)])])
            for name, value, text in zip(names, row, texts, strict=True):
                if not text:
                    found[f"{line} {name}"] = value
    return found


def _code(code: str) -> str:
    return code or "(missing)"
