"""Jupyter's wire format, signed and checked; no other module here imports jupyter_client."""

import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_client.session import Session

__all__ = ["Malformed", "Received", "Wire"]

_FRAMES = 16
_HEAD = 64 << 10
_REMEMBERED = 1 << 16


class Malformed(Exception):
    """Not a message of this wire: wrong signature, a replay, too many frames, no JSON."""


@dataclass(frozen=True)
class Received:
    """A message whose signature holds. content: its JSON, unparsed; route: ZMQ identities."""

    route: tuple[bytes, ...]
    header: Mapping[str, Any]
    parent: str | None
    content: bytes


class Wire:
    """One side of the relay with its own key: the server's, or the kernel's."""

    def __init__(self, key: bytes) -> None:
        self._session = Session(key=key, signature_scheme="hmac-sha256", username="workbench")
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    @staticmethod
    def new_key() -> bytes:
        """A random signing key."""
        return secrets.token_hex(32).encode()

    def encode(
        self,
        kind: str,
        content: Mapping[str, Any],
        *,
        parent: Mapping[str, Any] | None = None,
        message: str | None = None,
    ) -> list[bytes]:
        """Frames of a message: our header, the parent we remember, no metadata, no buffers."""
        header = self._session.msg_header(kind)
        if message is not None:
            header["msg_id"] = message
        whole = {
            "header": header,
            "parent_header": dict(parent or {}),
            "metadata": {},
            "content": dict(content),
            "buffers": [],
        }
        frames: list[bytes] = self._session.serialize(whole)
        return frames

    def decode(self, frames: Sequence[bytes]) -> Received:
        """Check and take apart; raises Malformed, which repeats nothing of the message."""
        if len(frames) > _FRAMES:
            raise Malformed
        try:
            route, parts = self._session.feed_identities(list(frames))
            if any(len(part) > _HEAD for part in (*route, *parts[:4])):
                raise Malformed
            message = self._session.deserialize(parts, content=False)
            signature: Any = parts[0]
            self._once(bytes(signature))
            header, parent = message["header"], message["parent_header"]
            known = parent.get("msg_id") if isinstance(parent, dict) else None
            if not isinstance(header, dict) or not isinstance(header.get("msg_type"), str):
                raise Malformed
        except Malformed:
            raise
        except Exception:  # noqa: BLE001 - hostile bytes may raise anything; none of it is told
            raise Malformed from None
        return Received(
            tuple(bytes(part) for part in route),
            header,
            known if isinstance(known, str) else None,
            bytes(message["content"]),
        )

    def _once(self, signature: bytes) -> None:
        """Refuse a replay: with unparsed content, the session itself keeps no memory of them."""
        if signature in self._seen:
            raise Malformed
        self._seen[signature] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
