"""Headers on every answer, a limit on every body, no traceback outside: plain ASGI around all."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BODY_LIMIT", "Shield"]

BODY_LIMIT = 1 << 20
"""Bytes of the largest request: a certificate or a comment, never data."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TOO_LARGE = "The request is larger than one mebibyte. Send one certificate or a shorter comment.\n"

Broken = Callable[[Request, Exception], Awaitable[Response]]


class _TooLarge(Exception):
    """The body went over the limit while it was being read."""


class Shield:
    """Adds the security headers, keeps pages out of caches, refuses large bodies.

    broken: makes the answer for an exception that nothing inside caught; it is never raised
    further, so no server prints its message, which may carry a value.
    """

    def __init__(self, app: ASGIApp, broken: Broken) -> None:
        self._app = app
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        seen = 0

        async def guarded() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > BODY_LIMIT:
                raise _TooLarge
            return message

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", PAGE_POLICY)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        answer: Response
        try:
            announced = dict(scope["headers"]).get(b"content-length", b"0")
            if not announced.isdigit() or int(announced) > BODY_LIMIT:
                raise _TooLarge
            await self._app(scope, guarded, dressed)
        except _TooLarge:
            answer = PlainTextResponse(TOO_LARGE, 413, headers={"Connection": "close"})
        except Exception as cause:  # noqa: BLE001 - the last wall: told by incident id only
            answer = await self._broken(Request(scope), cause)
        else:
            return
        if not started:
            await answer(scope, receive, dressed)
