"""Files addressed by their hash: the folder and the fake agree."""

import hashlib
from pathlib import Path

import pytest

from tests.lib.fake_records import FakeBlobs
from workbench.adapters.blobs import FolderBlobs
from workbench.domain.errors import Fault, Refusal
from workbench.ports import Blobs


@pytest.fixture(params=["memory", "folder"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return FakeBlobs() if request.param == "memory" else FolderBlobs(tmp_path / "blobs")


def tamper(blobs: Blobs, address: str) -> None:
    if isinstance(blobs, FakeBlobs):
        blobs.content[address] = b"other"
    elif isinstance(blobs, FolderBlobs):
        (blobs._folder / address).write_bytes(b"other")


@pytest.mark.parametrize("content", [b"", b"a\0b", bytes(100_000)])
def test_bytes_come_back_under_their_hash(blobs: Blobs, content: bytes) -> None:
    address = blobs.put(content)

    assert address == hashlib.sha256(content).hexdigest()
    assert blobs.get(address) == content
    assert blobs.put(content) == address


def test_changed_bytes_are_a_fault(blobs: Blobs) -> None:
    address = blobs.put(b"content")
    tamper(blobs, address)

    with pytest.raises(Fault):
        blobs.get(address)


def test_storing_again_mends_changed_bytes(blobs: Blobs) -> None:
    address = blobs.put(b"content")
    tamper(blobs, address)
    blobs.put(b"content")

    assert blobs.get(address) == b"content"


@pytest.mark.parametrize("address", ["0" * 64, "../../etc/passwd", ""])
def test_an_unknown_address_is_refused(blobs: Blobs, address: str) -> None:
    with pytest.raises(Refusal) as refused:
        blobs.get(address)

    assert refused.value.code == "no_file"


def test_nobody_else_reads_the_folder_and_no_draft_is_left(tmp_path: Path) -> None:
    address = FolderBlobs(tmp_path / "blobs").put(b"content")

    assert [place.name for place in (tmp_path / "blobs").iterdir()] == [address]
    assert (tmp_path / "blobs" / address).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "blobs").stat().st_mode & 0o777 == 0o700


def test_a_full_disk_is_a_refusal_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    blobs = FolderBlobs(tmp_path / "blobs")
    monkeypatch.setattr("workbench.adapters.blobs.os.fsync", full)
    with pytest.raises(Refusal) as refused:
        blobs.put(b"content")

    assert refused.value.code == "disk_full"
    assert list((tmp_path / "blobs").iterdir()) == []
