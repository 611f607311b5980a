"""Times acro's crosstab: run by the Python of its own environment, one run for each line it reads.

.venv-acro/bin/python tests/bench/acro_crosstab.py EXTRACT.parquet ROWS COLUMNS
"""

import importlib
import json
import logging
import sys
import time
from contextlib import redirect_stdout


def main(path: str, rows: str, columns: str) -> None:
    """Answer each line of stdin with {"seconds", "persons"} of a run of its own session."""
    acro = importlib.import_module("acro")  # lives in this environment alone
    pandas = importlib.import_module("pandas")
    logging.disable(logging.CRITICAL)
    frame = pandas.read_parquet(path)
    answers = sys.stdout
    print(json.dumps({"version": importlib.import_module("acro.version").__version__}), flush=True)
    for _ in sys.stdin:
        session = acro.ACRO(suppress=True)
        with redirect_stdout(sys.stderr):
            start = time.perf_counter()
            table = session.crosstab(frame[rows], frame[columns], margins=True)
            seconds = time.perf_counter() - start
        told = {"seconds": seconds, "persons": int(table.iloc[-1, -1])}
        print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
