"""An owner's extract all the way: checked, sealed, loaded, published; safe to begin again."""

from pathlib import Path

from pseudonym.contract import Contract
from pseudonym.extract.checking import Progress
from pseudonym.pack import make_pack
from workbench.cli.house import House
from workbench.domain.errors import Refusal
from workbench.services.load import load_pack
from workbench.services.publish import publish_version

__all__ = ["take_in"]


def take_in(
    rooms: House,
    contract: Contract,
    extract: Path,
    owner: str,
    progress: Progress | None = None,
) -> None:
    """Check and seal an extract as its owner would, load it, and publish it as its owner.

    What is staged already is only published. Raises Refusal: the pack's and the load's own, and
    "load_refused" when the platform found what the owner's check did not.
    """
    tell = progress or (lambda *_: None)
    dataset, version = contract.dataset.id, contract.dataset.version
    if not any(
        (load.dataset, load.version, load.state) == (dataset, version, "staged")
        for load in rooms.records.loads.all()
    ):
        pack = extract.with_suffix(".wbpack")
        try:
            make_pack(extract, contract, rooms.card, pack, lambda step, done: tell(step, done / 2))
            tell("load", 0.5)
            load = load_pack(rooms.records, rooms.desk, rooms.clock, pack, who=rooms.actor)
        finally:
            pack.unlink(missing_ok=True)
        if load.state == "refused":
            raise Refusal(
                "load_refused",
                f"The extract of {dataset} was refused.",
                f"Read its report: workbench registry report {load.id}",
            )
    tell("publish", 0.95)
    publish_version(rooms.records, rooms.desk, dataset, version, who=owner)
    tell("published", 1.0)
