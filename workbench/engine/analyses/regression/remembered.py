"""Which inner cells the ledger holds of a group that a model's categories make."""

from workbench.engine.analyses.computation import codes_of
from workbench.engine.analyses.design import ModelColumn
from workbench.plan import CheckedPlan
from workbench.plan.check.design import CheckedDesign

__all__ = ["cells_of"]


def cells_of(
    group: ModelColumn, checked: CheckedPlan, design: CheckedDesign
) -> tuple[int, ...] | None:
    """The inner cells of a group; None when its categories are not all remembered."""
    axes = {one.name: at for at, one in enumerate(checked.dimensions)}
    wanted = {}
    for piece in group.pieces:
        if piece.variable not in axes:
            return None
        wanted[axes[piece.variable]] = design.categories[piece.variable].levels[piece.place]
    return tuple(
        at
        for at, codes in enumerate(codes_of(checked.dimensions))
        if all(codes[axis] == level for axis, level in wanted.items())
    )
