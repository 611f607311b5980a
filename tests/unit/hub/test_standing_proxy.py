"""What a hub and the next one have in common."""

import json
import socket
import stat
from pathlib import Path

from workbench.adapters.hub.standing_proxy import free_ports, kept_lines


def test_the_next_hub_has_the_ports_and_the_proxys_token_of_the_one_before(tmp_path: Path) -> None:
    path, (public,) = tmp_path / "lines.json", free_ports(1)
    first = kept_lines(path, public)
    assert kept_lines(path, public) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept_lines(tmp_path / "other.json", public).proxy_token != first.proxy_token


def test_a_port_that_somebody_else_took_is_drawn_anew(tmp_path: Path) -> None:
    path, (public,) = tmp_path / "lines.json", free_ports(1)
    first = kept_lines(path, public)
    with socket.socket() as other:
        other.bind(("127.0.0.1", first.hub_port))
        other.listen()
        second = kept_lines(path, public)
    assert second.hub_port != first.hub_port
    assert second.proxy_port == first.proxy_port
    assert json.loads(path.read_text())["hub_port"] == second.hub_port


def test_the_proxys_own_port_is_kept_while_the_proxy_stands(tmp_path: Path) -> None:
    path, (public,) = tmp_path / "lines.json", free_ports(1)
    first = kept_lines(path, public)
    with socket.socket() as interface:
        interface.bind(("127.0.0.1", first.proxy_port))
        interface.listen()
        with socket.socket() as front:
            front.bind(("127.0.0.1", public))
            front.listen()
            assert kept_lines(path, public) == first
        assert kept_lines(path, public).proxy_port != first.proxy_port
