"""`python -m tests.bench [NAME]`: one benchmark as a JSON line, or all into docs/benchmarks.md."""

import importlib
import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.result import Result

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = {
    "redteam": "tests.bench.attacks",
    "benign": "tests.bench.attacks",
    "gate_vs_polars": "tests.bench.gate",
    "gate_vs_acro": "tests.bench.gate",
    "audit_1000": "tests.bench.audit",
    "dp_vs_opendp_polars": "tests.bench.noise",
    "budget_concurrency": "tests.bench.budget",
    "cox": "tests.bench.cox",
    "first_release": "tests.bench.first_release",
    "link_tabulate": "tests.bench.link",
    "link_growth": "tests.bench.link",
    "dask_scaling": "tests.bench.cluster",
    "plan_validation": "tests.bench.plans",
    "replay": "tests.bench.plans",
    "kernel_start": "tests.bench.kernel_start",
    "relay_roundtrip": "tests.bench.relay_roundtrip",
    "sandbox_overhead": "tests.bench.sandbox_overhead",
    "sealed_scan": "tests.bench.sealed_scan",
    "logistic": "tests.bench.logistic",
    "verify_1000": "tests.bench.history",
    "suppress_20x20x50": "tests.bench.suppress",
    "suppress_20x20x10": "tests.bench.suppress",
    "servers_per_memory": "tests.bench.servers_per_memory",
}


def benchmark(name: str) -> Callable[[], Result]:
    """The function that measures `name`."""
    work: Callable[[], Result] = getattr(importlib.import_module(BENCHMARKS[name]), name)
    return work


def page(results: list[Result]) -> str:
    """docs/benchmarks.md: every figure with its competitor, from one run."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        "# Benchmarks",
        "",
        (
            f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, "
            f"{memory:.0f} GiB, Linux {platform.release()}, Python {platform.python_version()}. "
            "Ratios are of one run on one machine; absolute times vary with the machine."
        ),
        "",
        "| benchmark | value | against | ratio | target | holds |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{r.name}` | {r.value:.4g} {r.unit} | {r.against} | {r.ratio:.3g} | {r.target} "
        f"| {'yes' if r.ok else '**no**'} |"
        for r in results
    ]
    lines += ["", "## What was measured", ""]
    lines += [f"- `{r.name}`: {r.notes}" for r in results if r.notes]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Run one benchmark or all; the status says whether every target held."""
    if arguments:
        if arguments[0] not in BENCHMARKS:
            print(f"There is no benchmark {arguments[0]}. There are: {', '.join(BENCHMARKS)}")
            return 2
        result = benchmark(arguments[0])()
        print(result.line())
        return 0 if result.ok else 1
    results = []
    for name in BENCHMARKS:
        print(f"{name} …", flush=True)
        results.append(benchmark(name)())
        print(results[-1].line(), flush=True)
    (ROOT / "docs/benchmarks.md").write_text(page(results), encoding="utf-8")
    return 0 if all(result.ok for result in results) else 1


sys.exit(main(sys.argv[1:]))
