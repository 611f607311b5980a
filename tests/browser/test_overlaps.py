"""The diagram of overlaps in a real browser: to scale, readable, without a fault."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.functional.portal.test_overlaps import OVERLAP
from tests.lib.accessibility import faults_of, unseen_focus
from tests.lib.browsing import picture
from tests.lib.portal_world import World, add_output

pytestmark = pytest.mark.browser


def boxes(page: Page, selector: str) -> list[tuple[float, float, float]]:
    """Left, width and height of what is drawn, in pixels."""
    found = [one.bounding_box() for one in page.locator(selector).all()]
    return [(box["x"], box["width"], box["height"]) for box in found if box]


@pytest.mark.parametrize(
    ("width", "language", "dark"), [(1280, "en", False), (1280, "nb", True), (390, "nb", False)]
)
def test_bars_stand_over_the_groups_that_they_cover(
    visit: Visit, world: World, width: int, language: str, dark: bool
) -> None:
    world.engine.overlap = OVERLAP
    request = add_output(world, "a" * 16, {"table.csv": b"sex;n\nF;3811\n"})
    page = visit(
        "officer", f"review/{request.id}/overlaps", width=width, language=language, dark=dark
    )
    picture(page, f"overlaps-{width}-{language}{'-dark' if dark else ''}")

    drawing = ".drawing svg.overlaps"
    (first, second), (few,) = boxes(page, f"{drawing} .cover"), boxes(page, f"{drawing} .few")
    # Both count the large group; the second release counts the few persons beside it as well.
    assert second[1] == pytest.approx(first[1] + few[1], abs=3)
    assert second[0] == pytest.approx(few[0], abs=2)
    assert first[0] == pytest.approx(few[0] + few[1], abs=2)
    assert second[0] + second[1] == pytest.approx(first[0] + first[1], abs=2)
    assert few[1] >= 14
    hatched = page.locator(f"{drawing} .few").evaluate("n => getComputedStyle(n).fill")
    assert "url(" in hatched
    drawn = page.locator(f"{drawing} .cover").first.evaluate("n => getComputedStyle(n).fill")
    assert drawn not in ("none", "rgb(0, 0, 0)")
    assert page.locator(drawing).get_attribute("role") == "img"
    assert faults_of(page) == []
    assert unseen_focus(page) == []
