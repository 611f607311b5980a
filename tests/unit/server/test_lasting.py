"""A line to a kernel is closed when the hub no longer knows the session that opened it."""

import asyncio
from types import SimpleNamespace

import pytest
from tornado.web import HTTPError

from kernels.server.lasting import CLOSED, LastingConnection


class Hub:
    def __init__(self, answer, token="t1"):
        self.answer, self.token, self.asked = answer, token, []

    def get_token(self, _):
        return self.token

    def get_session_id(self, _):
        return "s1"

    async def user_for_token(self, token, **how):
        self.asked.append((token, how))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Line(LastingConnection):
    websocket_handler = None

    def __init__(self, hub):
        self.closed = []
        self.websocket_handler = SimpleNamespace(
            identity_provider=SimpleNamespace(hub_auth=hub),
            close=lambda *how: self.closed.append(how),
        )


@pytest.mark.parametrize(
    ("answer", "token", "closed"),
    [
        ({"name": "kari"}, "t1", False),
        (None, "t1", True),
        ({"name": "kari"}, None, True),
        (HTTPError(502), "t1", False),
    ],
)
def test_it_closes_for_whom_the_hub_does_not_know_and_stays_while_the_hub_is_silent(
    answer, token, closed
):
    line = Line(Hub(answer, token))

    asyncio.run(line.ask())

    assert [code for code, _ in line.closed] == ([CLOSED] if closed else [])


def test_it_asks_the_hub_itself_and_not_what_it_heard_before():
    hub = Hub({"name": "kari"})
    asyncio.run(Line(hub).ask())

    assert hub.asked == [("t1", {"use_cache": False, "session_id": "s1", "sync": False})]
