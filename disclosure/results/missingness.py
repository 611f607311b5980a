"""Missing values: how many lack a variable, where both they and the others are enough."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from disclosure.findings import Finding, Mark, Severity, cells_are
from disclosure.policy import Policy
from disclosure.results.alone import apart, tells
from disclosure.results.block import Block, BlockColumn, Text, Value
from disclosure.results.evidence import ResultEvidence
from disclosure.results.groups import code_columns, small_groups
from disclosure.results.judgement import Judgement, judge

__all__ = ["MissingEvidence"]


@dataclass(frozen=True, kw_only=True)
class MissingEvidence(ResultEvidence):
    """Inner cells are groups × (known, missing) of each variable of `patterns`, C order.

    by: the grouping variable's name, if any. labels: of each variable, in the order asked for;
    those that are not among patterns cannot be missing.
    """

    by: tuple[str, ...]
    labels: dict[str, Text]
    patterns: tuple[str, ...]


@judge.register
def _(evidence: MissingEvidence, policy: Policy) -> Judgement:
    t, width = policy.threshold, len(evidence.by)
    found = list(dict.fromkeys(codes[:width] for codes in evidence.groups))
    members = {
        group: tuple(at for at, codes in enumerate(evidence.groups) if codes[:width] == group)
        for group in found
    }
    persons = {group: int(evidence.n[list(cells)].sum()) for group, cells in members.items()}
    small = small_groups(np.array(list(persons.values()), np.int64), t)
    if small is not None:
        return Judgement((small,))
    published = [members[group] for group in found if persons[group]]
    rows: list[tuple[Value, ...]] = []
    marks: dict[tuple[int, int], Mark] = {}
    for group, name in product(found, evidence.labels):
        lacking = _lacking(evidence, members[group], name)
        few = int(evidence.n[list(lacking)].sum())
        rest = tuple(sorted(set(members[group]) - set(lacking)))
        both = (few, persons[group] - few)
        # The whole group is shown: who are few on one side leave the others close to it.
        safe = not any(apart(evidence.n, published, cells, t) for cells in (lacking, rest) if cells)
        if not safe:
            marks.update({(len(rows), width + 2 + at): Mark.PRIMARY for at in range(2)})
            rows.append((*group, name, persons[group], None, None))
            continue
        published += [cells for cells, n in ((lacking, both[0]), (rest, both[1])) if n]
        percent = 100 * few / persons[group] if persons[group] else None
        rows.append((*group, name, persons[group], few, percent))
    published = list(dict.fromkeys(published))
    if tells(evidence.n, tuple(published), t):
        return Judgement((_together(),))
    columns = (
        *code_columns(evidence.by),
        BlockColumn("variable", "text", {"en": "variable", "nb": "variabel"}),
        BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"}),
        BlockColumn("missing", "persons", {"en": "missing", "nb": "mangler"}),
        BlockColumn("percent", "number", {"en": "missing", "nb": "mangler"}, "%"),
    )
    title = {"en": "Missing values", "nb": "Manglende verdier"}
    block = Block("missing", title, columns, tuple(rows), marks)
    withheld = len(marks) // 2
    notes = (_withheld(withheld, t),) if withheld else ()
    return Judgement(notes, (block,), tuple(published), {"missing_and_known_at_least": t})


def _lacking(evidence: MissingEvidence, cells: tuple[int, ...], name: str) -> tuple[int, ...]:
    if name not in evidence.patterns:
        return ()
    axis = len(evidence.by) + evidence.patterns.index(name)
    return tuple(at for at in cells if evidence.groups[at][axis] == "true")


def _withheld(values: int, threshold: int) -> Finding:
    return Finding(
        "threshold",
        Severity.WITHHELD,
        {
            "en": f"{cells_are(values)['en']} withheld: fewer than {threshold} persons lack the "
            "variable, or have it, or are all that two variables differ by.",
            "nb": f"{cells_are(values)['nb']} holdt tilbake: færre enn {threshold} personer "
            "mangler variabelen, eller har den, eller er alt som skiller to variabler.",
        },
        {
            "en": "Use larger groups.",
            "nb": "Bruk større grupper.",
        },
        values,
    )


def _together() -> Finding:
    return Finding(
        "ledger",
        Severity.BLOCKING,
        {
            "en": "Taken together, these counts would give a small group away.",
            "nb": "Til sammen ville disse tallene røpe en liten gruppe.",
        },
        {
            "en": "Ask for fewer variables at a time.",
            "nb": "Spør om færre variabler om gangen.",
        },
    )
