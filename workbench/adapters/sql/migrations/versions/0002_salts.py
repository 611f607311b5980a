"""Salts of audit entries: with them a copy of the log can be checked without reading names."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Entries that are there keep their hash: without a salt they are hashed as they were.
    op.add_column("audit", sa.Column("salt", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    raise RuntimeError("the audit log is append-only: restore a backup instead")
