"""The proxy is installed once, wholly or not at all, from a lock file without an address."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from workbench.adapters import proxy
from workbench.adapters.proxy import LOCK, ensure_proxy, proxy_command
from workbench.domain.errors import Refusal

PROGRAM = "node_modules/configurable-http-proxy/bin/configurable-http-proxy"


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """A node that notes how it is called and installs as it is told by a file beside it."""
    node = tmp_path / "wheel" / "bin" / "node"
    node.parent.mkdir(parents=True)
    node.write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/calls\n'
        f"mkdir -p {Path(PROGRAM).parent}\ntouch {PROGRAM}\n"
        f"[ ! -e {tmp_path}/fail ]\n"
    )
    node.chmod(node.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(proxy, "_node", lambda: node)
    return tmp_path


def calls(npm):
    return (npm / "calls").read_text().splitlines() if (npm / "calls").exists() else []


def test_it_is_installed_once(npm, tmp_path):
    first = ensure_proxy(tmp_path / "share")
    second = ensure_proxy(tmp_path / "share")

    assert first == second == proxy_command(tmp_path / "share")
    assert Path(first[1]).is_file()
    (call,) = calls(npm)
    assert " ci " in call
    assert "--ignore-scripts" in call


def test_a_failed_installation_leaves_nothing_and_can_be_tried_again(npm, tmp_path):
    (npm / "fail").touch()
    with pytest.raises(Refusal) as refused:
        ensure_proxy(tmp_path / "share")
    assert refused.value.code == "proxy_not_installed"
    assert list((tmp_path / "share").iterdir()) == []
    with pytest.raises(Refusal) as refused:
        proxy_command(tmp_path / "share")
    assert refused.value.code == "no_proxy"

    (npm / "fail").unlink()
    assert Path(ensure_proxy(tmp_path / "share")[1]).is_file()


def test_another_lock_file_is_another_installation(npm, tmp_path):
    other = tmp_path / "lock"
    other.mkdir()
    for name in ("package.json", "package-lock.json"):
        (other / name).write_text((LOCK / name).read_text() + "\n")

    assert ensure_proxy(tmp_path / "share") != ensure_proxy(tmp_path / "share", other)


def test_without_a_lock_file_nothing_is_installed(npm, tmp_path):
    with pytest.raises(Refusal) as refused:
        ensure_proxy(tmp_path / "share", tmp_path)
    assert refused.value.code == "no_proxy_lock"
    assert calls(npm) == []


def test_the_lock_file_pins_every_package_by_hash_and_names_no_registry():
    lock = json.loads((LOCK / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}

    assert packages["node_modules/configurable-http-proxy"]["version"] == "5.3.0"
    assert len(packages) > 20
    for name, one in packages.items():
        assert one["integrity"].startswith("sha512-"), name
        assert "resolved" not in one, name


def test_the_packaged_node_is_new_enough_for_the_proxy():
    node = proxy._node()
    version = subprocess.run([node, "--version"], capture_output=True, check=True).stdout.decode()

    assert os.access(node, os.X_OK)
    assert int(version.lstrip("v").split(".")[0]) >= 20
