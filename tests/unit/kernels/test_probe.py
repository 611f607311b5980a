"""What a host lacks: found, named, with a remedy; and nothing starts without what is needed."""

import subprocess
from pathlib import Path

import pytest

from kernels.errors import Refusal
from kernels.host.proof import probe
from kernels.host.proof.probe import can_isolate, require_isolation
from kernels.host.sandbox.limits import ControlGroups


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A host that can do everything; tests take something away. Keys: files and "bwrap"."""
    said = {"bwrap": "bubblewrap 0.11.0", "starts": "yes"}

    def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
        if command[-1] == "--version":
            return subprocess.CompletedProcess(command, 0, said["bwrap"], "")
        return subprocess.CompletedProcess(command, 0 if said["starts"] else 1, "", "")

    monkeypatch.setattr(probe, "_run", run)
    monkeypatch.setattr(probe, "_read", lambda path: said.get(path, ""))
    monkeypatch.setattr(
        probe.shutil, "which", lambda *_a, **_k: "/bin/bwrap" if said["bwrap"] else None
    )
    return said


def needed() -> list[str]:
    return [each.what for each in can_isolate() if each.needed]


def test_a_good_host_lacks_nothing(host: dict[str, str]) -> None:
    assert needed() == []
    require_isolation()


@pytest.mark.parametrize(
    ("change", "word", "remedy"),
    [
        ({"bwrap": ""}, "not installed", "apt install bubblewrap"),
        ({"bwrap": "bubblewrap 0.6.1"}, "older", "newer"),
        ({"starts": ""}, "cannot make a sandbox", "user namespaces"),
        (
            {"starts": "", "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1"},
            "AppArmor",
            "bwrap-userns-restrict",
        ),
        (
            {"starts": "", "/proc/sys/kernel/unprivileged_userns_clone": "0"},
            "switched off",
            "sysctl -w kernel.unprivileged_userns_clone=1",
        ),
        (
            {"starts": "", "/proc/sys/user/max_user_namespaces": "0"},
            "switched off",
            "max_user_namespaces",
        ),
    ],
)
def test_what_is_missing_is_named_with_a_remedy_and_nothing_starts(
    host: dict[str, str], change: dict[str, str], word: str, remedy: str
) -> None:
    host.update(change)
    (what,) = needed()
    assert word in what
    with pytest.raises(Refusal) as refused:
        require_isolation()
    assert refused.value.code == "no_isolation"
    assert remedy in refused.value.remedy


def test_a_machine_without_a_filter_is_refused(
    host: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe.platform, "machine", lambda: "riscv64")
    with pytest.raises(Refusal):
        require_isolation()


def test_missing_second_layers_are_told_but_stop_nothing(
    host: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe.landlock_abi, "abi", lambda: 0)
    monkeypatch.setattr(ControlGroups, "find", classmethod(lambda _cls: None))
    assert len([each for each in can_isolate() if not each.needed]) == 2
    require_isolation()


def test_a_host_without_both_controllers_has_no_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    mounts = tmp_path / "mounts"
    mounts.write_text(f"cgroup {tmp_path} cgroup rw,memory 0 0\ntmpfs /x tmpfs rw 0 0\n")
    assert ControlGroups.find(mounts) is None
    mounts.write_text(f"cgroup2 {tmp_path} cgroup2 rw 0 0\n")
    assert ControlGroups.find(mounts) is None
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids\n")
    found = ControlGroups.find(mounts)
    assert found is not None
    assert found.v2
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"
