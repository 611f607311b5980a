"""No server without an active permit that names the person; the gate learns of each launch."""

import asyncio
import hashlib
import os
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from tornado.web import HTTPError

from kernels.protocol import Grant, Renew, Revoke
from tests.lib.hub_world import grant, permit
from tests.lib.plain_gate import PlainGate
from workbench.adapters.hub.launch_words import told
from workbench.adapters.hub.launches import Launches
from workbench.adapters.runtime import make_runtime
from workbench.adapters.sql import open_records
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState
from workbench.settings import Instance


class Today:
    """A clock that stands still."""

    def __init__(self, day: date) -> None:
        self.day = day

    def now(self) -> datetime:
        return datetime.combine(self.day, datetime.min.time(), UTC)


@pytest.fixture
def instance(tmp_path, monkeypatch):
    found = Instance.create(tmp_path / "i", "test")
    monkeypatch.setattr(Instance, "runtime", tmp_path / "r")
    make_runtime(found)
    return found


@pytest.fixture
def clock():
    return Today(datetime.now(UTC).date())


@pytest.fixture
def records(instance, clock):
    found = open_records(instance.database, clock)
    yield found
    found.close()


@pytest.fixture
def gate(instance):
    found = PlainGate(instance.socket("gated"), instance.socket("admin"))
    yield found
    found.close()


@pytest.fixture
def launches(instance, records, clock):
    return Launches(instance, records, clock, lambda _user, _project: 41_234)


def test_a_member_of_an_active_permit_gets_a_token_that_the_gate_knows(
    launches, records, gate, instance
):
    held = permit("diabetes", "kari", sealed=True)
    grant(records, held, "v7")

    told, token = launches.grant("kari", "diabetes")

    assert gate.grants == {hashlib.sha256(token.encode()).hexdigest(): told}
    assert isinstance(told, Grant)
    assert (told.user, told.project, told.server_uid, told.sealed) == (
        "kari", "diabetes", 41_234, True,
    )  # fmt: skip
    assert told.twin == str(instance.zone("views") / "diabetes" / "v7" / "twin")
    last = datetime.combine(held.valid_until + timedelta(days=1), datetime.min.time(), UTC)
    assert told.expires == int(last.timestamp())


def test_what_the_permit_opens_is_what_the_gate_is_told(launches, records, gate):
    opened = permit("diabetes", "kari", sealed=False).model_copy(update={"sealed_kernel": True})
    grant(records, opened)

    told, _ = launches.grant("kari", "diabetes")

    assert (told.sealed, told.sealed_kernel) == (False, True)


def test_the_gate_is_never_told_the_token_itself(launches, records, gate):
    grant(records, permit("diabetes", "kari"))

    _, token = launches.grant("kari", "diabetes")

    assert token not in repr(gate.asked)


def test_every_launch_has_a_token_of_its_own(launches, records, gate):
    grant(records, permit("diabetes", "kari"))

    assert launches.grant("kari", "diabetes")[1] != launches.grant("kari", "diabetes")[1]


def test_no_other_server_sees_the_front_of_this_one(launches, records, gate, instance):
    for project in ("diabetes", "asthma"):
        grant(records, permit(project, "kari", "ola"))

    fronts = {
        launches.grant(user, project)[0].front
        for user in ("kari", "ola")
        for project in ("diabetes", "asthma")
    }

    assert len(fronts) == 4
    for front in fronts:
        assert os.path.commonpath([front, instance.runtime / "front"]) == str(
            instance.runtime / "front"
        )
        if os.geteuid() == 0:
            assert stat.S_IMODE(Path(front).stat().st_mode) == 0o710
            assert Path(front).stat().st_gid == 41_234


@pytest.mark.parametrize(
    ("state", "code"),
    [("other person", "no_permit"), ("no such project", "no_permit"), ("no project", "no_project"),
     ("suspended", "not_permitted"), ("revoked", "not_permitted"), ("ended", "not_permitted"),
     ("not begun", "not_permitted"), ("no view", "no_view")],
)  # fmt: skip
def test_without_an_active_permit_and_a_view_there_is_no_token(
    launches, records, gate, clock, state, code
):
    held = permit("diabetes", "kari")
    grant(records, held, "" if state == "no view" else "v1")
    event = AuditEvent(What.PERMIT_SUSPEND, "os:test", "project/diabetes")
    if state in ("suspended", "revoked"):
        records.permits.set_state("diabetes", PermitState(state), event)
    if state == "ended":
        clock.day = held.valid_until + timedelta(days=1)
    if state == "not begun":
        clock.day = held.valid_from - timedelta(days=1)
    user = "ola" if state == "other person" else "kari"
    project = {"no project": "", "no such project": "asthma"}.get(state, "diabetes")

    with pytest.raises(Refusal) as refused:
        launches.grant(user, project)

    assert refused.value.code == code
    assert gate.grants == {}


