"""One uid for each person and project, for ever."""

import os

import pytest

from kernels.host.config import GateConfig
from workbench.adapters.hub import uids
from workbench.adapters.hub.uids import SERVER_UIDS, Uids
from workbench.domain.errors import Refusal


@pytest.fixture
def as_root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_each_person_and_project_has_a_uid_of_its_own(tmp_path, as_root):
    book = Uids(tmp_path / "uids.sqlite")
    pairs = [(user, project) for user in ("kari", "ola") for project in ("a", "b", "c")]

    given = {pair: book.of(*pair) for pair in pairs}

    assert len(set(given.values())) == len(pairs)
    assert set(given.values()) <= set(SERVER_UIDS)


def test_a_uid_stays_the_same_after_a_restart(tmp_path, as_root):
    first = Uids(tmp_path / "uids.sqlite").of("kari", "a")
    Uids(tmp_path / "uids.sqlite").of("ola", "a")

    assert Uids(tmp_path / "uids.sqlite").of("kari", "a") == first


def test_names_that_read_alike_are_kept_apart(tmp_path, as_root):
    book = Uids(tmp_path / "uids.sqlite")

    assert book.of("a", "b-c") != book.of("a-b", "c")


def test_when_all_are_taken_nobody_shares(tmp_path, as_root, monkeypatch):
    monkeypatch.setattr(uids, "SERVER_UIDS", range(40_000, 40_001))
    book = Uids(tmp_path / "uids.sqlite")
    book.of("kari", "a")

    with pytest.raises(Refusal):
        book.of("ola", "a")


def test_an_ordinary_user_has_one_uid(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1234)

    assert Uids(tmp_path / "uids.sqlite").of("kari", "a") == 1234


def test_servers_and_kernels_never_share_a_uid():
    kernels = GateConfig.__dataclass_fields__["uids"].default

    assert not set(SERVER_UIDS) & set(kernels)
