"""`workbench policy`: from a key of one's own to a layer in force."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.lib.gate import POLICIES
from tests.lib.records_house import FakeHouse
from workbench.cli.policy import app
from workbench.services.policy_folder import policies_of


@pytest.fixture
def house(tmp_path: Path) -> FakeHouse:
    (tmp_path / "engine").mkdir()
    made = FakeHouse(tmp_path)
    made.instance = SimpleNamespace(root=tmp_path, zone=lambda name: tmp_path / name)
    made.policies = policies_of(
        POLICIES, tmp_path, tmp_path / "engine", lambda: made.clock.now().date()
    )
    return made


def run(house: FakeHouse, *arguments: Any) -> Result:
    told = [str(one) for one in arguments]
    shown = {"COLUMNS": "200", "WORKBENCH_PASSPHRASE": "long enough"}
    return CliRunner().invoke(app, told, obj=house, env=shown)


def test_the_platform_s_policies_are_checked_and_shown(house: FakeHouse) -> None:
    done = run(house, "check")
    assert done.exit_code == 0, done.exception
    assert "registries/nafld_dx.toml" in done.output
    assert "platform's own" in done.output

    shown = run(house, "show", "--registry", "nafld_lab", "--project", "example").output
    assert re.search(r"threshold\s+│ 20\s+│ example", shown)
    assert re.search(r"rho_per_release\s+│ 1/4\s+│ nafld_lab", shown)
    assert "no_policy" in str(run(house, "show", "--project", "nowhere").exception.code)


def test_two_people_bring_a_layer_into_force(house: FakeHouse) -> None:
    layer = house.root / "default.toml"
    layer.write_bytes((POLICIES / "default.toml").read_bytes())
    people = {"writer": "disclosure-team", "approver": "data-protection-officer"}
    for role, name in people.items():
        key = house.root / f"{role}.key"
        made = run(house, "key", key)
        assert made.exit_code == 0, made.exception
        assert key.stat().st_mode & 0o077 == 0
        public = re.search(r"[0-9a-f]{64}", made.output)
        assert public
        signed = run(house, "sign", layer, "--as", role, "--key", key)
        assert name in signed.output, signed.exception
        told = ("--until", "2030-01-01", "--why", "board")
        assert run(house, "trust", name, public.group(), *told).exit_code == 0

    assert "default.toml is in force" in run(house, "install", layer).output
    assert "Every layer is signed" in run(house, "check").output
    assert run(house, "install", layer).exception.code == "policy_older"
    installed = house.root / "policies/default.toml"
    installed.write_text(installed.read_text().replace("= 10 ", "= 11 "))
    assert run(house, "check").exception.code == "policy_signature_wrong"


def test_a_signer_needs_a_key_and_days_that_can_be_read(house: FakeHouse) -> None:
    for key, until in (("ab" * 31, "2030-01-01"), ("zz" * 32, "2030-01-01"), ("ab" * 32, "soon")):
        done = run(house, "trust", "kari", key, "--until", until, "--why", "x")
        assert done.exception.code == "bad_signer"
