"""Minutes that can be corrected or withdrawn, and pictures among a meeting's documents

Revision: 0010
After: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meetings", sa.Column("minutes_version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("meeting_papers", sa.Column("kind", sa.String(10), nullable=False, server_default="document"))


def downgrade() -> None:
    op.drop_column("meeting_papers", "kind")
    op.drop_column("meetings", "minutes_version")
