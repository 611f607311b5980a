"""One kind of refusal at the engine's edge, whichever part said it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import disclosure.errors
import kernels.errors
import pseudonym.errors
import workbench.plan.errors
from disclosure.certificate import findings_json
from disclosure.findings import Decision, Finding, Severity
from workbench.domain.errors import Refusal

__all__ = ["GateRefusal", "translated"]


class GateRefusal(Refusal):
    """The gate refused; `findings` say which rules, why, and what would mend it."""

    def __init__(self, findings: Sequence[Mapping[str, Any]], reason: str, remedy: str) -> None:
        super().__init__("not_released", reason, remedy)
        self.findings = tuple(findings)

    @classmethod
    def of(cls, decision: Decision, kind: Callable[[str], str] = lambda _: "") -> "GateRefusal":
        """From a decision that refuses. kind: of an earlier release that a finding names."""
        refusal = cls.about(decision.findings)
        for finding in refusal.findings:
            for one in finding.get("collision", {}).get("releases", ()):
                one["kind"] = kind(one["release"])
        return refusal

    @classmethod
    def about(cls, findings: Sequence[Finding]) -> "GateRefusal":
        """From findings; the first that blocks gives reason and remedy."""
        blocking = [one for one in findings if one.severity is Severity.BLOCKING]
        first = (blocking or findings)[0]
        return cls(
            findings_json(findings),
            first.text["en"],
            first.remedy["en"],
        )


@contextmanager
def translated() -> Iterator[None]:
    """Let the refusals of the parts pass as the workbench's own."""
    try:
        yield
    except (
        workbench.plan.errors.Refusal,
        disclosure.errors.Refusal,
        pseudonym.errors.Refusal,
        kernels.errors.Refusal,
    ) as refusal:
        raise Refusal(refusal.code, refusal.reason, refusal.remedy) from None
