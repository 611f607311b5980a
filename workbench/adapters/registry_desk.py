"""ports.RegistryDesk and ports.Catalogue over the linker's socket."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pseudonym.errors
from pseudonym.keys import read_secret
from pseudonym.linker_client import LinkerClient
from workbench.domain.errors import Fault, Refusal
from workbench.ports import CatalogueVariable

__all__ = ["SocketRegistryDesk"]

T = TypeVar("T")
LINK = "LINK"


class SocketRegistryDesk:
    """The linker as the workbench sees it; Refusal("not_running") when it does not answer."""

    def __init__(self, socket: Path, secret_file: Path) -> None:
        self._socket = socket
        self._secret_file = secret_file

    def load(self, pack: Path) -> Mapping[str, Any]:
        """Open, validate, pseudonymise and stage a pack."""
        return self._ask(lambda client: client.load(pack))

    def publish(self, dataset: str, version: str) -> None:
        """One pointer switch."""
        self._ask(lambda client: client.publish(dataset, version))

    def rollback(self, dataset: str) -> str:
        """Back to the version published before; returns it."""
        return self._ask(lambda client: client.rollback(dataset))

    def build_view(self, permit: Mapping[str, Any]) -> Mapping[str, Any]:
        """Build (or re-use) the project's view and its twin."""
        return self._ask(lambda client: client.build_view(permit))

    def variables(self, dataset: str) -> Sequence[CatalogueVariable]:
        """The variables and links of the current version; Refusal("not_published") without one."""
        contract = self._ask(lambda client: client.contract(dataset))
        variables = tuple(
            CatalogueVariable(
                name=item["name"],
                data_type=item["dataType"],
                label=item["label"],
                codes=len(item.get("valueDomain", {}).get("codes", ())),
            )
            for item in contract["variable"]
        )
        links = (item for item in contract["identifier"] if "link" in item)
        return variables + tuple(
            CatalogueVariable(item["name"], LINK, item["link"]) for item in links
        )

    def _ask(self, question: Callable[[LinkerClient], T]) -> T:
        try:
            return question(LinkerClient(self._socket, read_secret(self._secret_file)))
        except pseudonym.errors.Refusal as refusal:
            raise Refusal(refusal.code, refusal.reason, refusal.remedy) from None
        except pseudonym.errors.Fault as fault:
            raise Fault(fault.what, fault.incident) from None
