"""Writing: the old state or the new, never half."""

import errno
import stat
from pathlib import Path

import pytest

from pseudonym import durable
from pseudonym.errors import Refusal


def names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def half_a_draft(folder: Path) -> None:
    with durable.draft_folder(folder) as draft:
        (draft / "half").write_bytes(b"half")
        raise KeyError


def test_a_file_is_replaced_and_closed_to_others(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"old")

    durable.write_file(place, b"new")

    assert place.read_bytes() == b"new"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(number, "full")

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(Refusal) as caught:
        durable.write_file(place, b"new")

    assert caught.value.code == "disk_full"
    assert place.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_draft_that_is_not_settled_is_gone(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        half_a_draft(tmp_path)

    assert names(tmp_path) == []


def test_a_settled_draft_is_whole_at_its_place(tmp_path: Path) -> None:
    with durable.draft_folder(tmp_path) as draft:
        (draft / "sub").mkdir()
        (draft / "sub" / "file").write_bytes(b"x")
        durable.settle(draft, tmp_path / "deep" / "place")

    assert (tmp_path / "deep" / "place" / "sub" / "file").read_bytes() == b"x"
    assert names(tmp_path) == ["deep"]


def test_what_stands_is_never_settled_over(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "file").write_bytes(b"old")

    with durable.draft_folder(tmp_path) as draft:
        (draft / "file").write_bytes(b"new")
        with pytest.raises(Refusal) as caught:
            durable.settle(draft, tmp_path / "place")

    assert caught.value.code == "exists"
    assert (tmp_path / "place" / "file").read_bytes() == b"old"


def test_drafts_of_a_killed_process_are_swept(tmp_path: Path) -> None:
    (tmp_path / "a" / ".draft-0123").mkdir(parents=True)
    (tmp_path / "a" / "kept").mkdir()

    assert durable.sweep(tmp_path) == 1
    assert names(tmp_path / "a") == ["kept"]
