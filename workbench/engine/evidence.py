"""From merged partials to the evidence that the gate judges: aggregates, never rows."""

from disclosure.tables import Dimension, Magnitude, TableEvidence
from workbench.engine.partials import Partial
from workbench.plan import CheckedPlan
from workbench.plan.nodes import Crosstab, Describe

__all__ = ["evidence_of"]


def evidence_of(checked: CheckedPlan, partial: Partial, view_population: int) -> TableEvidence:
    """The evidence of a table; for describe its persons are those that have a value."""
    analysis = checked.plan.analysis
    shape = tuple(len(one.codes) for one in checked.dimensions)
    n = partial.n.reshape(shape)
    magnitudes: tuple[Magnitude, ...] = ()
    if isinstance(analysis, Describe) and partial.measure is not None:
        measure = partial.measure
        magnitudes = (
            Magnitude(
                variable=analysis.variable,
                n=n,
                total=measure.total.reshape(shape),
                total_sq=measure.total_sq.reshape(shape),
                largest=measure.largest.reshape(shape),
                second=measure.second.reshape(shape),
                contributors=measure.contributors.reshape(shape),
                rarest=measure.rarest.reshape(shape),
            ),
        )
    return TableEvidence(
        dimensions=tuple(Dimension(one.name, one.codes) for one in checked.dimensions),
        n=n,
        population=partial.population,
        view_population=view_population,
        margins=isinstance(analysis, (Crosstab, Describe)) and analysis.margins,
        magnitudes=magnitudes,
    )
