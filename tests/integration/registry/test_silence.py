"""Canaries: an identifier or a value in no message, no log, no file, whatever goes wrong."""

import logging
from collections.abc import Callable

import polars as pl
import pytest

from pseudonym.errors import Fault, Refusal
from pseudonym.linker import loading
from tests.integration.registry.conftest import opened, permit
from tests.lib.registry_world import CANARY, World, content, contract, people

IDS = people(60)
ROWS = content(IDS, 200)
BAD_ID = "98765432109"


def broken_engine(*_: object) -> object:
    """A library that quotes what it read, as they do."""
    raise ValueError(f"cannot parse {CANARY} of {IDS[0]} and {BAD_ID}")


CASES: dict[str, Callable[[World], object]] = {
    "bad identifier": lambda w: w.load(contract("a"), ROWS.with_columns(patient=pl.lit(BAD_ID))),
    "unknown code": lambda w: w.load(contract("b"), ROWS.with_columns(ward=pl.lit(CANARY))),
    "value out of range": lambda w: w.load(
        contract("c"), ROWS.with_columns(age=pl.lit(98765432109))
    ),
    "missing value": lambda w: w.load(
        contract("d"), ROWS.with_columns(age=pl.lit(None, dtype=pl.Int64))
    ),
    "identifier in free text": lambda w: w.load(
        contract("e"), ROWS.with_columns(note=pl.Series([IDS[0]]).new_from_index(0, 200))
    ),
    "same person twice": lambda w: w.load(contract("f", temporality="FIXED"), ROWS),
    "library that quotes": lambda w: w.load(contract("g"), ROWS),
    "view of a bad variable": lambda w: w.client.build_view(permit("x", good=["patient"])),
}


@pytest.fixture(scope="module")
def good(here: World) -> World:
    here.publish(contract("good"), ROWS)
    return here


def secrets_of(world: World) -> list[str]:
    """Identifiers, values, and every pseudonym of the published dataset."""
    view = opened(world, world.client.build_view(permit("canary", good=["note"])))
    pseudonyms = view.pseudonyms(0).to_list()
    return [*IDS, BAD_ID, CANARY, *map(str, pseudonyms), *map(hex, pseudonyms)]


@pytest.mark.parametrize("name", CASES)
def test_nothing_that_goes_wrong_tells_a_value(
    good: World,
    name: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if name == "library that quotes":
        monkeypatch.setattr(loading, "content_flags", broken_engine)
    with caplog.at_level(logging.DEBUG):
        try:
            said = str(CASES[name](good))
        except (Refusal, Fault) as error:
            said = f"{error!r} {error} {vars(error)} {error.__cause__!r} {error.__context__!r}"
    streams = capfd.readouterr()
    heard = "\n".join([said, caplog.text, streams.out, streams.err])

    assert said
    assert [secret for secret in secrets_of(good) if secret in heard] == []


def test_a_fault_is_logged_by_type_and_place(
    good: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "content_flags", broken_engine)

    with caplog.at_level(logging.ERROR), pytest.raises(Fault) as caught:
        good.load(contract("h"), ROWS)
    assert caught.value.incident in caplog.text
    assert "ValueError at" in caplog.text
    assert "test_silence.py" in caplog.text


def test_nothing_readable_is_left_on_disk(good: World) -> None:
    words = [secret.encode() for secret in secrets_of(good)]
    words += [int(number).to_bytes(8, "little") for number in IDS]
    told = [
        path.name
        for path in good.root.rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in words)
    ]

    assert told == []


def test_objects_that_hold_data_do_not_show_them(good: World) -> None:
    view = opened(good, good.client.build_view(permit("canary", good=["note"])))
    key = next(iter(view.sealed_keys({"good": ["note"]})["datasets"]["good"]))["footer_key"]

    assert key not in repr(view) + repr(vars(view))
