"""What a provider says of itself is checked before anything is sent to it."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from workbench.adapters.hub.openid import OpenId
from workbench.adapters.hub.provider import read_provider
from workbench.domain.errors import Refusal
from workbench.settings import Instance


@pytest.fixture
def site():
    """A site that answers every path with `answer` (bytes) and remembers who asked for what."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            status, headers, body = self.server.answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.asked = []
    server.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def openid(tmp_path, site, more=""):
    instance = Instance.create(tmp_path / "i", "test")
    secret = instance.zone("hub") / "s"
    secret.write_text("a secret")
    secret.chmod(0o600)
    (instance.zone("hub") / "oidc.toml").write_text(
        f'name = "x"\nissuer = "{site.issuer}"\nclient_id = "c"\nsecret_file = "s"\n'
        f'levels = ["high"]\n{more}'
    )
    return OpenId(instance, read_provider(instance))


def metadata(site, **changes):
    told = {
        "issuer": site.issuer,
        "authorization_endpoint": f"{site.issuer}/auth",
        "token_endpoint": f"{site.issuer}/token",
        "jwks_uri": f"{site.issuer}/keys",
    }
    return 200, {}, json.dumps(told | changes).encode()


def test_metadata_of_the_provider_itself_are_believed(tmp_path, site):
    site.answer = metadata(site)

    found = asyncio.run(openid(tmp_path, site).metadata())

    assert found.token_endpoint == f"{site.issuer}/token"
    assert site.asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "https://another.example/token"},
        {"authorization_endpoint": "https://another.example/auth"},
        {"jwks_uri": "https://another.example/keys"},
        {"pushed_authorization_request_endpoint": "https://another.example/par"},
        {"token_endpoint": 7},
        {"jwks_uri": None},
    ],
)
def test_metadata_that_lead_elsewhere_are_refused(tmp_path, site, changes):
    site.answer = metadata(site, **changes)

    with pytest.raises(Refusal) as refused:
        asyncio.run(openid(tmp_path, site).metadata())
    assert refused.value.code == "provider_unclear"
    assert "another.example" not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        (302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""),
        (500, {}, b'{"issuer": "KANARI"}'),
        (200, {}, b"KANARI"),
        (200, {}, b"[]"),
        (200, {}, b'{"x": "' + b"a" * (2 << 20) + b'"}'),
        (200, {}, b"[" * 200_000),
    ],
)
def test_redirects_garbage_and_floods_are_refused_and_not_repeated(tmp_path, site, answer):
    site.answer = answer

    with pytest.raises(Refusal) as refused:
        asyncio.run(openid(tmp_path, site).metadata())
    assert refused.value.code == "provider_unclear"
    assert "KANARI" not in str(refused.value)
    assert len(site.asked) == 1


def test_a_provider_that_must_take_pushed_requests_and_does_not_is_refused(tmp_path, site):
    site.answer = metadata(site)

    with pytest.raises(Refusal, match="pushed"):
        asyncio.run(openid(tmp_path, site, "pushed = true\n").metadata())


def test_no_proxy_of_the_environment_is_used(tmp_path, site, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    site.answer = metadata(site)

    asyncio.run(openid(tmp_path, site).metadata())
