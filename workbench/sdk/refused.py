"""What a notebook sees when something is not done: code, reason, remedy; never a stack."""

import html
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kernels.errors import Refusal as WireRefusal
from workbench.plan.errors import Refusal as PlanRefusal

__all__ = ["Refused", "told"]


class Refused(Exception):
    """A refusal that you can act on; `code`, `reason`, `remedy` and the gate's `findings`."""

    def __init__(
        self,
        code: str,
        reason: str,
        remedy: str,
        findings: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(code, reason, remedy)
        self.code = code
        self.reason = reason
        self.remedy = remedy
        self.findings = tuple(findings)

    def __str__(self) -> str:
        lines = [f"{self.code}: {self.reason}", f"What to do: {self.remedy}"]
        lines += [f"- {_words(one, 'text')}" for one in self.findings]
        return "\n".join(lines)

    def _render_traceback_(self) -> list[str]:
        """IPython prints these lines in place of a stack."""
        return ["Refused — " + str(self)]

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html.escape(_words(one, 'text'))}</li>" for one in self.findings)
        more = f"<ul>{items}</ul>" if items else ""
        return (
            f"<p><strong>Refused</strong> (<code>{html.escape(self.code)}</code>): "
            f"{html.escape(self.reason)}</p>{more}<p>What to do: {html.escape(self.remedy)}</p>"
        )


@contextmanager
def told() -> Iterator[None]:
    """Turn the refusals of the layers below into Refused."""
    try:
        yield
    except (PlanRefusal, WireRefusal) as refusal:
        raise Refused(refusal.code, refusal.reason, refusal.remedy) from None


def _words(finding: Mapping[str, Any], field: str) -> str:
    text = finding.get(field)
    return str(text.get("en") or next(iter(text.values()), "")) if isinstance(text, dict) else ""
