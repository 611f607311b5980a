"""images/setup makes the kernels' environment: whole or not at all; none that is in use goes."""

import fcntl
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("__init__.py", "errors.py", "host/__init__.py", "host/environment.py", "host/seal.py")
PIP = """\
import base64, hashlib, os, pathlib, sys
site = pathlib.Path(sys.argv[sys.argv.index("--target") + 1])
with open("pip.log", "a") as log:
    log.write("called\\n")
line = pathlib.Path("images/lock/kernel.txt").read_text().split()[0]
name, version = line.split("==")
text = f"version = '{version}'\\n".encode()
info = site / f"{name}-{version}.dist-info"
(site / name).mkdir(parents=True)
(site / name / "__init__.py").write_bytes(text)
if os.environ.get("FAIL"):
    sys.exit(1)
info.mkdir()
about = f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n"
(info / "METADATA").write_text(about)
digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
rows = [f"{name}/__init__.py,sha256={digest},{len(text)}"]
rows += [f"{info.name}/METADATA,,", f"{info.name}/RECORD,,"]
(info / "RECORD").write_text("\\n".join(rows))
"""


class Project:
    """A checkout with one locked package, and a pip that lays it down."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in CODE:
            place = root / "kernels" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "kernels" / name, place)
        proxy = root / "workbench/adapters/proxy.py"
        proxy.parent.mkdir(parents=True)
        proxy.write_text("def ensure_proxy(): pass\n")
        (root / "images/lock").mkdir(parents=True)
        shutil.copy(ROOT / "images/setup", root / "images/setup")
        (root / "images/lock/kernel.in").write_text("apple\n")
        (root / "pyproject.toml").write_text("")
        venv.create(root / ".venv", symlinks=True)
        (root / ".venv/.installed-project").write_text(hashlib.sha256(b"").hexdigest())
        pip = root / ".venv/bin/pip"
        pip.write_text(f"#!{root}/.venv/bin/python\n{PIP}")
        pip.chmod(0o755)
        self.lock("1.0")

    def lock(self, version: str) -> None:
        text = f"apple=={version} \\\n    --hash=sha256:00\n"
        (self.root / "images/lock/kernel.txt").write_text(text)

    def setup(self, **more: str) -> "subprocess.CompletedProcess[str]":
        site = sysconfig.get_path("purelib")
        environment = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": site, **more}
        return subprocess.run(
            ["bash", self.root / "images/setup", "kernel"],
            env=environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    @property
    def folders(self) -> set[Path]:
        return set((self.root / ".venv-kernel").iterdir())

    @property
    def used(self) -> Path:
        pointer = self.root / ".venv/share/workbench/kernel-environment.json"
        return Path(json.loads(pointer.read_text())["folder"])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path.resolve())


def test_the_packages_are_installed_sealed_and_pointed_at_once(project: Project) -> None:
    for _ in range(2):
        done = project.setup()
        assert done.returncode == 0, done.stderr
    assert project.folders == {project.used}
    assert (project.used / "SEAL").read_text().count("\n") >= 4
    assert (project.root / "pip.log").read_text() == "called\n"
    assert stat.S_IMODE(project.used.stat().st_mode) == 0o755


def test_a_half_made_environment_is_thrown_away(project: Project) -> None:
    done = project.setup(FAIL="1")
    assert done.returncode == 2
    assert "could not be installed" in done.stderr
    assert project.folders == set()
    assert not (project.root / ".venv/share").exists()
    assert project.setup().returncode == 0


def test_what_is_not_the_lock_is_not_sealed(project: Project) -> None:
    lock = project.root / "images/lock/kernel.txt"
    lock.write_text(lock.read_text() + "pear==2.0 \\\n    --hash=sha256:11\n")
    done = project.setup()
    assert done.returncode == 2
    assert "these packages differ: pear" in done.stderr
    assert project.folders == set()


def test_a_new_lock_leaves_the_folder_that_a_daemon_holds(project: Project) -> None:
    project.setup()
    first = project.used
    with (first / "SEAL").open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)  # as kernels.host.environment does
        project.lock("2.0")
        assert project.setup().returncode == 0
        second = project.used
        assert second != first
        assert project.folders == {first, second}
    project.lock("3.0")
    assert project.setup().returncode == 0
    assert project.folders == {project.used}
