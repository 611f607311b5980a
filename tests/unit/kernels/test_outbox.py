"""The outbox: a few small regular files with plain names; anything else, and nothing is taken."""

import contextlib
import hashlib
import os
import socket
from pathlib import Path

import pytest

from kernels.errors import Refusal
from kernels.host.egress import outbox as module
from kernels.host.egress.outbox import FILES, collect, collect_and_close


class Kept:
    def __init__(self) -> None:
        self.blobs: list[bytes] = []

    def __call__(self, content: bytes) -> str:
        self.blobs.append(content)
        return hashlib.sha256(content).hexdigest()


def take(folder: Path, kept: Kept) -> list[tuple[str, int]]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return [(file.name, file.size) for file in collect(descriptor, kept)]
    finally:
        os.close(descriptor)


def test_files_are_taken_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("22")
    (tmp_path / "a table.txt").write_text("1")
    kept = Kept()
    assert take(tmp_path, kept) == [("a table.txt", 1), ("b.csv", 2)]
    assert kept.blobs == [b"1", b"22"]


def symlink(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def hardlink(path: Path) -> None:
    (path.parent / "original").write_text("x")
    path.hardlink_to(path.parent / "original")


def fifo(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


@pytest.mark.parametrize("make", [symlink, hardlink, fifo, folder, unix_socket])
def test_whatever_is_no_plain_file_refuses_the_whole_outbox(
    tmp_path: Path, make: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0-first").write_text("good")
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "z")  # type: ignore[operator]
    kept = Kept()
    with pytest.raises(Refusal) as refused:
        take(tmp_path, kept)
    assert refused.value.code == "outbox_refused"
    assert kept.blobs == []


@pytest.mark.parametrize("name", [".hidden", "-rf", "a\nb", "æ.txt", "x" * 101, "$(id)", "a;b"])
def test_other_names_are_refused_and_not_repeated(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    with pytest.raises(Refusal) as refused:
        take(tmp_path, Kept())
    assert name not in str(refused.value)


def test_fifty_files_pass_and_fifty_one_do_not(tmp_path: Path) -> None:
    for number in range(FILES):
        (tmp_path / f"f{number}").touch()
    assert len(take(tmp_path, Kept())) == FILES
    (tmp_path / "more").touch()
    with pytest.raises(Refusal):
        take(tmp_path, Kept())


def test_the_bytes_are_counted_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BYTES", 100)
    (tmp_path / "a").write_bytes(b"x" * 60)
    (tmp_path / "b").write_bytes(b"x" * 40)
    assert len(take(tmp_path, Kept())) == 2
    (tmp_path / "c").write_bytes(b"x")
    kept = Kept()
    with pytest.raises(Refusal):
        take(tmp_path, kept)
    assert kept.blobs == []


@pytest.mark.parametrize("holds", ["a", ".hidden"])
def test_a_thread_closes_its_own_descriptor_whatever_it_finds(tmp_path: Path, holds: str) -> None:
    (tmp_path / holds).write_text("x")
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    with contextlib.suppress(Refusal):
        collect_and_close(descriptor, Kept())
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_folder_swapped_under_the_name_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / "a").write_text("mine")
    descriptor = os.open(tmp_path / "outbox", os.O_RDONLY | os.O_DIRECTORY)
    (tmp_path / "outbox").rename(tmp_path / "moved")
    (tmp_path / "outbox").symlink_to("/etc")
    kept = Kept()
    collect(descriptor, kept)
    os.close(descriptor)
    assert kept.blobs == [b"mine"]
