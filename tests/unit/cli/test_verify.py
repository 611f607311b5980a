"""`workbench verify`: genuine certificates hold, every forged one is refused, offline."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from disclosure.certificate import Chain, Statement, build, content_sha256, sign
from tests.lib import samples
from tests.lib.histories import Instance, people
from tests.lib.records_house import FakeHouse
from workbench.cli.verify import app
from workbench.domain.output import OutputFile, proof_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
CSV = b"sex,n\nF,3811\n"
BODY = {"kind": "count", "value": 1204.0}


def certificate(**more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": "noisy",
        "release": "a" * 16,
        "project": "study",
        "plan_sha256": None,
        "policy_sha256": None,
        "content_sha256": content_sha256(BODY),
        "data_versions": {"persons": "1.0.0"},
        "code_version": "0.1.0",
        "findings": [],
        "proof": {"kind": "zcdp", "rho": "1/100", "parts": [{"sensitivity": 1.0, "scale": 8.0}]},
        "rho": "1/100",
        "reviewers": ["gate"],
        "chain": Chain(position=0, head=""),
        "issued": datetime(2026, 3, 1, tzinfo=UTC).isoformat(),
    }
    return sign(build(Statement(**(fields | more))), KEY.sign, PUBLIC)


def output_certificate(**more: Any) -> dict[str, Any]:
    file = OutputFile("table.csv", hashlib.sha256(CSV).hexdigest(), len(CSV))
    request = samples.request(files=(file,))
    fields = {"kind": "output", "content_sha256": request.content, "proof": proof_of(request)}
    return certificate(**({"rho": "0", "reviewers": ["disclosure officer"]} | fields | more))


@pytest.fixture
def house(tmp_path: Path) -> FakeHouse:
    card = {"instance": "0" * 16, "signers": {"store": "00" * 32, "engine": PUBLIC.hex()}}
    (tmp_path / "card.json").write_text(json.dumps(card))
    return FakeHouse(tmp_path)


def run(house: FakeHouse, told: object, *arguments: str, **contents: bytes) -> Result:
    place = house.root / "certificate.json"
    place.write_text(told if isinstance(told, str) else json.dumps(told))
    options = list(arguments)
    for name, content in contents.items():
        (house.root / name).write_bytes(content)
        options += ["--content", str(house.root / name)]
    return CliRunner().invoke(app, [str(place), *options], obj=house, env={"COLUMNS": "200"})


def refused(result: Result) -> str:
    assert result.exit_code != 0, result.output
    assert getattr(result.exception, "remedy", ""), result.exception
    return str(result.exception.code)


def test_a_genuine_certificate_holds(house: FakeHouse) -> None:
    done = run(house, certificate())

    assert done.exit_code == 0, done.exception
    assert "The certificate holds." in done.output
    assert "ρ = 1/100" in done.output


def test_released_content_is_compared(house: FakeHouse) -> None:
    assert "1 compared" in run(house, certificate(), body=json.dumps(BODY).encode()).output
    other = json.dumps(BODY | {"value": 1205.0}).encode()
    assert refused(run(house, certificate(), body=other)) == "not_verified"


def test_a_bundle_carries_its_own_body(house: FakeHouse) -> None:
    bundle = {"certificate": certificate(), "body": BODY}

    assert "1 compared" in run(house, bundle).output
    assert refused(run(house, bundle | {"body": {}})) == "not_verified"
    assert refused(run(house, bundle | {"body": 7})) == "certificate_malformed"


def test_an_output_s_files_are_compared_by_their_hashes(house: FakeHouse) -> None:
    assert "1 compared" in run(house, output_certificate(), f1=CSV).output
    assert "not compared" in run(house, output_certificate()).output
    assert refused(run(house, output_certificate(), f1=CSV, f2=b"other")) == "not_verified"


@pytest.mark.parametrize("proof", [{}, {"files": []}, {"files": 7}, {"files": [{"name": "x"}]}])
def test_an_output_that_does_not_list_what_was_signed_is_refused(
    house: FakeHouse, proof: dict[str, Any]
) -> None:
    assert refused(run(house, output_certificate(proof=proof))) == "not_verified"


def test_a_changed_statement_is_refused(house: FakeHouse) -> None:
    told = certificate()
    told["statement"]["project"] = "other"

    assert refused(run(house, told)) == "certificate_tampered"


def test_an_unknown_signer_is_refused_with_the_way_to_trust_it(house: FakeHouse) -> None:
    result = run(house, certificate(), "--key", "ab" * 32)

    assert refused(result) == "certificate_untrusted"
    assert "--key" in result.exception.remedy


def test_a_key_is_a_card_or_hexadecimal(house: FakeHouse) -> None:
    card = str(house.root / "card.json")

    assert run(house, certificate(), "--key", PUBLIC.hex()).exit_code == 0
    assert run(house, certificate(), "--key", "ab" * 32, "--key", card).exit_code == 0
    for key in ("xyz", "ab" * 31, str(house.root / "certificate.json")):
        assert refused(run(house, certificate(), "--key", key)) == "bad_key"


def test_without_an_instance_or_a_key_nobody_is_trusted(house: FakeHouse) -> None:
    (house.root / "card.json").unlink()

    assert refused(run(house, certificate())) == "no_trusted_key"


@pytest.mark.parametrize("told", ["", "{", "[]", "{}", '{"certificate": 7}', '{"a":1,"a":2}'])
def test_what_is_no_certificate_is_refused(house: FakeHouse, told: str) -> None:
    assert refused(run(house, told)) == "certificate_malformed"


def test_a_missing_file_is_refused(house: FakeHouse) -> None:
    result = CliRunner().invoke(app, [str(house.root / "none.json")], obj=house)

    assert refused(result) == "no_file"


def history(house: FakeHouse) -> tuple[Path, Instance]:
    made = Instance(people(3000, sex=2, status=3))
    assert made.cross(["sex", "status"])
    made.happen()
    place = house.root / "history.jsonl"
    place.write_text("".join(json.dumps(line) + "\n" for line in made.history()))
    return place, made


def checked(house: FakeHouse, *arguments: str) -> Result:
    told = ["--history", *arguments]
    return CliRunner().invoke(app, told, obj=house, env={"COLUMNS": "200"})


def test_a_whole_history_holds_and_tells_what_to_note(house: FakeHouse) -> None:
    place, made = history(house)
    head = made.records.audit.chain[-1].hash

    done = checked(house, str(place), "--trust", PUBLIC.hex())
    assert done.exit_code == 0, done.exception
    assert "The history holds." in done.output
    assert f"Note 2:{head}" in done.output
    again = checked(house, str(place), "--head", f"2:{head}")
    assert "Note" not in again.output
    assert refused(checked(house, str(place), "--head", f"2:{'0' * 64}")) == "not_verified"
    assert refused(checked(house, str(place), "--head", "x")) == "bad_head"


def test_a_history_continues_an_earlier_one(house: FakeHouse) -> None:
    place, made = history(house)
    earlier = house.root / "earlier.jsonl"
    place.replace(earlier)
    made.happen()
    place.write_text("".join(json.dumps(line) + "\n" for line in made.history()))

    assert checked(house, str(place), "--earlier", str(earlier)).exit_code == 0
    assert refused(checked(house, str(earlier), "--earlier", str(place))) == "not_verified"
    assert refused(checked(house, str(place), "--earlier", str(house.root / "no"))) == "no_file"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"checkpoint": 7}', "{\n"])
def test_what_is_no_history_is_refused(house: FakeHouse, text: str) -> None:
    place = house.root / "history.jsonl"
    place.write_text(text)

    assert refused(checked(house, str(place))) == "not_verified"
    assert refused(checked(house, str(place), "--earlier", str(place))).startswith(("not_", "cert"))


def test_one_thing_is_verified_at_a_time(house: FakeHouse) -> None:
    place, _ = history(house)

    assert refused(CliRunner().invoke(app, [], obj=house)) == "one_thing"
    assert refused(checked(house, str(place), str(place))) == "one_thing"
    assert refused(CliRunner().invoke(app, [str(place), "--head", "1:a"], obj=house)) == "one_thing"
