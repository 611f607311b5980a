"""Run a plan: permit, replay, execution, gate, certificate, record. The one use case.

Nothing is charged or released but by the record's own transaction at the very end; whatever ends
earlier, a refusal, a cancellation or a killed process, leaves the books as they were.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from threading import Event, Lock
from typing import Any, Protocol

import disclosure.errors
import workbench.plan.errors
from disclosure.certificate import content_sha256, findings_json
from disclosure.findings import Decision, Verdict
from disclosure.gate import decide
from disclosure.policy import Policy
from disclosure.privacy import Private, private
from disclosure.privacy.evidence import PrivateEvidence
from disclosure.results import decide_result
from disclosure.rules import population
from disclosure.tables import TableEvidence
from workbench.domain.audit import AuditEvent, What
from workbench.domain.budget import Charge
from workbench.domain.errors import Refusal
from workbench.domain.permissions import Person, check_open_project
from workbench.domain.release import Release
from workbench.engine.accounts import charges_of, check_cost, standing
from workbench.engine.body import body_of
from workbench.engine.certify import Signer, chain_of, release_certificate
from workbench.engine.compute import Computed, compute
from workbench.engine.executor import Executor, Job, Progress
from workbench.engine.faults import fault
from workbench.engine.flights import Flights
from workbench.engine.ledger import Ledger, Overlaps, Sealer
from workbench.engine.limits import Limits
from workbench.engine.mending import Outcome, Trials, hinted, mended
from workbench.engine.placed import Placed
from workbench.engine.refusals import GateRefusal, translated
from workbench.engine.standings import Standings
from workbench.engine.subtracted import subtracted
from workbench.engine.views import ProjectView, Views
from workbench.plan import (
    CheckedPlan,
    Schema,
    canonical,
    check,
    lineage,
    parse,
    plan_hash,
    pruned,
)
from workbench.ports import Clock, HeldPermit, Records
from workbench.services.policy_folder import PolicyFolder

__all__ = ["Engine", "Keys", "Known", "answer_of"]

NOISE = Fraction(1, 100)
"""The privacy cost of a count with noise that is proposed in place of an exact one."""
Known = Callable[[str], tuple[str, ...]]
"""The variables that a dataset has, permitted or not; empty when that cannot be told."""


class Keys(Sealer, Signer, Protocol):
    """What the engine's keyring does for a run."""


@dataclass(frozen=True)
class _Question:
    """A plan that may run: who asks, on which view, under which policy."""

    project: str
    user: str
    checked: CheckedPlan
    view: ProjectView
    schema: Schema
    policy: Policy
    limits: Limits
    fingerprint: str


