"""Both batteries: attacks that succeed, and benign outputs that are blocked."""

import tempfile
from pathlib import Path

from tests.bench.acro_beside import acro_loses
from tests.bench.result import Result
from tests.benign.run import LARGE, ask_all
from tests.redteam.battery.run import attack_all

__all__ = ["benign", "redteam"]

MANY, FEW = 200, 0.05


def redteam() -> Result:
    """How many scripted attacks succeed against the running engine."""
    with tempfile.TemporaryDirectory(prefix="wb-redteam-") as folder:
        found = attack_all(Path(folder))
    lost, of = acro_loses()
    won = [attack for attack, verdict in found if verdict.won]
    families = {attack.family for attack, _ in found}
    return Result(
        name="redteam",
        value=len(won),
        unit="attacks",
        against=f"acro 1.0.2, suppress=True, which loses {lost} of {of}",
        ratio=len(won) / len(found),
        target=f"0 of >= {MANY}",
        ok=not won and len(found) >= MANY,
        notes=(
            f"{len(found)} attacks in {len(families)} families, each a conversation with a running "
            "engine over a kernel's socket, judged by code that shares nothing with the gate; "
            "which succeed, and why: docs/reference/attacks.md. acro is asked what it can be: "
            "counts and means with and without one person, a flag of one person in a linear model; "
            'its "fail" counts as not told. The ratio is of our attacks'
        ),
    )


def benign() -> Result:
    """How many outputs of usual studies are refused, or mostly withheld."""
    with tempfile.TemporaryDirectory(prefix="wb-benign-") as folder:
        found = ask_all(Path(folder), LARGE)
    blocked = sum(one.blocked for one in found)
    return Result(
        name="benign",
        value=100 * blocked / len(found),
        unit="%",
        against="the number of outputs",
        ratio=blocked / len(found),
        target=f"<= {100 * FEW:g} % of >= 300",
        ok=blocked <= FEW * len(found) and len(found) >= 300,
        notes=(
            f"{len(found)} outputs of ten studies on a synthetic nation of {LARGE:,} persons, "
            "each study's in one project and in order; blocked: refused, or more than half of the "
            "numbers withheld. docs/reference/attacks.md names them"
        ),
    )
