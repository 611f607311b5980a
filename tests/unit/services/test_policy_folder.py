"""Policies of an instance: signed by two, none vanishes, none grows older or weaker."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from disclosure.endorsement import Signer
from disclosure.errors import Refusal as Flaw
from tests.lib.fake_records import FakeRecords
from tests.lib.gate import POLICIES
from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.services import endorse_policy
from workbench.services.endorse_policy import install_policy, sign_policy, trust_signer
from workbench.services.policy_folder import TRUST, PolicyFolder, policies_of

TODAY = date(2026, 11, 25)
WRITER, APPROVER, STRANGER = (
    Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)) for number in (1, 2, 3)
)
NAMES = {"disclosure-team": WRITER, "data-protection-officer": APPROVER}
LAYER = """level = "registry"
name = "reg"
version = 3
written_by = "disclosure-team"
approved_by = "data-protection-officer"

[rules]
threshold = 12
"""


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


@dataclass
class Place:
    root: Path
    records: FakeRecords = field(default_factory=FakeRecords)
    day: date = TODAY

    @property
    def engine(self) -> Path:
        return self.root / "engine"

    def folder(self) -> PolicyFolder:
        return policies_of(POLICIES, self.root, self.engine, lambda: self.day)

    def trust(self, name: str, key: Ed25519PrivateKey, until: str = "2027-12-31") -> None:
        signer = Signer(name, public(key).hex(), date(2026, 1, 1), date.fromisoformat(until))
        trust_signer(self.records, self.engine, signer, "os:tester", "a test")

    def signed(self, text: str, keys: dict[str, Ed25519PrivateKey] | None = None) -> Path:
        layer = tomllib.loads(text)
        path = self.root / f"{layer['name']}.toml"
        path.write_text(text)
        path.with_name(path.name + ".sig").unlink(missing_ok=True)
        given = {"writer": WRITER, "approver": APPROVER} if keys is None else keys
        for role, key in given.items():
            sign_policy(path, role, TODAY, key.sign, public(key))
        return path

    def install(self, path: Path) -> str:
        return install_policy(self.records, self.root, self.engine, path, self.day, "os:tester")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "engine").mkdir()
    made = Place(tmp_path)
    for name, key in NAMES.items():
        made.trust(name, key)
    default = (POLICIES / "default.toml").read_text()
    assert made.install(made.signed(default)) == "default.toml"
    assert made.install(made.signed(LAYER)) == "registries/reg.toml"
    return made


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises((Refusal, Flaw)) as found:
        act()
    refusal: Any = found.value
    return f"{refusal.code}: {refusal}"


def test_without_trusted_signers_the_platform_s_own_policies_count(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()

    folder = Place(tmp_path).folder()
    assert folder.trust is None
    assert folder.of(["nafld_dx"], "default").maximum_cells == 5000


def test_signed_layers_count_and_the_strictest_of_them(place: Place) -> None:
    found = place.folder().of(["reg", "other"], "default")

    assert found.threshold == 12
    assert [one.name for one in found.layers] == ["default", "reg"]
    whats = [one.event.what for one in place.records.audit.entries()]
    assert whats == [What.POLICY_SIGNER_TRUST] * 2 + [What.POLICY_LAYER_INSTALL] * 2


def test_the_platform_s_own_layers_no_longer_count(place: Place) -> None:
    assert "no_policy" in refused(lambda: place.folder().of([], "example"))


def test_trust_counts_at_once_and_cannot_be_taken_away_behind_a_running_engine(
    tmp_path: Path,
) -> None:
    (tmp_path / "engine").mkdir()
    place = Place(tmp_path)
    folder = place.folder()
    assert folder.of([], "default").threshold == 10
    place.trust("disclosure-team", WRITER)
    assert "no_policy: The policy default" in refused(lambda: folder.of([], "default"))
    (place.engine / TRUST).unlink()
    assert "damaged_trust" in refused(lambda: folder.of([], "default"))


def test_one_changed_byte_is_found_and_the_file_named(place: Place) -> None:
    path = place.root / "policies/registries/reg.toml"
    path.write_text(path.read_text().replace("12", "11"))

    said = refused(lambda: place.folder().of(["reg"], "default"))
    assert said.startswith("policy_signature_wrong: registries/reg.toml is not what its writer")
    assert place.folder().of([], "default").threshold == 10


def test_a_layer_may_not_vanish_nor_grow_older(place: Place) -> None:
    path = place.root / "policies/registries/reg.toml"
    older = place.signed(LAYER.replace("= 3", "= 2").replace("= 12", "= 11"))
    assert "policy_older" in refused(lambda: place.install(older))
    for one in (path, path.with_name("reg.toml.sig")):
        one.write_bytes(older.with_name(one.name).read_bytes())
    assert "policy_rolled_back" in refused(lambda: place.folder().of(["reg"], "default"))

    path.unlink()
    assert "no_policy: The policy reg" in refused(lambda: place.folder().of(["reg"], "default"))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "policy_unsigned: The writer of reg.toml"),
        ({"writer": WRITER}, "policy_unsigned: The approver of reg.toml"),
        ({"approver": APPROVER}, "policy_unsigned: The writer of reg.toml"),
        (
            {"writer": WRITER, "approver": STRANGER},
            "policy_signer_unknown: The key of the a",
        ),
        ({"writer": APPROVER, "approver": WRITER}, "policy_signer_unknown: The key of the w"),
    ],
)
def test_both_must_sign_each_with_their_own_key(
    place: Place, keys: dict[str, Ed25519PrivateKey], said: str
) -> None:
    path = place.signed(LAYER.replace("= 3", "= 4"), keys)

    assert refused(lambda: place.install(path)).startswith(said)
    assert place.folder().of(["reg"], "default").layers[-1].version == 3


@pytest.mark.parametrize("steps", range(5))
def test_an_installation_that_is_cut_short_leaves_one_version_or_the_other(
    place: Place, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    path = place.signed(LAYER.replace("= 3", "= 4").replace("= 12", "= 14"))
    write, left = endorse_policy._write, [steps]

    def torn(target: Path, content: bytes) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        write(target, content)

    monkeypatch.setattr(endorse_policy, "_write", torn)
    if steps < 4:
        with pytest.raises(KeyboardInterrupt):
            place.install(path)
    else:
        place.install(path)
    monkeypatch.undo()

    assert place.folder().of(["reg"], "default").threshold == (12 if steps < 3 else 14)
    if steps < 4:
        assert place.install(path) == "registries/reg.toml"
    assert place.folder().of(["reg"], "default").threshold == 14


def test_one_key_under_two_names_is_refused(place: Place) -> None:
    place.trust("data-protection-officer", WRITER)
    path = place.signed(LAYER.replace("= 3", "= 4"), {"writer": WRITER, "approver": WRITER})

    assert "same key" in refused(lambda: place.install(path))


def test_a_signature_of_another_role_layer_or_day_does_not_fit(place: Place) -> None:
    path = place.signed(LAYER.replace("= 3", "= 4"))
    beside = path.with_name(path.name + ".sig")
    whole = json.loads(beside.read_text())
    other = json.loads((place.root / "policies/default.toml.sig").read_text())
    for change in (
        {"writer": {**whole["writer"], "day": "2020-01-01"}},
        {"writer": {**whole["writer"], "signature": whole["approver"]["signature"]}},
        {"writer": other["writer"]},
        {"writer": {**whole["writer"], "signature": "zz"}},
        {"writer": {}},
        {"writer": 7},
        {"v": 2},
        {"friend": whole["writer"]},
    ):
        beside.write_text(json.dumps(whole | change))
        assert "policy_signature_wrong" in refused(lambda: place.install(path)), change
    for text in ("", "[]", "{", "[" * 100_000):
        beside.write_text(text)
        assert "policy_signature_wrong" in refused(lambda: place.install(path)), text[:9]
    beside.write_text(json.dumps(whole))
    assert place.install(path)


def test_the_names_are_those_that_the_layer_gives(place: Place) -> None:
    place.trust("somebody", STRANGER)
    path = place.signed(LAYER.replace("= 3", "= 4"))
    beside = path.with_name(path.name + ".sig")
    forged = json.loads(beside.read_text())
    forged["writer"]["name"] = "somebody"
    beside.write_text(json.dumps(forged))

    assert "not the one who signed" in refused(lambda: place.install(path))


@pytest.mark.parametrize("day", ["2025-12-31", "2028-01-01"])
def test_a_key_counts_only_between_its_days(place: Place, day: str) -> None:
    place.day = date.fromisoformat(day)

    assert "policy_key_expired: The key of the writer of default.toml" in refused(
        lambda: place.folder().of([], "default")
    )


def test_the_days_that_are_left_are_those_of_the_first_key(place: Place) -> None:
    assert place.folder().days_left() == 401
    assert set(place.folder().checked()) == {"default.toml", "registries/reg.toml"}
    for name in NAMES:
        place.trust(name, STRANGER, "2029-12-31")
    assert place.folder().days_left() == 401
    place.day = date(2027, 12, 1)
    assert place.folder().days_left() == 30


def test_a_key_that_was_renewed_counts_again(place: Place) -> None:
    place.day = date(2028, 1, 1)
    for name, key in NAMES.items():
        place.trust(name, key, "2029-12-31")

    assert place.folder().of(["reg"], "default").threshold == 12


def test_a_weaker_layer_is_not_installed_though_both_signed(place: Place) -> None:
    path = place.signed(LAYER.replace("= 3", "= 4").replace("= 12", "= 9"))

    assert "policy_weaker: Policy reg (registry) weakens `threshold`" in refused(
        lambda: place.install(path)
    )


@pytest.mark.parametrize("name", ["../../evil", "Reg", "", "a/b"])
def test_a_layer_is_installed_nowhere_but_in_its_place(place: Place, name: str) -> None:
    path = place.signed(LAYER.replace("= 3", "= 4"))
    path.write_text(path.read_text().replace('"reg"', f'"{name}"'))
    for role, key in (("writer", WRITER), ("approver", APPROVER)):
        sign_policy(path, role, TODAY, key.sign, public(key))

    assert "policy_malformed" in refused(lambda: place.install(path))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"signers": 7}', '{"signers": [{}]}'])
def test_damaged_trust_is_no_trust_at_all(place: Place, text: str) -> None:
    (place.engine / TRUST).write_text(text)

    assert "damaged_trust" in refused(lambda: place.folder().of([], "default"))


def test_nothing_is_installed_before_somebody_is_trusted_or_there_is_a_default(
    tmp_path: Path,
) -> None:
    (tmp_path / "engine").mkdir()
    place = Place(tmp_path)
    path = place.signed(LAYER)
    assert "no_trust" in refused(lambda: place.install(path))
    for name, key in NAMES.items():
        place.trust(name, key)
    assert "no_default" in refused(lambda: place.install(path))
    assert "bad_role" in refused(
        lambda: sign_policy(path, "friend", TODAY, WRITER.sign, public(WRITER))
    )
    assert "bad_signer" in refused(lambda: place.trust("x", WRITER, "2020-01-01"))