class Engine:
    """Answers plans. One instance a process; safe to call from many threads."""

    def __init__(
        self,
        records: Records,
        clock: Clock,
        views: Views,
        policies: PolicyFolder,
        keys: Keys,
        executor: Executor,
        known: Known = lambda _dataset: (),
    ) -> None:
        self.records = records
        self.clock = clock
        self.views = views
        self._policies = policies
        self._keys = keys
        self._executor = executor
        self._known = known
        self._turns: dict[str, Lock] = {}
        self._flights = Flights()
        self._standings = Standings()

    def held(self, project: str, user: str) -> HeldPermit:
        """The project's permit if it is active today and names the user; Refusal otherwise."""
        held = self.records.permits.find(project)
        if held is None:
            raise Refusal("no_permit", "This project has no permit.", "Ask your case handler.")
        check_open_project(Person(user), held.permit, held.state, self.clock.now().date())
        return held

    def standing(self, held: HeldPermit) -> Mapping[str, Any]:
        """The privacy accounts of a project: see workbench.engine.accounts.standing."""
        view = self.views.get(held.permit.project, held.view_version)
        policy = self._policy(held, view)
        return standing(self.records.releases, held.permit.project, _registries(view), policy)

    def policy_of(self, held: HeldPermit) -> Policy:
        """The policy of a project: of the strictest of its view's registries, and its own."""
        return self._policy(held, self.views.get(held.permit.project, held.view_version))

    def _policy(self, held: HeldPermit, view: ProjectView) -> Policy:
        return self._policies.of(_registries(view), held.permit.policy)

    def schema(self, held: HeldPermit, view: ProjectView) -> Schema:
        """What the project may name: the view's variables that the permit opens today."""
        permitted = {one.dataset: one.variables for one in held.permit.datasets}
        return Schema.from_view(view.describe(), permitted, self._known)

    def run(
        self, project: str, user: str, text: str, *, cancelled: Event, progress: Progress
    ) -> Mapping[str, Any]:
        """The answer to a plan (JSON): {"release", "body", "certificate", "replayed"}.

        Raises Refusal (GateRefusal with findings); every refusal is in the audit log.
        """
        told = {"plan": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()}
        try:
            with translated():
                question = self._question(project, user, text)
                told["plan"] = plan_hash(question.checked.plan)
                try:
                    return self._replay(question) or self._alone(question, cancelled, progress)
                except GateRefusal as refusal:
                    told_of = hinted(refusal.findings, question.checked, question.schema)
                    raise GateRefusal(told_of, refusal.reason, refusal.remedy) from None
        except Refusal as refusal:
            details = told | {"code": refusal.code}
            event = AuditEvent(What.PLAN_REFUSE, user, project, refusal.code, details)
            self.records.audit.append(event)
            raise

    def fix(self, project: str, user: str, text: str, *, cancelled: Event) -> Mapping[str, Any]:
        """What the plan may become to be released; see mending.mended. Releases nothing itself.

        Raises Refusal as `run` does, for whatever is no matter of the gate.
        """
        with translated():
            question = self._question(project, user, text)
            found = self.records.releases.by_fingerprint(project, question.fingerprint)
            asked = (
                self._outcome(question, question.checked, cancelled, question.limits.seconds)
                if found is None
                else Outcome(found.body["findings"], len(found.body.get("cells", ())))
            )
            earlier = {
                one.id: parse(one.plan) for one in self.records.releases.of_project(project)[::-1]
            }
            trials = Trials(
                question.schema,
                question.policy.threshold,
                lambda checked, seconds: self._outcome(question, checked, cancelled, seconds),
                lambda checked, seconds: (
                    self._computed(question, checked, cancelled, seconds).placed.n
                ),
                earlier,
                self._noise(question),
            )
            told = mended(question.checked, asked, trials)
        details: dict[str, str | int] = {
            "plan": plan_hash(question.checked.plan),
            "tried": told["tried"],
            "offered": len(told["proposals"]),
        }
        self.records.audit.append(AuditEvent(What.PLAN_FIX, user, project, "", details))
        return told

    def _computed(
        self, question: _Question, checked: CheckedPlan, cancelled: Event, seconds: float
    ) -> Computed:
        limits = replace(question.limits, seconds=min(seconds, question.limits.seconds))
        job = Job(checked, question.view, question.schema, cancelled, lambda *_: None, limits)
        return compute(self._executor, job, _admits(question.policy))

    def _outcome(
        self, question: _Question, checked: CheckedPlan, cancelled: Event, seconds: float
    ) -> Outcome:
        """What the gate says of a plan, without a trace in the books."""
        if checked.plan.analysis.cost:
            return Outcome(())
        try:
            computed = self._computed(question, checked, cancelled, seconds)
            with self._turn(question):
                decision, _, _ = self._judged(question, computed, Fraction(0))
        except GateRefusal as refusal:
            return Outcome(refusal.findings, released=False)
        return Outcome(findings_json(decision.findings), len(decision.cells))

    def _noise(self, question: _Question) -> str:
        """What a count with noise may cost here, "" where an account holds too little."""
        rho = min(NOISE, question.policy.rho_per_release)
        charged = self._charged(question)
        try:
            check_cost(self.records.releases, question.project, rho, charged, question.policy)
        except (Refusal, disclosure.errors.Refusal):
            return ""
        return str(rho)

    def _question(self, project: str, user: str, text: str) -> _Question:
        held = self.held(project, user)
        asked = parse(text)
        plan = pruned(asked)
        view = self.views.get(project, held.view_version)
        schema = self.schema(held, view)
        try:
            checked = check(plan, schema)
        except workbench.plan.errors.Refusal:
            check(
                asked, schema
            )  # knows the derived variables that nothing read, as it was misspelt
            raise
        policy = self._policy(held, view)
        parts = [plan_hash(plan), view.version, policy.hash]
        fingerprint = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        limits = Limits(held.permit.plan_seconds, held.permit.plan_memory_mb << 20)
        return _Question(project, user, checked, view, schema, policy, limits, fingerprint)

    def _replay(self, question: _Question) -> Mapping[str, Any] | None:
        found = self.records.releases.by_fingerprint(question.project, question.fingerprint)
        if found is None:
            return None
        details = {"release": found.id, "plan": plan_hash(question.checked.plan)}
        self.records.audit.append(
            AuditEvent(What.PLAN_REPLAY, question.user, question.project, "", details)
        )
        return answer_of(found, replayed=True)

    def _alone(
        self, question: _Question, cancelled: Event, progress: Progress
    ) -> Mapping[str, Any]:
        """The first answer; whoever asks the same meanwhile is given it too."""
        with self._flights.alone(question.project, question.fingerprint, cancelled):
            return self._replay(question) or self._first(question, cancelled, progress)

    def _first(
        self, question: _Question, cancelled: Event, progress: Progress
    ) -> Mapping[str, Any]:
        rho = self._cost(question)
        job = Job(
            question.checked,
            question.view,
            question.schema,
            cancelled,
            progress,
            question.limits,
        )
        computed = compute(self._executor, job, None if rho else _admits(question.policy))
        # Releases of a project are judged one after the other: two that are harmless alone may
        # give a person away together.
        with self._turn(question):
            release = secrets.token_hex(8)
            decision, ledger, noise = self._judged(question, computed, rho)
            if cancelled.is_set():
                raise Refusal(
                    "cancelled", "The plan was stopped; nothing was released.", "Run it again."
                )
            made = self._release(question, release, decision, noise, rho)
            event = AuditEvent(
                What.PLAN_RELEASE,
                question.user,
                question.project,
                "",
                {
                    "release": made.id,
                    "plan": plan_hash(question.checked.plan),
                    "variables": ", ".join(lineage(question.checked.plan).variables),
                    "rho": str(rho),
                    "certificate": content_sha256(dict(made.certificate)),
                },
            )
            charged = self._charged(question) if rho else ()
            membership = None if ledger is None else ledger.membership(release, decision.published)
            recorded = self.records.releases.record(made, membership, event, charged)
        return answer_of(recorded, replayed=recorded.id != made.id)

    def _cost(self, question: _Question) -> Fraction:
        """The privacy cost of a plan, refused early when the account cannot carry it."""
        rho = question.checked.plan.analysis.cost
        if not rho:
            return rho
        charged = self._charged(question)
        check_cost(self.records.releases, question.project, rho, charged, question.policy)
        return rho

    def _charged(self, question: _Question) -> tuple[Charge, ...]:
        described = question.view.describe()["datasets"]
        return charges_of(question.checked.plan, described, question.policy)

    def _turn(self, question: _Question) -> Lock:
        """The project's, to be judged and recorded."""
        return self._turns.setdefault(question.project, Lock())

    def _judged(
        self, question: _Question, computed: Computed, rho: Fraction
    ) -> tuple[Decision, Ledger | None, Private | None]:
        evidence, placed = computed.evidence, computed.placed
        if rho:
            noise = private(evidence, rho, question.policy)
            return noise.decision, None, noise
        if isinstance(evidence, PrivateEvidence):
            raise fault("a question that asks for noise costs nothing")
        earlier = self.records.releases.memberships(question.project)
        opened = self._standings.entries(question.project)
        ledger = Ledger(placed, earlier, question.view, self.views, self._keys, opened)
        history = self._standings.meeting(question.project, ledger, question.policy.solver_seconds)
        overlaps = Overlaps(ledger, history)
        found = subtracted(ledger, question.policy.threshold)
        decision = (
            decide(evidence, question.policy, overlaps, history, found)
            if isinstance(evidence, TableEvidence)
            else decide_result(evidence, question.policy, overlaps, history, found)
        )
        if decision.verdict is not Verdict.RELEASE:
            raise GateRefusal.of(decision, self._kind)
        return decision, ledger, None

    def _kind(self, release: str) -> str:
        """Of an earlier release of the project, for the diagram of a collision."""
        found = self.records.releases.find(release)
        return "" if found is None else str(found.body.get("kind", ""))

    def _release(
        self,
        question: _Question,
        release: str,
        decision: Decision,
        noise: Private | None,
        rho: Fraction,
    ) -> Release:
        body = body_of(question.checked, decision, noise)
        now = self.clock.now()
        made = Release(
            id=release,
            project=question.project,
            user=question.user,
            plan=canonical(question.checked.plan).decode(),
            fingerprint=question.fingerprint,
            view_version=question.view.version,
            policy=question.policy.hash,
            body=body,
            certificate={},
            rho=rho,
            created=now,
        )
        versions = {
            name: str(one["version"]) for name, one in question.view.describe()["datasets"].items()
        }
        return release_certificate(made, decision, versions, chain_of(self.records), self._keys)


def _registries(view: ProjectView) -> tuple[str, ...]:
    described = view.describe()["datasets"]
    return tuple(sorted({str(one["registry"]) for one in described.values()}))


def _admits(policy: Policy) -> Callable[[Placed, int], None]:
    def admit(placed: Placed, view_population: int) -> None:
        found = population.finding(placed.population, view_population, policy)
        if found is not None:
            raise GateRefusal.about([found])

    return admit


def answer_of(release: Release, *, replayed: bool) -> Mapping[str, Any]:
    """A recorded release as a notebook is told of it: with the plan that it answers."""
    return {
        "release": release.id,
        "body": dict(release.body),
        "certificate": dict(release.certificate),
        "plan": release.plan,
        "replayed": replayed,
    }
