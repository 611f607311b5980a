"""A project for its members: what they see before a release, and what they take home after it."""

from datetime import date

import pytest

from tests.functional.portal.conftest import Browse
from tests.lib.portal_world import (
    PROJECT,
    World,
    add_output,
    add_release,
    permit,
    release_now,
)
from workbench.domain.audit import AuditEvent, What
from workbench.domain.permit import PermitState

CSV = b"sex,n\nF,3811\n"


def test_before_release_a_member_sees_neither_names_nor_sizes_nor_findings(
    browse: Browse, world: World
) -> None:
    request = add_output(world, "a" * 16, {"telling-name.csv": CSV}, "blocking")
    member = browse("researcher")
    for path in (f"projects/{PROJECT}", f"projects/{PROJECT}/outputs/{request.id}"):
        page = member.page(path)
        assert request.id in page
        assert "telling-name" not in page
        assert request.files[0].sha256[:12] not in page
        assert "Two columns look like counts" not in page
    path = f"projects/{PROJECT}/outputs/{request.id}/files/{request.files[0].sha256}"
    assert member.get(path).status_code == 409


def test_after_release_a_member_downloads_the_very_bytes_and_the_certificate(
    browse: Browse, world: World
) -> None:
    request = release_now(world, add_output(world, "a" * 16, {"table.csv": CSV}))
    member = browse("colleague")
    base = f"projects/{PROJECT}/outputs/{request.id}"
    assert "table.csv" in member.page(base)
    saved = member.get(f"{base}/files/{request.files[0].sha256}")
    assert saved.content == CSV
    assert 'filename="table.csv"' in saved.headers["content-disposition"]
    certificate = member.get(f"{base}/certificate")
    assert certificate.json()["statement"]["release"] == request.id
    what = [entry.event.what for entry in world.records.audit.entries()]
    assert what.count(What.OUTPUT_FILE_DOWNLOAD) == 2


def test_a_released_table_is_shown_with_its_marks_and_margins(browse: Browse, world: World) -> None:
    release = add_release(world)
    page = browse("researcher").page(f"projects/{PROJECT}/releases/{release.id}")
    assert "Cross table by Sex × Age" in page
    assert "female" in page
    assert "3\N{NARROW NO-BREAK SPACE}811" in page
    assert "Withheld: too few people" in page
    assert "3 cells are withheld" in page
    assert "Cells with fewer than 10 persons are withheld." in page


def test_a_release_is_not_reached_through_another_project(browse: Browse, world: World) -> None:
    release = add_release(world)
    other = permit(project="other-project")
    world.records.permits.grant(other, AuditEvent(What.PERMIT_GRANT, "os:test", "other-project"))
    member = browse("researcher")
    assert member.get(f"projects/other-project/releases/{release.id}").status_code == 404
    assert member.get(f"projects/{PROJECT}/releases/{release.id}").status_code == 200


def test_the_project_page_tells_data_people_expiry_and_budget(browse: Browse, world: World) -> None:
    add_release(world)
    page = browse("researcher").page(f"projects/{PROJECT}")
    assert "Body mass index" in page
    assert "number (kg/m²)" in page
    assert "colleague" in page
    assert "221 days left" in page
    assert "ρ = 1/10 of 1/2 spent; 2/5 left." in page
    assert "40 more answers at ρ = 1/100 each." in page
    assert 'aria-valuenow="20"' in page
    assert f'href="/hub/spawn/researcher/{PROJECT}"' in page


@pytest.mark.parametrize("why", ["expired", "suspended"])
def test_jupyterlab_is_not_offered_without_an_active_permit(
    why: str, browse: Browse, world: World
) -> None:
    if why == "expired":
        over = permit(until=date(2026, 11, 21))
        world.records.permits.grant(over, AuditEvent(What.PERMIT_GRANT, "os:test", PROJECT))
    else:
        event = AuditEvent(What.PERMIT_SUSPEND, "os:test", PROJECT)
        world.records.permits.set_state(PROJECT, PermitState.SUSPENDED, event)
    page = browse("researcher").page(f"projects/{PROJECT}")
    assert "/hub/spawn" not in page
    assert "JupyterLab stays closed" in page


def test_the_author_withdraws_and_the_officer_no_longer_sees_it_wait(
    browse: Browse, world: World
) -> None:
    request = add_output(world, "a" * 16, {"table.csv": CSV})
    path = f"projects/{PROJECT}/outputs/{request.id}"
    assert "Withdraw" in browse("researcher").page(path)
    assert browse("researcher").submit(f"{path}/withdraw").status_code == 303
    assert "Withdrawn" in browse("researcher").page(path)
    assert request.id not in browse("officer").page("review")


def test_an_account_without_a_role_is_told_how_to_get_one(browse: Browse) -> None:
    assert "Your account has no role here yet." in browse("nobody").page("")
