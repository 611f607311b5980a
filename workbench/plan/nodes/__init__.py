"""The plan language: closed, frozen, versioned nodes; JSON on the wire.

A frame is rows, an expression is one value a row, an analysis is one question about persons. Every
node is told apart by `k`.
"""

from sys import modules
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from workbench.plan.nodes.aggregates import CountRows, Exists, Nth, Reduce, Take
from workbench.plan.nodes.analyses.associations import (
    Clusters,
    Components,
    Correlations,
    Covariances,
)
from workbench.plan.nodes.analyses.comparisons import ChiSquared, MeanTest, RankTest
from workbench.plan.nodes.analyses.concentration import Concentration
from workbench.plan.nodes.analyses.cox import Cox
from workbench.plan.nodes.analyses.distributions import Density, Heatmap, Histogram
from workbench.plan.nodes.analyses.magnitudes import Ratio, Totals
from workbench.plan.nodes.analyses.missingness import Missingness
from workbench.plan.nodes.analyses.private import (
    DpCount,
    DpCrosstab,
    DpDescribe,
    DpHistogram,
    DpKeys,
    DpQuantiles,
    DpRegression,
    DpTotals,
    Limits,
    Private,
)
from workbench.plan.nodes.analyses.proportions import Proportion, Shares
from workbench.plan.nodes.analyses.quantiles import Boxplot, Quantiles, Summary
from workbench.plan.nodes.analyses.rates import Rates
from workbench.plan.nodes.analyses.regression import NestedModels, Regression
from workbench.plan.nodes.analyses.survival import (
    CumulativeIncidence,
    KaplanMeier,
    LifeTable,
    LogRank,
    NelsonAalen,
    RestrictedMean,
)
from workbench.plan.nodes.analyses.tables import Count, Crosstab, Describe
from workbench.plan.nodes.analyses.top_codes import TopCodes
from workbench.plan.nodes.analyses.trends import LifeCourse, Trend
from workbench.plan.nodes.base import AnalysisNode, Name, Node, OverRows, Scalar
from workbench.plan.nodes.codes import RollUp
from workbench.plan.nodes.dates import Between, DatePart, Shift, StartOf
from workbench.plan.nodes.design import Category, Design, Hinges, Number, Powers, Spline, Term
from workbench.plan.nodes.expressions import (
    Arithmetic,
    AsCode,
    Bins,
    Case,
    Cast,
    Coalesce,
    Column,
    Compare,
    DateValue,
    FillNull,
    IsIn,
    IsNull,
    Logic,
    Not,
    StartsWith,
    Value,
    When,
)
from workbench.plan.nodes.frames import Dataset, Derive, Derived, Filter, Persons, Sort
from workbench.plan.nodes.links import Back, Linked
from workbench.plan.nodes.matching import Caliper, Matched
from workbench.plan.nodes.numbers import Clip, Extreme, Math, Round
from workbench.plan.nodes.periods import Episodes, Exposed, Spans, Split
from workbench.plan.nodes.texts import Contains, EndsWith, ReadText, Slice, TextLength
from workbench.plan.nodes.versions import least

