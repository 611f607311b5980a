"""Jupyter's wire format, signed and checked: our own few lines, because most bytes are hostile."""

import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

__all__ = ["Malformed", "Received", "Wire"]

_DELIMITER = b"<IDS|MSG>"
_FRAMES = 16
_HEAD = 64 << 10
_REMEMBERED = 1 << 16
_VERSION = "5.3"
_strict = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode


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
        self._keyed = hmac.new(key, digestmod="sha256")
        self._session = secrets.token_hex(16)
        self._sent = 0
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
        self._sent += 1
        header = {
            "msg_id": message if message is not None else f"{self._session}_{self._sent}",
            "msg_type": kind,
            "username": "workbench",
            "session": self._session,
            "date": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "version": _VERSION,
        }
        parts = [_json(header), _json(parent or {}), b"{}", _json(content)]
        return [_DELIMITER, self._sign(parts), *parts]

    def decode(self, frames: Sequence[bytes]) -> Received:
        """Check and take apart; raises Malformed, which repeats nothing of the message."""
        if len(frames) > _FRAMES or _DELIMITER not in frames:
            raise Malformed
        at = frames.index(_DELIMITER)
        route, parts = tuple(frames[:at]), frames[at + 1 :]
        if len(parts) < 5 or any(len(part) > _HEAD for part in (*route, *parts[:4])):
            raise Malformed
        signature, signed = parts[0], parts[1:5]
        if not hmac.compare_digest(signature, self._sign(signed)):
            raise Malformed
        self._once(signature)
        try:
            header, parent = json.loads(signed[0]), json.loads(signed[1])
        except (ValueError, RecursionError):
            raise Malformed from None
        if not isinstance(header, dict) or not isinstance(header.get("msg_type"), str):
            raise Malformed
        known = parent.get("msg_id") if isinstance(parent, dict) else None
        return Received(route, header, known if isinstance(known, str) else None, signed[3])

    def _sign(self, parts: Sequence[bytes]) -> bytes:
        signing = self._keyed.copy()  # the key itself is taken in once
        signing.update(b"".join(parts))
        return signing.hexdigest().encode()

    def _once(self, signature: bytes) -> None:
        """Refuse a replay."""
        if signature in self._seen:
            raise Malformed
        self._seen[signature] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)


def _json(value: Mapping[str, Any]) -> bytes:
    """As JSON that every browser reads: no NaN (shown as its name), no half characters."""
    try:
        text = _strict(value)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False)
    return text.encode("utf-8", "replace")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not -float("inf") < value < float("inf"):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value
