"""The simplest attacks asked of acro, run by the Python of its own environment.

.venv-acro/bin/python tests/bench/acro_attacks.py EXTRACT.parquet < questions.json

Each question: {"kind": "count" | "mean" | "ols", "without": [places], "secret": column}. Answers,
one list: {"told": what a table or model shows, "status": acro's own word on it}.
"""

import importlib
import json
import logging
import sys
from contextlib import redirect_stdout


def main(path: str) -> None:
    """Answer all questions of stdin, each in a session of its own that suppresses."""
    acro = importlib.import_module("acro")  # lives in this environment alone
    pandas = importlib.import_module("pandas")
    logging.disable(logging.CRITICAL)
    frame = pandas.read_parquet(path)
    with redirect_stdout(sys.stderr):
        answers = [
            _answered(acro.ACRO(suppress=True), frame, question)
            for question in json.load(sys.stdin)
        ]
    print(json.dumps(answers))


def _answered(session, frame, question):  # type: ignore[no-untyped-def]  # acro has no types
    rows = frame[~frame["place"].isin(question["without"])]
    rows = rows[(rows["age"] < 60) & (rows["region"] != 3)]
    kind, secret = question["kind"], question["secret"]
    if kind == "ols":
        rows = rows.assign(mark=(rows["place"] == question["marked"]).astype(float))
        model = session.ols(rows["income"], rows[["mark"]].assign(const=1.0))
        told = {str(name): float(value) for name, value in model.params.items()}
    elif kind == "mean":
        table = session.crosstab(
            rows["region"], rows[secret], values=rows["income"], aggfunc="mean"
        )
        told = {f"{row}|{column}": float(value) for (row, column), value in table.stack().items()}
    else:
        table = session.crosstab(rows["region"], rows[secret])
        told = {f"{row}|{column}": float(value) for (row, column), value in table.stack().items()}
    outputs = list(session.results.results.values())
    return {"told": told, "status": str(outputs[-1].status)}


if __name__ == "__main__":
    main(sys.argv[1])
