"""Most frequent categories: each with enough persons, and the rest together with enough too."""

from dataclasses import dataclass

from disclosure.findings import Finding, Severity
from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Text, Value
from disclosure.results.evidence import ResultEvidence
from disclosure.results.judgement import Judgement, judge

__all__ = ["CodesEvidence"]


@dataclass(frozen=True, kw_only=True)
class CodesEvidence(ResultEvidence):
    """Inner cells are the codes of one variable ("" missing). most: how many are asked for."""

    variable: str
    label: Text
    most: int


@judge.register
def _(evidence: CodesEvidence, policy: Policy) -> Judgement:
    t, n = policy.threshold, evidence.n.tolist()
    codes = [one[0] for one in evidence.groups]
    ranked = sorted(
        (at for at, code in enumerate(codes) if code and n[at] >= t),
        key=lambda at: (-n[at], codes[at]),
    )
    top = ranked[: evidence.most]
    lacking = [at for at, code in enumerate(codes) if not code]
    others = [at for at, code in enumerate(codes) if code and at not in top and n[at]]
    # Whoever is left over must be enough; else the smallest that was shown goes with them, and so
    # do those without a code where they are few.
    missing = sum(n[at] for at in lacking)
    if 0 < missing < t:
        others, lacking, missing = others + lacking, [], 0
    while top and 0 < sum(n[at] for at in others) < t:
        others.append(top.pop())
    if not top:
        return Judgement((_none_left(t),))
    total = sum(n)
    rows: list[tuple[Value, ...]] = [(codes[at], n[at], 100 * n[at] / total) for at in top]
    rest = sum(n[at] for at in others)
    columns = (
        BlockColumn(evidence.variable, "code", evidence.label),
        BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"}),
        BlockColumn("percent", "number", {"en": "of all", "nb": "av alle"}, "%"),
    )
    summary = (
        BlockColumn("others", "persons", {"en": "in other categories", "nb": "i andre kategorier"}),
        BlockColumn("missing", "persons", {"en": "without", "nb": "uten"}),
        BlockColumn("persons", "persons", {"en": "persons in all", "nb": "personer i alt"}),
    )
    published: list[tuple[int, ...]] = [(at,) for at in top]
    published += [tuple(sorted(one)) for one in (others, lacking) if sum(n[at] for at in one)]
    return Judgement(
        (),
        (
            Block("top", {"en": "Most frequent", "nb": "Hyppigst"}, columns, tuple(rows)),
            Block("rest", {"en": "The rest", "nb": "Resten"}, summary, ((rest, missing, total),)),
        ),
        tuple(published),
        {"each_at_least": t},
    )


def _none_left(threshold: int) -> Finding:
    return Finding(
        "threshold",
        Severity.BLOCKING,
        {
            "en": f"No category with {threshold} persons or more could be shown.",
            "nb": f"Ingen kategori med {threshold} personer eller flere kunne vises.",
        },
        {
            "en": "Roll the codes up: characters=3, or 1.",
            "nb": "Slå sammen koder: characters=3, eller 1.",
        },
    )
