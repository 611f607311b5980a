"""What a question may become: the least changes that the gate lets through, and how to ask them."""

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from workbench.sdk.refused import Refused

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Fix", "Proposal"]

_WORDS = {
    "en": {
        "refused": "This was refused. What would be released:",
        "withheld": "Some numbers are withheld. What would show more:",
        "released": "Nothing is withheld: there is nothing to mend.",
        "none": "No change was found that the gate lets through. Ask about a wider cohort, ask for "
        "a count with noise, or have a disclosure officer look at it.",
        "everything": "tried: everything is shown",
        "more": "tried: it is released, with some numbers withheld",
        "": "may help: not tried",
        "run": "Ask the first with .run(), the second with .run(2).",
    },
    "nb": {
        "refused": "Dette ble avslått. Dette ville blitt utgitt:",
        "withheld": "Noen tall er holdt tilbake. Dette ville vist mer:",
        "released": "Ingenting er holdt tilbake: det er ingenting å rette.",
        "none": "Ingen endring ble funnet som porten slipper gjennom. Spør om en videre kohort, be "
        "om et antall med støy, eller be en avsløringskontrollør se på det.",
        "everything": "prøvd: alt vises",
        "more": "prøvd: det utgis, med noen tall holdt tilbake",
        "": "kan hjelpe: ikke prøvd",
        "run": "Be om det første med .run(), det andre med .run(2).",
    },
}


class Proposal:
    """One way out. changes: for machines, each {"k": its kind, ...}; words: by language.

    tried: whether the gate has said yes; shows: "everything", "more" or "" (not tried). explained:
    the changed plan in words; plan: its JSON. answers: the rules that are satisfied by it.
    """

    def __init__(self, found: Mapping[str, Any], ask: Callable[[str], "Release"]) -> None:
        self.changes: tuple[Mapping[str, Any], ...] = tuple(found["changes"])
        self.words: Mapping[str, str] = found["words"]
        self.tried: bool = bool(found["tried"])
        self.shows: str = str(found["shows"])
        self.explained: str = str(found["explained"])
        self.plan: str = str(found["plan"])
        self.answers: tuple[str, ...] = tuple(found["answers"])
        self._ask = ask

    def run(self) -> "Release":
        """Ask the changed question; an answer like any other, judged anew."""
        return self._ask(self.plan)

    def __repr__(self) -> str:
        return f"{self.words['en']} ({_WORDS['en'][self.shows]})"


class Fix:
    """What would make an output releasable, the least change first; `.run()` asks it.

    asked: "refused", "withheld" or "released"; proposals: what was found, at most three. rules: the
    rules that stood against it. `in_language("nb")` shows the same in Norwegian.
    """

    def __init__(
        self, found: Mapping[str, Any], ask: Callable[[str], "Release"], language: str = "en"
    ) -> None:
        self.asked: str = str(found["asked"])
        self.rules: tuple[str, ...] = tuple(found["rules"])
        self.proposals = tuple(Proposal(one, ask) for one in found["proposals"])
        self._found = found
        self._ask = ask
        self._language = language if language in _WORDS else "en"

    def in_language(self, language: str) -> "Fix":
        """The same in "en" or "nb"."""
        return Fix(self._found, self._ask, language)

    def run(self, number: int = 1) -> "Release":
        """Ask the proposal of that number, from 1; Refused where there is none."""
        if not 1 <= number <= len(self.proposals):
            raise Refused(
                "no_proposal",
                f"There are {len(self.proposals)} proposals.",
                "Look at them first: they are shown in a cell of their own.",
            )
        return self.proposals[number - 1].run()

    def __repr__(self) -> str:
        lines = [self._head()]
        lines += [f"{at}. {one}" for at, one in enumerate(self._lines(), 1)]
        return "\n".join([*lines, *([self._said("run")] if self.proposals else [])])

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(one)}</li>" for one in self._lines())
        more = f"<ol>{items}</ol><p>{escape(self._said('run'))}</p>" if items else ""
        return (
            f'<div class="wb-fix" lang="{self._language}"><p>{escape(self._head())}</p>{more}</div>'
        )

    def _said(self, key: str) -> str:
        return _WORDS[self._language][key]

    def _head(self) -> str:
        nothing = not self.proposals and self.asked != "released"
        return self._said("none" if nothing else self.asked)

    def _lines(self) -> list[str]:
        return [
            f"{one.words.get(self._language) or one.words['en']} ({self._said(one.shows)})"
            for one in self.proposals
        ]
