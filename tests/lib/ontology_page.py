"""docs/reference/ontology.md, made from disclosure.ontology."""

from collections.abc import Iterator
from pathlib import Path

from disclosure.ontology import ANALYSES, KINDS, RISKS, RISKS_OF, Analysis, Decided

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/ontology.md"
HEAD = """# The ontology of outputs

The published ontology of statistical outputs ([statbarnsdc](https://www.w3id.org/statbarnsdc), as
shipped with acro 1.0.2) names 112 analyses and puts each into a class that is checked alike, a
*statbarn*. This page says what Workbench does with each. It is generated from
`disclosure/ontology`; mend it with `.venv/bin/python -m tests.lib.ontology_page`.

A release says which statbarn it was checked as, and which risks its rules stand against
(`release.ontology`); its certificate says the statbarn in its proof.

"""
WORDS = {
    Decided.AUTOMATIC: "Decided automatically",
    Decided.OFFICER: "For an officer",
    Decided.REFUSED: "Not released",
}
SAID = {
    Decided.AUTOMATIC: "The rules are those of the kinds of questions that are named.",
    Decided.OFFICER: "From a sealed run, as a file that an officer looks at.",
    Decided.REFUSED: "Neither by the gate nor, as a rule, by an officer.",
}


def rows(decided: Decided) -> Iterator[str]:
    yield from ("| analysis | statbarn | asked by | stands in | why | hvorfor |",
                "|---|---|---|---|---|---|")  # fmt: skip
    for one in ANALYSES:
        if one.decided is decided:
            kinds = ", ".join(f"`{kind}`" for kind in one.kinds)
            told = ", ".join(f"`{place}`" for place in dict.fromkeys(one.told)) or _follows(one)
            how = one.how
            yield (
                f"| {one.name} | {one.statbarn} | {kinds} | {told} | {how['en']} | {how['nb']} |"
            )


def _follows(one: Analysis) -> str:
    return "worked out by the reader" if one.decided is Decided.AUTOMATIC else ""


def page() -> str:
    count = {one: sum(found.decided is one for found in ANALYSES) for one in Decided}
    lines = [HEAD, "| | analyses |", "|---|---|"]
    lines += [f"| {WORDS[one]} | {count[one]} |" for one in Decided]
    lines.append("")
    for one in Decided:
        lines += [f"## {WORDS[one]}", "", SAID[one], "", *rows(one), ""]
    lines += ["## Kinds of questions", "", "| kind | statbarn | rules |", "|---|---|---|"]
    for name, kind in KINDS.items():
        rules = ", ".join(f"[`{rule}`](rules.md#{rule})" for rule in kind.rules)
        lines.append(f"| `{name}` | {kind.statbarn} | {rules} |")
    lines += ["", "## Risks", "", "| statbarn | risks, as published |", "|---|---|"]
    lines += [f"| {barn} | {', '.join(risks)} |" for barn, risks in RISKS_OF.items()]
    lines += ["", "| rule | stands against |", "|---|---|"]
    lines += [f"| `{rule}` | {', '.join(risks)} |" for rule, risks in RISKS.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
