"""A plan before it is sent: in words, with what it touches and what it costs."""

from contextvars import ContextVar
from html import escape

from workbench.plan import Plan, canonical, explain, lineage

__all__ = ["EXPLAINING", "Explained"]

EXPLAINING: ContextVar[bool] = ContextVar("explaining", default=False)
"""Whether analyses of this thread are explained in place of being sent."""


class Explained:
    """words: what an officer reads. variables, filters, datasets: what is touched. rho: the cost.

    plan: the JSON that would be sent.
    """

    def __init__(self, plan: Plan) -> None:
        touched = lineage(plan)
        self.words = explain(plan)
        self.datasets = touched.datasets
        self.variables = touched.variables
        self.filters = touched.filters
        self.rho = plan.analysis.cost
        self.plan = canonical(plan).decode()

    def __repr__(self) -> str:
        lines = [self.words, "", *(f"{name}: {text}" for name, text in self._parts())]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" style="text-align: left">{name}</th>'
            f'<td style="text-align: left">{escape(text)}</td></tr>'
            for name, text in self._parts()
        )
        return f"<p>{escape(self.words)}</p><table>{rows}</table>"

    def _parts(self) -> list[tuple[str, str]]:
        return [
            ("Datasets", ", ".join(self.datasets) or "none"),
            ("Variables", ", ".join(self.variables) or "none"),
            ("Filters", "; ".join(self.filters) or "none"),
            ("Privacy cost", f"ρ = {self.rho}" if self.rho else "none: an exact answer"),
        ]
