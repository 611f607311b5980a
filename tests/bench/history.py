"""Re-verifying a history of a thousand releases offline, as an auditor would with the file."""

import json
import time

from tests.bench.result import Result
from tests.lib.histories import PUBLIC, Instance, municipalities
from workbench.services.verify_history import verify_history

RELEASES, DRAWN, SECONDS = 1000, 200, 60.0


def thousand() -> list[bytes]:
    """A thousand releases of five projects with the same 200 tables over 400,000 persons.

    The gate's work on them is no part of this; signatures, names, log and files are each one's own.
    """
    drawn = municipalities(DRAWN)
    made = Instance(drawn.everybody)
    for project in range(RELEASES // DRAWN):
        earlier: list[str] = []
        for number, one in enumerate(drawn.releases):
            made.happen()
            proof = one["certificate"]["statement"]["proof"] | {"compared_with": list(earlier)}
            name = f"{project:04x}{number:012x}"
            made.release(name, one["plan"], one["body"], proof, project=f"project-{project}")
            earlier.append(name)
    return [json.dumps(line, ensure_ascii=False).encode() for line in made.history()]


def verify_1000() -> Result:
    """Signatures, proofs, chain and all releases together."""
    lines = thousand()
    start, worked = time.perf_counter(), time.process_time()
    found = verify_history(lines, {PUBLIC})
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    whole = found.releases == RELEASES and found.withheld > RELEASES and found.compared > RELEASES
    return Result(
        "verify_1000",
        seconds,
        "s",
        "the target",
        seconds / SECONDS,
        f"at most {SECONDS:.0f} s",
        ok=whole and seconds <= SECONDS,
        notes=f"one process ({worked:.0f} s of its own time) verifies {found.releases} releases "
        f"with {found.shown} counts shown and {found.withheld} withheld, "
        f"{sum(map(len, lines)) / 1e6:.0f} MB: each signature, each "
        f"proof, the log of {found.position} entries, and {found.compared} counts that stand in "
        "several releases",
    )
