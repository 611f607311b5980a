"""The demo's three registries: checked, packed, loaded, published, and opened by a permit."""

from pathlib import Path

from pseudonym.contract import load_contract
from workbench.cli import taking
from workbench.cli.demo.accounts import OWNERS
from workbench.cli.house import House
from workbench.services.grant import grant_permit
from workbench.services.permit_file import parse_permit

__all__ = ["DATASETS", "TUTORIAL", "open_project", "published", "take_in"]

TUTORIAL = Path(__file__).resolve().parents[3] / "docs/tutorial/nafld"
DATASETS = {
    "nafld_person": "nafld_base",
    "nafld_measurement": "nafld_lab",
    "nafld_diagnosis": "nafld_dx",
}


def published(rooms: House, dataset: str) -> bool:
    """Whether a version of the dataset is published already."""
    return any(
        load.dataset == dataset and load.state == "published" for load in rooms.records.loads.all()
    )


def take_in(rooms: House, dataset: str, extract: Path) -> None:
    """Check and pack an extract as its owner would, load it, and publish it as its owner."""
    owner = OWNERS[DATASETS[dataset]]
    taking.take_in(rooms, load_contract(TUTORIAL / dataset), extract, owner)


def open_project(rooms: House) -> str:
    """Grant the example permit when it is not granted yet; the project's name."""
    permit = parse_permit((TUTORIAL / "permit.toml").read_text(encoding="utf-8"))
    if rooms.records.permits.find(permit.project) is None:
        grant_permit(rooms.records, rooms.desk, permit, who=rooms.actor, why="the demo's project")
    return permit.project
