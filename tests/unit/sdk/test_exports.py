"""A release in the forms that papers and other programs take."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from tests.unit.sdk.test_release import ANSWER
from workbench.sdk.exports import as_csv, as_latex
from workbench.sdk.refused import Refused
from workbench.sdk.release import Release


def test_csv_reads_back_as_the_same_numbers(tmp_path: Path) -> None:
    release = Release(ANSWER)
    release.to_csv(tmp_path / "t.csv")

    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        back = list(csv.DictReader(file))
    told = release.to_polars()
    assert [one["sex"] for one in back] == told["sex"].to_list()
    assert [int(one["n"]) if one["n"] else None for one in back] == told["n"].to_list()


def test_no_text_is_a_formula_in_a_spreadsheet() -> None:
    frame = pl.DataFrame({"code": ["=1+1", "@x", "plain"], "n": [-1, 2, None]})

    assert as_csv(frame) == "code,n\n'=1+1,-1\n'@x,2\nplain,\n"


def test_latex_escapes_what_has_a_meaning_there() -> None:
    text = as_latex(pl.DataFrame({"a_b": ["5 % & more", "≥40"], "n": [1, None]}), "A_1", "tab:x")

    assert r"5 \% \& more & 1 \\" in text
    assert r"$\geq$40 & $\cdot$ \\" in text
    assert r"\caption{A\_1}" in text
    assert r"\begin{tabular}{lr}" in text


def test_a_download_holds_numbers_certificate_and_picture_and_overwrites_nothing(
    tmp_path: Path,
) -> None:
    release = Release(ANSWER)
    folder = release.download(tmp_path)

    assert sorted(one.name for one in folder.iterdir()) == [
        "certificate.json", "picture.svg", "table.csv",
    ]  # fmt: skip
    signed = json.loads((folder / "certificate.json").read_text())
    assert signed["body"] == release.to_json()
    with pytest.raises(Refused, match="there already"):
        release.download(tmp_path)
