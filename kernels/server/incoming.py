"""What a browser sends is looked at before Jupyter reads it: a message of its protocol, or none.

Jupyter takes the numbers in a frame at their word (the count of parts may be any 64-bit number),
and writes a frame that it cannot place into its log.
"""

import itertools
import json
from typing import Any

__all__ = ["V1", "read_header"]

V1 = "v1.kernel.websocket.jupyter.org"
_CHANNELS = ("shell", "control", "stdin")
_FEWEST, _MOST = 6, 64
"""Offsets of a v1 frame: of channel, header, parent, metadata, content, buffers, and its end."""
_WORD = 8


def read_header(message: str | bytes, subprotocol: str | None) -> dict[str, Any] | None:
    """The header of a well-formed message; None for whatever else came.

    subprotocol: V1 (frames of bytes with offsets), or None for the older form, JSON as text.
    Its older form with buffers is refused: no message that passes the gate has any.
    """
    try:
        if subprotocol == V1:
            channel, parts = _v1(message if isinstance(message, bytes) else b"")
        else:
            whole = json.loads(message if isinstance(message, str) else "")
            channel = whole["channel"]
            parts = [whole[name] for name in ("header", "parent_header", "metadata", "content")]
        header = parts[0]
        well_formed = (
            channel in _CHANNELS
            and all(isinstance(part, dict) for part in parts)
            and all(isinstance(header[name], str) for name in ("msg_id", "msg_type", "session"))
        )
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None
    return header if well_formed else None


def _v1(message: bytes) -> tuple[str, list[Any]]:
    """Channel and the four parts of JSON; ValueError unless all offsets lie in order within."""
    count = int.from_bytes(message[:_WORD], "little")
    if not _FEWEST <= count <= _MOST or len(message) < _WORD * (count + 1):
        raise ValueError
    words = range(_WORD, _WORD * (count + 1), _WORD)
    offsets = [int.from_bytes(message[at : at + _WORD], "little") for at in words]
    in_order = all(first <= second for first, second in itertools.pairwise(offsets))
    if not in_order or offsets[0] < words.stop or offsets[-1] > len(message):
        raise ValueError
    cut = [message[start:stop] for start, stop in itertools.pairwise(offsets)]
    return cut[0].decode(), [json.loads(part) for part in cut[1:5]]
