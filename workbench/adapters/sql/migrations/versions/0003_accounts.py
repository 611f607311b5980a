"""Accounts of registries: which of them a release was paid from, and extensions of accounts.

Releases that are there were paid from their project's account alone, and stay so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "charges",
        sa.Column("release", sa.Text, sa.ForeignKey("releases.id"), primary_key=True),
        sa.Column("registry", sa.Text, primary_key=True),
    )
    op.create_table(
        "extensions",
        sa.Column("project", sa.Text, sa.ForeignKey("permits.project"), nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("registry", "rho", "granted_by", "why", "at")
        ),
        sa.Column("audit_position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("audit_hash", sa.Text, nullable=False),
    )
    op.create_index("extensions_by_project", "extensions", ["project", "registry"])
    if op.get_bind().dialect.name == "postgresql":
        for table in ("charges", "extensions"):
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        return
    for table, key in (
        ("charges", "release = NEW.release AND registry = NEW.registry"),
        ("extensions", "audit_position = NEW.audit_position"),
    ):
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - ours
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def downgrade() -> None:
    raise RuntimeError("the audit log is append-only: restore a backup instead")
