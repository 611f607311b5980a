"""The browser's line to a kernel: it tells in the notebook why no kernel is there any more."""

import json
from typing import Any

from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1

from kernels.server.incoming import V1, read_header
from kernels.server.lasting import LastingConnection

__all__ = ["TellingConnection"]

GARBAGE = 4400  # a websocket's code of our own


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
        """Remember which cell runs, then pass the message on (text, or bytes in the v1 form).

        What is no message closes the line that it came on, and nothing else; the browser opens
        another one and finds its kernel as it was.
        """
        header = read_header(incoming_msg, self.subprotocol)
        if header is None:
            self.websocket_handler.close(GARBAGE, "not a message of the Jupyter protocol")
            return
        if header["msg_type"] == "execute_request":
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
