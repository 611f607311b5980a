"""Calendar periods and ages: public categories of dates."""

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, CheckedDimension, Cohort
from workbench.plan.check.intervals import interval_axis
from workbench.plan.errors import Refusal
from workbench.plan.nodes import Expression
from workbench.plan.schema import Labels

__all__: list[str] = []

_DATES = "Name a variable of type date; a number of days can be cut with .histogram(...)."


@asked.register
def _(node: nodes.Trend, cohort: Cohort) -> Asked:
    cohort.of_kind(node.date, "date", remedy=_DATES)
    axes = (*cohort.dimensions(node.by), _periods(node, cohort))
    if node.variable is None:
        return Asked(cohort.table(*axes), "persons")
    found = cohort.column(node.variable)
    if found.kind == "boolean":
        return Asked(cohort.table(*axes, cohort.dimension(node.variable)), "share")
    if not found.numeric:
        raise Refusal(
            "type_mismatch",
            f"{node.variable} is {found.words}; a trend is of a yes/no variable or a number.",
            f"Make it one: with_columns(yes=frame.{node.variable} == …).",
        )
    return Asked(cohort.table(*axes), "mean")


@asked.register
def _(node: nodes.LifeCourse, cohort: Cohort) -> Asked:
    cohort.of_kind(node.birth, "date", remedy=_DATES)
    cohort.of_kind(node.date, "date", remedy=_DATES)
    if not node.ages:
        raise Refusal("no_public_range", "There are no ages.", "Name some: ages=[20, 40, 60, 80].")
    age = nodes.Between(
        unit="years", start=nodes.Column(name=node.birth), end=nodes.Column(name=node.date)
    )
    label: Labels = {"en": f"Age at {node.date}", "nb": f"Alder ved {node.date}"}
    axis = interval_axis("age_at", label, age, tuple(node.ages), missing=True, merge="tails")
    return Asked(cohort.table(*cohort.dimensions(node.by), axis))


def _periods(node: nodes.Trend, cohort: Cohort) -> CheckedDimension:
    """Codes such as 2019, 20191 (its first quarter) or 201901 (January); "" is at another time."""
    date = nodes.Column(name=node.date)
    year = nodes.DatePart(part="year", operand=date)
    month = nodes.DatePart(part="month", operand=date)
    labels: dict[str, Labels] = {}
    value: Expression = year
    parts = {"year": 1, "quarter": 4, "month": 12}[node.every]
    if node.every == "month":
        value = _sum(_times(year, 100), month)
    elif node.every == "quarter":
        value = _sum(_times(year, 10), _over(_sum(month, nodes.Value(value=2)), 3))
    width = 2 if parts == 12 else 1
    for at in range(node.first, node.last + 1):
        for part in range(1, parts + 1):
            code = str(at) if parts == 1 else f"{at}{part:0{width}d}"
            labels[code] = (
                {"en": code, "nb": code}
                if parts == 1
                else {"en": f"{at} Q{part}", "nb": f"{at} K{part}"}
                if parts == 4
                else {"en": f"{at}-{part:02d}", "nb": f"{at}-{part:02d}"}
            )
    source = cohort.source(cohort.column(node.date))
    label: Labels = {"en": node.date, "nb": node.date}
    if source is not None and source.name == node.date:
        label = source.label
    return CheckedDimension(node.date, tuple(labels), True, label, labels, value)  # noqa: FBT003 - a field


def _sum(left: Expression, right: Expression) -> Expression:
    return nodes.Arithmetic(op="+", left=left, right=right)


def _times(left: Expression, by: int) -> Expression:
    return nodes.Arithmetic(op="*", left=left, right=nodes.Value(value=by))


def _over(left: Expression, by: int) -> Expression:
    return nodes.Arithmetic(op="//", left=left, right=nodes.Value(value=by))