def test_who_is_no_member_does_not_learn_whether_the_project_exists(launches, records, gate):
    grant(records, permit("diabetes", "kari"))

    said = []
    for project in ("diabetes", "asthma"):
        with pytest.raises(Refusal) as refused:
            launches.grant("ola", project)
        said.append(str(refused.value).replace(project, "…"))

    assert said[0] == said[1]


def test_without_the_gate_no_server_starts(launches, records):
    grant(records, permit("diabetes", "kari"))

    with pytest.raises(Refusal) as refused:
        launches.grant("kari", "diabetes")
    assert refused.value.code == "not_running"


def spawner(user, project, options=None):
    return SimpleNamespace(
        user=SimpleNamespace(name=user), name=project, user_options=options or {}, sockets=()
    )


def test_the_hook_believes_the_hub_and_not_the_options_of_the_user(launches, records, gate):
    grant(records, permit("diabetes", "kari"))
    asked = spawner("ola", "asthma", {"project": "diabetes", "user": "kari"})

    with pytest.raises(HTTPError) as refused:
        asyncio.run(launches.before_start(asked))

    assert refused.value.status_code == 403
    assert "asthma" in refused.value.jupyterhub_message
    assert not hasattr(asked, "launch_token")


def test_the_hook_shows_the_server_its_own_sockets_only(launches, records, gate, instance):
    grant(records, permit("diabetes", "kari"))
    asked = spawner("kari", "diabetes")

    asyncio.run(launches.before_start(asked))

    (told,) = gate.grants.values()
    assert asked.sockets == [str(instance.socket("gated").parent), told.front]
    assert asked.server_uid == 41_234
    assert hashlib.sha256(asked.launch_token.encode()).hexdigest() == told.token_sha256


def test_a_silent_gate_is_told_as_such(launches, records):
    grant(records, permit("diabetes", "kari"))

    with pytest.raises(HTTPError) as refused:
        asyncio.run(launches.before_start(spawner("kari", "diabetes")))
    assert refused.value.status_code == 503


def test_a_running_server_may_go_on_while_the_permit_opens_the_project(launches, records, gate):
    grant(records, permit("diabetes", "kari"))

    assert launches.still_open("kari", "diabetes")
    (renewed,) = gate.asked
    assert isinstance(renewed, Renew)
    assert (renewed.user, renewed.project, renewed.sealed) == ("kari", "diabetes", False)


@pytest.mark.parametrize("state", ["suspended", "revoked", "ended", "left"])
def test_when_the_permit_closes_the_gate_is_told_for_this_person(
    launches, records, gate, clock, state
):
    held = permit("diabetes", "kari")
    grant(records, held)
    event = AuditEvent(What.PERMIT_SUSPEND, "os:test", "project/diabetes")
    if state in ("suspended", "revoked"):
        records.permits.set_state("diabetes", PermitState(state), event)
    if state == "ended":
        clock.day = held.valid_until + timedelta(days=1)
    if state == "left":
        records.permits.grant(permit("diabetes", "ola"), event)

    assert not launches.still_open("kari", "diabetes")
    why = {"suspended": "suspended", "ended": "expired"}.get(state, "withdrawn")
    assert gate.asked == [
        Revoke.model_validate({"project": "diabetes", "user": "kari", "why": why})
    ]


def test_a_database_that_does_not_answer_closes_nothing(launches, monkeypatch):
    def silent(_project):
        raise Refusal("database_unreachable", "No answer.", "Start it.")

    monkeypatch.setattr(launches.records.permits, "find", silent)

    assert launches.still_open("kari", "diabetes")


@pytest.mark.parametrize(
    ("language", "said"), [("nb", "Du har ingen tillatelse"), ("en", "You have no permit")]
)
def test_a_refused_launch_is_told_in_the_installations_language(
    instance, records, clock, language, said
):
    launches = Launches(instance, records, clock, lambda _user, _project: 41_234, language)
    spawner = SimpleNamespace(user=SimpleNamespace(name="kari"), name="diabetes")

    with pytest.raises(HTTPError) as refused:
        asyncio.run(launches.before_start(spawner))

    assert refused.value.jupyterhub_message.startswith(said)


def test_every_refusal_of_a_launch_has_norwegian_words():
    for code in ("no_project", "no_permit", "not_permitted", "no_view", "not_running"):
        english = Refusal(code, "English.", "English.")
        for why in ("expired", "suspended", "withdrawn"):
            assert "English" not in told(english, "p", why, "nb")
