"""The book of releases: a release, its ledger entry, its charge and its event, or none of them.

What was spent is the exact sum over the releases themselves, so no second number can drift.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, union

from workbench.adapters.sql.permits import held_permit
from workbench.adapters.sql.schema import charges, extensions, memberships, releases
from workbench.adapters.sql.store import Store
from workbench.adapters.sql.text import (
    fraction_of,
    fraction_text,
    json_of,
    json_text,
    time_of,
    time_text,
)
from workbench.domain.audit import AuditEvent
from workbench.domain.budget import (
    Account,
    Charge,
    Extension,
    RegistryAccount,
    check_extension,
)
from workbench.domain.errors import Refusal
from workbench.domain.release import Membership, Release, check_charge

__all__ = ["SqlReleaseBook"]


class SqlReleaseBook:
    """ports.ReleaseBook."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(
        self,
        release: Release,
        membership: Membership | None,
        event: AuditEvent,
        charged: Sequence[Charge] = (),
    ) -> Release:
        """Release, membership, charges and audit event in one transaction.

        Returns the earlier release of the same fingerprint, uncharged, if there is one. Raises
        Refusal: budget_exhausted, registry_budget_exhausted, no_permit, permit_inactive; then
        nothing has changed.
        """
        with self._store.write() as writing:
            connection = writing.connection
            before = _answered(connection, release.project, release.fingerprint)
            if before is not None:
                return before
            held = held_permit(connection, release.project)
            account = _account(connection, release.project)
            registries = [
                (one, _registry(connection, release.project, one.registry)) for one in charged
            ]
            check_charge(account, release, held.state if held else None, membership, registries)
            connection.execute(
                insert(releases).values(**_columns(release), **writing.anchored(event))
            )
            if membership is not None:
                connection.execute(
                    insert(memberships).values(
                        release=membership.release,
                        view_version=membership.view_version,
                        cells=membership.cells,
                        published=json_text(membership.published),
                        sealed=membership.sealed,
                    )
                )
            for one in charged if release.rho else ():
                connection.execute(
                    insert(charges).values(release=release.id, registry=one.registry)
                )
        return release

    def extend(self, extension: Extension, event: AuditEvent) -> None:
        """Grant more to an account. Raises Refusal: no_permit, bad_extension, reason_missing."""
        check_extension(extension)
        with self._store.write() as writing:
            if held_permit(writing.connection, extension.project) is None:
                raise Refusal("no_permit", "This project has no permit.", "Grant one first.")
            writing.connection.execute(
                insert(extensions).values(
                    project=extension.project,
                    registry=extension.registry,
                    rho=fraction_text(extension.rho),
                    granted_by=extension.granted_by,
                    why=extension.why,
                    at=time_text(extension.at),
                    **writing.anchored(event),
                )
            )

    def extensions(self, project: str) -> Sequence[Extension]:
        """What was granted to a project beyond its permit and policy, oldest first."""
        query = (
            select(extensions)
            .where(extensions.c.project == project)
            .order_by(extensions.c.audit_position)
        )
        with self._store.read() as connection:
            return tuple(map(_extension, connection.execute(query)))

    def registry_accounts(self, project: str) -> Sequence[RegistryAccount]:
        """What a project has spent on each registry's data, by registry."""
        paid = (
            select(charges.c.registry)
            .join(releases, releases.c.id == charges.c.release)
            .where(releases.c.project == project)
        )
        more = select(extensions.c.registry).where(
            extensions.c.project == project, extensions.c.registry != ""
        )
        with self._store.read() as connection:
            names = sorted(set(connection.execute(union(paid, more)).scalars()))
            return tuple(_registry(connection, project, name) for name in names)

    def by_fingerprint(self, project: str, fingerprint: str) -> Release | None:
        """The release that answered the same question before."""
        with self._store.read() as connection:
            return _answered(connection, project, fingerprint)

    def find(self, release: str) -> Release | None:
        """A release by id."""
        with self._store.read() as connection:
            query = select(releases).where(releases.c.id == release)
            row = connection.execute(query).one_or_none()
        return None if row is None else _release(row)

    def of_project(self, project: str) -> Sequence[Release]:
        """All releases of a project, oldest first."""
        query = (
            select(releases)
            .where(releases.c.project == project)
            .order_by(releases.c.audit_position)
        )
        with self._store.read() as connection:
            return tuple(map(_release, connection.execute(query)))

    def memberships(self, project: str) -> Sequence[Membership]:
        """The ledger of a project, oldest first."""
        query = (
            select(memberships)
            .join(releases, releases.c.id == memberships.c.release)
            .where(releases.c.project == project)
            .order_by(releases.c.audit_position)
        )
        with self._store.read() as connection:
            return tuple(map(_membership, connection.execute(query)))

    def account(self, project: str) -> Account:
        """The privacy account; granted comes from the permit, nothing without one."""
        with self._store.read() as connection:
            return _account(connection, project)


def _answered(connection: Connection, project: str, fingerprint: str) -> Release | None:
    query = select(releases).where(
        releases.c.project == project, releases.c.fingerprint == fingerprint
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _release(row)


def _account(connection: Connection, project: str) -> Account:
    held = held_permit(connection, project)
    granted = Fraction(held.permit.budget_rho) if held else Fraction(0)
    spent = _summed(
        connection,
        select(releases.c.rho, func.count())
        .where(releases.c.project == project)
        .group_by(releases.c.rho),
    )
    return Account(project, granted + _extended(connection, project, ""), spent)


def _registry(connection: Connection, project: str, registry: str) -> RegistryAccount:
    spent = _summed(
        connection,
        select(releases.c.rho, func.count())
        .join(charges, charges.c.release == releases.c.id)
        .where(releases.c.project == project, charges.c.registry == registry)
        .group_by(releases.c.rho),
    )
    return RegistryAccount(project, registry, spent, _extended(connection, project, registry))


def _extended(connection: Connection, project: str, registry: str) -> Fraction:
    return _summed(
        connection,
        select(extensions.c.rho, func.count())
        .where(extensions.c.project == project, extensions.c.registry == registry)
        .group_by(extensions.c.rho),
    )


def _summed(connection: Connection, amounts: Select[Any]) -> Fraction:
    """The exact sum of amounts and how often each occurs."""
    found = connection.execute(amounts)
    return sum((fraction_of(rho) * times for rho, times in found), Fraction(0))


def _columns(release: Release) -> dict[str, Any]:
    return {
        "id": release.id,
        "project": release.project,
        "user": release.user,
        "plan": release.plan,
        "fingerprint": release.fingerprint,
        "view_version": release.view_version,
        "policy": release.policy,
        "body": json_text(dict(release.body)),
        "certificate": json_text(dict(release.certificate)),
        "rho": fraction_text(release.rho),
        "created": time_text(release.created),
    }


def _release(row: Row[Any]) -> Release:
    return Release(
        id=row.id,
        project=row.project,
        user=row.user,
        plan=row.plan,
        fingerprint=row.fingerprint,
        view_version=row.view_version,
        policy=row.policy,
        body=json_of(row.body),
        certificate=json_of(row.certificate),
        rho=fraction_of(row.rho),
        created=time_of(row.created),
    )


def _extension(row: Row[Any]) -> Extension:
    return Extension(
        project=row.project,
        registry=row.registry,
        rho=fraction_of(row.rho),
        granted_by=row.granted_by,
        why=row.why,
        at=time_of(row.at),
    )


def _membership(row: Row[Any]) -> Membership:
    published = tuple(tuple(cells) for cells in json_of(row.published))
    return Membership(row.release, row.view_version, row.cells, published, bytes(row.sealed))
