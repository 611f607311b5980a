"""An output as a study's table has it: what is asked, and whether the gate blocks it needlessly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import workbench.sdk as wb

__all__ = ["Answered", "Output", "answered", "withheld"]


@dataclass(frozen=True)
class Output:
    """study: whose project it is asked in, in order; name: as the paper's caption would say."""

    study: str
    name: str
    ask: Callable[[], Any]


@dataclass(frozen=True)
class Answered:
    """share: of numbers that are withheld; why: the rule, where it was refused or mostly empty."""

    study: str
    name: str
    share: float
    why: str

    @property
    def blocked(self) -> bool:
        """Refused, or more than half of it withheld."""
        return self.share > 0.5


def answered(output: Output) -> Answered:
    """Ask for an output."""
    try:
        body = output.ask().to_json()
    except wb.Refused as refused:
        rules = {str(one["rule"]) for one in refused.findings}
        why = f"{', '.join(sorted(rules)) or refused.code}: {refused.reason}"
        return Answered(output.study, output.name, 1.0, why)
    share = withheld(body)
    rules = {str(one["rule"]) for one in body["findings"]} if share > 0.5 else set()
    return Answered(output.study, output.name, share, ", ".join(sorted(rules)))


def withheld(body: Mapping[str, Any]) -> float:
    """The share of an answer's cells, or of the numbers in its blocks, that is withheld."""
    cells = [one for one in body.get("cells", ()) if "" not in one["codes"]]
    if cells:
        return sum(bool(one["mark"]) for one in cells) / len(cells)
    places = hidden = 0
    for block in body["blocks"]:
        numbers = sum(one["kind"] in ("persons", "number", "integer") for one in block["columns"])
        places += numbers * len(block["rows"])
        hidden += len(block["marks"])
    return hidden / places if places else 0.0
