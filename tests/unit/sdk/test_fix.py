"""A notebook is shown what a question may become, in both languages, and asks it with one call."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench.sdk as wb
from tests.lib.engine_world import World, attached
from tests.lib.every_analysis import rich_view


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[wb.Project]:
    folder = tmp_path_factory.mktemp("fix")
    world = World(folder)
    world.add(rich_view())
    with world.served() as control, attached(control, folder, os.getuid(), "alpha") as path:
        yield wb.open(path)


def test_a_refusal_is_mended_and_asked_with_one_call(project: wb.Project) -> None:
    with pytest.raises(wb.Refused) as refused:
        project["person"].kaplan_meier("days", "dead", times=[700, 1400], by="region")

    assert "May help: Leave region out." in str(refused.value)
    fix = refused.value.fix()

    assert fix.asked == "refused"
    assert fix.proposals[0].tried
    assert repr(fix) == repr(project.fix())
    assert "1. Merge the categories 1, 3 of region." in repr(fix)
    assert "Slå sammen kategoriene 1, 3 av region." in repr(fix.in_language("nb"))
    assert 'lang="nb"' in project.fix("nb")._repr_html_()
    released = fix.run()
    assert released.blocks["curve"]["region_coarser"].unique().sort().to_list() == ["1+3", "2"]


def test_a_release_with_withheld_numbers_is_mended_too(project: wb.Project) -> None:
    shown = project["person"].crosstab("sex", "region", margins=False)

    fix = shown.fix("nb")

    assert fix.asked == "withheld"
    assert set(fix.rules) >= {"threshold"}
    assert len(project.history()) == len(project.history().unique())
    assert json.loads(fix.proposals[0].plan)["analysis"]["k"]


def test_there_is_nothing_to_mend_where_the_gate_did_not_refuse(project: wb.Project) -> None:
    with pytest.raises(wb.Refused) as refused:
        project["person"].crosstab("place")
    whole = project["person"].count().fix()

    assert whole.proposals == ()
    assert "nothing to mend" in repr(whole)
    with pytest.raises(wb.Refused, match="no_proposal"):
        whole.run()
    with pytest.raises(wb.Refused, match="nothing_to_fix"):
        refused.value.fix()


def test_a_release_out_of_a_file_has_no_engine_to_ask(project: wb.Project, tmp_path: Path) -> None:
    saved = project["person"].count().save_certificate(tmp_path / "certificate.json")
    read = wb.Release(json.loads(saved.read_text()) | {"release": "0" * 16})

    with pytest.raises(wb.Refused, match="no_engine"):
        read.fix()
