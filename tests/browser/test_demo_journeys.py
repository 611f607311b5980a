"""The three demo accounts do their jobs in a real browser, against the real demo."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.lib.browsing import Browsing, fill_login, open_review_of, picture, sign_in
from tests.lib.demo_world import ROOT, Demo

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TABLE = """\
import workbench.sdk as wb
p = wb.open()
person, diagnosis = p["nafld_person"], p["nafld_diagnosis"]
cohort = person.with_columns(
    age_group=person.age.bins([40, 50, 60, 70]),
    diabetes=diagnosis.filter(diagnosis.event == "diabetes").exists(),
)
cohort.crosstab("age_group", "diabetes", margins=True)"""
SEALED = """\
import polars as pl
import workbench.sdk as wb
rows = wb.scan("nafld_person").group_by("sex").agg(pl.len().alias("n")).collect()
rows.write_csv("/outbox/by-sex.csv")"""


@pytest.fixture(scope="module")
def windows(browser: Browser, demo: Demo) -> Iterator[Browsing]:
    found = Browsing(browser, demo.url)
    yield found
    found.close()
    assert found.strayed == []


def lab_of(windows: Browsing, demo: Demo) -> Page:
    """JupyterLab of the project, as the researcher opens it from the project's page."""
    page = windows.window()
    sign_in(page, demo.url, "researcher", demo.passwords["researcher"])
    page.get_by_role("link", name="Mortality in non-alcoholic fatty liver disease").click()
    picture(page, "demo-project")
    page.get_by_role("link", name="Open JupyterLab").click()
    page.wait_for_selector(".jp-LabShell", timeout=90_000)
    # An empty desk: JupyterLab remembers what was open the last time.
    page.goto(f"{demo.url}/user/researcher/{demo.project}/lab?reset")
    page.wait_for_selector(".wb-card", timeout=60_000)
    return page


def run_cell(page: Page, card: str, code: str) -> None:
    """A new notebook with one of the two kernels, one cell, run."""
    title = page.locator(".wb-title", has_text=re.compile(f"^{card}$"))
    page.locator(".wb-card", has=title).click()
    editor = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell .cm-content").first
    # A cell that is run before its kernel answers is not run at all.
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Idle", timeout=60_000)
    editor.click()
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")


def test_the_researcher_gets_a_released_table_in_jupyterlab(windows: Browsing, demo: Demo) -> None:
    page = lab_of(windows, demo)
    run_cell(page, "Workbench", TABLE)
    output = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea")

    expect(output.get_by_role("table").first).to_be_visible(timeout=30_000)
    expect(output.first).to_contain_text("17")
    picture(page, "demo-jupyterlab")


def test_the_researcher_finds_the_release_and_its_certificate(
    windows: Browsing, demo: Demo, tmp_path: Path
) -> None:
    page = windows.window()
    sign_in(page, demo.url, "researcher", demo.passwords["researcher"])
    page.goto(f"{demo.url}/services/portal/projects/{demo.project}")
    page.locator("a[href*='/releases/']").first.click()
    picture(page, "demo-release")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download the certificate").click()
    saved.value.save_as(tmp_path / "certificate.json")

    assert demo.command("verify", str(tmp_path / "certificate.json")).returncode == 0


def test_a_sealed_run_goes_through_the_officer_and_home(
    windows: Browsing, demo: Demo, tmp_path: Path
) -> None:
    page = lab_of(windows, demo)
    run_cell(page, "Sealed run", SEALED)
    shown = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea").first
    expect(shown).to_contain_text("ended", timeout=60_000)
    picture(page, "demo-sealed-run")

    officer = windows.window()
    sign_in(officer, demo.url, "officer", demo.passwords["officer"])
    open_review_of(officer, demo.url, "by-sex.csv")
    expect(officer.get_by_text("by-sex.csv").first).to_be_visible()
    picture(officer, "demo-review")
    officer.get_by_role("link", name="Approve…").click()
    officer.get_by_role("button", name="Yes, release these files").click()
    expect(officer.get_by_role("status")).to_contain_text("Approved.")

    page.goto(f"{demo.url}/services/portal/projects/{demo.project}")
    page.locator("a[href*='/outputs/']").first.click()
    picture(page, "demo-output")
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("by-sex.csv")).first.click()
    saved.value.save_as(tmp_path / "by-sex.csv")

    lines = (tmp_path / "by-sex.csv").read_text().split()
    assert sorted(lines) == ["female,9348", "male,8201", "sex,n"]


def load_next_version(demo: Demo, folder: Path) -> None:
    """The same extract under a contract of the next version, packed and staged by commands."""
    contract = folder / "contract"
    shutil.copytree(ROOT / "docs/tutorial/nafld/nafld_person", contract)
    text = (contract / "contract.toml").read_text(encoding="utf-8")
    (contract / "contract.toml").write_text(text.replace('version = "1.0.0"', 'version = "1.0.1"'))
    pack = folder / "next.wbpack"
    extract = str(demo.home / "extracts/nafld_person.csv")
    card = str(demo.instance / "card.json")
    packed = demo.command(
        "extract", "pack", extract, "--contract", str(contract), "--card", card, "--out", str(pack)
    )
    assert packed.returncode == 0, packed.stderr
    loaded = demo.command("registry", "load", str(pack))
    assert loaded.returncode == 0, loaded.stderr


def test_the_owner_reads_a_report_publishes_and_rolls_back(
    windows: Browsing, demo: Demo, tmp_path: Path
) -> None:
    load_next_version(demo, tmp_path)
    page = windows.window()
    sign_in(page, demo.url, "owner", demo.passwords["owner"])
    page.get_by_role("link", name="1 load to publish").click()
    page.locator("main a[href*='/loads/']").first.click()
    expect(page.get_by_text(re.compile(r"17\s549")).first).to_be_visible()
    picture(page, "demo-owner")
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Yes, publish").click()
    expect(page.get_by_role("status")).to_contain_text("Published.")
    page.goto(f"{demo.url}/services/portal/registries/nafld_base")
    page.get_by_role("link", name="Roll back…").click()
    page.get_by_role("button", name="Yes, roll back").click()

    expect(page.get_by_role("status")).to_contain_text("Rolled back.")
    assert "1.0.0" in demo.command("registry", "list").stdout


def test_an_owner_sees_nothing_of_another_registry(windows: Browsing, demo: Demo) -> None:
    page = windows.window()
    sign_in(page, demo.url, "owner", demo.passwords["owner"])

    answer = page.goto(f"{demo.url}/services/portal/registries/nafld_lab")

    assert answer is not None
    assert answer.status in {403, 404}


def test_a_stranger_cannot_open_the_projects_server(windows: Browsing, demo: Demo) -> None:
    page = windows.window()
    page.goto(f"{demo.url}/hub/login")
    fill_login(page, "owner", demo.passwords["owner"])
    page.goto(f"{demo.url}/hub/spawn/owner/{demo.project}")

    expect(page.locator("body")).to_contain_text(re.compile("permit|member", re.IGNORECASE))
    assert json.loads((demo.home / "summary.json").read_text())["steps"]
