"""What every table of a contract shares: closed, immutable, camelCase; names and labels."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

__all__ = ["Closed", "Header", "Labels", "Language", "Name", "Several", "Text"]

Language = Literal["nb", "nn", "en"]
Labels = Annotated[dict[Language, Annotated[str, Field(max_length=2000)]], Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Header = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Several = BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)


class Closed(BaseModel):
    """Immutable, camelCase in files, unknown keys refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )
