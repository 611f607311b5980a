"""Dates, numbers and sizes as each language writes them."""

from datetime import date
from fractions import Fraction

import pytest

from workbench.portal.formats import Formats

NB, EN = Formats("nb"), Formats("en")


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_a_day_is_written_in_the_language() -> None:
    assert plain(NB.day(date(2026, 11, 22))) == "22. nov. 2026"
    assert plain(EN.day(date(2026, 5, 1))) == "1 May 2026"


@pytest.mark.parametrize(
    ("value", "nb", "en"),
    [(1234567, "1 234 567", "1 234 567"), (31.25, "31,25", "31.25"), (2.0, "2", "2"),
     (0.123456, "0,1235", "0.1235"), (-5, "-5", "-5"), (None, "", "")],
)  # fmt: skip
def test_numbers_have_the_languages_decimal_mark(value: float, nb: str, en: str) -> None:
    assert (plain(NB.number(value)), plain(EN.number(value))) == (nb, en)


@pytest.mark.parametrize(
    ("value", "text"), [(55, "55 B"), (1500, "1.5 kB"), (2_000_000, "2 MB"), (0, "0 B")]
)
def test_sizes_are_rounded_to_their_unit(value: int, text: str) -> None:
    assert plain(EN.size(value)) == text


def test_a_cost_stays_the_exact_fraction_of_the_permit() -> None:
    assert EN.rho(Fraction(1, 3)) == "1/3"
