"""`python -m tests.redteam.page`: docs/reference/attacks.md from a run of both batteries."""

import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from tests.benign.outputs import Answered
from tests.benign.run import LARGE, ask_all
from tests.redteam.battery.attack import Attack
from tests.redteam.battery.catalogue import KNOWN
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.run import attack_all

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/attacks.md"
_HEAD = """# Attacks and benign outputs

Made by `make redteam`. Each attack is a conversation of its own with a running engine, over a
kernel's socket, in a project without releases; a judge that shares no code with the gate is told
the secret and decides from the released answers alone whether it follows: an amount within 10 %,
the size of a group of one to nine persons exactly or closer than six, the bit of one person by how
two worlds look. Without the gate every one of them is won
(`tests/redteam/battery/test_controls.py`). Why an attack succeeds stands in
[the limitations](../explanation/limitations.md).
"""


def written(attacks: Sequence[tuple[Attack, Verdict]], benign: Sequence[Answered]) -> str:
    """The page; the same for the same results."""
    won = sum(verdict.won for _, verdict in attacks)
    lines = [_HEAD, f"{len(attacks)} attacks, of which {won} succeed.", ""]
    for family, group in groupby(attacks, key=lambda one: one[0].family):
        lines += [f"## {family.capitalize()}", "", "| attack | result |", "|---|---|"]
        for attack, verdict in group:
            result = f"**succeeds**: {KNOWN.get(attack.name, 'new')}" if verdict.won else "fails"
            lines.append(f"| {attack.name} | {result} |")
        lines.append("")
    blocked = [one for one in benign if one.blocked]
    told = (
        f"{len(benign)} outputs as studies publish them, on a synthetic nation of {LARGE:,} "
        "persons, each study's in one project and in order: "
        f"{len(blocked)} are blocked (refused, or more than half withheld)."
    )
    lines += ["## Benign outputs", "", told, "", "| study | outputs | blocked |", "|---|---|---|"]
    for study, answers in groupby(benign, key=lambda one: one.study):
        held = list(answers)
        names = ", ".join(f"{one.name} ({_rule(one)})" for one in held if one.blocked)
        lines.append(f"| {study} | {len(held)} | {names or 'none'} |")
    return "\n".join(lines) + "\n"


def _rule(one: Answered) -> str:
    return one.why.split(":")[0]


def main() -> None:
    """Run both and write."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        PAGE.write_text(
            written(attack_all(Path(first)), ask_all(Path(second), LARGE)), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
