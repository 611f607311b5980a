"""From untrusted JSON to a plan within limits, or a refusal that says where it went wrong."""

import hashlib
import json
from collections.abc import Iterator

from pydantic import ValidationError

from workbench.plan.errors import Refusal
from workbench.plan.nodes import Node, Plan

__all__ = [
    "DEPTH_LIMIT",
    "NODE_LIMIT",
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

    Raises Refusal: plan_too_large, plan_too_deep, malformed_plan. The refusal names the place in
    the plan, never what stood there.
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
        raise Refusal(
            "malformed_plan",
            f"The plan is not of the agreed form: {_where(error)}.",
            "Build it with workbench.sdk of this installation, or see docs/reference/plan.md.",
        ) from None
    except RecursionError:
        raise _too_deep() from None
    return limited(plan)


def limited(plan: Plan) -> Plan:
    """The same plan, refused when it is too deep or has too many nodes."""
    for count, (_, depth) in enumerate(walk(plan), start=1):
        if depth > DEPTH_LIMIT:
            raise _too_deep()
        if count > NODE_LIMIT:
            raise Refusal(
                "plan_too_large",
                f"The plan has more than {NODE_LIMIT} parts.",
                "Use .is_in([...]) in place of many comparisons, or split the question.",
            )
    return plan


def walk(node: Node) -> Iterator[tuple[Node, int]]:
    """Every node below and including `node` with its depth, parents first; needs no recursion."""
    pending: list[tuple[Node, int]] = [(node, 0)]
    while pending:
        current, depth = pending.pop()
        yield current, depth
        below: list[tuple[Node, int]] = []
        for field in type(current).model_fields:
            value = getattr(current, field)
            parts = value if isinstance(value, tuple) else (value,)
            below += [(part, depth + 1) for part in parts if isinstance(part, Node)]
        pending += reversed(below)


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
