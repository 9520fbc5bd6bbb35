"""What a route compares is kept with a delivery, and with what was last delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("path_hashes", sa.Text(), nullable=True))
    op.add_column("projections", sa.Column("path_hashes", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("projections", "path_hashes")
    op.drop_column("deliveries", "path_hashes")
