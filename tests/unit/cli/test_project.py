"""`workbench project`: from a commented draft to a permit that opens a view."""

from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.lib import samples
from tests.lib.gate import POLICIES
from tests.lib.records_house import FakeHouse
from workbench.cli.project import app
from workbench.domain.audit import What
from workbench.domain.budget import Charge
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState, Role
from workbench.services.permit_file import parse_permit
from workbench.services.policy_folder import PolicyFolder


@pytest.fixture
def house(tmp_path: Path) -> FakeHouse:
    return FakeHouse(tmp_path)


def run(house: FakeHouse, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, obj=house)


def refused(result: Result) -> Refusal:
    assert isinstance(result.exception, Refusal)
    return result.exception


def draft(house: FakeHouse, *more: str) -> Path:
    place = house.root / "permit.toml"
    done = run(
        house, "new", "clinic-study", "--dataset", "clinic_visit", "--member", "kari",
        "--out", str(place), *more,
    )  # fmt: skip
    assert done.exit_code == 0, done.exception
    return place


def test_a_draft_names_every_variable_and_explains_every_field(house: FakeHouse) -> None:
    text = draft(house, "--member", "per").read_text()
    permit = parse_permit(text)

    assert permit.datasets[0].variables == ("age", "sex")
    assert [(m.user, m.role) for m in permit.members] == [
        ("kari", Role.LEAD),
        ("per", Role.RESEARCHER),
    ]
    assert "# Age at visit, whole number" in text
    assert "# Kjønn, text, 2 codes" in text
    for name in type(permit).model_fields:
        assert name in text
    assert house.records.permits.all() == ()


def test_variables_may_be_named(house: FakeHouse) -> None:
    place = house.root / "p.toml"
    run(
        house, "new", "s-1", "--dataset", "other=a_b, c", "--member", "kari", "--member",
        "per:lead", "--out", str(place),
    )  # fmt: skip
    permit = parse_permit(place.read_text())

    assert permit.datasets[0].variables == ("a_b", "c")
    assert [member.role for member in permit.members] == [Role.RESEARCHER, Role.LEAD]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["s", "--dataset", "clinic_visit", "--member", "kari"], "bad_permit"),
        (["study", "--dataset", "clinic_visit", "--member", "Kari"], "bad_member"),
        (["study", "--dataset", "clinic_visit", "--member", "kari:king"], "bad_member"),
        (["study", "--dataset", "unknown", "--member", "kari"], "not_published"),
        (["study", "--dataset", "d=", "--member", "kari"], "bad_permit"),
    ],
)
def test_a_draft_that_would_not_be_granted_is_not_written(
    house: FakeHouse, arguments: list[str], code: str
) -> None:
    place = house.root / "permit.toml"
    result = run(house, "new", *arguments, "--out", str(place))

    assert refused(result).code == code
    assert not place.exists()


def test_a_draft_overwrites_nothing(house: FakeHouse) -> None:
    place = draft(house)
    result = run(
        house, "new", "other", "--dataset", "clinic_visit", "--member", "kari", "--out", str(place)
    )

    assert refused(result).code == "file_exists"
    assert "clinic-study" in place.read_text()


def test_a_granted_permit_has_its_view_and_two_events(house: FakeHouse) -> None:
    done = run(house, "grant", str(draft(house)), "--why", "decision 7")
    held = house.records.permits.find("clinic-study")

    assert done.exit_code == 0
    assert "1200" in done.output
    assert (held.state, held.view_version) == (PermitState.ACTIVE, "v1")
    assert [(e.event.what, e.event.who, e.event.why) for e in house.records.audit.entries()] == [
        ("permit:project:grant", "os:tester", "decision 7"),
        ("data:view:build", "os:tester", "decision 7"),
    ]


def test_a_permit_for_what_does_not_exist_leaves_nothing(house: FakeHouse) -> None:
    place = draft(house)
    place.write_text(place.read_text().replace("clinic_visit", "elsewhere"))

    assert refused(run(house, "grant", str(place))).code == "not_published"
    assert house.records.permits.all() == ()
    assert list(house.records.audit.entries()) == []


