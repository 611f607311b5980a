"""The published ontology of statistical outputs, and what the gate does with each of its analyses.

All 112 analyses are classified: decided automatically (computed by the engine, or worked out of
what it released), by an officer, or refused; each with its reason in both languages.
"""

from disclosure.ontology.analysis import Analysis, Decided
from disclosure.ontology.by_hand import BY_HAND
from disclosure.ontology.computed import COMPUTED
from disclosure.ontology.followed import FOLLOWED
from disclosure.ontology.kinds import KINDS, Kind, described
from disclosure.ontology.terms import RISKS, RISKS_OF, Risk, Statbarn, iri

__all__ = [
    "ANALYSES",
    "KINDS",
    "RISKS",
    "RISKS_OF",
    "Analysis",
    "Decided",
    "Kind",
    "Risk",
    "Statbarn",
    "described",
    "iri",
]

ANALYSES: tuple[Analysis, ...] = tuple(
    sorted((*COMPUTED, *FOLLOWED, *BY_HAND), key=lambda one: one.name)
)
"""Every analysis of the ontology, by name."""
