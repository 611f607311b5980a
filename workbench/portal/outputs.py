"""Output requests as the pages show them, made from the outline that the services allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.domain.permissions import Person, review_output
from workbench.portal.language import Words
from workbench.portal.previews import Preview, preview_of
from workbench.portal.reading import ShownFinding, findings_of
from workbench.ports import Records
from workbench.services.outputs import outline

__all__ = ["ShownFile", "ShownOutput", "ShownReview", "queue_of", "risk_of", "shown_output"]

RISKS = ("high", "medium", "low")


@dataclass(frozen=True)
class ShownReview:
    """One decision; officer is "" for the project, which learns what was said but not by whom."""

    decision: str
    comment: str
    at: datetime
    officer: str


@dataclass(frozen=True)
class ShownFile:
    """One file; preview is None where none was asked for."""

    name: str
    sha256: str
    size: int
    findings: tuple[ShownFinding, ...]
    preview: Preview | None = None


@dataclass(frozen=True)
class ShownOutput:
    """A request for a page; files is None while the person may not see them."""

    id: str
    project: str
    author: str
    run: str
    state: str
    created: datetime
    reviews: tuple[ShownReview, ...]
    files: tuple[ShownFile, ...] | None
    content: str
    risk: str
    may: Mapping[str, bool]


def shown_output(
    told: Mapping[str, Any], words: Words, contents: Mapping[str, bytes] | None = None
) -> ShownOutput:
    """The outline of a request as a page's value; contents: bytes by SHA-256 to preview."""
    files: Sequence[Mapping[str, Any]] | None = told.get("files")
    return ShownOutput(
        told["id"],
        told["project"],
        told["author"],
        told["run"],
        told["state"],
        datetime.fromisoformat(told["created"]),
        tuple(
            ShownReview(
                review["decision"],
                review["comment"],
                datetime.fromisoformat(review["at"]),
                review.get("officer", ""),
            )
            for review in told["reviews"]
        ),
        None if files is None else tuple(_file(file, words, contents or {}) for file in files),
        told.get("content", ""),
        risk_of(files or ()),
        told["may"],
    )


def risk_of(files: Sequence[Mapping[str, Any]]) -> str:
    """high when any finding blocks, medium when any asks to look closely, else low."""
    severities = {str(found.get("severity")) for file in files for found in file["findings"]}
    if "blocking" in severities:
        return "high"
    return "medium" if severities - {"note"} else "low"


def queue_of(records: Records, person: Person, words: Words) -> tuple[tuple[ShownOutput, ...], int]:
    """What waits for this officer, by risk, then age; and how many wait for others only."""
    mine, others = [], 0
    for request in records.outputs.waiting():
        held = records.permits.find(request.project)
        if held is not None and review_output(person, request, held.permit):
            mine.append(shown_output(outline(request, held, person), words))
        else:
            others += 1
    mine.sort(key=lambda shown: (RISKS.index(shown.risk), shown.created))
    return tuple(mine), others


def _file(told: Mapping[str, Any], words: Words, contents: Mapping[str, bytes]) -> ShownFile:
    content = contents.get(told["sha256"])
    return ShownFile(
        told["name"],
        told["sha256"],
        told["size"],
        findings_of(told["findings"], words),
        None if content is None else preview_of(told["name"], content),
    )
