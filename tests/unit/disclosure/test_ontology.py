"""Every analysis of the published ontology is classified, with a reason; no kind is without one."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from disclosure.ontology import ANALYSES, KINDS, RISKS, RISKS_OF, Decided, described, iri
from tests.lib import ontology_page
from workbench.plan import nodes

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = json.loads((ROOT / "tests/vectors/statbarnsdc.json").read_text(encoding="utf-8"))
AUTOMATIC = [one for one in ANALYSES if one.decided is Decided.AUTOMATIC]


def kinds() -> set[str]:
    return {one.model_fields["k"].default for one in get_args(get_args(nodes.Analysis)[0])}


def test_all_112_analyses_are_classified_once_in_their_statbarn() -> None:
    assert len(ANALYSES) == 112
    assert {one.name: str(one.statbarn) for one in ANALYSES} == PUBLISHED["analyses"]


def test_statbarns_carry_the_published_risks() -> None:
    found = {str(barn): sorted(map(str, risks)) for barn, risks in RISKS_OF.items()}

    assert found == PUBLISHED["statbarns"]


@pytest.mark.parametrize("one", ANALYSES, ids=lambda one: one.name)
def test_each_has_a_reason_in_both_languages(one: ontology_page.Analysis) -> None:
    assert set(one.how) == {"en", "nb"}
    assert one.how["en"] != one.how["nb"]
    assert all(len(text) > 9 and text.endswith(".") for text in one.how.values())


def test_what_is_automatic_is_asked_by_kinds_of_plans_that_have_rules() -> None:
    assert set(KINDS) == kinds()
    for one in AUTOMATIC:
        assert one.kinds, one.name
        assert set(one.kinds) <= set(KINDS), one.name
    assert all(kind.rules for kind in KINDS.values())


def test_every_rule_of_a_kind_is_described_and_stands_against_a_risk() -> None:
    text = (ROOT / "docs/reference/rules.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## `([a-z_]+)`", text, re.MULTILINE))
    rules = {rule for kind in KINDS.values() for rule in kind.rules}

    assert rules <= headings
    assert rules <= set(RISKS)


def test_what_an_officer_decides_or_nobody_releases_has_no_kind_that_does_it() -> None:
    for one in ANALYSES:
        if one.decided is not Decided.AUTOMATIC:
            assert one.told == ()


def test_a_release_is_described_by_statbarn_and_risks() -> None:
    found = described("crosstab", ("threshold", "suppression"))

    assert found["statbarn"] == iri("Frequencies") == "https://www.w3id.org/statbarnsdc#Frequencies"
    assert set(found["met"]) <= set(found["risks"])
    assert iri("LowCount") in found["met"]
    assert described("unheard_of") == {}


def test_the_page_is_current() -> None:
    """Mend with: .venv/bin/python -m tests.lib.ontology_page"""
    page = (ROOT / "docs/reference/ontology.md").read_text(encoding="utf-8")

    assert page == ontology_page.page()
