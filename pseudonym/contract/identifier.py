"""Identifiers: which persons or units a row speaks of, and what happens to unusable ids."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pseudonym.contract.closed import Closed, Header, Labels, Name, Several

__all__ = ["IdType", "Identifier"]

IdType = Literal["FNR", "DNR", "HNR", "FHN", "LOCAL", "NONE"]


class Identifier(Closed):
    """One person (or unit) that a row speaks of; several in one row are normal.

    The first identifier is whose row it is. LOCAL ids live in `namespace` (default: the registry's
    id); NONE means that each row is a person of its own, and there is no column. link: what this
    person is to the row's own ("Mother"); a permit may then open the way from one to the other.
    onMissing "allow": rows that name nobody here are in order.
    """

    name: Name
    unit_type: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,62}$")] = "PERSON"
    column: Header | None = None
    id_type: Annotated[tuple[IdType, ...], Several, Field(min_length=1)]
    namespace: Name | None = None
    checksum: Literal["1964", "2032"] = "2032"
    on_invalid: Literal["quarantine", "keep_unlinked", "stop"] = "quarantine"
    on_missing: Literal["quarantine", "keep_unlinked", "stop", "allow"] = "quarantine"
    link: Labels | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Identifier":
        alone = {"LOCAL", "NONE"} & set(self.id_type)
        if alone and len(self.id_type) > 1:
            raise ValueError("idType LOCAL and NONE stand alone")
        if (self.id_type == ("NONE",)) != (self.column is None):
            raise ValueError("an identifier has a column, unless its idType is NONE")
        if self.link is not None and (self.unit_type != "PERSON" or self.column is None):
            raise ValueError("a link leads to a PERSON that a column names")
        return self

    @property
    def national(self) -> bool:
        """Whether its ids are national identity numbers."""
        return not {"LOCAL", "NONE"} & set(self.id_type)
