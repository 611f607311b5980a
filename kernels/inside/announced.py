"""IPython for the Workbench lane: what the relay has told the browser already is not told again."""

from collections.abc import Mapping
from typing import Any

from ipykernel.ipkernel import IPythonKernel

__all__ = ["AnnouncedKernel"]


class AnnouncedKernel(IPythonKernel):
    """A stock kernel that is silent on the beginning of a cell which the relay has announced.

    A notebook waits for each message; the two that say nothing new are a fifth of its waiting.
    """

    def _publish_execute_input(self, code: str, parent: Any, execution_count: int) -> None:
        if not _announced(parent):
            super()._publish_execute_input(code, parent, execution_count)  # type: ignore[no-untyped-call]  # ipykernel's

    def _publish_status(self, status: str, channel: str, parent: Any = None) -> None:
        parent_now = self.get_parent("shell")  # type: ignore[no-untyped-call]  # ipykernel's
        if status == "busy" and channel == "shell" and _announced(parent_now):
            return
        super()._publish_status(status, channel, parent)  # type: ignore[no-untyped-call]  # ipykernel's


def _announced(parent: object) -> bool:
    content = parent.get("content") if isinstance(parent, Mapping) else None
    return isinstance(content, Mapping) and content.get("announced") is True
