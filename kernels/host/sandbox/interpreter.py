"""Which files of this Python a kernel needs, wherever the installation lies."""

import sys
import sysconfig
from dataclasses import dataclass, replace
from pathlib import Path

from kernels.errors import Refusal

__all__ = ["Interpreter", "kernel_interpreter", "this_interpreter"]


@dataclass(frozen=True)
class Interpreter:
    """The base interpreter and the packages that go with it.

    name: "python3.11"; executable: the real file; stdlib: lib/python3.11; shared: libpython, if
    there is one; site: site-packages, one or two folders.
    """

    name: str
    executable: Path
    stdlib: Path
    shared: tuple[Path, ...]
    site: tuple[Path, ...]


def this_interpreter() -> Interpreter:
    """The interpreter that runs this program; Refusal when its files are not where it says."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = getattr(sys, "_base_executable", None) or sys.executable
    site = tuple(dict.fromkeys(Path(sysconfig.get_path(key)) for key in ("purelib", "platlib")))
    folder = Path(str(sysconfig.get_config_var("LIBDIR") or "/usr/lib"))
    shared = sorted(folder.glob(f"lib{name}*.so*")) if _is_shared() else []
    found = Interpreter(
        name=name,
        executable=Path(base).resolve(),
        stdlib=Path(sysconfig.get_path("stdlib")).resolve(),
        shared=tuple(shared),
        site=tuple(path.resolve() for path in site),
    )
    for path in (found.executable, found.stdlib / "os.py", *found.site):
        if not path.exists():
            raise Refusal(
                "no_interpreter",
                f"The Python of the kernels is incomplete: {path} is missing.",
                "Install the workbench again in a virtual environment.",
            )
    return found


def kernel_interpreter(site: Path) -> Interpreter:
    """The same interpreter with the kernels' own packages, and none of the platform's."""
    return replace(this_interpreter(), site=(site,))


def _is_shared() -> bool:
    return bool(sysconfig.get_config_var("Py_ENABLE_SHARED"))
