"""Times OpenDP's own polars route: run by the Python of its own environment, one run a line.

.venv-opendp/bin/python tests/bench/opendp_grouped.py "persons/*.parquet" RHO COLUMN=CODE,CODE …
"""

import importlib
import json
import sys
import time
import warnings
from importlib.metadata import version


def main(path: str, rho: str, *axes: str) -> None:
    """Answer each line of stdin with {"seconds", "groups", "persons"} of a noisy grouped count."""
    dp = importlib.import_module("opendp.prelude")  # with its polars plugin, here alone
    pl = importlib.import_module("polars")
    warnings.simplefilter("ignore")
    dp.enable_features("contrib")
    codes = dict(axis.split("=") for axis in axes)
    people = pl.read_parquet(path, columns=list(codes))
    keys = pl.LazyFrame({})
    for name, listed in codes.items():
        one = pl.LazyFrame({name: listed.split(",")})
        keys = one if not keys.collect_schema() else keys.join(one, how="cross")
    print(json.dumps({"version": version("opendp")}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        context = dp.Context.compositor(
            data=people.lazy(),
            privacy_unit=dp.unit_of(contributions=1),  # one row a person, as in a cohort
            privacy_loss=dp.loss_of(rho=float(rho)),
            split_evenly_over=1,
        )
        question = context.query().group_by(*codes).agg(dp.len()).with_keys(keys)
        table = question.release().collect()
        seconds = time.perf_counter() - start
        told = {"seconds": seconds, "groups": table.height, "persons": int(table["len"].sum())}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
