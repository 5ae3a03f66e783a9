"""On which day and when somebody gets their digests

Revision: 0008
After: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("push_preferences", sa.Column("digest_day", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("push_preferences", sa.Column("digest_minute", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("push_preferences", "digest_minute")
    op.drop_column("push_preferences", "digest_day")
