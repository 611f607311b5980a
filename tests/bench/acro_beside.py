"""Attacks that acro can be asked as well: with and without one person, and a flag of one person."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from tests.redteam.battery.people import people

__all__ = ["acro_loses"]

ROOT = Path(__file__).resolve().parents[2]
ACRO = ROOT / ".venv-acro/bin/python"
EACH = 12


def _victims() -> list[dict[str, Any]]:
    known = (pl.col("age") < 60) & (pl.col("region") != 3) & (pl.col("income") > 700)
    return people().filter(known).head(EACH).to_dicts()


def _questions() -> list[dict[str, Any]]:
    asked = []
    for at, victim in enumerate(_victims()):
        secret, name = ("sex", "dead", "smoker", "school")[at % 4], victim["place"]
        for kind in ("count", "mean"):
            asked += [{"kind": kind, "secret": secret, "without": one} for one in ([], [name])]
        asked.append({"kind": "ols", "secret": secret, "without": [], "marked": name})
    return asked


def acro_loses(python: Path = ACRO) -> tuple[int, int]:
    """How many of so many attacks acro 1.0.2 loses with suppression on, its "fail" heeded.

    Won: the victim's secret is the one cell whose count falls by one; its income is what the mean
    and the count of that cell tell, or the prediction for the flag, within 10 %.
    """
    if not python.exists():
        subprocess.run([ROOT / "images/setup", "acro"], check=True, stdout=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.parquet"
        people().drop("birth", "first", "last").write_parquet(path)
        made = subprocess.run(
            [python, str(Path(__file__).with_name("acro_attacks.py")), str(path)],
            input=json.dumps(_questions()),
            capture_output=True,
            text=True,
            check=True,
            cwd=folder,
        )
    answers = iter(json.loads(made.stdout))
    lost = 0
    for at, victim in enumerate(_victims()):
        secret = ("sex", "dead", "smoker", "school")[at % 4]
        cell = f"{victim['region']}|{victim[secret]}"
        counts, less, means, later, model = (next(answers) for _ in range(5))
        told = not any(one["status"] == "fail" for one in (counts, less))
        fell = [k for k, n in counts["told"].items() if n - less["told"].get(k, n) == 1]
        lost += told and fell == [cell]
        n = counts["told"].get(cell, 0)
        m = later["told"].get(cell, 0)
        income = n * means["told"].get(cell, 0) - (n - 1) * m
        told = not any(one["status"] == "fail" for one in (means, later))
        lost += told and abs(income - victim["income"]) < victim["income"] / 10
        predicted = sum(model["told"].values())
        told = model["status"] != "fail"
        lost += told and abs(predicted - victim["income"]) < victim["income"] / 10
    return lost, 3 * EACH
