"""`python -m tests.fuzz [--plans N] [--texts N] [--seed N]`: what `make fuzz` runs."""

import argparse
import time

from tests.fuzz.agreement import agreement
from tests.fuzz.damage import damaged, some_plans, told

parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
parser.add_argument("--plans", type=int, default=5000, help="valid plans, over all engines")
parser.add_argument("--texts", type=int, default=1_000_000, help="damaged plans")
parser.add_argument("--seed", type=int, default=1, help="where chance starts")
asked = parser.parse_args()

began = time.monotonic()
seen = told(damaged(some_plans(400, asked.seed), asked.texts, asked.seed))
print(f"{sum(seen.values())} damaged plans in {time.monotonic() - began:.0f} s, only Refusals:")
for code, count in seen.most_common():
    print(f"  {count:9d} {code}")

began = time.monotonic()
done = agreement(asked.plans, asked.seed)
print(f"{done} valid plans in {time.monotonic() - began:.0f} s: every engine gave one answer")
