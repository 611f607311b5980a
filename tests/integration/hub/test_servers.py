"""A real hub, proxy and single-user server: who gets in, and what the server refuses."""

import os
import re
import socket
from pathlib import Path

import httpx
import pytest

from tests.lib.hub_world import PASSWORD
from workbench.adapters.hub.client import HubClient
from workbench.domain.audit import What
from workbench.domain.errors import Refusal

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def test_the_login_form_lets_nobody_in_with_a_wrong_password(world):
    client = HubClient(world.instance.url)
    for user, password in (("kari", "wrong wrong wrong"), ("nobody", PASSWORD), ("", "")):
        with pytest.raises(Refusal) as refused:
            client.sign_in(user, password)
        assert refused.value.code == "not_signed_in"
    client.close()


def test_a_sign_in_is_audited(world, kari):
    events = [entry.event for entry in world.records.audit.entries()]

    assert any(e.what == What.ACCOUNT_SESSION_OPEN and e.who == "kari" for e in events)


def test_there_is_no_sign_up_and_no_administrator(world, kari):
    assert httpx.get(f"{world.instance.url}/hub/signup").status_code == 404
    assert kari._ask("GET", "/hub/api/users").status_code == 403
    assert kari._ask("GET", "/hub/admin").status_code in (302, 403)


def test_pages_of_the_hub_may_not_be_framed(world):
    policy = httpx.get(f"{world.instance.url}/hub/login").headers["Content-Security-Policy"]

    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("project", ["diabetes", "asthma", "unbuilt", ""])
def test_without_a_permit_that_names_you_no_server_starts(ola, project):
    with pytest.raises(Refusal) as refused:
        ola.start_server(project)

    assert refused.value.code == "server_refused"
    expected = "tillatelse" if project else "hører til et prosjekt"  # the installation's language
    assert expected in refused.value.reason


def test_a_refused_start_answers_403(ola):
    answer = ola._ask("POST", "/hub/api/users/ola/servers/diabetes", json={"project": "x"})

    assert answer.status_code == 403


def test_another_persons_server_is_closed(ola, kari):
    ola.user = "kari"  # the address; the token stays ola's
    for path in ("/api/status", "/api/kernels", "/api/contents", "/lab", "/files/a.ipynb"):
        assert ola.ask_server("GET", "diabetes", path).status_code == 403
    assert ola._ask("POST", "/hub/api/users/kari/servers/diabetes", json={}).status_code in (
        403,
        404,
    )
    assert ola._ask("DELETE", "/hub/api/users/kari/servers/diabetes").status_code in (403, 404)
    assert ola._ask("POST", "/hub/api/users/kari/tokens", json={}).status_code in (403, 404)


def test_nobody_in_particular_is_sent_to_the_login_form(world):
    answer = httpx.get(f"{world.instance.url}/user/kari/diabetes/api/kernels")

    assert answer.status_code in (302, 403)


def test_the_kernels_are_those_of_the_lanes_that_the_permit_opens(kari):
    listed = kari.api("GET", "diabetes", "/api/kernelspecs")

    assert set(listed["kernelspecs"]) == {"workbench"}
    assert listed["default"] == "workbench"


