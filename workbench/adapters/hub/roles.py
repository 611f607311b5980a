"""The roles file: who is officer, case handler, owner, loader, auditor; read as hub groups.

    officers = ["kari"]
    case_handlers = []
    loaders = []
    auditors = []
    require_totp = ["officers", "case_handlers"]

    [owners]
    nafld_base = ["ola"]

Membership of a project is no role: it stands in the permit. A role that `require_totp` names counts
only for accounts with a second factor; without one they sign in and are nobody in particular.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.domain.errors import Refusal
from workbench.domain.permissions import AUDITORS, OFFICERS, owners_of
from workbench.domain.permit import Name, User

__all__ = ["CASE_HANDLERS", "LOADERS", "Roles"]

CASE_HANDLERS = "case-handlers"
LOADERS = "loaders"
Kind = Literal["officers", "case_handlers", "loaders", "auditors", "owners"]
Users = Annotated[tuple[User, ...], Field(max_length=1000)]


class Roles(BaseModel):
    """The roles of an instance; a closed schema."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    officers: Users = ()
    case_handlers: Users = ()
    loaders: Users = ()
    auditors: Users = ()
    owners: dict[Name, Users] = Field(default_factory=dict)
    require_totp: frozenset[Kind] = frozenset()

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
        return {group: users for group, (_, users) in self._all().items()}

    def groups_of(self, user: str, *, second_factor: bool) -> list[str]:
        """The groups of one account that count, given whether it signs in with a second factor."""
        return [
            group
            for group, (kind, users) in self._all().items()
            if user in users and (second_factor or kind not in self.require_totp)
        ]

    def needs_second_factor(self, user: str) -> bool:
        """Whether one of the account's roles counts only with a second factor."""
        return self.groups_of(user, second_factor=True) != self.groups_of(user, second_factor=False)

    def _all(self) -> Mapping[str, tuple[str, list[str]]]:
        flat: dict[str, tuple[str, Users]] = {
            OFFICERS: ("officers", self.officers),
            CASE_HANDLERS: ("case_handlers", self.case_handlers),
            LOADERS: ("loaders", self.loaders),
            AUDITORS: ("auditors", self.auditors),
        }
        flat |= {owners_of(name): ("owners", users) for name, users in self.owners.items()}
        return {
            group: (kind, sorted(set(users)))
            for group, (kind, users) in sorted(flat.items())
            if users
        }
