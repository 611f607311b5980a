"""A permit from TOML: refusals name the field and what it wants, and repeat no input."""

from pathlib import Path

import pytest

from workbench.domain.errors import Refusal
from workbench.services.permit_file import parse_permit

GOOD = """\
project = "study"
title = "A study"
purpose = "To know"
valid_from = 2026-01-01
valid_until = 2026-12-31
budget_rho = "1/2"

[[members]]
user = "kari"

[[datasets]]
dataset = "persons"
variables = ["age", "sex"]
"""
TAIL = GOOD[GOOD.index("[[members]]") :]


def refusal(text: str) -> str:
    with pytest.raises(Refusal) as refused:
        parse_permit(text)
    assert refused.value.code == "bad_permit"
    assert refused.value.remedy
    return refused.value.reason


def test_a_good_permit_is_read() -> None:
    permit = parse_permit(GOOD)

    assert (permit.project, permit.budget_rho, permit.policy) == ("study", "1/2", "default")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = "A study"\n', "", "`title` is missing"),
        ('title = "A study"', "title = 7", "`title` must be text in quotation marks"),
        ('title = "A study"', 'titel = "x"', "`titel` is not a field of a permit"),
        ('project = "study"', 'project = "Study 1"', "`project` has letters"),
        ("2026-12-31", '"soon"', "`valid_until` must be a date such as 2026-01-31"),
        ("2026-12-31", "2025-12-31", "valid_until lies before valid_from"),
        ('"1/2"', '"half"', "`budget_rho` must be an exact fraction"),
        ('"1/2"', '"1/0"', "budget_rho divides by zero"),
        ('"1/2"', '"101"', "budget_rho lies between 0 and 100"),
        ('"1/2"', "0.5", "`budget_rho` must be text"),
        ('user = "kari"', 'user = "kari"\nrole = "king"', "`members`, entry 1, `role` must be one"),
        ('user = "kari"', 'user = "KARI"', "`members`, entry 1, `user` has letters"),
        ('["age", "sex"]', "[]", "`datasets`, entry 1, `variables` must name at least one"),
        ('["age", "sex"]', '"age"', "`datasets`, entry 1, `variables` must be a list"),
        ('["age", "sex"]', '["age", "A-B"]', "`variables`, entry 2 has letters"),
        ('["age", "sex"]', '["age", "age"]', "names the same variable twice"),
        (TAIL, TAIL + '[[members]]\nuser = "kari"\n', "names the same user twice"),
        (TAIL, TAIL + TAIL.partition("\n\n")[2], "names the same dataset twice"),
        ('project = "study"', "project = ", "not TOML: look at line 1"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, told: str) -> None:
    assert told in refusal(GOOD.replace(old, new, 1))


def test_many_faults_are_counted() -> None:
    assert refusal("x = 1\ny = 1\n").endswith("`valid_until` is missing; and 4 more.")


def test_a_refusal_repeats_no_input() -> None:
    for old in ('"A study"', '"study"', '"1/2"', '"kari"', '"age"', "2026-12-31"):
        assert "CANARY" not in refusal(GOOD.replace(old, '"CANARY ¤"', 1) + "z = 1\n")


def test_an_endless_file_is_refused() -> None:
    assert "1 MiB" in refusal("#" * (2 << 20))


def test_the_demo_s_permit_is_good() -> None:
    place = Path(__file__).resolve().parents[3] / "docs/tutorial/nafld/permit.toml"
    permit = parse_permit(place.read_text(encoding="utf-8"))

    assert permit.project == "nafld-mortality"
    assert permit.sealed_runs
