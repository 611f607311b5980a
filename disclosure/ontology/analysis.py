"""An analysis of the ontology, and who decides about it here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from disclosure.ontology.terms import Statbarn

__all__ = ["Analysis", "Decided", "Text", "automatic", "by_reader", "officer", "refused"]

Text = Mapping[str, str]
"""By language: en, nb."""


class Decided(StrEnum):
    """Who decides whether an output of the kind leaves."""

    AUTOMATIC = "automatic"
    OFFICER = "officer"
    REFUSED = "refused"


@dataclass(frozen=True)
class Analysis:
    """name, statbarn: as published. kinds: of plans that compute it, or tell what it follows from.

    told: where it stands in a release, "block.column" or "cells.statistic", in the order of kinds;
    empty where the reader works it out of released numbers. how: in words, why it is decided so.
    """

    name: str
    statbarn: Statbarn
    decided: Decided
    how: Text
    kinds: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def automatic(name: str, statbarn: str, **told: str) -> Analysis:
    """Stands in releases; told: where, by kind of plan."""
    how = {
        "en": "Computed by the engine and decided by the rules of its kind.",
        "nb": "Beregnes av motoren og avgjøres av reglene for sin art.",
    }
    places = tuple(told.values())
    return Analysis(name, Statbarn(statbarn), Decided.AUTOMATIC, how, tuple(told), places)


def by_reader(name: str, statbarn: str, kinds: str, en: str, nb: str) -> Analysis:
    """A function of released numbers, which tells no more than they do; kinds: with spaces."""
    return Analysis(
        name, Statbarn(statbarn), Decided.AUTOMATIC, {"en": en, "nb": nb}, tuple(kinds.split())
    )


def officer(name: str, statbarn: str, en: str, nb: str) -> Analysis:
    """Only from a sealed run, where an officer looks at it."""
    return Analysis(name, Statbarn(statbarn), Decided.OFFICER, {"en": en, "nb": nb})


def refused(name: str, statbarn: str, en: str, nb: str, kinds: str = "") -> Analysis:
    """Not released; kinds: what may be asked in its place."""
    how = {"en": en, "nb": nb}
    return Analysis(name, Statbarn(statbarn), Decided.REFUSED, how, tuple(kinds.split()))
