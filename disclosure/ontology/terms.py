"""The terms of the published ontology of statistical outputs: statbarns and the risks they carry.

Source: statbarnsdc (w3id.org/statbarnsdc), as shipped with acro 1.0.2 (MIT): 14 statbarns, 7 risks,
112 analyses. Identifiers and relations only.
"""

from collections.abc import Mapping
from enum import StrEnum

__all__ = ["NAMESPACE", "RISKS", "RISKS_OF", "Risk", "Statbarn", "iri"]

NAMESPACE = "https://www.w3id.org/statbarnsdc#"


class Statbarn(StrEnum):
    """A class of outputs that are checked alike."""

    CALCULATED_RATIOS = "CalculatedRatios"
    CLUSTERS = "Clusters"
    CORRELATION_COEFFICIENTS = "CorrelationCoefficients"
    ENDPOINTS = "Endpoints"
    FREQUENCIES = "Frequencies"
    GINI_COEFFICIENT = "GiniCoefficient"
    HAZARD_SURVIVAL_TABLES = "HazardSurvivalTables"
    LINEAR_AGGREGATIONS = "LinearAggregations"
    LINKED_MULTILEVEL_TABLES = "LinkedMultilevelTables"
    MODE = "Mode"
    NON_LINEAR_CONCENTRATION_RATIOS = "NonLinearConcentrationRatios"
    POSITION = "Position"
    SHAPE = "Shape"
    STATISTICAL_HYPOTHESIS_TESTS = "StatisticalHypothesisTests"


class Risk(StrEnum):
    """What an output may do to a person."""

    AUXILIARY_INFORMATION = "AuxiliaryInformation"
    CLASS_DISCLOSURE = "ClassDisclosure"
    DIFFERENCING = "Differencing"
    DOMINANCE = "Dominance"
    IMPLICIT_TABLES = "ImplicitTables"
    LOW_COUNT = "LowCount"
    LOW_DOF = "LowDOF"


RISKS_OF: Mapping[Statbarn, tuple[Risk, ...]] = {
    Statbarn.CALCULATED_RATIOS: (Risk.AUXILIARY_INFORMATION, Risk.DOMINANCE),
    Statbarn.CLUSTERS: (),
    Statbarn.CORRELATION_COEFFICIENTS: (Risk.LOW_DOF,),
    Statbarn.ENDPOINTS: (Risk.CLASS_DISCLOSURE, Risk.LOW_COUNT),
    Statbarn.FREQUENCIES: (Risk.CLASS_DISCLOSURE, Risk.DIFFERENCING, Risk.LOW_COUNT),
    Statbarn.GINI_COEFFICIENT: (Risk.LOW_COUNT,),
    Statbarn.HAZARD_SURVIVAL_TABLES: (Risk.IMPLICIT_TABLES, Risk.LOW_DOF),
    Statbarn.LINEAR_AGGREGATIONS: (Risk.DOMINANCE, Risk.DIFFERENCING, Risk.LOW_COUNT),
    Statbarn.LINKED_MULTILEVEL_TABLES: (),
    Statbarn.MODE: (Risk.DIFFERENCING, Risk.CLASS_DISCLOSURE),
    Statbarn.NON_LINEAR_CONCENTRATION_RATIOS: (Risk.LOW_COUNT, Risk.DOMINANCE),
    Statbarn.POSITION: (Risk.CLASS_DISCLOSURE, Risk.LOW_COUNT),
    Statbarn.SHAPE: (Risk.LOW_DOF,),
    Statbarn.STATISTICAL_HYPOTHESIS_TESTS: (Risk.LOW_DOF,),
}
"""As published; the rules of disclosure.rules look for more than these."""

RISKS: Mapping[str, tuple[Risk, ...]] = {
    "association": (Risk.LOW_DOF, Risk.DOMINANCE),
    "concentration": (Risk.LOW_COUNT, Risk.DOMINANCE),
    "dominance": (Risk.DOMINANCE,),
    "group_disclosure": (Risk.CLASS_DISCLOSURE,),
    "groups": (Risk.LOW_COUNT,),
    "ledger": (Risk.DIFFERENCING,),
    "means": (Risk.DOMINANCE,),
    "population": (Risk.LOW_COUNT, Risk.DIFFERENCING),
    "privacy": (Risk.AUXILIARY_INFORMATION, Risk.DIFFERENCING),
    "quantiles": (Risk.LOW_COUNT, Risk.CLASS_DISCLOSURE),
    "rates": (Risk.LOW_COUNT, Risk.DOMINANCE),
    "ratios": (Risk.DOMINANCE,),
    "regression": (Risk.LOW_DOF, Risk.LOW_COUNT, Risk.DOMINANCE, Risk.IMPLICIT_TABLES),
    "size": (Risk.IMPLICIT_TABLES,),
    "steps": (Risk.LOW_COUNT, Risk.IMPLICIT_TABLES),
    "suppression": (Risk.DIFFERENCING, Risk.IMPLICIT_TABLES),
    "threshold": (Risk.LOW_COUNT,),
    "variation": (Risk.LOW_DOF, Risk.CLASS_DISCLOSURE),
}
"""Against which of the risks each rule of the gate stands; by the name that its findings have."""


def iri(term: str) -> str:
    """The identifier of a term on the web."""
    return NAMESPACE + term
