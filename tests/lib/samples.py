"""Permits, releases, requests and loads to fill books with."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from workbench.domain.audit import AuditEvent, What
from workbench.domain.budget import Extension
from workbench.domain.output import (
    OutputFile,
    OutputRequest,
    OutputState,
    Review,
    content_of,
    request_id,
)
from workbench.domain.permit import DatasetGrant, Member, Permit, Role
from workbench.domain.release import Membership, Release
from workbench.ports import LoadRecord

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(what: What = What.PLAN_RELEASE, subject: str = "thing", **more: Any) -> AuditEvent:
    return AuditEvent(what, more.pop("who", "researcher"), subject, **more)


def permit(project: str = "study", **more: Any) -> Permit:
    fields: dict[str, Any] = {
        "project": project,
        "title": "A study",
        "purpose": "To know",
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
        "members": (
            Member(user="lead", role=Role.LEAD),
            Member(user="researcher", role=Role.RESEARCHER),
        ),
        "datasets": (DatasetGrant(dataset="persons", variables=("age", "sex")),),
        "budget_rho": "1/2",
    }
    return Permit(**(fields | more))


def release(number: int = 1, project: str = "study", **more: Any) -> Release:
    fields: dict[str, Any] = {
        "id": f"{number:016x}",
        "project": project,
        "user": "researcher",
        "plan": '{"k":"count"}',
        "fingerprint": hashlib.sha256(str(number).encode()).hexdigest(),
        "view_version": "v1",
        "policy": "default",
        "body": {"cells": [[1, None]], "æ": "ø"},
        "certificate": {"signature": "00"},
        "rho": Fraction(0),
        "created": NOON + timedelta(seconds=number),
    }
    return Release(**(fields | more))


def membership(number: int = 1, **more: Any) -> Membership:
    fields: dict[str, Any] = {
        "release": f"{number:016x}",
        "view_version": "v1",
        "cells": 4,
        "published": ((0,), (1, 2), (0, 1, 2, 3)),
        "sealed": bytes(range(256)),
    }
    return Membership(**(fields | more))


def extension(project: str = "study", **more: Any) -> Extension:
    fields: dict[str, Any] = {
        "project": project,
        "registry": "",
        "rho": Fraction(1, 4),
        "granted_by": "os:officer",
        "why": "A second round.",
        "at": NOON,
    }
    return Extension(**(fields | more))


def request(number: int = 1, project: str = "study", **more: Any) -> OutputRequest:
    run = more.pop("run", f"{number:016x}")
    files = more.pop("files", (OutputFile("table.csv", hashlib.sha256(b"x").hexdigest(), 1),))
    fields: dict[str, Any] = {
        "id": request_id(run),
        "project": project,
        "author": "researcher",
        "run": run,
        "state": OutputState.SUBMITTED,
        "files": files,
        "content": content_of(files),
        "created": NOON + timedelta(seconds=number),
    }
    return OutputRequest(**(fields | more))


def review(of: OutputRequest, decision: OutputState, **more: Any) -> Review:
    fields: dict[str, Any] = {
        "officer": "officer",
        "decision": decision,
        "comment": "Seen.",
        "content": of.content,
        "at": NOON,
    }
    return Review(**(fields | more))


def load(number: int = 1, **more: Any) -> LoadRecord:
    fields: dict[str, Any] = {
        "id": f"{number:016x}",
        "registry": "base",
        "dataset": "persons",
        "version": "1.0.0",
        "state": "staged",
        "report": {"rows": 3, "findings": []},
        "at": NOON + timedelta(seconds=number),
    }
    return LoadRecord(**(fields | more))