__all__ = [
    "Analysis",
    "AnalysisNode",
    "Arithmetic",
    "AsCode",
    "Back",
    "Between",
    "Bins",
    "Boxplot",
    "Caliper",
    "Case",
    "Cast",
    "Category",
    "ChiSquared",
    "Clip",
    "Clusters",
    "Coalesce",
    "Column",
    "Compare",
    "Components",
    "Concentration",
    "Contains",
    "Correlations",
    "Count",
    "CountRows",
    "Covariances",
    "Cox",
    "Crosstab",
    "CumulativeIncidence",
    "Dataset",
    "DatePart",
    "DateValue",
    "Density",
    "Derive",
    "Derived",
    "Describe",
    "Design",
    "DpCount",
    "DpCrosstab",
    "DpDescribe",
    "DpHistogram",
    "DpKeys",
    "DpQuantiles",
    "DpRegression",
    "DpTotals",
    "EndsWith",
    "Episodes",
    "Exists",
    "Exposed",
    "Expression",
    "Extreme",
    "FillNull",
    "Filter",
    "Frame",
    "Heatmap",
    "Hinges",
    "Histogram",
    "IsIn",
    "IsNull",
    "KaplanMeier",
    "LifeCourse",
    "LifeTable",
    "Limits",
    "Linked",
    "LogRank",
    "Logic",
    "Matched",
    "Math",
    "MeanTest",
    "Missingness",
    "Name",
    "NelsonAalen",
    "NestedModels",
    "Node",
    "Not",
    "Nth",
    "Number",
    "OverRows",
    "Persons",
    "Plan",
    "Powers",
    "Private",
    "Proportion",
    "Quantiles",
    "RankTest",
    "Rates",
    "Ratio",
    "ReadText",
    "Reduce",
    "Regression",
    "RestrictedMean",
    "RollUp",
    "Round",
    "Scalar",
    "Shares",
    "Shift",
    "Slice",
    "Sort",
    "Spans",
    "Spline",
    "Split",
    "StartOf",
    "StartsWith",
    "Summary",
    "Take",
    "Term",
    "TextLength",
    "TopCodes",
    "Totals",
    "Trend",
    "Value",
    "When",
]

Frame = Annotated[
    Dataset
    | Persons
    | Filter
    | Sort
    | Derive
    | Episodes
    | Spans
    | Split
    | Exposed
    | Matched
    | Linked
    | Back,
    Field(discriminator="k"),
]
Expression = Annotated[
    Column
    | Value
    | DateValue
    | Compare
    | Arithmetic
    | Logic
    | Not
    | IsIn
    | StartsWith
    | IsNull
    | FillNull
    | When
    | Bins
    | AsCode
    | Coalesce
    | Cast
    | Math
    | Round
    | Clip
    | Extreme
    | Contains
    | EndsWith
    | TextLength
    | Slice
    | ReadText
    | RollUp
    | DatePart
    | Between
    | Shift
    | StartOf
    | Exists
    | CountRows
    | Take
    | Nth
    | Reduce,
    Field(discriminator="k"),
]
Analysis = Annotated[
    ChiSquared
    | Clusters
    | Components
    | Correlations
    | Count
    | Covariances
    | Crosstab
    | CumulativeIncidence
    | Describe
    | DpCount
    | DpCrosstab
    | DpDescribe
    | DpHistogram
    | DpKeys
    | DpQuantiles
    | DpRegression
    | DpTotals
    | KaplanMeier
    | LifeTable
    | LogRank
    | MeanTest
    | NelsonAalen
    | RankTest
    | Regression
    | NestedModels
    | Cox
    | Rates
    | RestrictedMean
    | Density
    | Heatmap
    | Histogram
    | Proportion
    | Shares
    | Boxplot
    | Quantiles
    | Ratio
    | Totals
    | Missingness
    | TopCodes
    | LifeCourse
    | Trend
    | Summary
    | Concentration,
    Field(discriminator="k"),
]


class Plan(Node):
    """What is asked, and in which version of the language: when it does not say, the least one."""

    v: Literal[1, 2] = 1
    analysis: "Analysis"

    @model_validator(mode="after")
    def _says_least(self) -> "Plan":
        if "v" not in self.model_fields_set:
            object.__setattr__(self, "v", least(self.analysis))  # frozen, but still being made
        return self


# The annotations of nodes name these; each module that speaks of them is told what they are.
_UNIONS = {"Expression": Expression, "Frame": Frame, "Case": Case, "Derived": Derived}
_KINDS = (Case, Derived, *(kind for union in (Expression, Frame, Analysis)
          for kind in get_args(get_args(union)[0])))  # fmt: skip
for _place in {base.__module__ for kind in _KINDS for base in kind.__mro__}:
    if _place.startswith(__name__):
        vars(modules[_place]).update(_UNIONS)
