"""Faults of the engine: logged by type and place, told outside only by their incident's id."""

import logging
import secrets
import traceback
from pathlib import Path

from workbench.domain.errors import Fault

__all__ = ["fault", "incident"]

_log = logging.getLogger("workbench.engine")


def fault(what: str) -> Fault:
    """A fault with an incident id of its own; `what` holds no data value."""
    return Fault(what, secrets.token_hex(4))


def incident(error: BaseException) -> str:
    """Log an error by type and place, never by its message, and return the incident's id."""
    found = getattr(error, "incident", None)
    mark = found if isinstance(found, str) else secrets.token_hex(4)
    places = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)[-4:]
    ]
    _log.error("incident %s: %s at %s", mark, type(error).__name__, " > ".join(places))
    return mark
