"""The kernels' packages: sealed as the lock says, and checked before anybody uses them."""

import base64
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kernels.errors import Refusal
from kernels.host.environment import Environment, open_environment, pointer_file
from kernels.host.seal import seal, use


@contextmanager
def refusal(code: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    with pytest.raises(Refusal) as refused:
        yield refused
    assert refused.value.code == code


def record(text: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(text)}"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A folder as pip leaves it, with two packages, and the lock's two files beside it."""
    site = tmp_path / "draft" / "site"
    for name, version in (("apple", "1.0"), ("pear", "2.1")):
        text = f"core = '{name}'\n".encode()
        about = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nSummary: An {name}.\n"
        about += "License-Expression: MIT\n"
        info = site / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        (site / name).mkdir()
        (site / name / "__init__.py").write_bytes(text)
        (info / "METADATA").write_text(about)
        rows = [f"{name}/__init__.py,{record(text)}", f"{info.name}/RECORD,,"]
        rows += [f"{info.name}/METADATA,{record(about.encode())}"]
        (info / "RECORD").write_text("\n".join(rows) + "\n")
    (tmp_path / "kernel.in").write_text("# said\n-c platform.txt\npear==2.*\n")
    (tmp_path / "kernel.txt").write_text(
        "apple==1.0 \\\n    --hash=sha256:00\npear==2.1 \\\n    --hash=sha256:11\n"
        "plum==3.0 ; sys_platform == 'win32' \\\n    --hash=sha256:22\n"
    )
    return tmp_path / "draft"


def sealed(draft: Path) -> tuple[Environment, Path]:
    seal(draft, draft.parent / "kernel.in", draft.parent / "kernel.txt")
    pointer = draft.parent / "share" / "pointer.json"
    use(draft, pointer)
    return open_environment(pointer), pointer


def test_an_environment_that_is_as_it_was_sealed_passes(draft: Path) -> None:
    environment, _ = sealed(draft)
    environment.check()
    environment.check()
    listed = (environment.site / "packages.json").read_text()
    assert '"purpose": "An pear."' in listed
    assert listed.count('"listed": true') == 1


@pytest.mark.parametrize(
    "harm",
    [
        lambda site: (site / "apple/__init__.py").write_text("core = 'APPLE'\n"),
        lambda site: (site / "apple/more.py").write_text("1"),
        lambda site: (site / "pear/__init__.py").unlink(),
        lambda site: shutil.rmtree(site / "pear"),
        lambda site: next(site.glob("apple/__pycache__/*")).write_bytes(b"other"),
        lambda site: (site / "later").symlink_to("/tmp"),
        lambda site: (site / "packages.json").write_text("[]"),
    ],
)
@pytest.mark.parametrize("seen", [False, True], ids=["at start", "later"])
def test_a_changed_added_or_removed_file_is_noticed(draft: Path, harm: object, seen: bool) -> None:
    environment, _ = sealed(draft)
    if seen:
        environment.check()
    harm(environment.site)  # type: ignore[operator]
    for _ in range(2):
        with refusal("tampered_environment"):
            environment.check()


def test_a_change_that_keeps_size_and_time_is_noticed(draft: Path) -> None:
    environment, _ = sealed(draft)
    environment.check()
    path = environment.site / "apple/__init__.py"
    before = path.stat()
    path.write_text(path.read_text().replace("apple", "grape"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with refusal("tampered_environment"):
        environment.check()


def test_what_was_put_back_is_good_again(draft: Path) -> None:
    environment, _ = sealed(draft)
    path = environment.site / "apple/__init__.py"
    before = path.read_text()
    path.write_text("other")
    with pytest.raises(Refusal):
        environment.check()
    path.write_text(before)
    environment.check()


def test_a_seal_rewritten_with_the_files_is_noticed(draft: Path) -> None:
    _, pointer = sealed(draft)
    (draft / "SEAL").write_text("")
    shutil.copy(pointer, again := pointer.with_name("again.json"))
    with refusal("tampered_environment"):
        open_environment(again)


@pytest.mark.parametrize(
    "told", [None, "", "{}", '{"folder":"/nowhere","seal":"' + "0" * 64 + '"}']
)
def test_without_an_environment_there_is_a_remedy(tmp_path: Path, told: str | None) -> None:
    if told is not None:
        (tmp_path / "p.json").write_text(told)
    with refusal("no_kernel_environment") as refused:
        open_environment(tmp_path / "p.json")
    assert "images/setup" in refused.value.remedy


@pytest.mark.parametrize(
    "harm",
    [
        lambda site: (site / "apple/__init__.py").write_text("core = 'other'\n"),
        lambda site: (site / "stray.py").write_text("1"),
        lambda site: (site / "pear/__init__.py").unlink(),
        lambda site: shutil.rmtree(site / "pear-2.1.dist-info"),
        lambda site: (site / "pear-2.1.dist-info/METADATA").write_text("Name: pear\nVersion: 9\n"),
    ],
)
def test_only_what_the_lock_names_is_sealed(draft: Path, harm: object) -> None:
    harm(draft / "site")  # type: ignore[operator]
    with refusal("not_the_lock"):
        sealed(draft)
    assert not (draft / "SEAL").exists()


def test_the_kernels_here_have_the_environment_of_this_lock() -> None:
    environment = open_environment(pointer_file())
    environment.check()
    locked = Path("images/lock/kernel.txt").read_text()
    assert "polars==" in locked
    assert (environment.site / "polars/__init__.py").is_file()
    assert not (environment.site / "jupyterhub").exists()
