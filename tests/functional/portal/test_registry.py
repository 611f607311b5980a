"""A registry owner: reports by row and rule, publication, the way back, who uses the data."""

from tests.functional.portal.conftest import Browse
from tests.lib.portal_world import REGISTRY, World, add_load

DATASET = "nafld_measurement"


def test_a_report_names_rules_and_row_numbers(browse: Browse, world: World) -> None:
    load = add_load(world, "1.2.0", "staged")
    page = browse("owner-lab").page(f"loads/{load.id}")
    assert "unknown_code" in page
    assert "17, 18, 19" in page
    assert "… and 3 more" in page
    assert "23 rows hold a code that is not in the code list." in page
    assert "Rows left out" in page


def test_publishing_asks_first_and_tells_the_desk_once(browse: Browse, world: World) -> None:
    add_load(world, "1.1.0", "published")
    load = add_load(world, "1.2.0", "staged")
    owner = browse("owner-lab")
    assert "Yes, publish" in owner.page(f"loads/{load.id}/publish")
    assert world.desk.told == []
    answer = owner.submit(f"loads/{load.id}/publish")
    assert answer.headers["location"].endswith(f"registries/{REGISTRY}?done=publish")
    assert world.desk.told == [("publish", DATASET, "1.2.0")]
    states = {held.version: held.state for held in world.records.loads.all()}
    assert states == {"1.1.0": "superseded", "1.2.0": "published"}
    assert owner.submit(f"loads/{load.id}/publish").status_code == 409
    assert len(world.desk.told) == 1


def test_a_refused_load_is_not_published(browse: Browse, world: World) -> None:
    load = add_load(world, "1.3.0", "refused")
    owner = browse("owner-lab")
    assert "This load cannot be published as it stands." in owner.page(f"loads/{load.id}")
    assert owner.submit(f"loads/{load.id}/publish").status_code == 409
    assert world.desk.told == []


def test_rolling_back_asks_first_and_binds_to_the_version_that_was_seen(
    browse: Browse, world: World
) -> None:
    add_load(world, "1.0.0", "superseded")
    add_load(world, "1.1.0", "published")
    owner = browse("owner-lab")
    path = f"registries/{REGISTRY}/{DATASET}/rollback"
    assert "Yes, roll back" in owner.page(path)
    assert owner.submit(path, published="1.0.9").status_code == 409
    assert world.desk.told == []
    assert owner.submit(path, published="1.1.0").status_code == 303
    assert world.desk.told == [("rollback", DATASET)]
    states = {held.version: held.state for held in world.records.loads.all()}
    assert states == {"1.0.0": "published", "1.1.0": "rolled_back"}


def test_there_is_no_way_back_before_a_second_version(browse: Browse, world: World) -> None:
    add_load(world, "1.0.0", "published")
    assert "Roll back" not in browse("owner-lab").page(f"registries/{REGISTRY}")


def test_an_owner_sees_who_uses_the_data_without_names(browse: Browse, world: World) -> None:
    add_load(world, "1.0.0", "published")
    page = browse("owner-lab").page(f"registries/{REGISTRY}")
    assert "Liver disease and mortality" in page
    assert f'<span class="code">{DATASET}</span>&nbsp;(2)' in page
    assert "colleague" not in page


def test_tasks_lead_the_owner_to_what_waits(browse: Browse, world: World) -> None:
    add_load(world, "1.0.0", "published")
    add_load(world, "1.2.0", "staged")
    page = browse("owner-lab").page("")
    assert "1 load to publish" in page
    assert f'href="/services/portal/registries/{REGISTRY}"' in page
    assert "load to publish" not in browse("owner-dx").page("")
