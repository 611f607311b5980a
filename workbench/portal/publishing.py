"""An owner's publication and way back, from a page or a script: who first, then the service."""

from workbench.domain.errors import Refusal
from workbench.domain.permissions import Person, check_publish_load, check_read_load
from workbench.portal.services import PortalServices
from workbench.ports import LoadRecord
from workbench.services.publish import publish_version, rollback_dataset

__all__ = ["check_staged", "publish", "read_load_of", "roll_back"]


def read_load_of(services: PortalServices, person: Person, load_id: str) -> LoadRecord:
    """A load that the person may read. Raises Refusal("no_load", "not_permitted")."""
    found = services.records.loads.find(load_id)
    if found is None:
        raise Refusal("no_load", "There is no such load.", "Look at the list again.")
    check_read_load(person, found.registry)
    return found


def check_staged(person: Person, load: LoadRecord) -> None:
    """Refuse what this person may not publish, and what is not waiting to be."""
    check_publish_load(person, load.registry)
    if load.state != "staged":
        raise Refusal(
            "moved_on", f"The load is {load.state}.", "Only a staged load can be published."
        )


def publish(services: PortalServices, person: Person, load_id: str) -> LoadRecord:
    """Publish a staged load; returns it as it then stands. Raises Refusal."""
    load = read_load_of(services, person, load_id)
    check_staged(person, load)
    return publish_version(
        services.records, services.desk, load.dataset, load.version, who=person.name
    )


def roll_back(
    services: PortalServices, person: Person, registry: str, dataset: str, *, published: str
) -> LoadRecord:
    """Back to the version before, if `published` is still the current one. Raises Refusal."""
    check_publish_load(person, registry)
    current = [
        load.version
        for load in services.records.loads.all()
        if (load.registry, load.dataset, load.state) == (registry, dataset, "published")
    ]
    if not current:
        raise Refusal("no_load", "Nothing of this dataset is published.", "Publish a load first.")
    if current != [published]:
        raise Refusal(
            "moved_on",
            "Another version was published meanwhile.",
            "Open the registry again and look at what is published now.",
        )
    return rollback_dataset(services.records, services.desk, dataset, who=person.name)
