"""What a missing package is answered with: Python's own error, and where to look."""

import contextlib
from importlib.util import find_spec
from types import TracebackType
from typing import Any

from IPython.core.error import UsageError

__all__ = ["hint_at_packages", "refuse_installers"]

_HINT = (
    "{} is not among the packages of this workbench's kernels: wb.packages() lists them. "
    "Nothing can be installed from a notebook; the operator adds packages for everybody."
)
_INSTALLERS = ("pip", "conda", "mamba", "micromamba", "uv")
_NO = "Nothing can be installed from a notebook: wb.packages() lists what there is. "
_ASK = "The operator adds packages for everybody."


def hint_at_packages(shell: Any) -> None:
    """Add a line to the traceback of an import that found nothing; the error itself is the same."""

    def handle(
        shell: Any,
        kind: type[BaseException],
        error: ModuleNotFoundError,
        trace: TracebackType,
        tb_offset: int | None = None,
    ) -> None:
        name = (error.name or "").partition(".")[0]
        with contextlib.suppress(ImportError, ValueError):
            if name and find_spec(name) is None:
                error.add_note(_HINT.format(name))
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc((ModuleNotFoundError,), handle)


def refuse_installers(shell: Any) -> None:
    """Answer %pip and its like at once, with what to do instead."""

    def refuse(_line: str) -> None:
        raise UsageError(_NO + _ASK)

    for name in _INSTALLERS:
        shell.register_magic_function(refuse, "line", name)
