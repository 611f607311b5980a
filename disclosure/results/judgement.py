"""A family's word on its evidence: one function, one arm a family."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

from disclosure.findings import Finding
from disclosure.policy import Policy
from disclosure.results.block import Block
from disclosure.results.evidence import ResultEvidence

__all__ = ["Judgement", "judge"]


@dataclass(frozen=True)
class Judgement:
    """findings: what the rules said; one that blocks refuses the whole result.

    blocks: what may be shown. published: each count of persons that the blocks show or imply, as
    the inner cells (C order) that it sums, for the audit across releases. proof: the rules that
    were met, with bounds and with figures that are no secrets.
    """

    findings: tuple[Finding, ...] = ()
    blocks: tuple[Block, ...] = ()
    published: tuple[tuple[int, ...], ...] = ()
    proof: Mapping[str, Any] = field(default_factory=dict)


@singledispatch
def judge(evidence: ResultEvidence, policy: Policy) -> Judgement:  # noqa: ARG001 - see arms
    """What of a result may be released, seen by itself. Never raises for what the data holds."""
    raise TypeError(f"{type(evidence).__name__} has no rules")
