"""Which columns a model's design has: those of R's `model.matrix`, in any bucket alike.

A session keeps categories as small whole numbers; columns are made of them, chunk by chunk, when a
round needs them (see columns). Which there are depends on the categories that occur at all, so a
first round counts every column that there could be (`every_column`) and `coded` chooses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import polars as pl

from workbench.domain.errors import Refusal
from workbench.plan.check.design import CheckedDesign, term_name, width
from workbench.plan.nodes.design import Category, Factor, Hinges, Powers, Spline, Term
from workbench.sdk.compile import place_among

__all__ = [
    "CATEGORY",
    "INTERCEPT",
    "NUMBER",
    "Coding",
    "ModelColumn",
    "Piece",
    "Uncoded",
    "coded",
    "every_column",
    "measured",
]

INTERCEPT = "(Intercept)"
CATEGORY, NUMBER = "c:{}", "n:{}"
"""How the frame names a variable as a category (its place among the levels) and as a number."""


class Uncoded(Refusal):
    """A category that cannot be compared; `about` is its name."""

    def __init__(self, about: str, code: str, reason: str, remedy: str) -> None:
        super().__init__(code, reason, remedy)
        self.about = about


@dataclass(frozen=True)
class Piece:
    """One factor's part of a column. place: the level, the exponent or the basis function."""

    kind: Literal["level", "power", "spline", "hinge"]
    variable: str
    place: int
    knots: tuple[float, ...] = ()


@dataclass(frozen=True)
class ModelColumn:
    """A column: the product of its pieces; without any, the intercept.

    term: as a formula writes it. level: which column of the term, in words ("" if the only one).
    """

    term: str
    level: str
    pieces: tuple[Piece, ...]

    @property
    def indicator(self) -> bool:
        """Whether it is 0 or 1 for everybody."""
        return all(one.kind == "level" for one in self.pieces)

    @property
    def name(self) -> str:
        """Term and level together, for sentences."""
        return f"{self.term} [{self.level}]" if self.level else self.term


@dataclass(frozen=True)
class Coding:
    """The columns of a model over one cohort, and each category's reference in it.

    places: where each column stands in `every_column`.
    """

    columns: tuple[ModelColumn, ...]
    places: tuple[int, ...]
    references: Mapping[str, str]


def measured(design: CheckedDesign) -> dict[str, pl.Expr]:
    """What a computation's frame must hold, by name; null in incomplete cases."""
    found = {
        CATEGORY.format(name): place_among(pl.col(name), one)
        for name, one in design.categories.items()
    }
    return found | {NUMBER.format(name): pl.col(name).cast(pl.Float64) for name in design.numbers}


def every_column(design: CheckedDesign) -> tuple[ModelColumn, ...]:
    """The intercept and each term with all levels of its categories: no model has others."""
    terms = [column for term in design.node.terms for column in _columns(term, design)]
    return (ModelColumn(INTERCEPT, "", ()), *terms)


def coded(
    design: CheckedDesign, levels: Mapping[str, Sequence[int]], ones: Sequence[float]
) -> Coding:
    """The model's columns in the cohort at hand, with treatment contrasts.

    levels: how many persons have each level of each category, by its name. ones: the sum of each of
    `every_column`. Levels and combinations of them that nobody has are left out. Raises
    Uncoded("constant_term") or ("empty_reference") when a category cannot be compared.
    """
    every = every_column(design)
    references = {name: _reference(name, levels[name], design) for name in design.categories}
    kept = [0] if design.node.intercept else []
    place = 1
    for term in design.node.terms:
        compared = _compared(term, design)
        for column in _columns(term, design):
            left_out = any(
                piece.variable in compared and piece.place == references[piece.variable]
                for piece in column.pieces
                if piece.kind == "level"
            )
            if not left_out and not (column.indicator and not ones[place]):
                kept.append(place)
            place += 1
    return Coding(
        tuple(every[at] for at in kept),
        tuple(kept),
        {name: design.categories[name].levels[at] for name, at in references.items()},
    )


def _columns(term: Term, design: CheckedDesign) -> Iterator[ModelColumn]:
    """The columns of a term with all levels; the first factor varies fastest, as in R."""
    parts = [list(_pieces(one, design)) for one in term.factors]
    for chosen in product(*reversed(parts)):
        pieces = tuple(piece for piece, _ in reversed(chosen))
        levels = [level for _, level in reversed(chosen) if level]
        yield ModelColumn(term_name(term), " × ".join(levels), pieces)


def _pieces(factor: Factor, design: CheckedDesign) -> Iterator[tuple[Piece, str]]:
    name = factor.variable
    for at in range(width(factor, design.categories)):
        if isinstance(factor, Category):
            yield Piece("level", name, at), design.categories[name].levels[at]
        elif isinstance(factor, Powers):
            yield Piece("power", name, at + 1), name if at == 0 else f"{name}^{at + 1}"
        elif isinstance(factor, Spline):
            knots = tuple(float(knot) for knot in factor.knots)
            yield Piece("spline", name, at, knots), name + "'" * at
        elif isinstance(factor, Hinges):
            knots = tuple(float(knot) for knot in factor.knots)
            label = name if at == 0 else f"{name} over {factor.knots[at - 1]:g}"
            yield Piece("hinge", name, at, knots), label
        else:
            yield Piece("power", name, 1), ""


def _reference(name: str, counts: Sequence[int], design: CheckedDesign) -> int:
    known = design.categories[name].levels
    levels = [at for at, count in enumerate(counts) if count]
    if len(levels) < 2:
        raise Uncoded(
            name,
            "constant_term",
            f"{name} does not vary in this cohort, so nothing can be said about it.",
            f"Leave {name} out of the model.",
        )
    given = next(
        factor.reference
        for term in design.node.terms
        for factor in term.factors
        if isinstance(factor, Category) and factor.variable == name
    )
    if given is None:
        return levels[0]
    if known.index(given) not in levels:
        raise Uncoded(
            name,
            "empty_reference",
            f"Nobody in this cohort has the category of {name} that is the reference.",
            f'Choose one that occurs: C({name}, ref="{known[levels[0]]}").',
        )
    return known.index(given)


def _compared(term: Term, design: CheckedDesign) -> set[str]:
    """The categories of a term that are coded against their reference: R's rule.

    A factor is compared when the term without it is in the model; otherwise each of its levels has
    a column. Without an intercept the first category has all of its levels.
    """
    terms = design.node.terms
    inside = {frozenset(one.factors) for one in terms}
    alone = [one for one in terms if isinstance(one.factors[0], Category) and len(one.factors) == 1]
    found = set()
    for factor in term.factors:
        margin = frozenset(term.factors) - {factor}
        there = margin in inside if margin else design.node.intercept or term is not alone[0]
        if isinstance(factor, Category) and there:
            found.add(factor.variable)
    return found
