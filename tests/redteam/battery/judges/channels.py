"""Whether a bit of one person's passes through anything but the numbers: two worlds compared.

The same questions are asked where the bit is 0 and where it is 1. Whatever looks otherwise, but for
the numbers themselves, carries the bit: refusals and their words, marks, labels, order, lengths.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from tests.redteam.battery.attacker import Heard
from tests.redteam.battery.judges.verdict import Verdict

__all__ = ["looks", "same_looks"]

_ID = re.compile(r"[0-9a-f]{16}|(?<=incident )[0-9a-f]{8}")


def looks(heard: Heard, *, numbers: bool = False) -> str:
    """All that can be seen of an answer but its numbers (and ids)."""
    if heard.body is None:
        return _ID.sub("…", json.dumps(heard.refusal, sort_keys=True, default=str))
    return _ID.sub("…", json.dumps(heard.body if numbers else _bare(heard.body)))


def same_looks(
    first: Sequence[Heard], second: Sequence[Heard], *, numbers: bool = False
) -> Verdict:
    """Whether two conversations can be told apart."""
    assert len(first) == len(second)
    for at, (one, other) in enumerate(zip(first, second, strict=True)):
        if looks(one, numbers=numbers) != looks(other, numbers=numbers):
            told = ["refused" if each.body is None else "released" for each in (one, other)]
            return Verdict(won=True, how=f"answer {at + 1}: {told[0]} or {told[1]}, by the bit")
    return Verdict(won=False, how="the two worlds look alike")


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_bare(one) for one in value]
    return 0 if isinstance(value, int | float) and not isinstance(value, bool) else value
