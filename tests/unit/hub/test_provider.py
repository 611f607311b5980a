"""The identity provider's settings are a closed schema; what is not as it should be is refused."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from workbench.adapters.hub.accounts import AccountBook
from workbench.adapters.hub.provider import Provider, read_provider
from workbench.domain.errors import Refusal
from workbench.settings import Instance

GOOD = """
name = "ID-porten"
issuer = "https://idporten.example"
hosts = ["login.idporten.example"]
client_id = "workbench"
secret_file = "oidc.secret"
levels = ["idporten-loa-high"]
"""


@pytest.fixture
def instance(tmp_path):
    found = Instance.create(tmp_path / "i", "production")
    write(found, "oidc.secret", b"a secret")
    return found


def write(instance, name, content, mode=0o600):
    path = instance.zone("hub") / name
    path.write_bytes(content)
    path.chmod(mode)


def read(instance, text):
    write(instance, "oidc.toml", text.encode())
    return read_provider(instance)


def refused(instance, text):
    with pytest.raises(Refusal) as found:
        read(instance, text)
    assert found.value.code == "damaged_oidc"
    assert "a secret" not in str(found.value)
    return found.value.reason


def test_without_the_file_there_are_passwords(instance):
    assert read_provider(instance) is None
    assert "passwords" in AccountBook(instance).way_in()


def test_with_the_file_there_is_a_provider_and_it_says_what_it_demands(instance):
    assert read(instance, GOOD) == Provider(
        name="ID-porten", issuer="https://idporten.example", hosts=("login.idporten.example",),
        client_id="workbench", secret_file="oidc.secret", levels=("idporten-loa-high",),
    )  # fmt: skip
    told = AccountBook(instance).way_in()
    assert "ID-porten" in told
    assert "idporten-loa-high" in told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "ID-porten"', ""),
        ('levels = ["idporten-loa-high"]', ""),
        ("[", "["),
        ('levels = ["idporten-loa-high"]', "levels = []"),
        ("https://idporten.example", "http://idporten.example"),
        ("https://idporten.example", "http://localhost:9000"),
        ("https://idporten.example", "https://idporten.example/?x=1"),
        ("https://idporten.example", "idporten.example"),
        ('secret_file = "oidc.secret"', ""),
        (
            'secret_file = "oidc.secret"',
            'secret_file = "oidc.secret"\nkey_file = "x"\nkey_id = "y"',
        ),
        ('secret_file = "oidc.secret"', 'key_file = "oidc.secret"'),
        ('secret_file = "oidc.secret"', 'secret_file = "../portal/roles.toml"'),
        ('secret_file = "oidc.secret"', 'secret_file = "missing"'),
        ("levels", 'subject_claim = "pid"\nlevels'),
        ("levels", 'subject_claim = "helseid://claims/identity/pid"\nlevels'),
        ("levels", 'subject_claim = "https://n.feide.no/claims/nin"\nlevels'),
        ("levels", 'algorithms = ["none"]\nlevels'),
        ("levels", 'algorithms = ["HS256"]\nlevels'),
        ("levels", "algorithms = []\nlevels"),
        ("levels", 'scopes = ["profile"]\nlevels'),
        ("levels", "verify = false\nlevels"),
        ("levels", "levels levels"),
    ],
)
def test_a_damaged_or_weakened_file_is_refused(instance, old, new):
    text = GOOD.replace(old, new, 1) if old != "[" else GOOD + "surprise = true\n"

    refused(instance, text)


def test_a_secret_that_others_may_read_is_refused(instance):
    write(instance, "oidc.secret", b"a secret", 0o640)

    assert "chmod 600" in refused(instance, GOOD)


@pytest.mark.parametrize(
    ("key", "good"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), True),
        (lambda: ec.generate_private_key(ec.SECP256R1()), True),
        (lambda: rsa.generate_private_key(65537, 1024), False),
        (lambda: ec.generate_private_key(ec.SECP521R1()), False),
    ],
)
def test_a_client_key_is_rsa_of_2048_bits_or_p_256(instance, key, good):
    pem = key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write(instance, "key.pem", pem)
    text = GOOD.replace('secret_file = "oidc.secret"', 'key_file = "key.pem"\nkey_id = "k1"')
    if good:
        assert read(instance, text).key_id == "k1"
    else:
        assert "key.pem" in refused(instance, text)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://idporten.example/token", True),
        ("https://login.idporten.example/authorize", True),
        ("http://idporten.example/token", False),
        ("https://idporten.example:8443/token", False),
        ("https://evil.example/token", False),
        ("https://idporten.example.evil.example/", False),
        ("https://idporten.example@evil.example/", False),
        ("https://user@idporten.example/", False),
        ("file:///etc/shadow", False),
    ],
)
def test_only_the_issuers_host_and_those_named_beside_it_are_spoken_to(instance, url, allowed):
    assert read(instance, GOOD).allows(url) == allowed
