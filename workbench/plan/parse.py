"""From untrusted JSON to a plan within limits, or a refusal that says where it went wrong."""

import hashlib
import json

from pydantic import ValidationError

from workbench.plan.errors import Refusal
from workbench.plan.nodes import (
    Back,
    Derive,
    Episodes,
    Exposed,
    Filter,
    Linked,
    Matched,
    Node,
    OverRows,
    Plan,
    Sort,
    Spans,
    Split,
)
from workbench.plan.nodes.base import walk
from workbench.plan.nodes.versions import NEWEST, since

__all__ = [
    "DEPTH_LIMIT",
    "EVERYBODY_LIMIT",
    "NODE_LIMIT",
    "PERIODS_LIMIT",
    "PIECES_LIMIT",
    "ROWS_LIMIT",
    "SIZE_LIMIT",
    "canonical",
    "limited",
    "parse",
    "plan_hash",
    "walk",
]

SIZE_LIMIT = 64 << 10
"""Bytes of JSON."""
DEPTH_LIMIT = 40
NODE_LIMIT = 2000
ROWS_LIMIT = 200
"""Values taken from events: each is a join."""
PERIODS_LIMIT = 24
"""Frames of periods: each sorts or multiplies rows."""
EVERYBODY_LIMIT = 8
"""Matchings and links: each looks through the whole view before the plan runs."""
PIECES_LIMIT = 1000
"""Pieces that one period may become by edges."""

_TELLING = {
    "union_tag_invalid": "names a kind of node that does not exist",
    "union_tag_not_found": "does not say which kind of node it is",
    "extra_forbidden": "is a field that this node does not have",
    "missing": "is missing",
    "json_invalid": "is not JSON",
    "recursion_loop": "refers to itself",
    "too_long": "is too long",
    "too_short": "is too short",
    "string_too_long": "is too long a text",
    "string_pattern_mismatch": "is not a name of the agreed form",
}


def parse(text: str | bytes) -> Plan:
    """The plan that `text` (JSON, at most SIZE_LIMIT bytes) says.

    Raises Refusal: plan_too_large, plan_too_deep, plan_version, malformed_plan. The refusal names
    the place in the plan, never what stood there.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > SIZE_LIMIT:
        raise Refusal(
            "plan_too_large",
            f"The plan is larger than {SIZE_LIMIT // 1024} KiB.",
            "Shorten long value lists, or split the question into two analyses.",
        )
    try:
        plan = Plan.model_validate_json(raw)
    except ValidationError as error:
        if any(one["loc"] == ("v",) for one in error.errors(include_url=False)):
            raise Refusal(
                "plan_version",
                f"The plan is not of a version of the language from 1 to {NEWEST}.",
                "A newer Workbench wrote it: run it there, or build the question anew with "
                "workbench.sdk of this installation.",
            ) from None
        raise Refusal(
            "malformed_plan",
            f"The plan is not of the agreed form: {_where(error)}.",
            "Build it with workbench.sdk of this installation, or see docs/reference/plan.md.",
        ) from None
    except RecursionError:
        raise _too_deep() from None
    newer = next((node for node, _ in walk(plan) if since(node) > plan.v), None)
    if newer is not None:
        raise Refusal(
            "plan_version",
            f"The plan says version {plan.v}, but {getattr(newer, 'k', 'a part')} is written in "
            f"it as since version {since(newer)}.",
            f'Write "v": {NEWEST}, or build it with workbench.sdk of this installation.',
        )
    return limited(plan)


def limited(plan: Plan) -> Plan:
    """The same plan, refused when it is too deep, has too many nodes, or would cost too much."""
    rows = periods = everybody = 0
    for count, (node, depth) in enumerate(walk(plan), start=1):
        rows += isinstance(node, OverRows)
        periods += isinstance(node, Episodes | Spans | Split | Exposed)
        if rows > ROWS_LIMIT:
            raise _too_costly(
                f"takes more than {ROWS_LIMIT} values from events",
                "Derive each value once and use it by name, or split the question.",
            )
        if periods > PERIODS_LIMIT:
            raise _too_costly(
                f"makes or cuts periods more than {PERIODS_LIMIT} times",
                "Derive each sum of days once and use it by name, or split the question.",
            )
        everybody += isinstance(node, Matched | Linked | Back)
        if everybody > EVERYBODY_LIMIT:
            raise _too_costly(
                f"matches or links persons more than {EVERYBODY_LIMIT} times",
                "Match or link once, and derive variables on that frame.",
            )
        if isinstance(node, Split) and _pieces(node) > PIECES_LIMIT:
            raise _too_costly(
                f"cuts a period into more than {PIECES_LIMIT} pieces",
                "Use fewer edges: split at five-year ages rather than at each year.",
            )
        if depth > DEPTH_LIMIT:
            raise _too_deep()
        if count > NODE_LIMIT:
            raise Refusal(
                "plan_too_large",
                f"The plan has more than {NODE_LIMIT} parts.",
                "Use .is_in([...]) in place of many comparisons, or split the question.",
            )
    return plan


def _pieces(frame: Node) -> int:
    """Into how many pieces at most the edges of a split, and of those below it, cut a period."""
    pieces = 1
    while isinstance(frame, Split | Exposed | Filter | Derive | Sort):
        if isinstance(frame, Split):
            pieces *= len(frame.edges) + 1
        frame = frame.frame
    return pieces


def canonical(plan: Plan) -> bytes:
    """The one spelling of a plan: JSON with sorted keys, no spaces, all defaults, UTF-8."""
    tree = plan.model_dump(mode="json")
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def plan_hash(plan: Plan) -> str:
    """SHA-256 of the canonical spelling, hex."""
    return hashlib.sha256(canonical(plan)).hexdigest()


def _where(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    known = [str(part) for part in first["loc"] if _harmless(part)]
    place = ".".join(known) or "the whole"
    return f"{place} {_TELLING.get(first['type'], 'does not hold what belongs there')}"


def _harmless(part: object) -> bool:
    """Whether a piece of the location is ours (an index, a field), not a stranger's long text."""
    return isinstance(part, int) or (isinstance(part, str) and len(part) <= 32 and part.isascii())


def _too_deep() -> Refusal:
    return Refusal(
        "plan_too_deep",
        f"The plan nests deeper than {DEPTH_LIMIT} levels.",
        "Give parts of it names with .with_columns(...), or use .is_in([...]) for long chains.",
    )


def _too_costly(what: str, remedy: str) -> Refusal:
    return Refusal("plan_too_costly", f"The plan {what}.", remedy)
