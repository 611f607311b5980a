"""Messages as a browser and as a kernel would send them, for tests of the relay."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from kernels.host.relay.session import Received

Make = Callable[..., Received]


@pytest.fixture
def asks() -> Make:
    """A browser's message: asks("execute_request", code="1")."""
    numbers = itertools.count()

    def make(kind: str, *, msg_id: Any = None, **content: Any) -> Received:
        header = {
            "msg_id": f"browser-{next(numbers)}" if msg_id is None else msg_id,
            "msg_type": kind,
            "session": "s",
            "username": "u",
            "date": "",
            "version": "5.3",
        }
        return Received((b"client",), header, None, json.dumps(content).encode())

    return make


@pytest.fixture
def says() -> Make:
    """A kernel's message: says("stream", parent, text="…")."""

    def make(kind: str, parent: str | None, raw: bytes | None = None, **content: Any) -> Received:
        body = json.dumps(content).encode() if raw is None else raw
        return Received((), {"msg_type": kind, "msg_id": "kernel's"}, parent, body)

    return make