def test_a_project_is_suspended_resumed_and_revoked_with_reasons(house: FakeHouse) -> None:
    run(house, "grant", str(draft(house)))
    for verb, state in (("suspend", "suspended"), ("resume", "active"), ("revoke", "revoked")):
        assert run(house, verb, "clinic-study").exit_code == 2
        assert refused(run(house, verb, "clinic-study", "--why", " ")).code == "reason_missing"
        assert state in run(house, verb, "clinic-study", "--why", "because").output
    assert refused(run(house, "resume", "clinic-study", "--why", "x")).code == "not_possible"
    assert refused(run(house, "grant", str(house.root / "permit.toml"))).code == "revoked"
    whats = [str(entry.event.what) for entry in house.records.audit.entries()][2:]
    assert whats == [
        "permit:project:suspend", "permit:project:resume", "permit:project:revoke",
    ]  # fmt: skip


def test_a_view_is_built_anew_for_active_permits_only(house: FakeHouse) -> None:
    run(house, "grant", str(draft(house)))

    assert "v2" in run(house, "build", "clinic-study").output
    run(house, "suspend", "clinic-study", "--why", "x")
    assert refused(run(house, "build", "clinic-study")).code == "permit_inactive"
    assert refused(run(house, "build", "other")).code == "no_permit"


def test_projects_are_listed_and_shown(house: FakeHouse) -> None:
    house.records.permits.grant(samples.permit(), samples.event())
    old = samples.permit("old", valid_from="2001-01-01", valid_until="2002-01-01")
    house.records.permits.grant(old, samples.event())

    listed = run(house, "list").output
    assert "expired" in listed
    assert "0 / 1/2" in listed
    assert '"A study"' in run(house, "show", "study").output
    assert refused(run(house, "show", "none")).code == "no_permit"


def test_a_file_that_is_none_is_refused(house: FakeHouse) -> None:
    (house.root / "x.toml").write_bytes(b"\xff\xfe")

    for name in ("none.toml", "x.toml"):
        assert refused(run(house, "grant", str(house.root / name))).code == "no_file"


def test_an_extension_is_granted_with_a_reason_and_shown_with_the_accounts(
    house: FakeHouse,
) -> None:
    house.records.permits.grant(samples.permit(budget_rho="1/2"), samples.event())
    house.records.releases.record(
        samples.release(rho=Fraction(1, 4)), None, samples.event(), [Charge("lab", Fraction(2))]
    )
    more = ("extend", "study", "--rho", "1/4", "--why", "second round")
    assert run(house, *more).exit_code == 0
    assert run(house, *more, "--registry", "lab").exit_code == 0

    account = house.records.releases.account("study")
    assert (account.granted, account.spent) == (Fraction(3, 4), Fraction(1, 4))
    told = [e.event for e in house.records.audit.entries() if e.event.what is What.PERMIT_EXTEND]
    assert [one.details["registry"] for one in told] == ["", "lab"]
    assert all(one.why == "second round" for one in told)
    house.policies = PolicyFolder(POLICIES)  # type: ignore[attr-defined]  # a fake takes what is set
    done = run(house, "budget", "study")
    assert done.exit_code == 0, done.exception
    shown = done.stdout
    for word in ("3/4", "1/4", "lab", "9/4", "ε = ", "second round"):
        assert word in shown


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("study", "--rho", "a quarter", "--why", "x"), "bad_extension"),
        (("study", "--rho", "1/0", "--why", "x"), "bad_extension"),
        (("study", "--rho", "1/4", "--why", " "), "reason_missing"),
        (("nobody", "--rho", "1/4", "--why", "x"), "no_permit"),
    ],
)
def test_an_extension_that_cannot_be_is_refused(
    house: FakeHouse, arguments: tuple[str, ...], code: str
) -> None:
    house.records.permits.grant(samples.permit(), samples.event())
    assert refused(run(house, "extend", *arguments)).code == code
    assert house.records.releases.extensions("study") == ()


def test_a_project_that_was_slowed_is_calmed_with_a_reason(house: FakeHouse) -> None:
    run(house, "grant", str(draft(house)))
    assert run(house, "calm", "clinic-study", "--why", " ").exception.code == "reason_missing"
    assert run(house, "calm", "nowhere", "--why", "x").exception.code == "no_permit"
    assert run(house, "calm", "clinic-study", "--why", "looked at it").exit_code == 0
    last = house.records.audit.chain[-1].event
    assert (str(last.what), last.why) == ("plan:behaviour:calm", "looked at it")
