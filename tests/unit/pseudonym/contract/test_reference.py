"""The reference page of the contract names every field and every rule."""

from pathlib import Path

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from pseudonym.contract.identifier import Identifier
from pseudonym.contract.model import Contract, Dataset, ExtractFile, Registry
from pseudonym.contract.texts import TEXTS
from pseudonym.contract.thresholds import Thresholds
from pseudonym.contract.variable import Variable

PAGE = (Path(__file__).parents[4] / "docs/reference/contract.md").read_text(encoding="utf-8")


def test_every_rule_has_its_line() -> None:
    assert [rule for rule in TEXTS if f"| `{rule}` |" not in PAGE] == []


def test_every_field_is_described() -> None:
    tables: tuple[type[BaseModel], ...] = (
        Registry, Dataset, ExtractFile, Identifier, Variable, Thresholds,
    )  # fmt: skip
    for table in tables:
        names = [field.alias or to_camel(name) for name, field in table.model_fields.items()]
        assert [name for name in names if f"`{name}`" not in PAGE] == [], table.__name__
    assert {"registry", "dataset", "file", "identifier", "variable", "load"} == {
        field.alias or name for name, field in Contract.model_fields.items()
    } - {"schemaVersion"}
