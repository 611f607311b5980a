"""The tables. Every row that a mutation leaves points to its event's place in the audit chain."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = [
    "APPEND_ONLY",
    "REVISION",
    "audit",
    "audit_head",
    "charges",
    "extensions",
    "loads",
    "memberships",
    "metadata",
    "outputs",
    "permits",
    "releases",
    "reviews",
]

REVISION = "0003"
"""The newest migration; an opened database stands there (tests compare it with Alembic's head)."""

APPEND_ONLY = ("audit", "releases", "memberships", "reviews", "charges", "extensions")
"""Tables in which the database itself refuses every UPDATE and DELETE."""

metadata = MetaData()


def _anchored() -> tuple[Column[int], Column[str]]:
    """Where the row's latest event stands in the audit chain."""
    return (
        Column("audit_position", Integer, nullable=False),
        Column("audit_hash", Text, nullable=False),
    )


audit = Table(
    "audit",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("once", Text, nullable=True, unique=True),
    Column("salt", Text, nullable=False, server_default=""),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, nullable=False),
    Column("hash", Text, nullable=False),
)

permits = Table(
    "permits",
    metadata,
    Column("project", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("view_version", Text, nullable=False),
    *_anchored(),
)

releases = Table(
    "releases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, ForeignKey("permits.project"), nullable=False),
    Column("user", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("view_version", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("certificate", Text, nullable=False),
    Column("rho", Text, nullable=False),
    Column("created", Text, nullable=False),
    *_anchored(),
    UniqueConstraint("project", "fingerprint", name="releases_answer_once"),
    Index("releases_by_project", "project", "audit_position"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("release", Text, ForeignKey("releases.id"), primary_key=True),
    Column("view_version", Text, nullable=False),
    Column("cells", Integer, nullable=False),
    Column("published", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

charges = Table(
    "charges",
    metadata,
    Column("release", Text, ForeignKey("releases.id"), primary_key=True),
    Column("registry", Text, primary_key=True),
)
"""Which registries' accounts a release was paid from; how much is the release's own ρ."""

extensions = Table(
    "extensions",
    metadata,
    Column("project", Text, ForeignKey("permits.project"), nullable=False),
    Column("registry", Text, nullable=False),
    Column("rho", Text, nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("audit_position", Integer, primary_key=True, autoincrement=False),
    Column("audit_hash", Text, nullable=False),
    Index("extensions_by_project", "project", "registry"),
)

outputs = Table(
    "outputs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, ForeignKey("permits.project"), nullable=False),
    Column("author", Text, nullable=False),
    Column("run", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("files", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("certificate", Text, nullable=True),
    *_anchored(),
    Index("outputs_by_state", "state", "created"),
    Index("outputs_by_project", "project", "created"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("request", Text, ForeignKey("outputs.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("officer", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("at", Text, nullable=False),
    *_anchored(),
)

loads = Table(
    "loads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("registry", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("at", Text, nullable=False),
    *_anchored(),
)
