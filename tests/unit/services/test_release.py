"""After approval: certify, release, take home; before it, nothing leaves."""

import pytest

from tests.lib import samples
from tests.unit.services.conftest import Airlock
from workbench.domain.errors import Fault, Refusal
from workbench.domain.permit import PermitState
from workbench.services.download import download_certificate, download_file, download_release
from workbench.services.outputs import show_output
from workbench.services.release_output import release_approved, release_output
from workbench.services.review import approve
from workbench.services.withdraw import withdraw


def approved(airlock: Airlock) -> Airlock:
    approve(
        airlock.records, airlock.clock, airlock.officer, airlock.request.id,
        content=airlock.request.content, comment="",
    )  # fmt: skip
    return airlock


def released(airlock: Airlock) -> Airlock:
    approved(airlock)
    release_output(airlock.records, airlock.blobs, airlock.engine, airlock.request.id)
    return airlock


def test_an_approved_request_is_certified_and_released(airlock: Airlock) -> None:
    released(airlock)

    assert airlock.state() == "released"
    assert airlock.events() == ["output:request:approve", "output:request:release"]
    again = release_output(airlock.records, airlock.blobs, airlock.engine, airlock.request.id)
    assert again.state == "released"
    assert len(airlock.events()) == 2


def test_what_nobody_approved_is_not_released(airlock: Airlock) -> None:
    with pytest.raises(Refusal) as refused:
        release_output(airlock.records, airlock.blobs, airlock.engine, airlock.request.id)
    assert refused.value.code == "not_approved"


def test_an_engine_that_is_down_delays_and_loses_nothing(airlock: Airlock) -> None:
    approved(airlock)
    airlock.engine.down = True
    with pytest.raises(Refusal) as refused:
        release_output(airlock.records, airlock.blobs, airlock.engine, airlock.request.id)
    assert refused.value.code == "not_running"
    assert release_approved(airlock.records, airlock.blobs, airlock.engine) == ()
    assert airlock.state() == "approved"

    airlock.engine.down = False
    assert release_approved(airlock.records, airlock.blobs, airlock.engine) == (airlock.request.id,)
    assert airlock.state() == "released"


@pytest.mark.parametrize(
    "change", [{"content_sha256": "0" * 64}, {"release": "0" * 16}, {"kind": "table"}]
)
def test_a_certificate_of_something_else_releases_nothing(
    airlock: Airlock, change: dict[str, str]
) -> None:
    airlock.engine.change = change
    with pytest.raises(Refusal) as refused:
        released(airlock)
    assert refused.value.code == "wrong_certificate"
    assert airlock.state() == "approved"


def test_a_file_that_changed_after_approval_is_not_released(airlock: Airlock) -> None:
    approved(airlock)
    airlock.blobs.content[airlock.request.files[0].sha256] = b"other"

    with pytest.raises(Fault):
        release_output(airlock.records, airlock.blobs, airlock.engine, airlock.request.id)
    assert release_approved(airlock.records, airlock.blobs, airlock.engine) == ()
    assert airlock.state() == "approved"


def fetch(airlock: Airlock, name: str) -> bytes:
    person = getattr(airlock, name)
    sha256 = airlock.request.files[0].sha256
    return download_file(airlock.records, airlock.blobs, person, airlock.request.id, sha256)[1]


def test_members_take_home_what_was_released(airlock: Airlock) -> None:
    released(airlock)

    assert fetch(airlock, "author") == b"table 1"
    certificate = download_certificate(airlock.records, airlock.author, airlock.request.id)
    assert certificate["statement"]["release"] == airlock.request.id
    assert airlock.events()[2:] == ["output:file:download"] * 2
    shown = show_output(airlock.records, airlock.author, airlock.request.id)
    assert shown["files"][0]["name"] == "table.csv"
    assert shown["may"]["download"]


@pytest.mark.parametrize("step", [lambda airlock: None, approved])
def test_nothing_is_taken_home_before_release(airlock: Airlock, step: object) -> None:
    step(airlock)
    with pytest.raises(Refusal) as refused:
        fetch(airlock, "author")
    assert refused.value.code == "not_released"
    with pytest.raises(Refusal) as refused:
        download_certificate(airlock.records, airlock.author, airlock.request.id)
    assert refused.value.code == "not_released"


@pytest.mark.parametrize("name", ["stranger", "officer", "auditor"])
def test_only_members_take_files_home(airlock: Airlock, name: str) -> None:
    released(airlock)
    with pytest.raises(Refusal) as refused:
        fetch(airlock, name)
    assert refused.value.code == "not_permitted"


def test_a_suspended_permit_closes_the_download(airlock: Airlock) -> None:
    released(airlock)
    airlock.records.permits.set_state("study", PermitState.SUSPENDED, samples.event())

    with pytest.raises(Refusal) as refused:
        fetch(airlock, "author")
    assert refused.value.code == "not_permitted"


def test_a_released_table_is_for_members_and_audited(airlock: Airlock) -> None:
    airlock.records.releases.record(samples.release(), None, samples.event())
    before = len(airlock.events())

    assert download_release(airlock.records, airlock.author, samples.release().id) == (
        samples.release()
    )
    assert airlock.events()[before:] == ["release:file:download"]
    with pytest.raises(Refusal) as refused:
        download_release(airlock.records, airlock.stranger, samples.release().id)
    assert refused.value.code == "not_permitted"
    with pytest.raises(Refusal) as refused:
        download_release(airlock.records, airlock.author, "0" * 16)
    assert refused.value.code == "no_release"


def test_the_author_withdraws_and_an_approved_request_stays(airlock: Airlock) -> None:
    with pytest.raises(Refusal):
        withdraw(airlock.records, airlock.officer, airlock.request.id)
    assert withdraw(airlock.records, airlock.author, airlock.request.id).state == "withdrawn"

    airlock.request = airlock.submit(2, ())
    approved(airlock)
    with pytest.raises(Refusal) as refused:
        withdraw(airlock.records, airlock.author, airlock.request.id)
    assert refused.value.code == "not_possible"
