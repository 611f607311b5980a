"""Every page in both languages, wide and narrow, light and dark: pictures, and no fault to see."""

import pytest

from tests.browser.conftest import Visit
from tests.lib.accessibility import faults_of, unseen_focus
from tests.lib.browsing import Browsing, picture
from tests.lib.portal_world import (
    PEOPLE,
    PROJECT,
    REGISTRY,
    World,
    add_load,
    add_output,
    add_release,
    release_now,
)
from workbench.services.review import return_to_author

pytestmark = pytest.mark.browser

CSV = b"sex,age,n\nF,40-60,3811\nM,40-60,3300\nF,<40,1204\nM,<40,7\n"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415478da63383865020003340187eb3c39df0000000049454e44ae426082"
)


@pytest.fixture
def paths(world: World) -> dict[str, tuple[str, str]]:
    """name -> (who, path), with one of each thing to look at."""
    waiting = add_output(
        world, "a" * 16, {"table.csv": CSV, "notes.md": b"# By sex", "curve.png": PNG}, "blocking"
    )
    returned = add_output(world, "b" * 16, {"t.csv": CSV}, "withheld", 900)
    fields = {"content": returned.content, "comment": "Merge the two youngest groups."}
    clock, officer = world.services.clock, PEOPLE["officer"]
    return_to_author(world.records, clock, officer, returned.id, **fields)
    released = release_now(world, add_output(world, "c" * 16, {"final.csv": CSV}, minutes=1900))
    release = add_release(world)
    for version, state in (("1.0.0", "superseded"), ("1.1.0", "published"),
                           ("1.3.0", "refused")):  # fmt: skip
        add_load(world, version, state)
    load = add_load(world, "1.2.0", "staged")
    project = f"projects/{PROJECT}"
    return {
        "welcome": ("", ""),
        "verify": ("", "verify"),
        "register": ("", "register"),
        "api": ("", "api"),
        "no-role": ("nobody", ""),
        "refusal": ("nobody", "review"),
        "home-researcher": ("researcher", ""),
        "project": ("researcher", project),
        "release": ("researcher", f"{project}/releases/{release.id}"),
        "output-released": ("researcher", f"{project}/outputs/{released.id}"),
        "output-returned": ("researcher", f"{project}/outputs/{returned.id}"),
        "home-officer": ("officer", ""),
        "queue": ("officer", "review"),
        "review": ("officer", f"review/{waiting.id}"),
        "review-return": ("officer", f"review/{waiting.id}/return"),
        "home-owner": ("owner-lab", ""),
        "registries": ("owner-lab", "registries"),
        "registry": ("owner-lab", f"registries/{REGISTRY}"),
        "load": ("owner-lab", f"loads/{load.id}"),
        "load-publish": ("owner-lab", f"loads/{load.id}/publish"),
        "rollback": ("owner-lab", f"registries/{REGISTRY}/nafld_measurement/rollback"),
    }


@pytest.mark.parametrize(
    ("look", "width", "language", "dark"),
    [("wide", 1280, "en", False), ("narrow", 390, "nb", False), ("dark", 1280, "nb", True),
     ("smallest", 320, "en", True)],
)  # fmt: skip
def test_no_page_has_a_fault_against_wcag(
    look: str,
    width: int,
    language: str,
    dark: bool,
    windows: Browsing,
    paths: dict[str, tuple[str, str]],
) -> None:
    page = windows.window(width=width, language=language, dark=dark)
    faults = {}
    for name, (who, path) in paths.items():
        page.context.clear_cookies()
        if who:
            session = {"name": "workbench-session", "value": f"is-{who}", "url": windows.site}
            page.context.add_cookies([session])
        page.goto(f"{windows.site}/services/portal/{path}")
        if look in {"wide", "narrow"}:
            picture(page, f"portal-{name}-{width}")
        if found := faults_of(page):
            faults[name] = found
    assert faults == {}


def test_the_checks_see_a_fault_when_there_is_one(visit: Visit) -> None:
    page = visit("", "verify")
    page.evaluate(
        """() => {
          document.querySelector('label').remove();
          document.querySelector('h1').remove();
          document.querySelector('.lead').style.color = '#ccc';
        }"""
    )
    found = " ".join(faults_of(page))
    assert "3.3.2 no label" in found
    assert "1.3.1 0 h1" in found
    assert "1.4.3 contrast" in found


@pytest.mark.parametrize("name", ["project", "review-return", "load", "verify"])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    name: str, visit: Visit, paths: dict[str, tuple[str, str]]
) -> None:
    page = visit(*paths[name])
    assert unseen_focus(page) == []
    page.reload()
    page.locator("body").press("Tab")
    skip = page.locator(":focus")
    assert skip.get_attribute("class") == "skip" or name == "review-return"


def test_the_skip_link_leads_to_the_content(visit: Visit) -> None:
    page = visit("", "register")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
