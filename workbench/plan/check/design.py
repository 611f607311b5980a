"""The design of a model against a cohort: numbers are numbers, categories have public lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from workbench.plan.check.cohort import CheckedDimension, Cohort
from workbench.plan.errors import Refusal
from workbench.plan.names import listed, nearest
from workbench.plan.nodes.design import Category, Design, Factor, Hinges, Powers, Spline, Term

__all__ = ["COLUMN_LIMIT", "CheckedDesign", "checked_design", "term_name", "width"]

COLUMN_LIMIT = 200
"""Columns that a model may have with every category counted: its sums are squares of this."""


@dataclass(frozen=True)
class CheckedDesign:
    """A design whose names and types are right.

    categories: each categorical variable with its public levels, in order of appearance; persons
    without one of them are left out (complete cases). numbers: the others.
    """

    node: Design
    categories: Mapping[str, CheckedDimension]
    numbers: tuple[str, ...]


def checked_design(node: Design, cohort: Cohort) -> CheckedDesign:
    """The design, checked; raises Refusal with the rule and a way out."""
    if not node.terms and not node.intercept:
        raise Refusal(
            "empty_model",
            "The model has neither terms nor an intercept.",
            'Name what explains the outcome: "died ~ age + sex".',
        )
    seen: set[frozenset[str]] = set()
    categories: dict[str, CheckedDimension] = {}
    numbers: dict[str, None] = {}
    for term in node.terms:
        _once(term, seen)
        for factor in term.factors:
            if isinstance(factor, Category):
                categories[factor.variable] = _category(factor, cohort)
            else:
                _number(factor, cohort)
                numbers[factor.variable] = None
    _one_reference(node)
    wide = sum(prod(width(one, categories) for one in term.factors) for term in node.terms)
    if wide > COLUMN_LIMIT:
        raise Refusal(
            "model_too_large",
            f"The model would have {wide} columns; the most is {COLUMN_LIMIT}.",
            "Use fewer terms, or coarser categories with .bins([...]) or wb.when(...).",
        )
    return CheckedDesign(node, categories, tuple(numbers))


def width(factor: Factor, categories: Mapping[str, CheckedDimension]) -> int:
    """The columns of a factor, every category counted."""
    if isinstance(factor, Category):
        return len(categories[factor.variable].levels)
    if isinstance(factor, Powers):
        return factor.degree
    if isinstance(factor, Spline):
        return len(factor.knots) - 1
    return len(factor.knots) + 1 if isinstance(factor, Hinges) else 1


def term_name(term: Term) -> str:
    """A term as a formula writes it."""
    return ":".join(_factor_name(one) for one in term.factors)


def _factor_name(factor: Factor) -> str:
    if isinstance(factor, Powers):
        return f"poly({factor.variable}, {factor.degree})"
    if isinstance(factor, (Spline, Hinges)):
        word = "rcs" if isinstance(factor, Spline) else "hinge"
        return f"{word}({factor.variable}, [{', '.join(f'{knot:g}' for knot in factor.knots)}])"
    return factor.variable


def _once(term: Term, seen: set[frozenset[str]]) -> None:
    names = term.variables
    if len(set(names)) != len(names) or frozenset(names) in seen:
        raise Refusal(
            "same_term_twice",
            f"The model names {term_name(term)} twice.",
            "Name each term once; for a curve use poly(age, 2) or rcs(age, [40, 60, 80]).",
        )
    seen.add(frozenset(names))


def _category(factor: Category, cohort: Cohort) -> CheckedDimension:
    found = cohort.dimension(factor.variable)
    if factor.reference is not None and factor.reference not in found.levels:
        near = nearest(factor.reference, found.levels)
        raise Refusal(
            "unknown_code",
            f"{factor.variable} has no category of the name given as its reference.",
            f'Did you mean "{near}"?' if near else f"It has {listed(found.levels)}.",
        )
    return found


def _number(factor: Factor, cohort: Cohort) -> None:
    found = cohort.column(factor.variable)
    if not found.numeric:
        name = factor.variable
        date = found.kind == "date"
        raise Refusal(
            "type_mismatch",
            f"{name} is {found.words}; a model calculates with numbers and categories.",
            f"Use its year: frame.{name}.dt.year(), or the days from another date."
            if date
            else f'Use it as a category: "C({name})".',
        )


def _one_reference(node: Design) -> None:
    given: dict[str, str | None] = {}
    for term in node.terms:
        for factor in term.factors:
            if not isinstance(factor, Category):
                continue
            if given.setdefault(factor.variable, factor.reference) != factor.reference:
                raise Refusal(
                    "two_references",
                    f"{factor.variable} has two references in one model.",
                    f'Write it alike in each term: C({factor.variable}, ref="…").',
                )