@pytest.mark.parametrize("name", ["sealed", "python3", "WORKBENCH", "../workbench", "x", "python"])
def test_an_unknown_kernel_is_refused(kari, name):
    kernel = kari.ask_server("POST", "diabetes", "/api/kernels", {"name": name})
    session = kari.ask_server(
        "POST", "diabetes", "/api/sessions",
        {"path": "a.ipynb", "type": "notebook", "name": "a", "kernel": {"name": name}},
    )  # fmt: skip

    assert kernel.status_code == 404
    assert session.status_code >= 400
    assert kari.api("GET", "diabetes", "/api/kernels") == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/lab/api/extensions", {"cmd": "install", "extension_name": "x"}, 422),
        ("POST", "/lab/api/extensions", {"cmd": "uninstall", "extension_name": "x"}, 500),
        ("GET", "/nbconvert/html/a.ipynb", None, 404),
        ("POST", "/nbconvert/html", {}, 404),
        ("GET", "/api/nbconvert", None, 404),
        ("GET", "/api/terminals", None, 404),
        ("POST", "/api/terminals", {}, 404),
        ("GET", "/lsp/status", None, 404),
        ("PUT", "/api/config/notebook", {"a": 1}, 403),
        ("PATCH", "/api/config/notebook", {"a": 1}, 403),
        ("POST", "/api/shutdown", {}, 404),
        ("GET", "/view/a.ipynb", None, 404),
        ("GET", "/api/contents/.hidden", None, 404),
        ("GET", "/files/a.ipynb", None, 404),
        ("GET", "/files/a.ipynb?download=1", None, 404),
        ("PUT", "/api/contents/evil.html", {"type": "file", "format": "text", "content": "x"}, 403),
        ("POST", "/api/contents", {"type": "file", "ext": ".html"}, 403),
        ("GET", "/api/contents/page.html", None, 403),
        ("POST", "/api/contents/a.ipynb/trust", {}, 403),
    ],
)
def test_the_server_does_not_do_what_it_is_not_for(kari, method, path, body, status):
    assert kari.ask_server(method, "diabetes", path, body).status_code == status


@pytest.mark.parametrize("way", ["files", "api/contents", "static", "lab/extensions"])
@pytest.mark.parametrize(
    "path", ["../../../etc/ld.so.cache", "%2e%2e/%2e%2e/%2e%2e/etc/ld.so.cache", "/etc/ld.so.cache",
             "..%2f..%2f..%2fetc%2fld.so.cache", "%2fetc%2fld.so.cache"],
)  # fmt: skip
def test_no_file_outside_the_notebooks_is_served(world, kari, way, path):
    """The path as it stands here, not as a browser would shorten it."""
    target = f"/user/kari/diabetes/{way}/{path}"
    asked = f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: token {kari.token}\r\n"
    with socket.create_connection(("127.0.0.1", world.instance.port), 10) as line:
        line.sendall(f"{asked}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line.recv(1 << 16), b""))

    assert answer.startswith(b"HTTP/1.1 ")
    assert int(answer.split()[1]) in (302, 400, 403, 404)
    assert b"glibc-ld.so.cache" not in answer


def test_notebooks_are_kept_for_their_owner_alone(world, kari):
    text = {"type": "file", "format": "text", "content": "hello"}
    kari.api("PUT", "diabetes", "/api/contents/note.txt", text)

    assert kari.api("GET", "diabetes", "/api/contents/note.txt")["content"] == "hello"
    assert kari.ask_server("GET", "diabetes", "/files/note.txt").status_code == 404
    note = world.instance.zone("hub") / "notebooks" / "kari" / "diabetes" / "note.txt"
    assert note.read_text() == "hello"
    if os.geteuid() == 0:
        assert note.stat().st_uid == note.parent.stat().st_uid >= 40_000


def test_jupyterlab_opens_and_takes_nothing_from_elsewhere(kari):
    answer = kari.ask_server("GET", "diabetes", "/lab")

    assert answer.status_code == 200
    assert "JupyterLab" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    elsewhere = re.findall(r'(?:src|href)="https?://[^"]*"', answer.text)
    assert elsewhere == []


def test_the_server_process_is_jailed_under_its_own_uid(world, kari):
    found = [
        status
        for status in map(_status, Path("/proc").iterdir())
        if "jupyterhub.singleuser" in status.get("cmdline", "")
        and status.get("PPid") != "1"
        and status["nspid"] > 1
    ]

    assert found
    for status in found:
        assert int(status["CapEff"], 16) == 0
        assert (int(status["Uid"].split()[0]) >= 40_000) == (os.geteuid() == 0)


def _status(process: Path) -> dict:
    try:
        lines = (process / "status").read_text().splitlines()
        found = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        found["cmdline"] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return {}
    found["nspid"] = len(found.get("NSpid", "").split())
    return found
