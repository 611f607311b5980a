"""Every address × every role: denied by default, and the table below is whole."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from starlette.routing import Mount

from tests.functional.portal.conftest import PREFIX, Browse
from tests.lib.portal_world import (
    PROJECT,
    REGISTRY,
    World,
    add_load,
    add_output,
    add_release,
    release_now,
)
from workbench.portal import create_app

ROLES = ("", "nobody", "researcher", "member-officer", "officer", "owner-lab", "owner-dx")
EVERYONE = dict.fromkeys(ROLES, 200)
OUT = {"": 303}


def only(allowed: int = 200, **roles: int) -> dict[str, int]:
    """Refused for everyone but the named; a visitor is sent to sign in."""
    named = {role.replace("_", "-"): status for role, status in roles.items()}
    return dict.fromkeys(ROLES, 403) | OUT | named


MEMBERS = only(researcher=200, member_officer=200)
OFFICER = only(officer=200)
OWNER = only(owner_lab=200)
SIGNED_IN = dict.fromkeys(ROLES, 401)

GET = {
    "": EVERYONE,
    "verify": EVERYONE,
    "register": EVERYONE,
    "api": EVERYONE,
    "api/openapi.json": EVERYONE,
    "sign-in": dict.fromkeys(ROLES, 302),
    "oauth_callback": dict.fromkeys(ROLES, 403),
    "projects/{project}": MEMBERS,
    "projects/{project}/releases/{release}": MEMBERS,
    "projects/{project}/releases/{release}/certificate": MEMBERS,
    "projects/{project}/outputs/{released}": MEMBERS,
    "projects/{project}/outputs/{released}/files/{sha256}": MEMBERS,
    "projects/{project}/outputs/{released}/certificate": MEMBERS,
    # An officer who is a member of the project sees a queue, never this project's requests.
    "review": only(officer=200, member_officer=200),
    "review/{waiting}": OFFICER,
    "review/{waiting}/files/{sha256}": OFFICER,
    "review/{waiting}/images/{image}": OFFICER,
    "review/{waiting}/approve": OFFICER,
    "review/{waiting}/overlaps": OFFICER,
    "registries": only(owner_lab=200, owner_dx=200),
    "registries/{registry}": OWNER,
    "registries/{registry}/{dataset}/rollback": OWNER,
    "loads/{load}": OWNER,
    "loads/{load}/publish": OWNER,
    "api/v1/outputs": SIGNED_IN,
    "api/v1/outputs/{waiting}": SIGNED_IN,
    "api/v1/outputs/{waiting}/files/{sha256}": SIGNED_IN,
    "api/v1/outputs/{waiting}/code": SIGNED_IN,
    "api/v1/outputs/{released}/certificate": SIGNED_IN,
    "api/v1/loads": SIGNED_IN,
    "api/v1/loads/{load}": SIGNED_IN,
    "api/v1/releases?project={project}": SIGNED_IN,
    "api/v1/releases/{release}/certificate": SIGNED_IN,
}
POST = {
    "sign-out": dict.fromkeys(ROLES, 303),
    "verify": EVERYONE,
    "projects/{project}/outputs/{waiting}/withdraw": only(researcher=303),
    "review/{waiting}/return": only(officer=303),
    "registries/{registry}/{dataset}/rollback": only(owner_lab=303),
    "loads/{load}/publish": only(owner_lab=303),
    "api/v1/outputs/{waiting}/return": SIGNED_IN,
    "api/v1/loads/{load}/publish": SIGNED_IN,
}
BY_TOKEN = {
    "api/v1/outputs": dict.fromkeys(ROLES, 200),
    "api/v1/outputs/{waiting}": only(researcher=200, member_officer=200, officer=200),
    "api/v1/outputs/{waiting}/files/{sha256}": only(
        officer=200, researcher=409, member_officer=409
    ),
    "api/v1/outputs/{waiting}/code": OFFICER,
    "api/v1/outputs/{released}/certificate": only(researcher=200, member_officer=200, officer=200),
    "api/v1/loads": dict.fromkeys(ROLES, 200),
    "api/v1/loads/{load}": OWNER,
    "api/v1/releases?project={project}": MEMBERS,
    "api/v1/releases/{release}/certificate": MEMBERS,
}
"""The API opens by token only, never by cookie; a stranger's token is 401."""

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    """One of each kind of thing."""
    waiting = add_output(world, "a" * 16, {"table.csv": b"sex,n\nF,3811\n", "curve.png": PNG})
    released = release_now(world, add_output(world, "b" * 16, {"table.csv": b"sex,n\nF,3811\n"}))
    add_load(world, "1.0.0", "superseded")
    add_load(world, "1.1.0", "published")
    load = add_load(world, "1.2.0", "staged")
    return {
        "project": PROJECT,
        "registry": REGISTRY,
        "dataset": "nafld_measurement",
        "waiting": waiting.id,
        "released": released.id,
        "sha256": waiting.files[0].sha256,
        "image": waiting.files[1].sha256,
        "release": add_release(world).id,
        "load": load.id,
    }


@pytest.mark.parametrize("path", GET)
def test_a_page_opens_for_its_roles_and_for_no_other(
    path: str, browse: Browse, ids: dict[str, str]
) -> None:
    seen = {role: browse(role).get(path.format(**ids)).status_code for role in ROLES}
    assert seen == GET[path]


@pytest.mark.parametrize("path", POST)
def test_a_form_is_taken_from_its_roles_and_from_no_other(
    path: str, browse: Browse, ids: dict[str, str], world: World
) -> None:
    request = world.records.outputs.find(ids["waiting"])
    assert request is not None
    fields = {"comment": "Merge the groups.", "content": request.content, "published": "1.1.0"}
    wanted = POST[path]
    seen = {}
    for role in sorted(ROLES, key=lambda role: wanted[role] < 400):  # what changes state comes last
        if path.startswith("api/"):
            answer = browse(role).post(path.format(**ids), json={"comment": "no"})
        else:
            answer = browse(role).submit(path.format(**ids), **fields)
        seen[role] = answer.status_code
    assert seen == wanted


@pytest.mark.parametrize("path", BY_TOKEN)
def test_the_api_opens_by_a_token_of_its_roles(
    path: str, browse: Browse, ids: dict[str, str]
) -> None:
    browser = browse("")
    seen = {
        role: browser.get(
            path.format(**ids), headers={"authorization": f"token is-{role}"}
        ).status_code
        for role in ROLES
    }
    assert seen == BY_TOKEN[path] | {"": 401}


def test_every_route_stands_in_the_tables(world: World) -> None:
    """A route that is added without saying who may use it fails here."""
    routes = set()
    for route in _routes(create_app(world.services, world.signin).routes):
        if isinstance(route, Mount):
            assert route.path == f"{PREFIX}static"
            continue
        path = _shape(route.path.removeprefix("/services/portal").removeprefix("/"))
        routes |= {(method, path) for method in route.methods - {"HEAD"}}
    named = {("GET", _shape(path)) for path in GET} | {("POST", _shape(path)) for path in POST}
    assert named == routes


def _routes(found: Iterable[Any]) -> Iterator[Any]:
    """The app's own routes and those of the routers it includes."""
    for route in found:
        if hasattr(route, "original_router"):
            yield from _routes(route.original_router.routes)
        else:
            yield route


def _shape(path: str) -> str:
    """A path with its parameters and an officer's three decisions made alike."""
    path = re.sub(r"\{[^}]*\}", "*", path.split("?")[0])
    return re.sub(r"(outputs|review)/\*/(approve|return|reject)$", r"\1/*/*", path)
