"""What may be asked: a closed plan language, checked against a permit's view. Pure."""

from workbench.plan.check import CheckedDimension, CheckedPlan, check, frame_type
from workbench.plan.errors import Refusal
from workbench.plan.lineage import Lineage, lineage
from workbench.plan.nodes import Plan
from workbench.plan.parse import canonical, limited, parse, plan_hash
from workbench.plan.prune import pruned
from workbench.plan.schema import Schema
from workbench.plan.words import explain

__all__ = [
    "CheckedDimension",
    "CheckedPlan",
    "Lineage",
    "Plan",
    "Refusal",
    "Schema",
    "canonical",
    "check",
    "explain",
    "frame_type",
    "limited",
    "lineage",
    "parse",
    "plan_hash",
    "pruned",
]
