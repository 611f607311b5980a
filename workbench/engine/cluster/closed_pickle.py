"""dask unpickles what its peers send; here it unpickles a dozen names and nothing else.

A certificate says who speaks, not that they still speak for us: a worker that was taken over must
not reach the engine by a pickle. So the one function by which dask unpickles is replaced, in every
process of a cluster, by an unpickler that looks names up in a closed list. The only function of
ours in it is the worker's; whatever a graph says, a worker calls that one.
"""

import builtins
import io
import pickle  # noqa: TID251 - the one place: an unpickler that knows a closed list of names
from collections import defaultdict, deque
from collections.abc import Iterable
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final

import distributed.client
import distributed.core
import distributed.protocol.pickle
import distributed.scheduler
from dask import _expr, _task_spec

from workbench.engine.cluster.work import run_group

__all__ = ["NAMES", "close_pickles", "loads"]

NAMES: Final = MappingProxyType(
    {
        # what was asked, from the engine by the scheduler to a worker
        ("dask._expr", "Expr._reconstruct"): _expr.Expr._reconstruct,
        ("dask._expr", "LLGExpr"): _expr.LLGExpr,
        ("dask._task_spec", "Task"): _task_spec.Task,
        (run_group.__module__, run_group.__qualname__): run_group,
        # the type of an answer, and why there is none
        ("builtins", "bytes"): builtins.bytes,
        ("builtins", "int"): builtins.int,
        ("collections", "defaultdict"): defaultdict,
        ("collections", "deque"): deque,
        ("distributed.core", "Status"): distributed.core.Status,
        ("distributed.scheduler", "KilledWorker"): distributed.scheduler.KilledWorker,
        ("distributed.scheduler", "NoValidWorkerError"): distributed.scheduler.NoValidWorkerError,
        ("distributed.scheduler", "NoWorkerError"): distributed.scheduler.NoWorkerError,
        ("distributed.scheduler", "WorkerState"): distributed.scheduler.WorkerState,
    }
)
"""Every name that a pickle may hold, and what it means here: the text chooses, it never imports."""


class _Closed(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return NAMES[module, name]
        except KeyError:
            raise pickle.UnpicklingError("a name that no message of a cluster has") from None

    def persistent_load(self, _pid: Any) -> Any:
        raise pickle.UnpicklingError("no message of a cluster refers to anything outside itself")


def loads(content: bytes, *, buffers: Iterable[Any] = ()) -> Any:
    """What dask asks of `distributed.protocol.pickle.loads`; UnpicklingError for other names."""
    return _Closed(io.BytesIO(content), buffers=buffers).load()


def close_pickles() -> None:
    """Put `loads` in the place of every unpickling of dask's in this process. Idempotent."""
    closed: Any = SimpleNamespace(loads=loads, dumps=pickle.dumps)
    for module in (distributed.client, distributed.scheduler):
        target: Any = module
        target.loads = loads
        target.pickle = closed
    distributed.protocol.pickle.loads = loads
