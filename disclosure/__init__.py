"""Decides what may leave. Pure: evidence, policy, history and budget in; a decision out.

`disclosure.protect(tables, policy)` protects tables from anywhere, without the rest.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from disclosure.linked.protect import protect
    from disclosure.linked.table import ProtectedTable, Table

__all__ = ["ProtectedTable", "Table", "protect"]

HOMES = {
    "protect": "disclosure.linked.protect",
    "ProtectedTable": "disclosure.linked.table",
    "Table": "disclosure.linked.table",
}


def __getattr__(name: str) -> Any:
    """Import the library call when it is asked for: linear programmes take time to load."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(HOMES[name]), name)
