"""Control groups by one contract: the host's own hierarchy, and both versions in plain folders."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels.host.sandbox.limits import ControlGroup, ControlGroups

NAMES = ("memory", "pids", "cpu")
LIMIT = {True: "memory.max", False: "memory.limit_in_bytes"}
SHARE = {True: "cpu.weight", False: "cpu.shares"}


def plain(folder: Path, v2: bool) -> ControlGroups:
    parents = {name: folder / ("unified" if v2 else name) for name in NAMES}
    for parent in parents.values():
        parent.mkdir(exist_ok=True)
    return ControlGroups(parents, v2)


@pytest.fixture(params=["version 2", "version 1", "this host's"])
def groups(request: pytest.FixtureRequest, tmp_path: Path) -> ControlGroups:
    if request.param != "this host's":
        return plain(tmp_path, request.param == "version 2")
    found = ControlGroups.find()
    if found is None:
        pytest.skip("this host gives no control groups")
    return found


@pytest.fixture
def group(groups: ControlGroups) -> Iterator[ControlGroup]:
    group = groups.make(f"contract-{os.getpid()}", 256 << 20, 77)
    yield group
    group.kill()
    for _ in range(100):
        if group.remove():
            break
        time.sleep(0.01)


def written(group: ControlGroup, name: str) -> str:
    found = [folder / name for folder in group.folders if (folder / name).exists()]
    return found[0].read_text().strip()


def test_a_group_bounds_memory_processes_and_processor(group: ControlGroup) -> None:
    assert int(written(group, LIMIT[group.v2])) == 256 << 20
    assert written(group, "pids.max") == "77"
    assert written(group, SHARE[group.v2]) == ("100" if group.v2 else "1024")


def test_a_process_joins_with_one_line_to_each_entry(group: ControlGroup) -> None:
    assert len(group.entries) == len(group.folders)
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        for entry in group.entries:
            Path(entry).write_text(str(sleeper.pid))
        assert all(str(sleeper.pid) in Path(entry).read_text() for entry in group.entries)
        group.kill()
        assert sleeper.wait(10) == -9


def test_version_2_is_killed_by_the_host_at_once_where_it_can(tmp_path: Path) -> None:
    group = plain(tmp_path, v2=True).make("kernel", 1 << 30, 9)
    switch = group.folders[0] / "cgroup.kill"
    switch.touch()
    group.kill()
    assert switch.read_text() == "1"
    assert (group.folders[0] / "memory.oom.group").read_text() == "1"
    assert (group.folders[0] / "memory.swap.max").read_text() == "0"


def test_a_group_that_is_gone_is_removed_again_without_complaint(tmp_path: Path) -> None:
    group = ControlGroup((tmp_path / "gone",), v2=True)
    assert group.remove()
    group.kill()
    assert not group.out_of_memory()


def test_without_the_processor_the_other_limits_stand(tmp_path: Path) -> None:
    for v2 in (True, False):
        whole = plain(tmp_path / str(v2), v2) if (tmp_path / str(v2)).mkdir() is None else None
        assert whole is not None
        parents = {name: whole.parents[name] for name in ("memory", "pids")}
        group = ControlGroups(parents, v2).make("kernel", 1 << 30, 9)
        assert written(group, "pids.max") == "9"
        assert not any((folder / SHARE[v2]).exists() for folder in group.folders)
