"""What the portal is given: the storage of record, the desks, the clock, facts of the instance."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from workbench.ports import Blobs, Certifier, Clock, OverlapDesk, Records, RegistryDesk
from workbench.services.collect import DEFAULT_THRESHOLD

__all__ = ["Facts", "PortalServices", "ViewCatalogue"]


@dataclass(frozen=True)
class Facts:
    """What the pages may say about this installation; everything here is public.

    kind: demo, test or production. signers: raw Ed25519 public keys of the instance card.
    prefix, hub_prefix: URL paths, each beginning and ending with a slash.
    """

    instance: str
    kind: str
    signers: frozenset[bytes]
    prefix: str = "/services/portal/"
    hub_prefix: str = "/hub/"


class ViewCatalogue(Protocol):
    """The schema of a project's view: labels, units, codes; no row."""

    def describe(self, project: str, version: str) -> Mapping[str, Any] | None:
        """The view's schema as `View.describe()` gives it; None before the first build."""


@dataclass(frozen=True)
class PortalServices:
    """Everything the pages call; they hold no rule and open nothing themselves.

    spool: where the gate daemon leaves finished runs, collected every second. threshold: the
    smallest count of persons that the instance's strictest policy shows, for the findings.
    """

    records: Records
    desk: RegistryDesk
    blobs: Blobs
    certifier: Certifier
    overlaps: OverlapDesk
    clock: Clock
    catalogue: ViewCatalogue
    spool: Path
    facts: Facts
    threshold: int = DEFAULT_THRESHOLD
