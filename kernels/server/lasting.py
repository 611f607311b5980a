"""A line to a kernel lasts no longer than the session that opened it."""

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.ioloop import PeriodicCallback
from tornado.web import HTTPError

__all__ = ["LastingConnection"]

ASK_AGAIN = 15.0  # seconds between two questions to the hub
CLOSED = 4401  # a websocket's code of our own; 1000 and 1001 would read as a normal end


class LastingConnection(ZMQChannelsWebsocketConnection):
    """Jupyter asks who somebody is when a line opens; this one asks the hub again while it is open.

    Signing out deletes the tokens of a session. The kernel goes on, and its owner finds it again
    after signing in; the tabs of the old session hear and say nothing more.
    """

    _asking: PeriodicCallback | None = None

    def connect(self) -> Any:
        """Open the line, and begin to ask."""
        self._asking = PeriodicCallback(self.ask, ASK_AGAIN * 1000)
        self._asking.start()
        return super().connect()

    def disconnect(self) -> None:  # type: ignore[override] # as the class between says it
        """Close the line, and ask no more."""
        if self._asking is not None:
            self._asking.stop()
        super().disconnect()  # type: ignore[no-untyped-call] # Jupyter Server's is untyped

    async def ask(self) -> None:
        """Close the line when the hub no longer knows its token; a silent hub closes nothing."""
        handler = self.websocket_handler
        hub = getattr(handler.identity_provider, "hub_auth", None)
        if hub is None:
            return
        token, session = hub.get_token(handler), hub.get_session_id(handler)
        try:
            known = bool(token) and await hub.user_for_token(
                token, use_cache=False, session_id=session, sync=False
            )
        except HTTPError:  # while the hub does not answer, nobody can sign out there either
            return
        if not known:
            handler.close(CLOSED, "signed out")
