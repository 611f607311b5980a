"""The book of permits."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from workbench.adapters.sql.schema import permits
from workbench.adapters.sql.store import Store
from workbench.domain.audit import AuditEvent
from workbench.domain.errors import Refusal
from workbench.domain.permit import Permit, PermitState
from workbench.domain.transitions import check_permit_move
from workbench.ports import HeldPermit

__all__ = ["SqlPermitBook", "held_permit"]


class SqlPermitBook:
    """ports.PermitBook."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def grant(self, permit: Permit, event: AuditEvent) -> None:
        """Add a permit, or amend the one of the same project: state and view stay as they are.

        Raises Refusal("revoked") for a project whose permit was revoked.
        """
        body = permit.model_dump_json()
        with self._store.write() as writing:
            held = held_permit(writing.connection, permit.project)
            if held is None:
                writing.connection.execute(
                    insert(permits).values(
                        project=permit.project,
                        body=body,
                        state=str(PermitState.ACTIVE),
                        view_version="",
                        **writing.anchored(event),
                    )
                )
                return
            if held.state is PermitState.REVOKED:
                raise Refusal(
                    "revoked", "The permit of this project was revoked.", "Grant a new project."
                )
            self._update(writing.connection, permit.project, body=body, **writing.anchored(event))

    def set_state(self, project: str, state: PermitState, event: AuditEvent) -> None:
        """Suspend, revoke or reactivate; Refusal("not_possible") against the table of moves."""
        with self._store.write() as writing:
            held = _known(writing.connection, project)
            check_permit_move(held.state, state)
            self._update(writing.connection, project, state=str(state), **writing.anchored(event))

    def set_view(self, project: str, view_version: str, event: AuditEvent) -> None:
        """Note the view that was built for the project."""
        with self._store.write() as writing:
            _known(writing.connection, project)
            self._update(
                writing.connection, project, view_version=view_version, **writing.anchored(event)
            )

    def find(self, project: str) -> HeldPermit | None:
        """The permit of a project."""
        with self._store.read() as connection:
            return held_permit(connection, project)

    def all(self) -> Sequence[HeldPermit]:
        """Every permit, by project."""
        with self._store.read() as connection:
            rows = connection.execute(select(permits).order_by(permits.c.project)).all()
        return tuple(sorted(map(_held, rows), key=lambda held: held.permit.project))

    @staticmethod
    def _update(connection: Connection, project: str, **values: Any) -> None:
        connection.execute(update(permits).where(permits.c.project == project).values(**values))


def held_permit(connection: Connection, project: str) -> HeldPermit | None:
    """The permit of a project within a transaction."""
    row = connection.execute(select(permits).where(permits.c.project == project)).one_or_none()
    return None if row is None else _held(row)


def _held(row: Row[Any]) -> HeldPermit:
    return HeldPermit(
        Permit.model_validate_json(row.body), PermitState(row.state), row.view_version
    )


def _known(connection: Connection, project: str) -> HeldPermit:
    held = held_permit(connection, project)
    if held is None:
        raise Refusal(
            "no_permit",
            "This project has no permit.",
            "Grant one with `workbench project grant PERMIT.toml`.",
        )
    return held
