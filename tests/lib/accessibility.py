"""A page's faults against WCAG 2.2 AA, as far as a program can see them: our own small checks.

Numbers in the findings are those of the success criteria. A person still has to look.
"""

from pathlib import Path

from playwright.sync_api import Page

FAULTS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
FOCUS = """() => {
  const node = document.activeElement, style = getComputedStyle(node);
  if (node === document.body) return null;
  return [node.outerHTML.slice(0, 100), parseFloat(style.outlineWidth) || 0, style.outlineStyle];
}"""


def faults_of(page: Page) -> list[str]:
    """Everything wrong that the checks can see on the page as it stands."""
    return list(page.evaluate(FAULTS))


def unseen_focus(page: Page, steps: int = 60) -> list[str]:
    """Elements that take the keyboard's focus without showing it (2.4.7)."""
    found = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at is None:
            break
        if at[2] == "none" or at[1] < 2:
            found.append(at[0])
    return found
