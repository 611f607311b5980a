"""The contracts of published datasets, read from the store's signed manifests."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from pseudonym import errors as pseudonym
from pseudonym.signed import open_document
from pseudonym.store.manifest import read_manifest
from pseudonym.store.versions import Pointer
from workbench.domain.errors import Refusal
from workbench.ports import CatalogueVariable

__all__ = ["StoreCatalogue"]

_PURPOSE = "published versions"


class StoreCatalogue:
    """ports.Catalogue over the store's folder; needs its public key only."""

    def __init__(self, zone: Path, signer: bytes) -> None:
        self._zone = zone
        self._signer = signer

    def variables(self, dataset: str) -> Sequence[CatalogueVariable]:
        """The variables of the current version, in the contract's order. Raises Refusal."""
        try:
            document = open_document(
                _PURPOSE, (self._zone / "published.json").read_bytes(), self._signer
            )
            history = Pointer.model_validate(document).datasets.get(dataset, ())
            places = list((self._zone / "registries").glob(f"*/{dataset}"))
            if not history or len(places) != 1:
                raise _not_published(dataset)
            manifest, _ = read_manifest(places[0] / history[-1].version, self._signer)
            contract = manifest.read_contract()
        except (FileNotFoundError, ValidationError):
            raise _not_published(dataset) from None
        except pseudonym.Refusal as refusal:
            raise Refusal(refusal.code, refusal.reason, refusal.remedy) from None
        return tuple(
            CatalogueVariable(
                variable.name,
                variable.data_type,
                {str(language): text for language, text in variable.label.items()},
                len(variable.value_domain.codes),
            )
            for variable in contract.variables
        )


def _not_published(dataset: str) -> Refusal:
    return Refusal(
        "not_published",
        f"No registry has published a dataset named {dataset}.",
        "`workbench registry list` shows what there is.",
    )
