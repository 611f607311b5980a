"""Variables: type, label, unit, value domain (code list or range), missing values, row rules."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pseudonym.contract.closed import Closed, Header, Labels, Name, Several, Text
from pseudonym.contract.rules import parse_rule

__all__ = ["Code", "DataType", "Disclosure", "Missing", "ValueDomain", "Variable"]

DataType = Literal["STRING", "LONG", "DOUBLE", "DATE", "BOOLEAN"]
Bound = int | float | date


class Code(Closed):
    """One code of a code list and the days on which it is valid (None: open)."""

    code: Annotated[str, Field(min_length=1, max_length=100)]
    label: Labels
    valid_from: date | None = None
    valid_until: date | None = None


class ValueDomain(Closed):
    """Enumerated (codes, from code lists) or described (a range); valid_at: a DATE variable."""

    code_list: Annotated[tuple[Name, ...], Several] = ()
    codes: tuple[Code, ...] = ()
    valid_at: Name | None = None
    description: Labels | None = None
    measurement_type: Text = ""
    min: Bound | None = None
    max: Bound | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "ValueDomain":
        ranged = self.min is not None or self.max is not None
        if ranged and (self.code_list or self.codes):
            raise ValueError("a value domain has a code list or a range, not both")
        if self.code_list and not self.codes:
            raise ValueError("the code list is empty")
        if self.min is not None and self.max is not None:
            if isinstance(self.min, date) != isinstance(self.max, date):
                raise ValueError("min and max are both numbers or both dates")
            if self.min > self.max:  # type: ignore[operator]  # both numbers or both dates, see above
                raise ValueError("min lies above max")
        return self


class Missing(Closed):
    """Whether a value may be missing, and which values mean so (they are read as missing)."""

    allowed: bool = True
    codes: tuple[Annotated[str, Field(max_length=100)], ...] = ()
    meaning: Labels | None = None


class Disclosure(Closed):
    """Hints for disclosure control, carried to the gate."""

    quasi_identifier: bool = False
    generalise: tuple[Text, ...] = ()


class Variable(Closed):
    """One column: `column` is its header in the owner's file when that differs from the name."""

    name: Name
    label: Labels
    data_type: DataType
    column: Header | None = None
    description: Labels | None = None
    unit: Annotated[str, Field(max_length=40)] = ""
    role: Literal["start", "stop", "measure", "attribute"] = "measure"
    value_domain: ValueDomain = ValueDomain()
    missing: Missing = Missing()
    date: Annotated[str, Field(min_length=2, max_length=40)] | None = None
    rules: tuple[Annotated[str, Field(max_length=200)], ...] = ()
    disclosure: Disclosure = Disclosure()

    @property
    def header(self) -> str:
        """Its header in the owner's file."""
        return self.column or self.name

    @model_validator(mode="after")
    def _typed(self) -> "Variable":
        domain = self.value_domain
        if domain.codes and self.data_type not in ("STRING", "LONG"):
            raise ValueError("only STRING and LONG have code lists")
        for bound in (domain.min, domain.max):
            if bound is not None and isinstance(bound, date) != (self.data_type == "DATE"):
                raise ValueError("min and max are of the variable's own type")
            if bound is not None and self.data_type in ("STRING", "BOOLEAN"):
                raise ValueError("STRING and BOOLEAN have no min and max")
        if self.role in ("start", "stop") and self.data_type not in ("DATE", "LONG"):
            raise ValueError("start and stop are DATE, or LONG days since an index date")
        for rule in self.rules:
            parse_rule(rule)
        return self
