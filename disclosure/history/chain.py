"""The walk along an exported history: every entry of the log in its place, every release proven.

A history is a sequence of JSON objects (one a line of the file):

  {"checkpoint": …}   first: how far the log went and the hash of its end, signed by the engine
  {"entry": …}        of the audit log, in order; what concerns no release shows what it was and a
                      hash of the rest
  {"release": …}      after the entry that names it: certificate, plan and body

The hash of an entry covers the one before it, entries name certificates by their hash, and each
certificate names an earlier end of the log: nothing can be left out, moved, or taken from another
instance. Like disclosure.verifier, this shares no code with the gate.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from disclosure.errors import Refusal
from disclosure.history.across import Across
from disclosure.verifier.certificates import canonical, check, digest, signed
from disclosure.verifier.tables import flaw

__all__ = ["Checked", "check_history"]

CHECKPOINT = b"workbench history, version 1\n"
GENESIS = "0" * 64
RELEASES = ("plan:run:release", "output:request:release")


@dataclass(frozen=True)
class Checked:
    """What was checked; position and head: the end of the log, to be noted for the next time.

    compared: counts that stand in several releases; alone: releases that could only be checked by
    themselves, as no plan or body came with them or their kind is not compared. threshold: the
    lowest of any exact release, 0 without one.
    """

    instance: str
    project: str
    issued: str
    position: int
    head: str
    releases: int
    shown: int
    withheld: int
    compared: int
    alone: int
    threshold: int


@dataclass
class _Walk:
    trusted: Collection[bytes]
    intervals: int
    heads: list[str] = field(default_factory=lambda: [GENESIS])
    due: Mapping[str, Any] | None = None
    exact: dict[str, list[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    thresholds: set[int] = field(default_factory=set)
    across: Across = field(default_factory=Across)
    shown: int = 0
    withheld: int = 0

    def entry(self, entry: Mapping[str, Any], project: str) -> None:
        """One more entry of the log."""
        here = len(self.heads)
        self.settled()
        if entry["position"] != here:
            raise flaw(f"Entry {here} is missing: entry {entry['position']} stands in its place.")
        about = {key: one for key, one in entry.items() if key not in ("position", "what", "hash")}
        rest = about["rest"] if set(about) == {"rest"} else digest(about)
        link = canonical({"position": here, "what": entry["what"], "rest": rest}).decode()
        self.heads.append(_sha256(self.heads[-1] + link))
        if self.heads[-1] != entry["hash"]:
            raise flaw(f"Entry {here} was changed, or follows on another entry than {here - 1}.")
        if entry["what"] in RELEASES:
            if set(about) != {"at", "subject", "details", "names"}:
                raise flaw(f"Entry {here} is a release and does not say which.")
            if project in ("", self._project(about)):
                self.due = about

    def release(self, told: Mapping[str, Any]) -> None:
        """The release that the entry before names."""
        here, about, self.due = len(self.heads) - 1, self.due, None
        if about is None:
            raise flaw(f"After entry {here} stands a release that no entry names.")
        certificate, details = told["certificate"], about["details"]
        if not set(told) <= {"certificate", "plan", "body"}:
            raise ValueError
        name = details.get("release", about["subject"])
        if digest(certificate) != details["certificate"]:
            raise flaw(f"The certificate after entry {here} is not that of release {name}.")
        try:
            found = check(certificate, self.trusted, told.get("body"), self.intervals)
            self._placed(certificate["statement"], here, name, self._project(about))
            self._plan(certificate["statement"], told)
        except Refusal as refusal:
            raise flaw(f"Release {name} (entry {here}): {refusal.reason}") from None
        self.shown += found.shown
        self.withheld += found.withheld

    def settled(self) -> None:
        """Nothing is due any more."""
        if self.due is not None:
            name = self.due["details"].get("release", self.due["subject"])
            raise flaw(f"Release {name} (entry {len(self.heads) - 1}) is missing.")

    def _project(self, about: Mapping[str, Any]) -> str:
        return str(about["details"].get("project", about["subject"]))

    def _placed(self, statement: Mapping[str, Any], here: int, name: str, project: str) -> None:
        if (statement["release"], statement["project"]) != (name, project) or name in self.seen:
            raise flaw("The certificate is that of another release.")
        self.seen.add(name)
        at, head = statement["chain"]["position"], statement["chain"]["head"]
        if not 0 <= at < here or (self.heads[at] if at else "") != head:
            raise flaw("It was signed after another log than this one.")
        if statement["kind"] in ("table", "result"):
            earlier = self.exact.setdefault(project, [])
            left = set(earlier) - set(statement["proof"]["compared_with"])
            if left:
                raise flaw(f"It was not compared with the earlier release {min(left)}.")
            earlier.append(name)
            self.thresholds.add(int(statement["proof"]["threshold"]))

    def _plan(self, statement: Mapping[str, Any], told: Mapping[str, Any]) -> None:
        plan, body = told.get("plan"), told.get("body")
        if plan is not None and _sha256(plan) != statement["plan_sha256"]:
            raise flaw("The plan is not the one that was signed.")
        self.across.add(statement, plan, body)


def check_history(
    lines: Iterable[Mapping[str, Any]],
    trusted: Collection[bytes],
    noted: Mapping[int, str] | None = None,
    intervals: int = 300,
) -> Checked:
    """Verify a whole history; raises Refusal("not_verified") that names the first damaged place.

    trusted: Ed25519 public keys (32 bytes). noted: position to hash of ends of the log that the
    reader kept from earlier: the history must still go through each. intervals: see check.
    """
    walk, rest = _Walk(trusted, intervals), iter(lines)
    place = "The beginning"
    try:
        end = signed(next(rest)["checkpoint"], trusted, CHECKPOINT)
        for number, line in enumerate(rest, 2):
            place = f"Line {number}"
            ((kind, told),) = line.items()
            if kind == "entry":
                walk.entry(told, end["project"])
            elif kind == "release":
                walk.release(told)
            else:
                raise ValueError
        walk.settled()
        position, head = len(walk.heads) - 1, walk.heads[-1]
        if (position, head) != (end["position"], end["head"]):
            raise flaw(f"It ends at entry {position}; signed was entry {end['position']}.")
        for at, mark in sorted((noted or {}).items()):
            if at > position or walk.heads[at] != mark:
                raise flaw(f"Entry {at} is not the one that you noted: the log was cut or forked.")
        compared, alone = walk.across.settle()
        return Checked(
            str(end["instance"]),
            str(end["project"]),
            str(end["issued"]),
            position,
            head,
            len(walk.seen),
            walk.shown,
            walk.withheld,
            compared,
            alone,
            min(walk.thresholds, default=0),
        )
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration, RecursionError):
        raise flaw(f"{place} of the history is not of the form that it should have.") from None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
