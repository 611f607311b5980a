"""A package that SACRO-Viewer opens: results.json, files, checksums, by name in the folder."""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["VERSION", "Output", "of_release", "package"]

VERSION = "1.0.2"
"""Of acro, whose format this is."""
_REASONS = {"primary": "threshold", "complementary": "suppression"}
"""Marks of cells in the viewer's words; it shows any word."""


@dataclass(frozen=True)
class Output:
    """One output. files: its bytes by name; cells: by file and reason, (row, column) of withheld
    cells below the header and beside the row titles; statbarn, risks: terms of the ontology."""

    uid: str
    status: Literal["pass", "fail", "review"]
    type: str
    command: str
    summary: str
    timestamp: str
    files: Mapping[str, bytes]
    properties: Mapping[str, Any] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, list[tuple[int, int]]]] = field(default_factory=dict)
    comments: Sequence[str] = ()
    statbarn: str = ""
    risks: Sequence[str] = ()


def package(outputs: Iterable[Output], config: Mapping[str, Any]) -> dict[str, bytes]:
    """Relative names ("results.json", "checksums/x.csv.txt") with their bytes."""
    made = list(outputs)
    files = {name: content for one in made for name, content in one.files.items()}
    results = {
        "version": VERSION,
        "tool": {"@type": "SoftwareApplication", "name": "Workbench"},
        "results": {one.uid: _record(one) for one in made},
    }
    told = {"results.json": _json(results), "config.json": _json(config)}
    every = files | told
    sums = {
        f"checksums/{name}.txt": hashlib.sha256(content).hexdigest().encode()
        for name, content in every.items()
    }
    return every | sums


def of_release(statement: Mapping[str, Any], body: Mapping[str, Any]) -> Output:
    """A release as one output: its numbers as CSV, withheld cells marked by reason.

    statement: of its certificate; body: what was released. Status "pass": the gate let it through.
    """
    release = str(statement["release"])
    tables = {f"{release}_{one['name']}.csv": _block(one) for one in body.get("blocks", ())}
    cells: dict[str, Mapping[str, list[tuple[int, int]]]] = {}
    if "cells" in body:
        name = f"{release}_table.csv"
        rows, marks = _cells(body)
        tables[name] = _csv(rows)
        cells |= {name: marks} if marks else {}
    ontology = body.get("ontology") or {}
    withheld = sum(one["cells"] for one in body["findings"] if one["severity"] == "withheld")
    return Output(
        uid=f"workbench_{release}",
        status="pass",
        type="regression" if body["kind"] in ("regression", "cox") else "table",
        command=str(body["explained"]),
        summary=f"pass; suppression: {withheld} cells" if withheld else "pass",
        timestamp=str(statement["issued"]),
        files=tables,
        properties={"method": str(body["kind"])},
        cells=cells,
        comments=[str(one["text"]["en"]) for one in body["findings"]],
        statbarn=_term(ontology.get("statbarn", "")),
        risks=[_term(one) for one in ontology.get("risks", ())],
    )


def _record(one: Output) -> dict[str, Any]:
    return {
        "uid": one.uid,
        "status": one.status,
        "type": one.type,
        "properties": dict(one.properties),
        "files": [{"name": name, "sdc": _sdc(one.cells.get(name, {}))} for name in one.files],
        "outcome": {},
        "command": one.command,
        "summary": one.summary,
        "timestamp": one.timestamp,
        "comments": list(one.comments),
        "exception": "",
        "fair": {
            "context": "https://w3id.org/statbarnsdc#",
            "statbarn": one.statbarn,
            "risks": list(one.risks),
            "checks_needed": [],
            "check_status": {},
            "dependent": "",
            "independent": "",
        },
    }


def _sdc(cells: Mapping[str, list[tuple[int, int]]]) -> dict[str, Any]:
    if not cells:
        return {}
    counts = {reason: len(found) for reason, found in cells.items()}
    return {
        "summary": {"suppressed": True, "negative": 0, "missing": 0, "threshold": 0,
                    "p-ratio": 0, "nk-rule": 0} | counts,
        "cells": {reason: [list(one) for one in found] for reason, found in cells.items()},
    }  # fmt: skip


def _cells(body: Mapping[str, Any]) -> tuple[list[list[str]], dict[str, list[tuple[int, int]]]]:
    """A row a cell of the table; marks by row and column of statistics, from 0."""
    names = [str(one["name"]) for one in body["dimensions"]]
    statistics = [str(one) for one in body["statistics"]]
    rows = [[*names, *statistics]]
    marks: dict[str, list[tuple[int, int]]] = {}
    for at, cell in enumerate(body["cells"]):
        values = [cell["values"].get(one) for one in statistics]
        rows.append([*map(str, cell["codes"]), *("" if one is None else str(one)
                                                 for one in values)])  # fmt: skip
        for column, value in enumerate(values):
            if value is None and cell["mark"] in _REASONS:
                place = (at, len(names) + column - 1 if names else column)
                marks.setdefault(_REASONS[cell["mark"]], []).append(place)
    return rows, marks


def _block(block: Mapping[str, Any]) -> bytes:
    head = [str(one["name"]) for one in block["columns"]]
    return _csv([head, *(["" if one is None else str(one) for one in row]
                         for row in block["rows"])])  # fmt: skip


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    lines = _Lines()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return "".join(lines.written).encode()


class _Lines:
    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, text: str) -> None:
        """Keep it."""
        self.written.append(text)


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _term(iri: object) -> str:
    return str(iri).rpartition("#")[2]
