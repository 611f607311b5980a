"""Each role does its job in a real browser: with the mouse, by keyboard, and without JavaScript."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.functional.portal.test_public import certificate_of
from tests.lib.browsing import picture
from tests.lib.portal_world import (
    PROJECT,
    REGISTRY,
    World,
    add_load,
    add_output,
    add_release,
)
from workbench.domain.output import OutputState

pytestmark = pytest.mark.browser

CSV = b"sex,n\nF,3811\nM,3300\n"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_officer_returns_one_output_and_approves_another(
    scripts: bool, visit: Visit, world: World
) -> None:
    risky = add_output(world, "a" * 16, {"table.csv": CSV}, "blocking")
    plain = add_output(world, "b" * 16, {"table.csv": CSV}, "note")
    page = visit("officer", scripts=scripts)
    page.get_by_role("link", name="2 outputs to review").click()
    page.get_by_role("link", name=risky.id).click()
    expect(page.get_by_role("cell", name="3811")).to_be_visible()
    page.get_by_role("link", name="Return…").click()
    page.get_by_role("button", name="Return to the author").click()
    # The browser itself asks for the comment; nothing was sent.
    expect(page.get_by_role("textbox", name="Comment to the author")).to_be_focused()
    page.get_by_role("textbox", name="Comment to the author").fill("Merge the groups.")
    page.get_by_role("button", name="Return to the author").click()
    expect(page.get_by_role("status")).to_contain_text("Returned.")
    page.get_by_role("link", name=plain.id).click()
    page.get_by_role("link", name="Approve…").click()
    if scripts:
        assert page.url.endswith(plain.id)  # the question came into the page
        expect(page.get_by_role("heading", name="Approve?")).to_be_focused()
    page.get_by_role("button", name="Yes, release these files").click()
    expect(page.get_by_role("status")).to_contain_text("Approved.")
    expect(page.get_by_text("Nothing waits for review.")).to_be_visible()
    picture(page, f"journey-officer-{'scripts' if scripts else 'plain'}")
    states = {r: world.records.outputs.find(r).state for r in (risky.id, plain.id)}
    assert states == {risky.id: OutputState.RETURNED, plain.id: OutputState.RELEASED}


def test_an_officer_approves_with_the_keyboard_alone(visit: Visit, world: World) -> None:
    request = add_output(world, "b" * 16, {"table.csv": CSV}, "note")
    page = visit("officer", f"review/{request.id}")

    def go_to(words: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent").strip().startswith(words):
                return
        raise AssertionError(words)

    go_to("Approve…")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Approve?")).to_be_focused()
    go_to("Yes, release these files")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Approved.")


def test_a_researcher_follows_a_project_to_its_table_and_certificate(
    visit: Visit, world: World, tmp_path: Path
) -> None:
    add_release(world)
    page = visit("researcher")
    page.get_by_role("link", name="Liver disease and mortality").click()
    lab = page.get_by_role("link", name="Open JupyterLab")
    expect(lab).to_have_attribute("href", f"/hub/spawn/researcher/{PROJECT}")
    page.get_by_role("link", name="Cross table by Sex × Age").click()
    expect(page.get_by_role("cell", name="Withheld: too few people")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download the certificate").click()
    saved.value.save_as(tmp_path / "certificate.json")
    assert "statement" in json.loads((tmp_path / "certificate.json").read_text())


def test_an_owner_reads_a_report_publishes_and_rolls_back(visit: Visit, world: World) -> None:
    add_load(world, "1.0.0", "published")
    add_load(world, "1.2.0", "staged")
    page = visit("owner-lab")
    page.get_by_role("link", name="1 load to publish").click()
    page.get_by_role("link", name="load-1.2.0").click()
    expect(page.get_by_text("23 rows hold a code that is not in the code list.")).to_be_visible()
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Yes, publish").click()
    expect(page.get_by_role("status")).to_contain_text("Published.")
    page.get_by_role("link", name="Roll back…").click()
    page.get_by_role("button", name="Yes, roll back").click()
    expect(page.get_by_role("status")).to_contain_text("Rolled back.")
    assert [told[0] for told in world.desk.told] == ["publish", "rollback"]
    assert page.url.endswith(f"registries/{REGISTRY}?done=rollback")


def test_anyone_verifies_a_certificate_in_either_language(visit: Visit, world: World) -> None:
    text = json.dumps(certificate_of(add_output(world, "a" * 16, {"t.csv": CSV})))
    page = visit("", "verify")
    page.get_by_label("Or paste it here").fill(text)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("status")).to_contain_text("Verified")
    picture(page, "journey-verified")
    page.get_by_role("link", name="Norsk").click()
    page.get_by_label("Eller lim det inn her").fill(text.replace(PROJECT, "another-project"))
    page.get_by_role("button", name="Kontroller").click()
    expect(page.get_by_role("alert")).to_contain_text("Ikke ekte")
    picture(page, "journey-not-verified")


def test_markup_in_an_output_stays_text(visit: Visit, world: World) -> None:
    evil = b"<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    request = add_output(world, "a" * 16, {"page.html": evil, "t.csv": b"a,b\n" + evil})
    page = visit("officer", f"review/{request.id}")
    assert "taken" not in page.title()
    expect(page.get_by_text("onerror").first).to_be_visible()
