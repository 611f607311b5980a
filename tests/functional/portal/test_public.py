"""Open to everyone: the verifier, the register, the API's description."""

from typing import Any

import pytest

from disclosure.certificate import Chain, Statement, build, canonical, sign
from tests.functional.portal.conftest import ORIGIN, SIGNER, Browse, token_in
from tests.lib.portal_world import (
    PROJECT,
    World,
    add_output,
    add_release,
    release_now,
)
from workbench.domain.output import OutputRequest

CANARY = "01417012345"


def certificate_of(request: OutputRequest) -> dict[str, Any]:
    """A certificate as the engine signs one for released files."""
    statement = Statement(
        kind="output",
        release=request.id,
        project=PROJECT,
        plan_sha256=None,
        policy_sha256=None,
        content_sha256=request.content,
        data_versions={"nafld_person": "1.0.0"},
        code_version="0.1.0",
        findings=[],
        proof={
            "files": [{"name": f.name, "sha256": f.sha256, "size": f.size} for f in request.files]
        },
        rho="0",
        reviewers=["disclosure officer"],
        chain=Chain(position=7, head="0" * 64),
        issued="2026-11-22T07:24:00+00:00",
    )
    return sign(build(statement), SIGNER.sign, SIGNER.public_key().public_bytes_raw())


@pytest.fixture
def certificate(world: World) -> dict[str, Any]:
    return certificate_of(add_output(world, "a" * 16, {"t.csv": b"n\n100\n"}))


def test_a_pasted_certificate_is_verified_and_told_in_words(
    browse: Browse, certificate: dict[str, Any]
) -> None:
    answer = browse("").submit("verify", text=canonical(certificate).decode())
    assert answer.status_code == 200
    for part in ("Verified", "Reviewed files", PROJECT, "22 Nov 2026".replace(" ", "\xa0")):
        assert part in answer.text


def test_an_uploaded_certificate_is_verified(browse: Browse, certificate: dict[str, Any]) -> None:
    visitor = browse("")
    token = token_in(visitor.page("verify"))
    answer = visitor.post(
        "verify",
        data={"form_token": token, "text": ""},
        files={"file": ("c.json", canonical(certificate), "application/json")},
        headers={"origin": ORIGIN},
    )
    assert "✓ Verified" in answer.text


def test_one_changed_letter_is_found(browse: Browse, certificate: dict[str, Any]) -> None:
    certificate["statement"]["project"] = "another-project"
    answer = browse("").submit("verify", text=canonical(certificate).decode())
    assert "Not verified" in answer.text
    assert "changed after it was signed" in answer.text
    assert "another-project" not in answer.text


def test_a_certificate_of_another_key_is_not_trusted(
    browse: Browse, certificate: dict[str, Any]
) -> None:
    certificate["key"] = "00" * 32
    answer = browse("").submit("verify", text=canonical(certificate).decode())
    assert "Not verified" in answer.text


@pytest.mark.parametrize(
    "text", ["", "no json", "[1]", "{}", f'{{"x": "{CANARY}"}}', "{" * 5000, '{"a": NaN}']
)
def test_what_is_no_certificate_is_refused_without_repeating_it(text: str, browse: Browse) -> None:
    answer = browse("").submit("verify", text=text)
    assert answer.status_code == 200
    assert "Not verified" in answer.text
    assert CANARY not in answer.text


def test_a_refused_certificate_is_told_in_norwegian_too(browse: Browse) -> None:
    visitor = browse("")
    visitor.get("verify?lang=nb")
    assert "Dette er ikke et sertifikat fra Workbench." in visitor.submit("verify", text="{}").text


def test_the_register_names_permits_and_releases_but_no_member(
    browse: Browse, world: World
) -> None:
    release = add_release(world)
    output = release_now(world, add_output(world, "b" * 16, {"t.csv": b"n\n100\n"}))
    waiting = add_output(world, "c" * 16, {"t.csv": b"n\n100\n"})
    page = browse("").page("register")
    for part in ("Liver disease and mortality", "nafld_measurement", release.id, output.id):
        assert part in page
    assert waiting.id not in page
    assert "researcher" not in page
    assert "colleague" not in page


def test_the_welcome_counts_what_is_open(browse: Browse, world: World) -> None:
    add_release(world)
    page = browse("").page("")
    assert "<dt>permits</dt><dd>1</dd>" in page
    assert "<dt>releases</dt><dd>1</dd>" in page


def test_the_api_is_described_by_openapi_and_in_words(browse: Browse) -> None:
    described = browse("").get("api/openapi.json").json()
    paths = {path.removeprefix("/services/portal/api/v1/") for path in described["paths"]}
    assert paths == {
        "outputs",
        "outputs/{request}",
        "outputs/{request}/files/{sha256}",
        "outputs/{request}/code",
        "outputs/{request}/{decision}",
        "outputs/{request}/certificate",
        "loads",
        "loads/{load}",
        "loads/{load}/publish",
        "releases",
        "releases/{release}/certificate",
    }
    assert "Approve, return or reject" in browse("").page("api")
