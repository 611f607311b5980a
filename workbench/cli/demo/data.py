"""The demo's three registries: checked, packed, loaded, published, and opened by a permit."""

from pathlib import Path

from pseudonym.contract import load_contract
from pseudonym.pack import make_pack
from workbench.cli.demo.accounts import OWNERS
from workbench.cli.house import House
from workbench.domain.errors import Refusal
from workbench.services.grant import grant_permit
from workbench.services.load import load_pack
from workbench.services.permit_file import parse_permit
from workbench.services.publish import publish_version

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
    contract = load_contract(TUTORIAL / dataset)
    pack = extract.with_suffix(".wbpack")
    make_pack(extract, contract, rooms.card, pack)
    load = load_pack(rooms.records, rooms.desk, rooms.clock, pack, who=rooms.actor)
    if load.state == "refused":
        raise Refusal(
            "load_refused",
            f"The extract of {dataset} was refused.",
            f"Read its report: workbench registry report {load.id}",
        )
    owner = OWNERS[DATASETS[dataset]]
    publish_version(rooms.records, rooms.desk, dataset, load.version, who=owner)


def open_project(rooms: House) -> str:
    """Grant the example permit when it is not granted yet; the project's name."""
    permit = parse_permit((TUTORIAL / "permit.toml").read_text(encoding="utf-8"))
    if rooms.records.permits.find(permit.project) is None:
        grant_permit(rooms.records, rooms.desk, permit, who=rooms.actor, why="the demo's project")
    return permit.project
