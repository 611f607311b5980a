"""The first books: audit, permits, releases with their ledger, outputs with reviews, loads."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GENESIS = "0" * 64
APPEND_ONLY = ("audit", "releases", "memberships", "reviews")


def upgrade() -> None:
    _audit()
    _permits_and_releases()
    _outputs()
    _loads()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    raise RuntimeError("the audit log is append-only: restore a backup instead")


def _text(name: str, *constraints: Any, nullable: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, *constraints, nullable=nullable, **more)


def _number(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False, **more)


def _audit() -> None:
    op.create_table(
        "audit",
        _number("position", primary_key=True, autoincrement=False),
        *(_text(name) for name in ("at", "what", "who", "subject", "why", "details")),
        _text("previous", unique=True),
        _text("hash", unique=True),
        _text("once", nullable=True, unique=True),
    )
    head = op.create_table(
        "audit_head",
        _number("id", primary_key=True, autoincrement=False),
        _number("position"),
        _text("hash"),
    )
    op.bulk_insert(head, [{"id": 1, "position": 0, "hash": GENESIS}])


def _permits_and_releases() -> None:
    op.create_table(
        "permits",
        _text("project", primary_key=True),
        *(_text(name) for name in ("body", "state", "view_version")),
        _number("audit_position"),
        _text("audit_hash"),
    )
    op.create_table(
        "releases",
        _text("id", primary_key=True),
        _text("project", sa.ForeignKey("permits.project")),
        *(_text(name) for name in ("user", "plan", "fingerprint", "view_version", "policy")),
        *(_text(name) for name in ("body", "certificate", "rho", "created")),
        _number("audit_position"),
        _text("audit_hash"),
        sa.UniqueConstraint("project", "fingerprint", name="releases_answer_once"),
    )
    op.create_index("releases_by_project", "releases", ["project", "audit_position"])
    op.create_table(
        "memberships",
        _text("release", sa.ForeignKey("releases.id"), primary_key=True),
        _text("view_version"),
        _number("cells"),
        _text("published"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def _outputs() -> None:
    op.create_table(
        "outputs",
        _text("id", primary_key=True),
        _text("project", sa.ForeignKey("permits.project")),
        _text("author"),
        _text("run", unique=True),
        *(_text(name) for name in ("state", "files", "content", "created")),
        _text("certificate", nullable=True),
        _number("audit_position"),
        _text("audit_hash"),
    )
    op.create_index("outputs_by_state", "outputs", ["state", "created"])
    op.create_index("outputs_by_project", "outputs", ["project", "created"])
    op.create_table(
        "reviews",
        _text("request", sa.ForeignKey("outputs.id"), primary_key=True),
        _number("position", primary_key=True, autoincrement=False),
        *(_text(name) for name in ("officer", "decision", "comment", "content", "at")),
        _number("audit_position"),
        _text("audit_hash"),
    )


def _loads() -> None:
    op.create_table(
        "loads",
        _text("id", primary_key=True),
        *(_text(name) for name in ("registry", "dataset", "version", "state", "report", "at")),
        _number("audit_position"),
        _text("audit_hash"),
    )


def _guard_sqlite() -> None:
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    # INSERT OR REPLACE deletes without telling the triggers above, so an entry that takes the
    # place of another is refused on its way in.
    op.execute(
        "CREATE TRIGGER audit_only_at_the_end BEFORE INSERT ON audit "
        "WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM audit) "
        "OR EXISTS (SELECT 1 FROM audit WHERE hash = NEW.hash OR previous = NEW.previous "
        "OR once = NEW.once) "
        "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
    )
    for table, key in (
        ("releases", "id = NEW.id OR project = NEW.project AND fingerprint = NEW.fingerprint"),
        ("memberships", "release = NEW.release"),
        ("reviews", "request = NEW.request AND position = NEW.position"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - see above
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
