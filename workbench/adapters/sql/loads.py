"""The book of loads and their validation reports."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, select, update

from workbench.adapters.sql.schema import loads
from workbench.adapters.sql.store import Store
from workbench.adapters.sql.text import json_of, json_text, time_of, time_text
from workbench.domain.audit import AuditEvent
from workbench.domain.errors import Refusal
from workbench.ports import LoadRecord

__all__ = ["SqlLoadBook"]


class SqlLoadBook:
    """ports.LoadBook."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, load: LoadRecord, event: AuditEvent) -> None:
        """Note a staged or refused load; a second note of the same load changes nothing."""
        with self._store.write() as writing:
            known = select(loads.c.id).where(loads.c.id == load.id)
            if writing.connection.execute(known).one_or_none() is not None:
                return
            writing.connection.execute(
                insert(loads).values(
                    id=load.id,
                    registry=load.registry,
                    dataset=load.dataset,
                    version=load.version,
                    state=load.state,
                    report=json_text(dict(load.report)),
                    at=time_text(load.at),
                    **writing.anchored(event),
                )
            )

    def set_state(self, load: str, state: str, event: AuditEvent) -> None:
        """Note what became of it; Refusal("no_load") for one that was never noted."""
        with self._store.write() as writing:
            known = select(loads.c.id).where(loads.c.id == load)
            if writing.connection.execute(known).one_or_none() is None:
                raise Refusal("no_load", "There is no such load.", "Look at the list of loads.")
            change = update(loads).where(loads.c.id == load)
            writing.connection.execute(change.values(state=state, **writing.anchored(event)))

    def find(self, load: str) -> LoadRecord | None:
        """A load by id."""
        with self._store.read() as connection:
            row = connection.execute(select(loads).where(loads.c.id == load)).one_or_none()
        return None if row is None else _load(row)

    def all(self) -> Sequence[LoadRecord]:
        """Every load, newest first."""
        query = select(loads).order_by(loads.c.at.desc(), loads.c.id.desc())
        with self._store.read() as connection:
            return tuple(map(_load, connection.execute(query)))


def _load(row: Row[Any]) -> LoadRecord:
    return LoadRecord(
        id=row.id,
        registry=row.registry,
        dataset=row.dataset,
        version=row.version,
        state=row.state,
        report=json_of(row.report),
        at=time_of(row.at),
    )
