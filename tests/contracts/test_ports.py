"""Nothing changes without an audit event: a property of the interfaces, not of vigilance."""

import inspect
from typing import get_type_hints

import pytest

from workbench import ports
from workbench.domain.audit import AuditEvent

BOOKS = (ports.AuditLog, ports.PermitBook, ports.ReleaseBook, ports.OutputBook, ports.LoadBook)
READS = {
    "entries", "anchors", "find", "all", "by_fingerprint", "of_project", "memberships", "account",
    "waiting", "in_state", "extensions", "registry_accounts",
}  # fmt: skip


def methods(book: type) -> dict[str, object]:
    return {
        name: method
        for name, method in inspect.getmembers(book, inspect.isfunction)
        if not name.startswith("_")
    }


@pytest.mark.parametrize("book", BOOKS)
def test_every_method_that_changes_something_takes_an_audit_event(book: type) -> None:
    silent = [
        name
        for name, method in methods(book).items()
        if name not in READS and AuditEvent not in get_type_hints(method).values()
    ]

    assert silent == []


@pytest.mark.parametrize("book", BOOKS)
def test_no_method_that_only_reads_takes_one(book: type) -> None:
    loud = [
        name
        for name, method in methods(book).items()
        if name in READS and AuditEvent in get_type_hints(method).values()
    ]

    assert loud == []


def test_every_exemption_is_still_needed() -> None:
    known = {name for book in BOOKS for name in methods(book)}

    assert known >= READS


def test_the_records_hold_exactly_these_books() -> None:
    held = {
        get_type_hints(member.fget)["return"]
        for _, member in inspect.getmembers(ports.Records, lambda m: isinstance(m, property))
    }

    assert held == set(BOOKS)
