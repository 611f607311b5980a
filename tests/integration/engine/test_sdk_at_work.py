"""Earlier releases, re-runs, explanations and jobs in the background, against a real engine."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import workbench.sdk as wb
from tests.lib.engine_world import World, attached
from tests.lib.small_world import slow_view, small_view
from workbench.sdk.client import Client
from workbench.sdk.project import Project


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Any]]:
    made = World(tmp_path_factory.mktemp("sdk"))
    made.add(small_view("nafld-mortality"))
    made.add(slow_view("slow"))
    with made.served() as control:
        yield made, control


@pytest.fixture
def p(world: tuple[World, Any], tmp_path: Path) -> Iterator[Project]:
    with attached(world[1], tmp_path, os.getuid()) as path:
        yield Project(Client(path), tmp_path)


def test_an_earlier_release_comes_again_by_its_id(p: Project) -> None:
    made = p["person"].crosstab("sex")

    again = p.release(made.id)
    assert again.to_polars().equals(made.to_polars())
    assert again.plan == made.plan
    assert again.replayed


@pytest.mark.parametrize("number", ["0" * 16, "x", "../../etc"])
def test_no_other_release_is_told_of(p: Project, number: str) -> None:
    with pytest.raises(wb.Refused, match="history"):
        p.release(number)


def test_history_names_them_all(p: Project) -> None:
    made = p["person"].crosstab("sex")

    assert made.id in p.history()["release"].to_list()


def test_a_certificate_is_run_once_more(p: Project, tmp_path: Path) -> None:
    made = p["person"].crosstab("sex")
    saved = made.save_certificate(tmp_path / "certificate.json")

    for source in (saved, made.id, made, made.download(tmp_path / "kept")):
        rerun = p.rerun(source)
        assert rerun.same
        assert rerun.now.id == made.id


def test_a_plan_that_was_changed_in_the_file_is_not_taken_for_the_certified_one(
    p: Project, tmp_path: Path
) -> None:
    made = p["person"].crosstab("sex")
    saved = made.save_certificate(tmp_path / "certificate.json")
    saved.write_text(saved.read_text().replace("crosstab", "count"))

    with pytest.raises(wb.Refused, match="not the one that was certified"):
        p.rerun(saved)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"certificate": 3}', "\x00"])
def test_any_other_file_is_refused(p: Project, tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(wb.Refused, match="no certificate"):
        p.rerun(path)


def test_an_analysis_is_explained_without_being_sent(p: Project) -> None:
    before = p.history().height
    told = p.explain(p["person"].filter(p["person"].age > 40).crosstab, "sex")

    assert "Count the persons by sex" in told.words
    assert set(told.variables) == {"person.age", "person.sex"}
    assert told.filters
    assert p.history().height == before


def test_what_is_no_analysis_cannot_be_explained(p: Project) -> None:
    with pytest.raises(wb.Refused, match="no analysis"):
        p.explain(p["person"].filter, p["person"].age > 40)


def test_a_job_is_awaited_while_the_notebook_goes_on(p: Project) -> None:
    async def both() -> list[Any]:
        jobs = [p.later(p["person"].crosstab, "sex"), p.later(p["person"].count, by="region")]
        return [await one for one in jobs]

    first, second = asyncio.run(both())
    assert first.to_polars()["sex"].to_list()
    assert second.to_polars()["region"].to_list()


def test_a_refusal_is_raised_where_the_answer_is_asked_for(p: Project) -> None:
    job = p.later(p["person"].crosstab, "age")

    with pytest.raises(wb.Refused, match="not_a_dimension"):
        job.result(20)
    assert "refused" in repr(job)


def test_a_job_is_stopped_and_nothing_is_released(world: tuple[World, Any], tmp_path: Path) -> None:
    with attached(world[1], tmp_path, os.getuid(), project="slow") as path:
        p = Project(Client(path), tmp_path)
        job = p.later(p["person"].crosstab, "sex")
        with pytest.raises(wb.Refused, match="not_done"):
            job.result(0.5)
        assert "crosstab" in repr(job)
        job.cancel()
        with pytest.raises(wb.Refused, match="stopped"):
            job.result(20)
        assert p.history().is_empty()
