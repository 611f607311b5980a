"""A picture of a release: a Vega-Lite specification, drawn on this machine, never by a browser.

What a notebook shows is the finished drawing (SVG), so no script is needed and none is passed on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.sdk.refused import Refused

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Picture"]

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


class Picture:
    """spec: the drawing as Vega-Lite JSON, with the released numbers in it.

    described: the same in words, for readers who do not see it.
    """

    def __init__(self, spec: Mapping[str, Any], described: str) -> None:
        self.spec: dict[str, Any] = {"$schema": _SCHEMA, **spec, "description": described}
        self.described = described

    @cached_property
    def svg(self) -> str:
        """The drawing."""
        return str(_converter().vegalite_to_svg(self.spec))

    def to_altair(self) -> alt.Chart:
        """The same as an Altair chart, to be changed at will: chart.properties(title="…")."""
        import altair as alt

        made: alt.Chart = alt.Chart.from_dict(self.spec)
        return made

    def save(self, path: str | Path) -> Path:
        """Write the drawing: .svg, .png (for slides), .pdf (for journals) or .json (Vega-Lite)."""
        target = Path(path)
        converter = _converter()
        if target.suffix == ".svg":
            target.write_text(self.svg, encoding="utf-8")
        elif target.suffix == ".json":
            target.write_text(json.dumps(self.spec, indent=1), encoding="utf-8")
        elif target.suffix == ".png":
            target.write_bytes(converter.vegalite_to_png(self.spec, scale=2.0))
        elif target.suffix == ".pdf":
            target.write_bytes(converter.vegalite_to_pdf(self.spec))
        else:
            raise Refused(
                "unknown_format",
                f"A picture cannot be saved as “{target.suffix[:16]}”.",
                'Use .svg, .png, .pdf or .json: release.plot().save("figure.svg").',
            )
        return target

    def __repr__(self) -> str:
        return f"<Picture: {self.described}>"

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}


def _converter() -> Any:
    import vl_convert

    return vl_convert
