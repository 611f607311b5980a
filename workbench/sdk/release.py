"""A release in a notebook: table, marks, findings, certificate."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from workbench.sdk.blocks import block_frame
from workbench.sdk.exports import as_csv, as_latex, saved
from workbench.sdk.mending import Fix
from workbench.sdk.pictures import Picture, picture_of
from workbench.sdk.refused import Refused
from workbench.sdk.render import as_html, as_text

__all__ = ["MIME", "Release"]

MIME = "application/vnd.workbench.release+json"
"""A display of this type names the release; the gate fills it from the release store."""


class Release:
    """Numbers that may leave, and why they look as they do.

    id: 16 hex digits. explained: the plan in plain words; plan: its JSON. findings: what the gate
    had to say. certificate: the signed statement. replayed: whether it was answered before.
    """

    def __init__(
        self, answer: Mapping[str, Any], mend: Callable[[str, str], Fix] | None = None
    ) -> None:
        """mend: from a plan and a language to what it may become, where an engine can be asked."""
        self._mend = mend
        self.id: str = str(answer["release"])
        self.certificate: Mapping[str, Any] = answer["certificate"]
        self.plan: str = str(answer.get("plan", ""))
        self.replayed: bool = bool(answer.get("replayed"))
        self._body: Mapping[str, Any] = answer["body"]

    @property
    def explained(self) -> str:
        """The plan in plain words."""
        return str(self._body["explained"])

    @property
    def table(self) -> pl.DataFrame:
        """One row a cell: dimensions, statistics, mark. See `to_polars`."""
        return self.to_polars()

    @property
    def marks(self) -> Mapping[tuple[str, ...], str]:
        """Cells that are not simply shown: codes -> "primary", "complementary" or "noisy"."""
        cells = self._body.get("cells", ())
        return {tuple(one["codes"]): one["mark"] for one in cells if one["mark"]}

    @property
    def findings(self) -> tuple[Mapping[str, Any], ...]:
        """What the gate's rules said, each with rule, severity, text and remedy."""
        return tuple(self._body["findings"])

    @property
    def ontology(self) -> Mapping[str, Any]:
        """What it is in the words of w3id.org/statbarnsdc: {"statbarn", "risks", "met"}; met: the
        risks against which a rule of the findings stands."""
        found: Mapping[str, Any] = self._body.get("ontology", {})
        return found

    def fix(self, language: str = "en") -> Fix:
        """What would show more of what is withheld: the least changes to the question.

        Look at it, then `release.fix().run()` asks the first. language: "en" or "nb".
        """
        if self._mend is None:
            raise Refused(
                "no_engine",
                "This release was read from a file, not asked of a project.",
                "Ask for it again: p.rerun(…).now.fix().",
            )
        return self._mend(self.plan, language)

    @property
    def accuracy(self) -> float | None:
        """With noise: each count is within ± this of the true one with 95 % probability.

        None of an exact release, and of one whose blocks tell limits number by number.
        """
        near = (self._body.get("noise") or {}).get("accuracy_95")
        return None if near is None else float(near)

    @property
    def blocks(self) -> Mapping[str, pl.DataFrame]:
        """The parts of a result that is no plain table, each as a frame, by name."""
        return {one["name"]: block_frame(one) for one in self._body.get("blocks", ())}

    def to_polars(self, block: str | None = None) -> pl.DataFrame:
        """The cells as a frame: a text column a dimension ("Σ" margin, "" missing), n (Int64) and
        mean, sd (Float64) where asked, null where withheld, and `mark`.

        Of a result that is no plain table: the block of that name, the first one without.
        """
        if "blocks" in self._body:
            return _block(self.blocks, block)
        names = [one["name"] for one in self._body["dimensions"]]
        statistics = self._body["statistics"]
        schema: dict[str, Any] = dict.fromkeys(names, pl.String)
        schema |= {name: pl.Int64 if name == "n" else pl.Float64 for name in statistics}
        schema["mark"] = pl.String
        rows = [
            [*one["codes"], *(one["values"].get(name) for name in statistics), one["mark"]]
            for one in self._body["cells"]
        ]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def plot(self, language: str = "en") -> Picture:
        """The result as a picture, drawn here from the released numbers: bars, curves, intervals.

        It shows itself in a notebook; .save("figure.svg"), .png or .pdf keeps it, .to_altair()
        gives a chart to change. Colours are told apart with every common colour vision.
        """
        return picture_of(self._body, language)

    def to_csv(self, path: str | Path | None = None, block: str | None = None) -> str:
        """The numbers as CSV, empty where withheld; also written to `path` if one is given."""
        text = as_csv(self.to_polars(block))
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def to_latex(self, path: str | Path | None = None, block: str | None = None) -> str:
        r"""A LaTeX table (needs \usepackage{booktabs}), with the question as its caption."""
        text = as_latex(self.to_polars(block), self.explained, f"tab:{self.id[:8]}")
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def to_json(self) -> dict[str, Any]:
        """Everything that was released, as plain JSON."""
        made: dict[str, Any] = json.loads(json.dumps(self._body))
        return made

    def download(self, folder: str | Path = ".") -> Path:
        """A new folder with the numbers (CSV), the certificate and the picture.

        Check it anywhere with `workbench verify certificate.json`.
        """
        frames = dict(self.blocks) or {"table": self.to_polars()}
        try:
            picture: Picture | None = self.plot()
        except Refused:
            picture = None
        return saved(folder, self.id, frames, self._signed(), picture)

    def save_certificate(self, path: str | Path) -> Path:
        """Write certificate and content as JSON; check both with `workbench verify FILE`."""
        target = Path(path)
        content = self._signed()
        target.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")
        return target

    def _signed(self) -> dict[str, Any]:
        return {"certificate": self.certificate, "body": self._body, "plan": self.plan}

    def __repr__(self) -> str:
        return as_text(self.id, self._body)

    def _repr_html_(self) -> str:
        return as_html(self.id, self._body)

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        return {
            "text/plain": repr(self),
            "text/html": self._repr_html_(),
            MIME: {"release": self.id},
        }


def _block(blocks: Mapping[str, pl.DataFrame], name: str | None) -> pl.DataFrame:
    wanted = next(iter(blocks)) if name is None else name
    if wanted not in blocks:
        raise Refused(
            "unknown_name",
            f"This release has no block {wanted[:64]}.",
            f"It has {', '.join(blocks)}.",
        )
    return blocks[wanted]
