"""The instance card: which platform it is and the public keys to seal an extract for. Public."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym.errors import Refusal

__all__ = ["Card", "load_card", "read_card"]

Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Card(BaseModel):
    """vault, store, engine: X25519 public keys in hex; signers: Ed25519 public keys in hex."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    instance: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    kind: Literal["demo", "test", "production"]
    vault: Key
    store: Key
    engine: Key
    signers: Annotated[dict[Literal["store", "engine"], Key], Field(max_length=2)] = {}


def load_card(path: Path) -> Card:
    """The card of a file; Refusal("no_card") or ("bad_card")."""
    try:
        raw = json.loads(path.read_bytes()[:65536])
    except OSError:
        raise Refusal(
            "no_card",
            f"The instance card {path.name} cannot be opened.",
            "Fetch card.json from the platform and name it with --card.",
        ) from None
    except ValueError:
        raise _bad() from None
    return read_card(raw)


def read_card(value: Mapping[str, Any] | Any) -> Card:
    """The card of a parsed JSON object; Refusal("bad_card") for anything else."""
    try:
        return Card.model_validate(value)
    except ValidationError:
        raise _bad() from None


def _bad() -> Refusal:
    return Refusal(
        "bad_card",
        "The instance card is damaged or not a card.",
        "Fetch card.json from the platform again.",
    )
