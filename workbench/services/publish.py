"""Publish a dataset version, or go back to the one before: first the store, then the records."""

from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.ports import LoadRecord, Records, RegistryDesk

__all__ = ["publish_version", "rollback_dataset"]


def publish_version(
    records: Records,
    desk: RegistryDesk,
    dataset: str,
    version: str = "",
    *,
    who: str,
    why: str = "",
) -> LoadRecord:
    """Make a staged version the current one; without `version` the newest staged one.

    Safe to repeat: when a crash came between the store and the records, the second call mends the
    records. Raises Refusal("nothing_staged", "no_load") or the desk's.
    """
    load = _chosen(records, dataset, version)
    desk.publish(dataset, load.version)
    _settle(records, load, "superseded", What.DATA_LOAD_PUBLISH, who, why)
    return _found(records, load)


def rollback_dataset(
    records: Records, desk: RegistryDesk, dataset: str, *, who: str, why: str = ""
) -> LoadRecord:
    """Back to the version published before; returns its load. Raises the desk's Refusal."""
    version = desk.rollback(dataset)
    load = _chosen(records, dataset, version)
    _settle(records, load, "rolled_back", What.DATA_LOAD_ROLLBACK, who, why)
    return _found(records, load)


def _chosen(records: Records, dataset: str, version: str) -> LoadRecord:
    """The load of a version, or the newest staged; refused loads share a version with no data."""
    loads = [load for load in records.loads.all() if load.dataset == dataset]
    if version:
        wanted = [load for load in loads if load.version == version and load.state != "refused"]
    else:
        wanted = [load for load in loads if load.state == "staged"]
    if wanted:
        return wanted[0]
    raise Refusal(
        "no_load" if version else "nothing_staged",
        f"{dataset} has no {f'load of version {version}' if version else 'staged version'}.",
        "`workbench registry list` shows every load; `workbench registry load` stages one.",
    )


def _settle(
    records: Records, load: LoadRecord, before: str, what: What, who: str, why: str
) -> None:
    """Note the new current version and what became of the one it took the place of."""
    for other in records.loads.all():
        if other.dataset == load.dataset and other.state == "published" and other.id != load.id:
            subject = f"{other.dataset}/{other.version}"
            details = {"load": other.id, "state": before}
            records.loads.set_state(other.id, before, AuditEvent(what, who, subject, why, details))
    if load.state != "published":
        subject = f"{load.dataset}/{load.version}"
        details = {"load": load.id, "state": "published"}
        records.loads.set_state(load.id, "published", AuditEvent(what, who, subject, why, details))


def _found(records: Records, load: LoadRecord) -> LoadRecord:
    return records.loads.find(load.id) or load
