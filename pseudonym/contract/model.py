"""The data contract as values: registry, dataset, file, identifiers, variables, thresholds.

Words are those of the Norwegian microdata model (temporalityType, unitType, valueDomain, codeList)
and of HealthDCAT-AP (publisher, legalBasis, healthCategory, accessRights), so that a contract can
be exported both ways. Schemas are closed: an unknown key is an error, never ignored.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from pseudonym.contract.canonical import digest
from pseudonym.contract.closed import Closed, Labels, Name, Text
from pseudonym.contract.identifier import Identifier
from pseudonym.contract.rules import parse_rule
from pseudonym.contract.thresholds import Thresholds
from pseudonym.contract.variable import Variable
from pseudonym.errors import Refusal

__all__ = ["Contract", "Dataset", "ExtractFile", "Registry", "Reporting", "bad_contract"]


class Registry(Closed):
    """Who answers for the data, and on which legal basis. owner: the account that publishes."""

    id: Name
    name: Labels
    publisher: Text
    owner: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$")] | None = None
    homepage: Text = ""
    legal_basis: tuple[Text, ...] = ()
    applicable_legislation: tuple[Text, ...] = ()
    health_category: tuple[Text, ...] = ()
    access_rights: Literal["PUBLIC", "RESTRICTED", "NON_PUBLIC"] = "NON_PUBLIC"


class Reporting(Closed):
    """How the owner sends it: whole, a period anew, or what is new."""

    mode: Literal["full", "replace_period", "append"] = "full"
    frequency: Text = ""
    period: Literal["", "year", "month"] = ""


class Dataset(Closed):
    """One table. FIXED: one row a person; EVENT: rows in time; keys are names, not headers."""

    id: Name
    version: Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")]
    label: Labels
    temporality: Annotated[
        Literal["FIXED", "STATUS", "ACCUMULATED", "EVENT"], Field(alias="temporalityType")
    ]
    sensitivity_level: Literal["PERSON_GENERAL", "PERSON_SPECIAL", "PUBLIC", "NONPUBLIC"] = (
        "PERSON_SPECIAL"
    )
    population_description: Labels | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    primary_key: tuple[Name, ...] = ()
    no_overlap: tuple[Name, ...] = ()
    """Periods of rows that share these may not overlap (with ACCUMULATED: the identifier too)."""
    reporting: Reporting = Reporting()


class ExtractFile(Closed):
    """How the owner's file is written; all but `format` matter for CSV only."""

    format: Literal["csv", "parquet"] = "csv"
    delimiter: Annotated[str, Field(pattern=r"^[,;|\t]$")] = ","
    encoding: Literal["utf-8", "latin-1", "windows-1252"] = "utf-8"
    decimal: Literal[".", ","] = "."
    missing: tuple[Annotated[str, Field(max_length=40)], ...] = ("",)
    date: Annotated[str, Field(min_length=2, max_length=40)] = "%Y-%m-%d"
    ignore: tuple[Annotated[str, Field(max_length=200)], ...] = ()
    """Headers of columns that are in the file and never read."""
    true: tuple[Annotated[str, Field(max_length=20)], ...] = ("true", "1")
    false: tuple[Annotated[str, Field(max_length=20)], ...] = ("false", "0")


class Contract(Closed):
    """What a registry promises of its extract; code lists included."""

    schema_version: Literal["1.0"] = "1.0"
    registry: Registry
    dataset: Dataset
    file: ExtractFile = ExtractFile()
    identifiers: Annotated[
        tuple[Identifier, ...], Field(alias="identifier", min_length=1, max_length=20)
    ]
    variables: Annotated[
        tuple[Variable, ...], Field(alias="variable", min_length=1, max_length=2000)
    ]
    thresholds: Annotated[Thresholds, Field(alias="load")] = Thresholds()

    @model_validator(mode="after")
    def _whole(self) -> "Contract":
        names = [item.name for item in self.identifiers]
        names += [item.name for item in self.variables]
        headers = [item.column for item in self.identifiers if item.column]
        headers += [item.header for item in self.variables]
        for what, values in (("name", names), ("column", headers)):
            twice = [value for value, count in Counter(values).items() if count > 1]
            if twice:
                raise ValueError(f"the {what} {twice[0]} is used twice")
        read_and_not = set(self.file.ignore) & set(headers)
        if read_and_not:
            raise ValueError(f"the column {min(read_and_not)} is described and ignored as well")
        if self.person.link is not None or self.person.on_missing == "allow":
            raise ValueError("the first identifier is the row's own: no link, never missing")
        kinds = {item.name: item.data_type for item in self.variables}
        for role in ("start", "stop"):
            if sum(item.role == role for item in self.variables) > 1:
                raise ValueError(f"only one variable has the role {role}")
        for name in (*self.dataset.primary_key, *self.dataset.no_overlap):
            if name not in names:
                raise ValueError(f"primaryKey or noOverlap names {name}, which does not exist")
        for item in self.variables:
            at = item.value_domain.valid_at
            if at is not None and kinds.get(at) != "DATE":
                raise ValueError(f"validAt of {item.name} names no DATE variable")
            for rule in item.rules:
                _comparable(rule, kinds)
        return self

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON, code lists included."""
        return digest(self.to_json())

    @property
    def person(self) -> Identifier:
        """Whose row it is."""
        return self.identifiers[0]

    @property
    def links(self) -> tuple[Identifier, ...]:
        """The other persons of a row to whom a permit may open the way."""
        return tuple(item for item in self.identifiers if item.link is not None)

    def namespace(self, identifier: Identifier) -> str:
        """Where a LOCAL id is unique: two registries link only by national or shared namespace."""
        return identifier.namespace or self.registry.id

    def with_role(self, role: Literal["start", "stop"]) -> Variable | None:
        """The variable that says when a row begins or ends."""
        return next((item for item in self.variables if item.role == role), None)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready mapping; `from_json` is its inverse."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Contract":
        """The contract of a mapping; Refusal("bad_contract") names the place, never the input."""
        try:
            return cls.model_validate(value)
        except ValidationError as wrong:
            raise bad_contract(wrong) from None


def bad_contract(wrong: ValidationError) -> Refusal:
    """The first problem of a contract, by place, and how many there are."""
    first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(step + 1 if isinstance(step, int) else step) for step in first["loc"])
    more = f" ({wrong.error_count() - 1} more problems)" if wrong.error_count() > 1 else ""
    return Refusal(
        "bad_contract",
        f"The contract is not valid at {place or 'the top'}: {first['msg']}{more}.",
        "Correct contract.toml; docs/reference/contract.md lists every field.",
    )


def _comparable(text: str, kinds: Mapping[str, str]) -> None:
    """A rule compares known variables of like type."""
    rule = parse_rule(text)
    unknown = [name for name in rule.names if name not in kinds]
    if unknown:
        raise ValueError(f"a rule names {unknown[0]}, which is no variable")
    sides = {
        kinds[side] if isinstance(side, str) else "DATE" if isinstance(side, date) else "LONG"
        for side in (rule.left, rule.right)
    }
    if not (sides <= {"LONG", "DOUBLE"} or sides in ({"DATE"}, {"STRING"})):
        raise ValueError("a rule compares numbers with numbers and dates with dates")
