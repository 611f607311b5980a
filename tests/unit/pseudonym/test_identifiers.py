"""Identity numbers: the official vectors, a second implementation, and what checksums catch."""

import calendar

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonym.identifiers import classify, control_digits
from tests.lib.extracts import numbers

# Skatteetaten, folkeregisteret-api-dokumentasjon: examples of numbers issued from 2032 on.
OFFICIAL_2032 = ["02013299997", "02013299903", "02013299806", "30108299920", "30108299939"]
NOT_BEFORE_2032 = ["02013299903", "30108299939"]


def by_the_book(number: str, rule: str) -> str | None:
    """The class of a number digit by digit; None where it is none. An oracle, slow and plain."""
    if len(number) != 11 or not all(letter in "0123456789" for letter in number):
        return None
    digits = [int(letter) for letter in number]
    first = sum(d * w for d, w in zip(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0), strict=True)) % 11
    second = sum(d * w for d, w in zip(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11
    if second or first not in ({0} if rule == "1964" else {0, 1, 2, 3}):
        return None
    if digits[0] >= 8:
        return "FHN"
    day, month, year = int(number[:2]), int(number[2:4]), 2000 + int(number[4:6])
    name = "FNR"
    if day > 40:
        day, name = day - 40, "DNR"
    for shift in (80, 65, 40):
        if month > shift:
            month -= shift
            if shift == 40:
                if name == "DNR":
                    return None
                name = "HNR"
            break
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return name


def test_the_official_vectors_of_2032_hold_under_the_new_rule() -> None:
    found = classify(pl.Series(OFFICIAL_2032), "production")

    assert found["class"].to_list() == ["FNR"] * 5
    assert found["valid"].all()


def test_numbers_only_the_new_rule_allows_fail_the_old_one() -> None:
    found = classify(pl.Series(OFFICIAL_2032), "production", "1964")

    flawed = [number for number, ok in zip(OFFICIAL_2032, found["valid"], strict=True) if not ok]
    assert flawed == NOT_BEFORE_2032
    assert set(found["flaw"].drop_nulls()) == {"checksum"}


@pytest.mark.parametrize("rule", ["1964", "2032"])
def test_random_numbers_are_classed_as_by_the_book(rule: str) -> None:
    dice = np.random.default_rng(11)
    random = [f"{number:011d}" for number in dice.integers(0, 10**11, 4000)]
    near = []
    for month in (0, 40, 65, 80):
        for day in (0, 40):
            stems = [number[:9] for number in numbers(40, month=month, day=day, seed=month + day)]
            near += [f"{stem}{tail:02d}" for stem in stems[:12] for tail in range(100)]
    everything = random + near
    found = classify(pl.Series(everything), "production", rule)  # type: ignore[arg-type]

    assert found["class"].to_list() == [by_the_book(number, rule) for number in everything]
    assert set(found["class"].drop_nulls()) == {"FNR", "DNR", "HNR", "FHN"}


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.text(max_size=13), st.from_regex("[0-9]{11}", fullmatch=True)))
)
def test_any_text_is_classed_as_by_the_book(texts: list[str | None]) -> None:
    found = classify(pl.Series(texts, dtype=pl.String), "production")

    expected = [None if text is None else by_the_book(text, "2032") for text in texts]
    assert found["class"].to_list() == expected


def test_every_single_wrong_digit_and_swap_of_neighbours_is_noticed() -> None:
    good = numbers(60)
    wrong = []
    for number in good:
        for place in range(11):
            others = set("0123456789") - {number[place]}
            wrong += [number[:place] + digit + number[place + 1 :] for digit in sorted(others)]
        for place in range(10):
            if number[place] != number[place + 1]:
                swap = number[place + 1] + number[place]
                wrong.append(number[:place] + swap + number[place + 2 :])
    found = classify(pl.Series(wrong), "demo", "1964")

    assert found["class"].drop_nulls().is_empty()


def test_production_takes_real_numbers_only_and_others_synthetic_ones_only() -> None:
    real, tenor, helsenett = (numbers(20, month=month)[:20] for month in (0, 80, 65))
    for synthetic in (tenor, helsenett):
        refused = classify(pl.Series(synthetic), "production")
        assert set(refused["flaw"]) == {"synthetic"}
        assert refused["synthetic"].all()
        for kind in ("demo", "test"):
            assert classify(pl.Series(synthetic), kind)["valid"].all()  # type: ignore[arg-type]
    assert classify(pl.Series(real), "production")["valid"].all()
    for kind in ("demo", "test"):
        assert set(classify(pl.Series(real), kind)["flaw"]) == {"real"}  # type: ignore[arg-type]


def test_h_and_fh_numbers_are_real_and_so_refused_in_a_demo() -> None:
    emergency, exist = control_digits(np.arange(800_000_000, 800_000_020))
    texts = pl.Series([f"{number}" for number in emergency[exist]])
    h_numbers = pl.Series(numbers(10, month=40))

    for series, name in ((texts, "FHN"), (h_numbers, "HNR")):
        assert set(classify(series, "production")["class"]) == {name}
        assert set(classify(series, "demo")["flaw"]) == {"real"}


def test_the_29th_of_february_exists_in_leap_years_and_in_the_year_00_only() -> None:
    for year, exists in ((0, True), (4, True), (96, True), (1, False), (99, False)):
        stems = np.arange(2_902_000_000, 2_902_000_000 + 100) * 0 + 29_02_00_000 + year * 1000
        made, ok = control_digits(stems + np.arange(100))
        texts = pl.Series([f"{number:011d}" for number in made[ok]])
        assert classify(texts, "production")["valid"].all() == exists


def test_an_empty_column_and_missing_values_are_told_apart_from_bad_ones() -> None:
    assert classify(pl.Series([], dtype=pl.String), "demo").height == 0
    found = classify(pl.Series([None, "", "1234567890", "123456789012"]), "demo")
    assert found["flaw"].to_list() == ["missing", "length", "length", "length"]
