"""The permit: people, data, purpose, period, budget. The only policy object there is."""

from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

__all__ = ["DatasetGrant", "Member", "Permit", "PermitState", "Role"]

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
User = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$")]


class Role(StrEnum):
    """Who may do what in a project."""

    LEAD = "lead"
    RESEARCHER = "researcher"


class PermitState(StrEnum):
    """Where a permit stands; only an active one opens anything."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class Member(BaseModel):
    """A person of the project."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    user: User
    role: Role = Role.RESEARCHER


class DatasetGrant(BaseModel):
    """The columns of one dataset that the permit opens. version: "latest" is pinned at build."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    dataset: Name
    version: str = "latest"
    variables: Annotated[tuple[Name, ...], Field(min_length=1, max_length=500)]


class Permit(BaseModel):
    """Who may use what, for which purpose, until when, at which privacy cost."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    project: Slug
    title: Annotated[str, Field(min_length=1, max_length=200)]
    purpose: Annotated[str, Field(min_length=1, max_length=2000)]
    legal_basis: Annotated[str, Field(max_length=500)] = ""
    valid_from: date
    valid_until: date
    members: Annotated[tuple[Member, ...], Field(min_length=1, max_length=200)]
    datasets: Annotated[tuple[DatasetGrant, ...], Field(min_length=1, max_length=100)]
    policy: Name = "default"
    budget_rho: str = "0"
    plans_at_once: Annotated[int, Field(ge=1, le=16)] = 2
    """Plans of the project that run together; others of it wait."""
    plan_seconds: Annotated[int, Field(ge=1, le=86_400)] = 900
    """Seconds of computing of one plan; waiting does not count."""
    plan_memory_mb: Annotated[int, Field(ge=64, le=65_536)] = 1024
    """Memory of one plan (MiB)."""
    sealed_runs: bool = False
    """Whether code may run on the real rows as a whole, unseen."""
    sealed_kernel: bool = False
    """Whether code may run on the real rows cell by cell, each cell's outcome told."""

    @field_validator("budget_rho")
    @classmethod
    def _exact(cls, value: str) -> str:
        """ρ of the whole project, an exact fraction such as "1/2"."""
        if not 0 <= Fraction(value) <= 100:
            raise ValueError("budget_rho lies between 0 and 100")
        return str(Fraction(value))

    @model_validator(mode="after")
    def _period(self) -> "Permit":
        if self.valid_until < self.valid_from:
            raise ValueError("valid_until lies before valid_from")
        return self

    def covers(self, day: date) -> bool:
        """Whether the day lies in the permit's period."""
        return self.valid_from <= day <= self.valid_until

    def names(self, user: str) -> bool:
        """Whether the user is a member."""
        return any(member.user == user for member in self.members)
