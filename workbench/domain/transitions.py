"""WHEN something may happen: which state may follow which, as tables that are total and disjoint.

Who may do it stands in workbench/domain/permissions.py. A table names every state, so a state that
is forgotten here fails the tests rather than opening a door.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputRequest, OutputState, Review, content_of
from workbench.domain.permit import PermitState

__all__ = [
    "OUTPUT",
    "OUTPUT_EVENT",
    "OUTPUT_HOLDER",
    "PERMIT",
    "PERMIT_EVENT",
    "Holder",
    "check_output_move",
    "check_permit_move",
    "check_submission",
]  # fmt: skip


class Holder(StrEnum):
    """Whose turn it is while a request stands in a state."""

    AUTHOR = "author"
    OFFICER = "officer"
    SYSTEM = "system"
    NOBODY = "nobody"


O, P = OutputState, PermitState  # noqa: E741 - two tables that must be read at a glance

OUTPUT: Mapping[OutputState, frozenset[OutputState]] = MappingProxyType(
    {
        O.SUBMITTED: frozenset({O.APPROVED, O.RETURNED, O.REJECTED, O.WITHDRAWN}),
        # A correction is a new run, hence a new request: bytes once submitted never change.
        O.RETURNED: frozenset({O.WITHDRAWN}),
        O.APPROVED: frozenset({O.RELEASED}),
        O.REJECTED: frozenset(),
        O.RELEASED: frozenset(),
        O.WITHDRAWN: frozenset(),
    }
)
"""Which state of an output request may follow which."""

OUTPUT_HOLDER: Mapping[OutputState, Holder] = MappingProxyType(
    {
        O.SUBMITTED: Holder.OFFICER,
        O.RETURNED: Holder.AUTHOR,
        O.APPROVED: Holder.SYSTEM,
        O.REJECTED: Holder.NOBODY,
        O.RELEASED: Holder.NOBODY,
        O.WITHDRAWN: Holder.NOBODY,
    }
)
"""Whose turn it is in each state."""

OUTPUT_EVENT: Mapping[OutputState, What] = MappingProxyType(
    {
        O.SUBMITTED: What.OUTPUT_REQUEST_SUBMIT,
        O.RETURNED: What.OUTPUT_REQUEST_RETURN,
        O.APPROVED: What.OUTPUT_REQUEST_APPROVE,
        O.REJECTED: What.OUTPUT_REQUEST_REJECT,
        O.RELEASED: What.OUTPUT_REQUEST_RELEASE,
        O.WITHDRAWN: What.OUTPUT_REQUEST_WITHDRAW,
    }
)
"""The audit event of entering each state."""

PERMIT: Mapping[PermitState, frozenset[PermitState]] = MappingProxyType(
    {
        P.ACTIVE: frozenset({P.SUSPENDED, P.REVOKED}),
        P.SUSPENDED: frozenset({P.ACTIVE, P.REVOKED}),
        P.REVOKED: frozenset(),
    }
)
"""Which state of a permit may follow which."""

PERMIT_EVENT: Mapping[PermitState, What] = MappingProxyType(
    {
        P.ACTIVE: What.PERMIT_RESUME,
        P.SUSPENDED: What.PERMIT_SUSPEND,
        P.REVOKED: What.PERMIT_REVOKE,
    }
)
"""The audit event of entering each state again; the first entry is the grant itself."""

S = TypeVar("S", bound=StrEnum)


def _check(table: Mapping[S, frozenset[S]], old: S, new: S, thing: str) -> None:
    if new not in table[old]:
        after = ", ".join(sorted(table[old])) or "nothing: this state is final"
        raise Refusal(
            "not_possible",
            f"{thing} that is {old} cannot become {new}.",
            f"What may follow: {after}.",
        )


def check_permit_move(old: PermitState, new: PermitState) -> None:
    """Refusal("not_possible") unless a permit may go from `old` to `new`."""
    _check(PERMIT, old, new, "A permit")


def check_submission(request: OutputRequest) -> None:
    """Refuse a request that is not new, empty, or not hashed as its files are. Raises Refusal."""
    new = request.state is O.SUBMITTED and not request.reviews and request.certificate is None
    if not (new and request.files and request.content == content_of(request.files)):
        raise Refusal(
            "not_new",
            "A request begins submitted, with files, and with the hash over them.",
            "Submit the run again.",
        )


def check_output_move(
    request: OutputRequest,
    state: OutputState,
    review: Review | None,
    certificate: Mapping[str, Any] | None,
) -> None:
    """Refuse a move of an output request that the table or its evidence does not carry.

    A decision needs a review that says the same and binds to the request's content; a return needs
    words; a release needs an approval of exactly this content and a certificate. Every book of
    requests calls this, so that no service can walk around it. Raises Refusal.
    """
    _check(OUTPUT, request.state, state, "An output request")
    if state in {O.APPROVED, O.RETURNED, O.REJECTED}:
        _check_review(request, state, review)
    elif review is not None:
        raise Refusal(
            "no_decision", "This step is no decision.", "Leave the review out of this step."
        )
    if state is O.RELEASED:
        if not any(
            r.decision is O.APPROVED and r.content == request.content for r in request.reviews
        ):
            raise Refusal(
                "not_approved",
                "No officer has approved exactly these files.",
                "Have a disclosure officer review the request.",
            )
        if not certificate:
            raise Refusal(
                "no_certificate",
                "Nothing is released without a certificate.",
                "Try again when the engine runs.",
            )
    elif certificate is not None:
        raise Refusal(
            "no_release", "Only a release carries a certificate.", "Approve the request first."
        )


def _check_review(request: OutputRequest, state: OutputState, review: Review | None) -> None:
    if review is None or review.decision is not state:
        raise Refusal(
            "no_review", "A decision needs the review that says so.", "Review the request first."
        )
    if review.officer == request.author:
        raise Refusal(
            "own_request", "Nobody reviews a request of their own.", "Ask another officer."
        )
    if review.content != request.content or request.content != content_of(request.files):
        raise Refusal(
            "content_changed",
            "The files are not those that were reviewed.",
            "Open the request again and review what it holds now.",
        )
    if state is O.RETURNED and not review.comment.strip():
        raise Refusal(
            "comment_missing",
            "A return needs a comment that tells the author what to change.",
            "Write a comment for each file that needs a change.",
        )
