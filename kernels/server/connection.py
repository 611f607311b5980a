"""The browser's line to a kernel: it tells in the notebook why no kernel is there any more."""

import json
from typing import Any

from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1

from kernels.server.lasting import LastingConnection

__all__ = ["TellingConnection"]

V1 = "v1.kernel.websocket.jupyter.org"


class TellingConnection(LastingConnection):
    """Jupyter's own connection; before "restarting" and "dead" it shows why.

    Why a kernel ended is shown by the gate daemon itself; why none could be started again, or that
    the daemon is gone, it cannot show.
    """

    _request: dict[str, Any] | None = None

    def connect(self) -> Any:
        """Connect to the kernel; small messages are sent at once.

        Else the second one of a cell waits for the browser's delayed acknowledgement: 40 ms.
        """
        self.websocket_handler.set_nodelay(True)
        return super().connect()

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Remember which cell runs, then pass the message on (text, or bytes in the v1 form)."""
        header = _header(incoming_msg)
        if header.get("msg_type") == "execute_request":
            self._request = header
        super().handle_incoming_message(incoming_msg)

    def on_kernel_restarted(self) -> None:
        """Say why, then that it restarts."""
        self._tell()
        super().on_kernel_restarted()  # type: ignore[no-untyped-call] # Jupyter Server's is untyped

    def on_restart_failed(self) -> None:
        """Say why, then that it is dead."""
        self._tell()
        super().on_restart_failed()  # type: ignore[no-untyped-call] # Jupyter Server's is untyped

    def _tell(self) -> None:
        provisioner = getattr(self.kernel_manager, "provisioner", None)
        why = getattr(provisioner, "why", "")
        if not why or getattr(provisioner, "told", False):
            return
        content = {"name": "stderr", "text": why + "\n"}
        message = self.session.msg("stream", content, parent=self._request)
        if self.subprotocol == V1:
            serialize: Any = serialize_msg_to_ws_v1
            self.write_message(serialize(message, "iopub", self.session.pack), binary=True)
        else:
            self.write_message(json.dumps(message | {"channel": "iopub"}, default=str))


def _header(message: str | bytes) -> dict[str, Any]:
    """The header of a message from the browser in either of Jupyter's two forms; {} if unclear."""
    try:
        if isinstance(message, str):
            header = json.loads(message)["header"]
        else:
            first, second = (int.from_bytes(message[at : at + 8], "little") for at in (16, 24))
            header = json.loads(message[first:second])
    except (ValueError, KeyError, TypeError):
        return {}
    return header if isinstance(header, dict) else {}
