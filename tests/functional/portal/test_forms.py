"""No form is taken that did not come from a page of ours, in this session."""

import pytest

from tests.functional.portal.conftest import ORIGIN, Browse, token_in
from tests.lib.portal_world import World, add_load, add_output
from workbench.domain.output import OutputState


@pytest.fixture
def publish(world: World) -> str:
    return f"loads/{add_load(world, '1.2.0', 'staged').id}/publish"


def test_a_form_without_its_token_is_refused(browse: Browse, publish: str, world: World) -> None:
    answer = browse("owner-lab").post(publish, data={}, headers={"origin": ORIGIN})
    assert answer.status_code == 403
    assert "forged_request" in answer.text
    assert world.desk.told == []


def test_a_token_of_another_session_is_refused(browse: Browse, publish: str, world: World) -> None:
    token = token_in(browse("owner-dx").page("verify"))
    answer = browse("owner-lab").post(
        publish, data={"form_token": token}, headers={"origin": ORIGIN}
    )
    assert answer.status_code == 403
    assert world.desk.told == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://portal.elsewhere.example"},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
        {"origin": ORIGIN, "sec-fetch-site": "same-site"},
    ],
)
def test_a_form_from_another_site_is_refused_even_with_its_token(
    headers: dict[str, str], browse: Browse, publish: str, world: World
) -> None:
    browser = browse("owner-lab")
    token = token_in(browser.page("verify"))
    answer = browser.post(publish, data={"form_token": token}, headers=headers)
    assert answer.status_code == 403
    assert "foreign_request" in answer.text
    assert world.desk.told == []


def test_a_form_with_its_token_from_our_own_page_is_taken(
    browse: Browse, publish: str, world: World
) -> None:
    assert browse("owner-lab").submit(publish).status_code == 303
    assert world.desk.told == [("publish", "nafld_measurement", "1.2.0")]


def test_a_visitor_without_a_session_has_a_token_of_their_own(browse: Browse) -> None:
    visitor, other = browse(""), browse("")
    token = token_in(visitor.page("verify"))
    other.page("verify")
    form = {"data": {"form_token": token, "text": "x"}, "headers": {"origin": ORIGIN}}
    assert visitor.post("verify", **form).status_code == 200
    assert other.post("verify", **form).status_code == 403


def test_the_api_takes_no_cookie_so_no_site_can_use_one(browse: Browse, world: World) -> None:
    request = add_output(world, "a" * 16, {"table.csv": b"n\n100\n"})
    answer = browse("officer").post(
        f"api/v1/outputs/{request.id}/approve",
        json={"comment": ""},
        headers={"origin": ORIGIN},
    )
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"
    found = world.records.outputs.find(request.id)
    assert found is not None
    assert found.state is OutputState.SUBMITTED
