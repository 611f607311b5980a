"""A release in the forms that papers and other programs take: CSV, LaTeX, JSON, a folder of all."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from workbench.sdk.refused import Refused

__all__ = ["as_csv", "as_latex", "saved"]

_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "≥": r"$\geq$", "≤": r"$\leq$", "<": r"$<$", ">": r"$>$", "Σ": r"$\Sigma$", "±": r"$\pm$",
    "–": "--", "−": "$-$", "·": r"$\cdot$",
}  # fmt: skip


def as_csv(frame: pl.DataFrame) -> str:
    """Comma-separated, UTF-8, one header line; empty where withheld.

    A text that a spreadsheet would take for a formula is led by an apostrophe (OWASP, CSV
    injection).
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    for row in frame.iter_rows():
        writer.writerow([_plain(value) for value in row])
    return out.getvalue()


def as_latex(frame: pl.DataFrame, caption: str, label: str) -> str:
    """A table environment with booktabs rules; numbers right, texts left; · where withheld."""
    texts = [kind == pl.String for kind in frame.dtypes]
    columns = "".join("l" if text else "r" for text in texts)
    lines = [
        r"\begin{table}",
        rf"\caption{{{_tex(caption)}}}",
        rf"\label{{{label}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        " & ".join(_tex(name) for name in frame.columns) + r" \\",
        r"\midrule",
    ]
    lines += [
        " & ".join(_tex(_shown(value)) for value in row) + r" \\" for row in frame.iter_rows()
    ]
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    return "\n".join(lines) + "\n"


def saved(
    folder: str | Path,
    release: str,
    frames: Mapping[str, pl.DataFrame],
    signed: Mapping[str, Any],
    picture: Any,
) -> Path:
    """Write everything of a release into a new folder: CSV files, certificate, picture (SVG).

    Refused("file_exists") rather than overwrite.
    """
    target = Path(folder) / f"release-{release}"
    if target.exists():
        raise Refused(
            "file_exists",
            f"{target.name} is there already.",
            "Name another folder, or remove it first.",
        )
    target.mkdir(parents=True)
    for name, frame in frames.items():
        (target / f"{name}.csv").write_text(as_csv(frame), encoding="utf-8")
    text = json.dumps(signed, indent=1, sort_keys=True, ensure_ascii=False)
    (target / "certificate.json").write_text(text, encoding="utf-8")
    if picture is not None:
        picture.save(target / "picture.svg")
    return target


def _plain(value: object) -> str:
    if value is None:
        return ""
    text = repr(value) if isinstance(value, float) else str(value)
    risky = isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{text}" if risky else text


def _shown(value: object) -> str:
    if value is None:
        return "·"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _tex(text: str) -> str:
    return "".join(_ESCAPES.get(one, one) for one in text)
