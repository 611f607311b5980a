"""Let Dask's client start in a sandbox: threads of this process, no network, no look at the host.

Stock Dask measures itself by psutil, which reads /proc, and serves a page over TCP: a sandbox has
neither, and its import already fails. Nothing is opened for it here: psutil answers from what a
process knows of itself, the page is left out, and the rest is Dask's own configuration.
"""

import importlib.machinery
import os
import resource
import sys
import time
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any, NamedTuple

__all__ = ["install"]

_SETTINGS = {
    "DASK_DISTRIBUTED__WORKER__USE_FILE_LOCKING": "False",  # sealed lanes have no locks
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",  # would wake an idle kernel for ever
    # the kernel's own limit holds; what is known is the highest use so far, and that never falls
    **{
        f"DASK_DISTRIBUTED__WORKER__MEMORY__{step}": "False"
        for step in ("TARGET", "SPILL", "PAUSE", "TERMINATE")
    },
}


class _Memory(NamedTuple):
    """psutil's words for the memory of a machine: here, the kernel's limit and its highest use."""

    total: int
    available: int
    percent: float
    used: int
    free: int


class _Own(NamedTuple):
    """psutil's words for the memory of a process: the highest so far."""

    rss: int
    vms: int


class _Finder(MetaPathFinder):
    """Prepares Dask as it is imported; until then nobody pays for it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Only of `distributed.node` another than would be found anyway."""
        if name == "dask":
            for setting, value in _SETTINGS.items():
                os.environ.setdefault(setting, value)
            _let_psutil_answer()
        elif name == "distributed.node":
            spec = importlib.machinery.PathFinder.find_spec(name, path)
            if spec is not None and spec.loader is not None:
                spec.loader = _WithoutPage(spec.loader)
            return spec
        return None


class _WithoutPage(Loader):
    """Loads `distributed.node` and takes the page over TCP out of it."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the true loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """As the true loader does; schedulers and workers then serve no page."""
        self._loader.exec_module(module)
        node: Any = module
        node.ServerNode.start_http_server = _no_page


def install() -> None:
    """From now on, for whatever imports Dask in this process."""
    sys.meta_path.insert(0, _Finder())


def _no_page(_node: Any, *_args: Any, **_options: Any) -> None:
    """There is no TCP here, and nobody to look at it."""


def _let_psutil_answer() -> None:
    """The three questions of Dask, answered from what this process may know."""
    import psutil

    psutil.virtual_memory = _of_the_kernel
    psutil.Process.memory_info = _own_memory
    psutil.Process.cpu_percent = _own_share


def _of_the_kernel() -> _Memory:
    total, used = resource.getrlimit(resource.RLIMIT_DATA)[0], _highest()
    left = max(0, total - used)
    return _Memory(total, left, 100 * used / total, used, left)


def _own_memory(_process: Any) -> _Own:
    return _Own(_highest(), _highest())


def _keep_nothing(_process: Any) -> None:
    """psutil asks this at the begin and end of `oneshot`."""


_own_memory.cache_activate = _keep_nothing  # type: ignore[attr-defined]  # psutil's own way
_own_memory.cache_deactivate = _keep_nothing  # type: ignore[attr-defined]  # psutil's own way


def _own_share(process: Any, _interval: float | None = None) -> float:
    """Percent of one processor since the question before this one."""
    now = time.monotonic(), time.process_time()
    before = process.__dict__.get("_asked", now)
    process.__dict__["_asked"] = now
    passed = now[0] - before[0]
    return 100 * (now[1] - before[1]) / passed if passed > 0 else 0.0


def _highest() -> int:
    """Bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
