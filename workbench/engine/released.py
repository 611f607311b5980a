"""A released table as its reader has it: what follows from it needs no rule of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from disclosure.findings import Cell, Mark
from disclosure.results import BlockColumn
from disclosure.tables import MARGIN
from workbench.plan import CheckedPlan

__all__ = ["Released", "shown_codes"]

Number = float | int | None


@dataclass(frozen=True)
class Released:
    """The shown cells of a table over the checked plan's dimensions.

    within: where the counts have noise, ± of each with 95 %.
    """

    checked: CheckedPlan
    cells: Sequence[Cell]
    within: int | None = None

    @cached_property
    def by_codes(self) -> Mapping[tuple[str, ...], Cell]:
        """The cells by their codes."""
        return {one.codes: one for one in self.cells}

    def value(self, codes: tuple[str, ...], statistic: str = "n") -> Number:
        """A shown number; None where it is withheld or the table has no such cell."""
        found = self.by_codes.get(codes)
        return None if found is None else found.values.get(statistic)

    def count(self, codes: tuple[str, ...]) -> int | None:
        """A shown count of persons; None where it is withheld or the table has no such cell."""
        found = self.value(codes)
        return None if found is None else int(found)

    def mark(self, *codes: tuple[str, ...]) -> Mark:
        """Why one of the cells is withheld, if any is."""
        marks = [self.by_codes[one].mark for one in codes if one in self.by_codes]
        return next((one for one in marks if one is not Mark.SHOWN), Mark.SHOWN)

    def codes(self, axis: int, *, margin: bool = False) -> list[str]:
        """The codes of a dimension as released, in order; the margin's only when asked for."""
        found = dict.fromkeys(one.codes[axis] for one in self.cells)
        return [one for one in found if margin or one != MARGIN]

    def groups(self, axes: int) -> list[tuple[str, ...]]:
        """The combinations of codes of the first dimensions, margins too where released."""
        return list(product(*(self.codes(axis, margin=True) for axis in range(axes))))

    def columns(self, axes: int) -> tuple[BlockColumn, ...]:
        """A column of codes for each of the first dimensions."""
        return tuple(
            BlockColumn(one.name, "code", one.label) for one in self.checked.dimensions[:axes]
        )


def shown_codes(checked: CheckedPlan, cells: Sequence[Cell]) -> Mapping[str, list[str]]:
    """The codes of each dimension as they are released: intervals may have been joined."""
    if not cells:
        return {one.name: list(one.codes) for one in checked.dimensions}
    return {
        one.name: [
            code for code in dict.fromkeys(cell.codes[axis] for cell in cells) if code != MARGIN
        ]
        for axis, one in enumerate(checked.dimensions)
    }
