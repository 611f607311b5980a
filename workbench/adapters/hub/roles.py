"""The roles file: who is officer, case handler, owner, loader, auditor; read as hub groups.

    officers = ["kari"]
    case_handlers = []
    loaders = []
    auditors = []

    [owners]
    nafld_base = ["ola"]

Membership of a project is no role: it stands in the permit.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.domain.errors import Refusal
from workbench.domain.permissions import AUDITORS, OFFICERS, owners_of
from workbench.domain.permit import Name, User

__all__ = ["CASE_HANDLERS", "LOADERS", "Roles"]

CASE_HANDLERS = "case-handlers"
LOADERS = "loaders"
Users = Annotated[tuple[User, ...], Field(max_length=1000)]


class Roles(BaseModel):
    """The roles of an instance; a closed schema."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    officers: Users = ()
    case_handlers: Users = ()
    loaders: Users = ()
    auditors: Users = ()
    owners: dict[Name, Users] = Field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Roles":
        """Read the file; without one nobody has a role. Refusal("damaged_roles") otherwise."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return cls()
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            where = "it is not TOML"
        except ValidationError as error:
            names = sorted({str(part["loc"][0]) for part in error.errors()})
            where = f"see {', '.join(names)}"
        raise Refusal(
            "damaged_roles",
            f"The roles file {path} cannot be read: {where}.",
            "Correct it; `workbench account roles --help` shows the form.",
        )

    def groups(self) -> Mapping[str, Sequence[str]]:
        """Each hub group and its accounts, sorted; a group without members is left out."""
        flat = {
            OFFICERS: self.officers,
            CASE_HANDLERS: self.case_handlers,
            LOADERS: self.loaders,
            AUDITORS: self.auditors,
        } | {owners_of(registry): users for registry, users in self.owners.items()}
        return {group: sorted(set(users)) for group, users in sorted(flat.items()) if users}

    def groups_of(self, user: str) -> list[str]:
        """The groups of one account."""
        return [group for group, users in self.groups().items() if user in users]
