"""However people act: nothing is released without an officer from outside who saw these bytes."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.lib import samples
from tests.unit.services.conftest import Airlock
from workbench.domain.chain import verify
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputState
from workbench.domain.permissions import OFFICERS, Person
from workbench.domain.permit import Member, PermitState
from workbench.services.download import download_file
from workbench.services.release_output import release_output
from workbench.services.review import approve, reject, return_to_author
from workbench.services.withdraw import withdraw

NAMES = ("researcher", "lead", "officer", "other-officer", "stranger")
# Often somebody who may, so that requests travel the whole way, too.
OFFICIAL = [
    Person("officer", frozenset({OFFICERS})),
    Person("other-officer", frozenset({OFFICERS})),
]
ANYONE = [Person(name, groups) for name in NAMES for groups in (frozenset(), frozenset({OFFICERS}))]
PEOPLE = st.sampled_from(OFFICIAL) | st.sampled_from(ANYONE)
DECISIONS = st.sampled_from([approve, approve, reject, return_to_author])
COUNT = 3


class AirlockMachine(RuleBasedStateMachine):
    """Anyone tries anything in any order; the permit's members change meanwhile."""

    @initialize()
    def begin(self) -> None:
        self.airlock = Airlock()
        self.requests = [self.airlock.request]
        self.allowed: dict[str, set[str]] = {}
        self.taken: set[str] = set()

    def _request(self, number: int) -> str:
        return self.requests[number % len(self.requests)].id

    @rule()
    def submit(self) -> None:
        if len(self.requests) < COUNT:
            self.requests.append(self.airlock.submit(len(self.requests) + 1, ()))

    @rule(
        person=PEOPLE, decide=DECISIONS, number=st.integers(0, COUNT - 1),
        right=st.sampled_from([True, True, False]), comment=st.sampled_from(["said", ""]),
    )  # fmt: skip
    def decide(
        self, person: Person, decide: object, number: int, right: bool, comment: str
    ) -> None:
        request = self._request(number)
        found = self.airlock.records.outputs.find(request)
        held = self.airlock.records.permits.find("study")
        content = found.content if right else "0" * 64
        try:
            decide(
                self.airlock.records, self.airlock.clock, person, request,
                content=content, comment=comment,
            )  # fmt: skip
        except Refusal:
            return
        assert right
        assert OFFICERS in person.groups
        assert person.name != found.author
        assert not held.permit.names(person.name)
        if decide is approve:
            self.allowed.setdefault(request, set()).add(person.name)

    @rule(number=st.integers(0, COUNT - 1), down=st.sampled_from([False, False, True]))
    def release(self, number: int, down: bool) -> None:
        self.airlock.engine.down = down
        try:
            release_output(
                self.airlock.records, self.airlock.blobs, self.airlock.engine,
                self._request(number),
            )  # fmt: skip
        except Refusal:
            return

    @rule(number=st.integers(0, COUNT - 1))
    def go_the_whole_way(self, number: int) -> None:
        """Without this rule hardly any request would get as far as a download."""
        self.decide(OFFICIAL[1], approve, number, True, "said")
        self.release(number, False)

    @rule(person=PEOPLE, number=st.integers(0, COUNT - 1))
    def withdraw(self, person: Person, number: int) -> None:
        try:
            withdraw(self.airlock.records, person, self._request(number))
        except Refusal:
            return

    @rule(person=st.sampled_from(ANYONE), number=st.integers(0, COUNT - 1))
    def download(self, person: Person, number: int) -> None:
        request = self._request(number)
        found = self.airlock.records.outputs.find(request)
        held = self.airlock.records.permits.find("study")
        try:
            download_file(
                self.airlock.records, self.airlock.blobs, person, request, found.files[0].sha256
            )
        except Refusal:
            return
        assert found.state is OutputState.RELEASED
        assert held.permit.names(person.name)
        assert held.state is PermitState.ACTIVE
        self.taken.add(request)

    @rule(members=st.sampled_from([{"researcher", "lead"}, {"researcher"}, {"officer"}, {"lead"}]))
    def amend(self, members: set[str]) -> None:
        permit = samples.permit(members=tuple(Member(user=name) for name in sorted(members)))
        self.airlock.records.permits.grant(permit, samples.event())

    @rule(state=st.sampled_from([PermitState.ACTIVE, PermitState.SUSPENDED]))
    def pause(self, state: PermitState) -> None:
        try:
            self.airlock.records.permits.set_state("study", state, samples.event())
        except Refusal:
            return

    @invariant()
    def nothing_left_without_an_officer_from_outside(self) -> None:
        for request in self.airlock.records.outputs.of_project("study"):
            if request.state in {OutputState.APPROVED, OutputState.RELEASED}:
                assert self.allowed[request.id] - {request.author}
            if request.state is OutputState.RELEASED:
                assert request.certificate
                assert any(
                    review.decision is OutputState.APPROVED
                    and review.content == request.content
                    and review.officer != request.author
                    for review in request.reviews
                )
        assert self.taken <= set(self.allowed)

    @invariant()
    def the_log_is_whole(self) -> None:
        audit = self.airlock.records.audit
        assert verify(audit.entries(), audit.anchors()).whole


AirlockMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, derandomize=True, deadline=None
)
TestAirlock = AirlockMachine.TestCase
