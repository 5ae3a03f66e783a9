"""Corrections of announcements that wait for a second person, and what became of an announcement beyond the names

Revision: 0009
After: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("announcements", sa.Column("proposal", sa.JSON(), nullable=True))
    op.add_column("announcements", sa.Column("proposed_by", sa.BigInteger(), nullable=True))
    op.add_column("announcement_recipients", sa.Column("outcome", sa.String(10), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("announcement_recipients") as batch:
        batch.drop_column("outcome")
    with op.batch_alter_table("announcements") as batch:
        batch.drop_column("proposed_by")
        batch.drop_column("proposal")
