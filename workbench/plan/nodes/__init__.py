"""The plan language: closed, frozen, versioned nodes; JSON on the wire.

A frame is rows, an expression is one value a row, an analysis is one question about persons. Every
node is told apart by `k`.
"""

from typing import Annotated, Literal, get_args

from pydantic import Field

from workbench.plan.nodes.analyses.survival import KaplanMeier
from workbench.plan.nodes.analyses.tables import Count, Crosstab, Describe, DpCount
from workbench.plan.nodes.base import AnalysisNode, Name, Node, Scalar
from workbench.plan.nodes.design import Category, Design, Hinges, Number, Powers, Spline, Term
from workbench.plan.nodes.expressions import (
    Arithmetic,
    AsCode,
    Between,
    Bins,
    Case,
    Column,
    Compare,
    CountRows,
    DatePart,
    DateValue,
    Exists,
    FillNull,
    IsIn,
    IsNull,
    Logic,
    Not,
    Reduce,
    StartsWith,
    Take,
    Value,
    When,
)
from workbench.plan.nodes.frames import Dataset, Derive, Derived, Filter, Persons, Sort

__all__ = [
    "Analysis",
    "AnalysisNode",
    "Arithmetic",
    "AsCode",
    "Between",
    "Bins",
    "Case",
    "Category",
    "Column",
    "Compare",
    "Count",
    "CountRows",
    "Crosstab",
    "Dataset",
    "DatePart",
    "DateValue",
    "Derive",
    "Derived",
    "Describe",
    "Design",
    "DpCount",
    "Exists",
    "Expression",
    "FillNull",
    "Filter",
    "Frame",
    "Hinges",
    "IsIn",
    "IsNull",
    "KaplanMeier",
    "Logic",
    "Name",
    "Node",
    "Not",
    "Number",
    "Persons",
    "Plan",
    "Powers",
    "Reduce",
    "Scalar",
    "Sort",
    "Spline",
    "StartsWith",
    "Take",
    "Term",
    "Value",
    "When",
]

Frame = Annotated[
    Dataset | Persons | Filter | Sort | Derive,
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
    | DatePart
    | Between
    | Exists
    | CountRows
    | Take
    | Reduce,
    Field(discriminator="k"),
]
Analysis = Annotated[
    Crosstab | Count | Describe | DpCount | KaplanMeier,
    Field(discriminator="k"),
]


class Plan(Node):
    """What is asked, and in which version of the language."""

    v: Literal[1] = 1
    analysis: "Analysis"


_UNIONS = {"Expression": Expression, "Frame": Frame, "Case": Case, "Derived": Derived}
for _union in (Expression, Frame, Analysis):
    for _kind in get_args(get_args(_union)[0]):
        _kind.model_rebuild(_types_namespace=_UNIONS)
Case.model_rebuild(_types_namespace=_UNIONS)
Derived.model_rebuild(_types_namespace=_UNIONS)
Plan.model_rebuild()
