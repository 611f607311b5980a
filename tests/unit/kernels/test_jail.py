"""bubblewrap's command line and the places a daemon accepts: in the right order, nothing more."""

from pathlib import Path

import pytest

from kernels.errors import Fault, Refusal
from kernels.host.config import GateConfig, Limits, package_root
from kernels.host.sandbox.bubblewrap import Jail, arguments, command
from kernels.host.sandbox.image import code_image
from kernels.host.sandbox.interpreter import this_interpreter
from kernels.host.sandbox.limits import ControlGroup, resource_limits
from kernels.host.sandbox.stage import order


@pytest.fixture
def line(tmp_path: Path) -> list[str]:
    jail = Jail({"/twin": tmp_path}, {"/run/keys": 9}, {"WORKBENCH_LANE": "workbench"})
    return arguments(jail, this_interpreter(), tmp_path, Limits(), 7)


def test_every_namespace_is_its_own_and_no_privilege_is_left(line: list[str]) -> None:
    for option in ("user", "ipc", "pid", "net", "uts"):
        assert f"--unshare-{option}" in line
    for option in ("--disable-userns", "--die-with-parent", "--new-session", "--clearenv"):
        assert option in line
    assert line[line.index("--cap-drop") + 1] == "ALL"


def test_the_walls_are_made_read_only_last(line: list[str]) -> None:
    walls = [at for at, option in enumerate(line) if option == "--remount-ro"]
    assert line[walls[-1] + 1] == "/"
    last_mount = max(at for at, option in enumerate(line) if option in {"--ro-bind", "--tmpfs"})
    assert last_mount < walls[-1]
    assert line[-2:] == ["--seccomp", "7"]


def test_nothing_of_the_host_can_be_written(line: list[str]) -> None:
    assert "--bind" not in line
    assert "--dev-bind" not in line
    sources = [line[at + 1] for at, option in enumerate(line) if option == "--ro-bind"]
    assert "/" not in sources
    assert not any(
        source in {"/etc", "/usr", "/home", "/root", "/var", "/run"} for source in sources
    )


def test_the_environment_is_a_short_list(line: list[str]) -> None:
    names = {line[at + 1] for at, option in enumerate(line) if option == "--setenv"}
    assert names == {
        "PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE",
        "HOME", "USER", "LANG", "TZ", "IPYTHONDIR", "MPLCONFIGDIR", "WORKBENCH_LANE",
    }  # fmt: skip


def test_no_file_of_the_installation_decides_what_runs_at_start() -> None:
    assert {"-S", "-P"} <= set(command(this_interpreter(), 5))


def test_kernels_see_protocol_start_up_sdk_and_plan_and_no_more(tmp_path: Path) -> None:
    image = code_image(package_root(), tmp_path)
    parts = {path.relative_to(image).parts[:2] for path in image.rglob("*.py")}
    assert {part for part in parts if part[0] == "kernels"} == {
        ("kernels", "__init__.py"), ("kernels", "errors.py"), ("kernels", "protocol.py"),
        ("kernels", "inside"), ("kernels", "cells.py"),
    }  # fmt: skip
    assert {part[1] for part in parts if part[0] == "workbench"} <= {
        "__init__.py", "sdk", "plan", "domain",
    }  # fmt: skip
    assert {path.name for path in image.rglob("domain/*.py")} <= {"__init__.py", "errors.py"}
    assert code_image(package_root(), tmp_path) == image


@pytest.mark.parametrize(
    "path", ["alpha/../beta/1", "beta/1", "/etc", "alpha/../beta/missing", "alpha/link"]
)
def test_a_view_of_another_place_is_never_mounted(tmp_path: Path, path: str) -> None:
    for project in ("alpha", "beta"):
        (tmp_path / project / "1").mkdir(parents=True)
    (tmp_path / "alpha" / "link").symlink_to(tmp_path / "beta")
    config = GateConfig(tmp_path, tmp_path, tmp_path, tmp_path, tmp_path)
    assert config.of_project(str(tmp_path / "alpha" / "1"), "alpha").is_dir()
    with pytest.raises(Fault):
        config.of_project(str(tmp_path / path), "alpha")
    with pytest.raises(Refusal) as gone:
        config.of_project(str(tmp_path / "alpha" / "missing"), "alpha")
    assert gone.value.code == "no_view"


def test_front_folders_lie_in_the_runtime_folder(tmp_path: Path) -> None:
    (tmp_path / "r" / "front").mkdir(parents=True)
    config = GateConfig(tmp_path / "r", tmp_path, tmp_path, tmp_path, tmp_path)
    assert config.of_runtime(str(tmp_path / "r" / "front")).is_dir()
    for elsewhere in (tmp_path, tmp_path / "r" / ".." / "x", Path("/tmp")):
        with pytest.raises(Fault):
            config.of_runtime(str(elsewhere))


def test_the_order_to_the_stage_is_read_back_field_by_field() -> None:
    paper = order(50_001, {"/a": "0", "/b c": "1"}, ["/usr/bin/bwrap", "--args", "5"], ["/cg"])
    assert paper.decode().split("\0") == [
        "50001", "1", "2", "/cg", "/a", "0", "/b c", "1", "/usr/bin/bwrap", "--args", "5",
    ]  # fmt: skip


def test_limits_reach_every_resource_that_could_run_out() -> None:
    limits = resource_limits(1 << 30, 100, 1 << 20, 64)
    assert limits["DATA"] == 1 << 30
    assert limits["NPROC"] == 100
    assert limits["FSIZE"] == 1 << 20
    assert limits["CORE"] == 1


def test_an_out_of_memory_kill_is_read_from_either_version(tmp_path: Path) -> None:
    for v2, name in ((True, "memory.events"), (False, "memory.oom_control")):
        group = ControlGroup((tmp_path,), v2=v2)
        assert not group.out_of_memory()
        (tmp_path / name).write_text("under_oom 0\noom_kill 0\n")
        assert not group.out_of_memory()
        (tmp_path / name).write_text("under_oom 0\noom_kill 2\n")
        assert group.out_of_memory()
