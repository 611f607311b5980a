"""`workbench doctor`: each line ok or a remedy, and a status that scripts can use."""

import json
import shutil
from datetime import date
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from disclosure.endorsement import Signer
from kernels.host.proof.probe import Missing
from workbench.cli import symptoms
from workbench.cli.doctor import app
from workbench.domain.errors import Refusal
from workbench.services.endorse_policy import trust_signer
from workbench.wiring import Rooms


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    """An instance to copy: its keys take a while to make."""
    found = Rooms(tmp_path_factory.mktemp("d") / "i")
    found.found("test", 18_999, "")
    found.records.close()
    return found.root


@pytest.fixture
def rooms(founded, tmp_path):
    shutil.copytree(founded, tmp_path / "i")
    card = tmp_path / "i" / "instance.toml"
    card.write_text(card.read_text().replace(str(founded), str(tmp_path / "i")))
    return Rooms(tmp_path / "i")


def run(rooms, *arguments):
    told = CliRunner().invoke(app, list(arguments), obj=rooms)
    return told, json.loads(told.output) if "--json" in arguments else None


def of(told, name):
    return [check for check in told["checks"] if check["name"] == name]


@pytest.fixture
def sound(monkeypatch):
    """A host that can isolate, whatever this one can."""
    monkeypatch.setattr(symptoms, "can_isolate", list)


@pytest.fixture
def quick(monkeypatch):
    """Keys that open at once, where a test is about something else."""
    monkeypatch.setattr(symptoms, "open_zone_keyring", lambda _zone, _environ: None)


def test_a_sound_host_and_instance_are_well(rooms, sound):
    told, said = run(rooms, "--json")

    assert told.exit_code == 0
    assert said["ok"]
    bad = [check["name"] for check in said["checks"] if not check["ok"] and check["essential"]]
    assert bad == []
    for name in ("python", "packages", "isolation", "disk", "database", "clock", "keys of vault"):
        assert of(said, name)[0]["ok"], name


def test_every_line_that_is_not_ok_has_a_remedy(rooms, sound, quick):
    _, said = run(rooms, "--json")

    assert all(check["remedy"] for check in said["checks"] if not check["ok"])


def test_a_host_that_cannot_isolate_is_not_well(rooms, monkeypatch, quick):
    lacking = [Missing("there are no user namespaces", "Allow them."),
               Missing("there is no Landlock", "Boot with it.", needed=False)]  # fmt: skip
    monkeypatch.setattr(symptoms, "can_isolate", lambda: lacking)

    told, said = run(rooms, "--json")

    assert told.exit_code == 1
    assert not said["ok"]
    assert [(c["ok"], c["essential"]) for c in of(said, "isolation")] == [
        (False, True), (False, False),
    ]  # fmt: skip
    assert "What to do: Allow them." in run(rooms)[0].output


def test_without_an_instance_it_says_where_to_begin(tmp_path, sound):
    told, said = run(Rooms(tmp_path / "none"), "--json")

    assert told.exit_code == 0
    (line,) = of(said, "instance")
    assert "workbench init" in line["remedy"]


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        (lambda root: (root / "vault").chmod(0o755), "folders"),
        (lambda root: (root / "engine" / "passphrase").write_text("another long passphrase\n"),
         "keys of engine"),
        (lambda root: (root / "store" / "keyring.json").unlink(), "keys of store"),
        (lambda root: (root / "vault" / "passphrase").chmod(0o644), "keys of vault"),
        (lambda root: (root / "instance.toml").write_text("id = 1"), "instance"),
        (lambda root: (root / "workbench.sqlite").write_text("this is no database" * 99),
         "database"),
    ],
)  # fmt: skip
def test_a_harmed_instance_is_told_by_its_part(rooms, sound, harm, name):
    harm(rooms.root)

    told, said = run(Rooms(rooms.root), "--json")

    assert told.exit_code == 1
    assert [
        check["name"] for check in said["checks"] if not check["ok"] and check["essential"]
    ] == [name]


def test_no_passphrase_is_ever_shown(rooms, sound):
    secret = (rooms.root / "vault" / "passphrase").read_text().strip()

    for told, _ in (run(rooms), run(rooms, "--json")):
        assert secret not in told.output


def test_a_part_that_breaks_is_a_line_and_not_the_end(sound, tmp_path):
    class Broken(SimpleNamespace):
        @property
        def instance(self):
            raise Refusal("x", "It is broken.", "Mend it.")

    (tmp_path / "instance.toml").touch()
    _, said = run(Broken(root=tmp_path), "--json")

    assert of(said, "instance")[0]["remedy"] == "Mend it."


def test_missing_packages_of_the_kernels_are_a_line_with_its_remedy(
    rooms, sound, quick, monkeypatch, tmp_path
):
    monkeypatch.setattr(symptoms, "pointer_file", lambda: tmp_path / "none.json")

    told, said = run(rooms, "--json")

    (line,) = of(said, "kernel packages")
    assert told.exit_code == 1
    assert not line["ok"]
    assert "images/setup" in line["remedy"]


def test_it_says_how_people_sign_in_and_refuses_a_damaged_provider(rooms, sound, quick):
    _, said = run(rooms, "--json")
    assert "passwords" in of(said, "sign-in")[0]["text"]

    (rooms.instance.zone("hub") / "oidc.toml").write_text("levels = []")
    told, said = run(rooms, "--json")
    assert told.exit_code == 1
    assert "sign-in-with-oidc.md" in of(said, "sign-in")[0]["remedy"]


def test_a_role_without_its_second_factor_is_a_warning(rooms, sound, quick):
    rooms.accounts.add("kari", "four words make a password")
    path = rooms.instance.zone("portal") / "roles.toml"
    path.write_text('officers = ["kari"]\nrequire_totp = ["officers"]\n')

    told, said = run(rooms, "--json")
    (line,) = of(said, "sign-in")
    assert (line["ok"], line["essential"]) == (False, False)
    assert "kari" in line["text"]
    assert told.exit_code == 0


def test_where_no_network_may_be_used_it_says_so_instead_of_failing(rooms, monkeypatch):
    def refused(*_arguments):
        raise PermissionError

    monkeypatch.setattr(symptoms, "socket", SimpleNamespace(socket=refused))
    (check,) = of(run(rooms, "--json")[1], "running")
    assert check["ok"]
    assert "no network" in check["text"]


def test_policies_whose_keys_end_soon_or_that_are_not_signed_are_a_line(rooms, sound, quick):
    assert "the platform's own" in of(run(rooms, "--json")[1], "policies")[0]["text"]

    signer = Signer("somebody", "ab" * 32, date(2020, 1, 1), date(2099, 1, 1))
    trust_signer(rooms.records, rooms.instance.zone("engine"), signer, "os:tester", "a test")
    told, said = run(rooms, "--json")
    (line,) = of(said, "policies")
    assert (line["ok"], told.exit_code) == (False, 1)
    assert "default" in line["text"]
