"""IPython on real rows: of each cell it answers whether it failed, and at which line of it.

The relay takes nothing else from a kernel of this lane; what is not sent need not be thrown away.
"""

import traceback
from typing import Any

from ipykernel.compiler import get_file_name
from ipykernel.ipkernel import IPythonKernel

__all__ = ["UnseenKernel"]


class UnseenKernel(IPythonKernel):
    """A stock kernel that answers a cell by {"status": "ok"} or {"status": "error", "line": n}."""

    async def do_execute(self, code: str, *given: Any, **options: Any) -> dict[str, Any]:
        """Run a cell; see the class for what is answered."""
        try:
            running = super().do_execute(code, *given, **options)  # type: ignore[no-untyped-call]
            reply: dict[str, Any] = await running
        except BaseException:  # noqa: BLE001 - an interrupt between two steps: the cell failed
            return {"status": "error", "line": None}
        if reply.get("status") == "ok":
            return {"status": "ok"}
        return {"status": "error", "line": self._line(code)}

    def finish_metadata(self, *_given: Any) -> dict[str, Any]:
        """None: nobody reads it."""
        return {}

    def _line(self, code: str) -> int | None:
        """The last line of this cell's own on the way to its error."""
        result = getattr(self.shell, "last_execution_result", None)
        error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
        name = get_file_name(code)  # type: ignore[no-untyped-call]  # ipykernel's
        if isinstance(error, SyntaxError) and error.filename == name:
            return error.lineno
        frames = traceback.walk_tb(getattr(error, "__traceback__", None))
        lines = [line for frame, line in frames if frame.f_code.co_filename == name]
        return lines[-1] if lines else None
