"""Histories of releases as an instance exports them: real gate, real signatures, a drawn people."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from disclosure import certificate as cert
from disclosure.errors import Refusal
from disclosure.findings import Decision, Verdict
from disclosure.gate import decide
from disclosure.history import Checked, check_history
from disclosure.tables import Atoms, Dimension, TableEvidence
from tests.lib.fake_records import FakeClock, FakeRecords
from tests.lib.gate import overlap, policy
from workbench.domain.audit import AuditEvent, What
from workbench.domain.chain import closed, shown

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
INSTANCE = "0123456789abcdef"
POLICY = policy()
Line = dict[str, Any]


@dataclass
class People:
    """Persons with a category for each variable; codes are "0", "1", …"""

    columns: Mapping[str, np.ndarray]

    def codes(self, name: str) -> tuple[str, ...]:
        return tuple(str(one) for one in range(int(self.columns[name].max()) + 1))


def people(persons: int, seed: int = 1, *, halves: bool = True, **widths: int) -> People:
    """Categories drawn independently: each half as many as the one before, or flatter."""
    rng = np.random.default_rng(seed)
    flat = {
        name: (rng.random(persons) ** 1.7 * width).astype(int) for name, width in widths.items()
    }
    steep = {
        name: np.minimum(rng.geometric(0.5, persons), width) - 1 for name, width in widths.items()
    }
    return People(steep if halves else flat)


def column(name: str) -> dict[str, str]:
    return {"k": "column", "name": name}


def plan(by: Sequence[str], where: Mapping[str, str]) -> str:
    """A cross table as the plan language says it."""
    cohort: dict[str, Any] = {"k": "dataset", "name": "person"}
    for name, code in where.items():
        value = {"k": "value", "value": code}
        compare = {"k": "compare", "op": "==", "left": column(name), "right": value}
        cohort = {"k": "filter", "frame": cohort, "where": compare}
    analysis = {"k": "crosstab", "cohort": cohort, "by": list(by), "margins": True}
    return json.dumps({"v": 1, "analysis": analysis})


@dataclass
class Instance:
    """Keeps the log and the releases of an instance, and writes its history."""

    everybody: People
    records: FakeRecords = field(default_factory=lambda: FakeRecords(FakeClock()))
    releases: list[Line] = field(default_factory=list)
    placed: dict[str, tuple[np.ndarray, int, Decision]] = field(default_factory=dict)

    def happen(self, what: What = What.ACCOUNT_SESSION_OPEN) -> None:
        """Something that concerns no release."""
        self.records.audit.append(AuditEvent(what, "kari", "kari", "as she does every day"))

    def cross(
        self,
        by: Sequence[str],
        where: Mapping[str, str] | None = None,
        *,
        audited: bool = True,
        meets: Sequence[str] | None = None,
    ) -> str:
        """Ask for a cross table; "" when the gate refuses.

        audited: whether the gate is told of the earlier releases. meets: those of them that have a
        person in common with this one; all without.
        """
        where = where or {}
        columns = self.everybody.columns
        cohort = np.logical_and.reduce(
            [columns[name] == int(code) for name, code in where.items()]
            or [np.ones(next(iter(columns.values())).size, bool)]
        )
        codes = [self.everybody.codes(name) for name in by]
        shape = tuple(map(len, codes))
        cell = np.ravel_multi_index([columns[name] for name in by], shape)
        vector = np.where(cohort, cell, -1)
        counts = np.bincount(vector[cohort], minlength=int(np.prod(shape))).reshape(shape)
        dimensions = tuple(Dimension(name, c) for name, c in zip(by, codes, strict=True))
        evidence = TableEvidence(dimensions, counts, int(cohort.sum()), 10**7, margins=True)
        earlier = list(self.placed if meets is None else meets) if audited else []
        overlaps = [
            overlap(one, vector, self.placed[one][0], (counts.size, self.placed[one][1]),
                    self.placed[one][2].published)
            for one in earlier
        ]  # fmt: skip
        decision = decide(evidence, POLICY, overlaps, self._atoms(vector, earlier))
        if decision.verdict is not Verdict.RELEASE:
            return ""
        proof = {**decision.proof, "compared_with": list(self.placed)}
        body = {
            "dimensions": [{"name": d.name, "codes": list(d.codes)} for d in dimensions],
            "cells": cert.cells_json(decision.cells),
        }
        name = hashlib.sha256(str(len(self.releases)).encode()).hexdigest()[:16]
        self.placed[name] = (vector, counts.size, decision)
        return self.release(name, plan(by, where), body, proof)

    def _atoms(self, vector: np.ndarray, earlier: Sequence[str]) -> Atoms | None:
        if not earlier:
            return None
        columns = np.stack([vector, *(self.placed[one][0] for one in earlier)], axis=1)
        columns = columns[(columns >= 0).any(axis=1)]
        cells, counts = np.unique(columns, axis=0, return_counts=True)
        told = tuple(self.placed[one][2].published for one in earlier)
        return Atoms(tuple(earlier), counts.astype(np.int64), cells.astype(np.int64), told)

    def release(
        self, name: str, text: str, body: Line, proof: Mapping[str, Any], **more: Any
    ) -> str:
        """Certify and record whatever is said, as the engine would."""
        head = self.records.audit.chain[-1] if self.records.audit.chain else None
        statement = {
            "kind": "table",
            "release": name,
            "project": "alpha",
            "plan_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "policy_sha256": POLICY.hash,
            "content_sha256": cert.content_sha256(body),
            "data_versions": {"person": "1.0.0"},
            "view": "v1",
            "code_version": "0.1.0",
            "findings": [],
            "proof": dict(proof),
            "rho": "0",
            "reviewers": ["gate"],
            "chain": cert.Chain(
                position=head.position if head else 0, head=head.hash if head else ""
            ),
            "issued": "2026-11-22T12:00:00.000000+00:00",
        } | more
        certificate = signed(statement)
        details = {"release": name, "certificate": cert.content_sha256(certificate)}
        event = AuditEvent(What.PLAN_RELEASE, "kari", statement["project"], "", details)
        self.records.audit.append(event)
        self.releases.append({"certificate": certificate, "plan": text, "body": body})
        return name

    def history(self, project: str = "") -> list[Line]:
        """The lines of the export."""
        chain, told = self.records.audit.chain, iter(self.releases)
        lines: list[Line] = [checkpoint(chain[-1].position, chain[-1].hash, project)]
        for entry in chain:
            if entry.event.what != What.PLAN_RELEASE:
                lines.append({"entry": closed(entry)})
                continue
            lines.append({"entry": shown(entry)})
            release = next(told)
            if project in ("", entry.event.subject):
                lines.append({"release": release})
        return json.loads(json.dumps(lines))


def signed(statement: Mapping[str, Any]) -> Line:
    built = cert.build(cert.Statement.model_validate(dict(statement)))
    return cert.sign(built, KEY.sign, PUBLIC)


def checkpoint(position: int, head: str, project: str = "") -> Line:
    end = {"instance": INSTANCE, "project": project, "issued": "2026-11-22T13:00:00+00:00"}
    told = end | {"position": position, "head": head}
    return {"checkpoint": cert.checkpoint(told, KEY.sign, PUBLIC)}


def rechained(entries: Sequence[Line]) -> list[Line]:
    """Entries numbered and hashed anew, as somebody would who wants the chain to look whole."""
    from disclosure.verifier.certificates import canonical, digest

    found, previous = [], "0" * 64
    for position, one in enumerate(entries, 1):
        told = {**one, "position": position}
        about = {key: told[key] for key in ("at", "subject", "details", "names") if key in told}
        rest = digest(about) if about else told["rest"]
        link = canonical({"position": position, "what": told["what"], "rest": rest})
        previous = hashlib.sha256(previous.encode() + link).hexdigest()
        found.append({**told, "hash": previous})
    return found


def municipalities(releases: int, seed: int = 5) -> Instance:
    """As many releases about people of many places, up to four tables about each place."""
    places = releases // 4 + max(5, releases // 10)
    rng = np.random.default_rng(seed)
    drawn = people(places * 2500, seed, halves=False, age=18, sex=2, status=4, education=6)
    drawn = People({**drawn.columns, "place": rng.integers(0, places, places * 2500)})
    made = Instance(drawn)
    tables = [("age", "education"), ("education", "status"), ("sex", "education"), ("age", "sex")]
    for place in range(places):
        mine: list[str] = []
        for by in tables:
            if len(made.releases) == releases:
                return made
            made.happen()
            name = made.cross(by, {"place": str(place)}, meets=mine)
            if name:
                mine.append(name)
    return made


def again(made: Instance, happened: Sequence[What] = (), **parts: Line) -> Instance:
    """The same releases in a new log; parts replaces proof, body or statement of the last one."""
    found = Instance(made.everybody)
    for what in happened:
        found.happen(what)
    for one in made.releases:
        told = parts if one is made.releases[-1] else {}
        statement = one["certificate"]["statement"]
        body, proof = told.get("body", one["body"]), told.get("proof", statement["proof"])
        found.release(statement["release"], one["plan"], body, proof, **told.get("statement", {}))
    return found


def checked(lines: list[Line], noted: Mapping[int, str] | None = None) -> Checked:
    return check_history(lines, {PUBLIC}, noted, intervals=0)


def refused(lines: list[Line], noted: Mapping[int, str] | None = None) -> str:
    with pytest.raises(Refusal) as found:
        checked(lines, noted)
    assert found.value.code == "not_verified"
    return found.value.reason
