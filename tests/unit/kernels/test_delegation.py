"""Which part of the unified control groups is ours; the host's files are laid out in a folder."""

import os
from pathlib import Path

import pytest

from kernels.host.sandbox.delegation import own_subtree
from kernels.host.sandbox.limits import ControlGroups


def hierarchy(root: Path, *groups: str, part: bool = False) -> Path:
    """The files that the host's kernel would show; part: what a container sees."""
    for folder in (root, *(root / group for group in groups)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cgroup.controllers").write_text("cpu memory pids\n")
        (folder / "cgroup.procs").write_text("11\n12\n")
        if folder != root or part:
            (folder / "cgroup.type").write_text("domain\n")
    return root


def place(tmp_path: Path, path: str) -> Path:
    """/proc/self/cgroup of a process in `path`."""
    own = tmp_path / "own"
    own.write_text(f"1:name=systemd:/x\n0::{path}\n")
    return own


@pytest.fixture(params=[0, 1000], ids=["root", "ordinary user"])
def uid(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Who we are."""
    monkeypatch.setattr("os.geteuid", lambda: request.param)
    return int(request.param)


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Folders that systemd has marked as given away."""
    folders: set[Path] = set()

    def getxattr(path: Path, name: str) -> bytes:
        if path in folders and name == "user.delegate":
            return b"1"
        raise OSError

    monkeypatch.setattr(os, "getxattr", getxattr)
    return folders


def test_what_systemd_has_delegated_is_ours_whoever_we_are(
    tmp_path: Path, uid: int, marked: set[Path]
) -> None:
    mount = hierarchy(tmp_path / "mount", "unit")
    marked.add(mount / "unit")
    assert own_subtree(mount, place(tmp_path, "/unit")) == mount / "unit"
    # a group that has processes of its own cannot divide anything: they moved to a leaf
    assert (mount / "unit" / "workbench-platform" / "cgroup.procs").read_text() in {"11", "12"}


def test_a_process_that_has_moved_to_the_leaf_still_knows_its_subtree(
    tmp_path: Path, uid: int, marked: set[Path]
) -> None:
    mount = hierarchy(tmp_path / "mount", "unit")
    own = place(tmp_path, "/unit/workbench-platform")
    assert own_subtree(mount, own) == mount / "unit"


def test_what_was_not_delegated_is_left_alone(tmp_path: Path, uid: int, marked: set[Path]) -> None:
    mount = hierarchy(tmp_path / "mount", "unit")
    assert own_subtree(mount, place(tmp_path, "/unit")) == (mount if uid == 0 else None)
    assert not (mount / "unit" / "workbench-platform").exists()


def test_the_part_that_a_container_sees_is_ours(
    tmp_path: Path, uid: int, marked: set[Path]
) -> None:
    mount = hierarchy(tmp_path / "mount", part=True)
    assert own_subtree(mount, place(tmp_path, "/")) == mount
    assert (mount / "workbench-platform").is_dir()


def test_the_root_of_the_host_is_divided_by_root_only(
    tmp_path: Path, uid: int, marked: set[Path]
) -> None:
    mount = hierarchy(tmp_path / "mount")
    assert own_subtree(mount, place(tmp_path, "/")) == (mount if uid == 0 else None)
    assert not (mount / "workbench-platform").exists()  # the host's own processes stay


def test_a_place_outside_of_what_is_mounted_is_not_ours(
    tmp_path: Path, uid: int, marked: set[Path]
) -> None:
    mount = hierarchy(tmp_path / "mount", "unit")
    marked.add(mount / "unit")
    found = own_subtree(mount, place(tmp_path, "/../unit"))
    assert found == (mount if uid == 0 else None)


def test_an_ordinary_user_makes_groups_in_what_was_delegated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marked: set[Path]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    mount = hierarchy(tmp_path / "mount", "unit")
    mounts = tmp_path / "mounts"
    mounts.write_text(f"cgroup2 {mount} cgroup2 rw 0 0\n")
    own = place(tmp_path, "/unit")
    assert ControlGroups.find(mounts, own) is None
    marked.add(mount / "unit")
    found = ControlGroups.find(mounts, own)
    assert found is not None
    group = found.make("kernel-1", 1 << 30, 99)
    assert group.folders == (mount / "unit" / "workbench" / "kernel-1",)
    assert (mount / "unit" / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"


def test_a_host_that_refuses_to_divide_gives_no_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marked: set[Path]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    mount = hierarchy(tmp_path / "mount", "unit")
    (mount / "unit" / "cgroup.subtree_control").mkdir()  # writing to it fails
    marked.add(mount / "unit")
    mounts = tmp_path / "mounts"
    mounts.write_text(f"cgroup2 {mount} cgroup2 rw 0 0\n")
    assert ControlGroups.find(mounts, place(tmp_path, "/unit")) is None
