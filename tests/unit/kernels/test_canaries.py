"""What the isolation report lays out, where the daemon itself has less than a whole host."""

import contextlib
import socket

import pytest

from kernels.host.proof import canaries


def test_a_daemon_without_internet_families_still_makes_its_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_arguments: object) -> socket.socket:
        raise PermissionError

    monkeypatch.setattr(socket, "socket", refused)
    with contextlib.ExitStack() as stack:
        assert canaries._loopback(stack) == 9


def test_otherwise_the_acts_have_a_listener_to_reach_for() -> None:
    with contextlib.ExitStack() as stack:
        port = canaries._loopback(stack)
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
