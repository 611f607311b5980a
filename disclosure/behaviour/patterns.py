"""Three patterns of probing, and what each asks for: a pause, then a disclosure officer.

The gate answers each question for itself and keeps its promise whatever is asked. Probing looks
for what it does not promise; so it is slowed down, said to be so, and shown to a person. A pattern
is a count over a window; nobody is judged by a model that could not say why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from disclosure.behaviour.asked import Asked, Constant

__all__ = ["WINDOW", "Pattern", "patterns"]

WINDOW: Final = timedelta(days=1)
"""Older questions are forgotten."""
LONGEST: Final = timedelta(hours=1)
SMALLER: Final = 0.75
"""Of the step before: halving, and what somebody would do who knows of this limit for halves."""


@dataclass(frozen=True)
class Pattern:
    """What was seen: its rule, how often, since when a pause runs and how long it is.

    until: when a question may be asked again; None: an officer is to look first.
    """

    rule: str
    count: int
    until: datetime | None
    text: Mapping[str, str]
    remedy: Mapping[str, str]


def patterns(asked: Asked, past: Sequence[Asked]) -> list[Pattern]:
    """The patterns that a new question would continue, the gravest first.

    past: the project's earlier questions within WINDOW, oldest first. An exact repetition is no
    probing: it has the answer that it had.
    """
    recent = [one for one in past if asked.at - one.at <= WINDOW]
    if any((one.shape, one.constants) == (asked.shape, asked.constants) for one in recent):
        return []
    mine = [one for one in recent if one.user == asked.user]
    found = [
        *_of(asked, recent, "neighbours", _neighbours, (25, 40)),
        *_of(asked, recent, "search", _halvings, (5, 8)),
        *_of(asked, mine, "refusals", _refusals, (15, 25)),
    ]
    return sorted(found, key=lambda one: (one.until is not None, one.rule))


def _of(
    asked: Asked,
    past: Sequence[Asked],
    rule: str,
    seen: Callable[[Asked, Sequence[Asked]], Sequence[Asked]],
    limits: tuple[int, int],
) -> list[Pattern]:
    """The pattern of a rule, if it was seen oftener than the first limit allows.

    From the first limit on each further question waits twice as long after the one before; from the
    second on an officer is asked.
    """
    counted = seen(asked, past)
    pause, officer = limits
    if len(counted) < pause:
        return []
    text, first = _WORDS[rule](len(counted))
    remedy = {language: f"{first[language]} {_LATER[language]}" for language in first}
    if len(counted) >= officer:
        return [Pattern(rule, len(counted), None, text, remedy)]
    wait = min(timedelta(minutes=1) * 2 ** min(len(counted) - pause, 10), LONGEST)
    until = counted[-1].at + wait
    return [Pattern(rule, len(counted), until, text, remedy)] if asked.at < until else []


def _neighbours(asked: Asked, past: Sequence[Asked]) -> list[Asked]:
    """Questions that differ from this one in the edge of one filter, or one category of a list."""
    found: dict[tuple[Constant, ...], Asked] = {}
    for one in past:
        if one.shape == asked.shape and one.outcome != "" and _apart(asked, one) is not None:
            found[one.constants] = one
    return list(found.values())


def _halvings(asked: Asked, past: Sequence[Asked]) -> list[Asked]:
    """The last questions of which each moved the same edge by less than the one before."""
    chain = [asked]
    for one in reversed([one for one in past if one.shape == asked.shape]):
        if one.constants == chain[-1].constants:
            continue
        place = _apart(chain[-1], one)
        if place is None or not all(isinstance(c.constants[place], float) for c in (one, asked)):
            break
        chain.append(one)
    chain.reverse()
    steps = [_step(one, other) for one, other in pairwise(chain)]
    run = 0
    for newer, older in pairwise(reversed(steps)):
        if not (newer[0] == older[0] and 0 < newer[1] <= SMALLER * older[1]):
            break
        run += 1
    return chain[len(chain) - 1 - run : -1] if run else []


def _refusals(_asked: Asked, past: Sequence[Asked]) -> list[Asked]:
    """The person's last questions that the gate refused, with no answer in between."""
    found: list[Asked] = []
    for one in reversed(past):
        if one.outcome == "released":
            break
        if one.outcome == "not_released":
            found.append(one)
    return found[::-1]


def _apart(one: Asked, other: Asked) -> int | None:
    """The only constant in which two questions of a shape differ, and then by little."""
    places = [
        at for at, (a, b) in enumerate(zip(one.constants, other.constants, strict=False)) if a != b
    ]
    if len(one.constants) != len(other.constants) or len(places) != 1:
        return None
    a, b = one.constants[places[0]], other.constants[places[0]]
    if isinstance(a, tuple) and isinstance(b, tuple):
        # One code after the other is a table; one code more or less is not.
        few = len(set(a) ^ set(b)) <= 2 and len(set(a) & set(b)) >= 2
        return places[0] if few else None
    return places[0]


def _step(one: Asked, other: Asked) -> tuple[int, float]:
    """Which edge moved between two questions, and how far."""
    for at, (a, b) in enumerate(zip(one.constants, other.constants, strict=False)):
        if a != b and isinstance(a, float) and isinstance(b, float):
            return at, abs(a - b)
    return -1, 0.0


_Words = tuple[Mapping[str, str], Mapping[str, str]]
_LATER = {
    "en": "Wait, or use a release that you have; your case handler can have an officer look at it.",
    "nb": "Vent, eller bruk en utgivelse du har; saksbehandler kan be en avsløringskontrollør se "
    "på det.",
}


def _of_neighbours(count: int) -> _Words:
    text = {
        "en": f"{count} questions of the last day differ from this one by a single limit or code.",
        "nb": f"{count} spørsmål det siste døgnet skiller seg fra dette med én grense eller kode.",
    }
    remedy = {
        "en": "Ask for one table over the variable itself, for instance in bins.",
        "nb": "Be om én tabell over selve variabelen, for eksempel i intervaller.",
    }
    return text, remedy


def _of_search(count: int) -> _Words:
    text = {
        "en": f"The last {count + 1} questions move one limit by ever smaller steps, as one who "
        "looks for a single value would.",
        "nb": f"De siste {count + 1} spørsmålene flytter én grense med stadig mindre steg, slik "
        "en som leter etter en enkelt verdi ville gjort.",
    }
    remedy = {
        "en": "Quantiles and histograms answer where a value lies.",
        "nb": "Kvantiler og histogrammer svarer på hvor en verdi ligger.",
    }
    return text, remedy


def _of_refusals(count: int) -> _Words:
    text = {
        "en": f"Your last {count} questions were all refused by the gate.",
        "nb": f"De siste {count} spørsmålene dine ble alle avvist av kontrollen.",
    }
    remedy = {
        "en": "Read what the refusals offer (release.fix()), or ask for less detail.",
        "nb": "Les hva avvisningene foreslår (release.fix()), eller be om mindre detaljer.",
    }
    return text, remedy


_WORDS: Final[Mapping[str, Callable[[int], _Words]]] = {
    "neighbours": _of_neighbours,
    "search": _of_search,
    "refusals": _of_refusals,
}
