"""Codes rolled up to the coarser categories of public code lists."""

from typing import TYPE_CHECKING, Literal

from workbench.plan.nodes.base import Node

if TYPE_CHECKING:
    from workbench.plan.nodes import Expression

__all__ = ["RollUp"]


class RollUp(Node):
    """The chapter, group or region that a code belongs to; null when it is none of the list's.

    The lists are closed and public: `workbench/plan/codelists`.
    """

    k: Literal["roll_up"] = "roll_up"
    to: Literal[
        "icd10_chapter",
        "icd10_block",
        "icd10_category",
        "atc_1",
        "atc_2",
        "atc_3",
        "atc_4",
        "atc_5",
        "county",
        "health_region",
    ]
    operand: "Expression"
