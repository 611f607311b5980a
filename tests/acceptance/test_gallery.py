"""Every study of the gallery in the real workbench: through the hub, in a locked-down kernel.

`make gallery` runs these; a nation of 200,000 is made up and loaded first, which takes minutes.
"""

import os
from pathlib import Path

import nbformat
import pytest

from tests.lib.demo_world import Demo
from tests.lib.gallery import NAFLD, NATION, STUDIES
from workbench.cli.demo.study import RELEASE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("WORKBENCH_LONG"), reason="several minutes: see make gallery"
    ),
]

PERSONS = int(os.environ.get("GALLERY_PERSONS", "200000"))
"""Fewer do for a look; the study of breast cancer then has too few women."""


@pytest.fixture(scope="module")
def nation(demo: Demo) -> Demo:
    """The demo with the synthetic nation loaded into it."""
    done = demo.command("registry", "demo-national", "--persons", str(PERSONS), patience=3600)
    assert done.returncode == 0, done.stdout + done.stderr
    return demo


@pytest.mark.parametrize("study", [*NATION, NAFLD])
def test_a_study_runs_in_a_real_kernel_and_what_it_shows_was_released(
    nation: Demo, study: str, tmp_path: Path
) -> None:
    granted = nation.command("project", "grant", str(STUDIES / f"{study}.toml"), patience=1200)
    assert granted.returncode == 0, granted.stdout + granted.stderr
    target = tmp_path / f"{study}.ipynb"
    done = nation.command(
        "notebook", "run", str(STUDIES / f"{study}.ipynb"), "--project", study,
        "--user", "researcher", "--output", str(target),
        environ={"WORKBENCH_PASSWORD": nation.passwords["researcher"]},
        patience=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr

    read = nbformat.read(target, as_version=4)  # type: ignore[no-untyped-call]  # untyped library
    shown = [one.get("data", {}) for cell in read.cells for one in cell.get("outputs", ())]
    assert sum("image/svg+xml" in data for data in shown) >= 2
    assert sum(RELEASE in data for data in shown) >= 1
