"""What a notebook sees when something is not done: code, reason, remedy; never a stack."""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kernels.errors import Refusal as WireRefusal
from workbench.plan.errors import Refusal as PlanRefusal

if TYPE_CHECKING:
    from workbench.sdk.mending import Fix

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
        self._mend: Callable[[str], Fix] | None = None

    def mended_by(self, mend: "Callable[[str], Fix]") -> "Refused":
        """The same, with a way to ask what would be released; mend: of a language."""
        self._mend = mend
        return self

    def fix(self, language: str = "en") -> "Fix":
        """What would be released in place of it: the least changes to the question.

        In a notebook `p.fix()` does the same for what was refused last. Of a refusal that is no
        word of the gate there is nothing to try: its own `remedy` says what to do.
        """
        if self._mend is None or self.code != "not_released":
            raise Refused("nothing_to_fix", "It was not the gate that refused this.", self.remedy)
        return self._mend(language)

    def __str__(self) -> str:
        lines = [f"{self.code}: {self.reason}", f"What to do: {self.remedy}"]
        lines += [f"- {_words(one, 'text')}" for one in self.findings]
        if self._helps:
            lines.append(f"May help: {' '.join(self._helps)} p.fix() tries what would be released.")
        return "\n".join(lines)

    @property
    def _helps(self) -> list[str]:
        """What may help against the findings, each once."""
        found = [_words(one.get("change", {}), "words") for one in self.findings]
        return list(dict.fromkeys(one for one in found if one))

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
