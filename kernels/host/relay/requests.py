"""What the browser asked, as we remember it; the only parent a message to the browser may have."""

import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Outgoing", "Request", "Requests"]

_FIELDS = ("msg_id", "msg_type", "username", "session", "date", "version")
_ID = re.compile(r"[A-Za-z0-9_\-]{1,128}")
_KEPT = 5000


@dataclass(slots=True)
class Request:
    """One request. inner: the id that the kernel sees; route: the way back on ROUTER sockets."""

    header: dict[str, str]
    kind: str
    channel: str
    route: tuple[bytes, ...]
    inner: str
    code: str = ""
    silent: bool = False
    shown: bool = False
    busy: bool = False
    idle: bool = False
    replied: bool = False
    messages: int = 0
    bytes: int = 0
    cut: bool = False
    count: int = 0


@dataclass(frozen=True)
class Outgoing:
    """A message for the browser, rebuilt: its content and the request that is its parent."""

    channel: str
    kind: str
    content: Mapping[str, Any]
    request: Request


class Requests:
    """The requests of one kernel, by the id that we gave them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Request] = OrderedDict()

    def admit(
        self, channel: str, header: Mapping[str, Any], route: tuple[bytes, ...]
    ) -> Request | None:
        """Remember a request; None when its header is not one that a client would send.

        Ids of clients repeat across channels, so they are never a key here.
        """
        if not isinstance(header.get("msg_id"), str) or not _ID.fullmatch(header["msg_id"]):
            return None
        known = {name: str(header.get(name, ""))[:256] for name in _FIELDS}
        request = Request(known, known["msg_type"], channel, route, secrets.token_hex(16))
        self._kept[request.inner] = request
        if len(self._kept) > _KEPT:
            self._forget_one()
        return request

    def find(self, inner: str | None) -> Request | None:
        """The request to which a kernel's message answers, if it is one of ours."""
        return self._kept.get(inner) if inner is not None else None

    def last_shown(self) -> Request | None:
        """The newest request to execute code, where a word to the user is seen."""
        for request in reversed(self._kept.values()):
            if request.kind == "execute_request" and not request.silent:
                return request
        return None

    def _forget_one(self) -> None:
        for inner, request in self._kept.items():
            if request.idle and request.replied:
                del self._kept[inner]
                return
        self._kept.popitem(last=False)
