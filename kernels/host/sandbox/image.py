"""The copy of our code that kernels see: the protocol, the start-up, the SDK and the plan."""

import compileall
import hashlib
import os
import py_compile
import shutil
from pathlib import Path

from kernels.host.sandbox.bubblewrap import CODE

__all__ = ["code_image"]

_FILES = (
    "kernels/__init__.py",
    "kernels/cells.py",
    "kernels/errors.py",
    "kernels/protocol.py",
    "workbench/__init__.py",
)
_FOLDERS = ("kernels/inside", "workbench/sdk", "workbench/plan")
_IF_IMPORTED = ("workbench/domain/__init__.py", "workbench/domain/errors.py")


def code_image(root: Path, zone: Path) -> Path:
    """The folder with exactly the code that kernels may see, compiled; made once a version.

    `root` holds the packages, `zone` the images. Nothing else of the platform is in it, and a
    later change of the installation does not reach kernels until the daemon starts again.
    """
    contents = _contents(root)
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(f"{name}\0{len(contents[name])}\0".encode() + contents[name])
    image = zone / "code" / digest.hexdigest()[:16]
    if not image.exists():
        _make(image, contents)
    return image


def _contents(root: Path) -> dict[str, bytes]:
    paths = [root / name for name in _FILES]
    for folder in _FOLDERS:
        paths += [path for path in (root / folder).rglob("*") if path.is_file()]
    contents = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in paths
        if "__pycache__" not in path.parts
    }
    contents["sitecustomize.py"] = contents["kernels/inside/children.py"]
    if any(b"workbench.domain.errors" in text for text in contents.values()):
        contents |= {name: (root / name).read_bytes() for name in _IF_IMPORTED}
    return contents


def _make(image: Path, contents: dict[str, bytes]) -> None:
    draft = image.with_name(f".{image.name}-{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    for name, content in contents.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    compileall.compile_dir(
        draft,
        ddir=CODE,
        quiet=2,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    for path in (draft, *draft.rglob("*")):  # whatever the umask: kernels have uids of their own
        path.chmod(0o755 if path.is_dir() else 0o644)
    try:
        draft.rename(image)
    except OSError:  # another daemon was faster
        shutil.rmtree(draft, ignore_errors=True)
