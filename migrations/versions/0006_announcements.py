"""Announcements, and to whom each went

Revision: 0006
After: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("release_at", MOMENT, nullable=True),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("not_after", MOMENT, nullable=True),
        sa.Column("released_by", sa.BigInteger(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("meant_towns", sa.JSON(), nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("spread_version", sa.Integer(), nullable=False),
        sa.Column("anew", sa.Boolean(), nullable=False),
        sa.Column("mended_version", sa.Integer(), nullable=False),
        sa.Column("live_chat_id", sa.BigInteger(), nullable=True),
        sa.Column("live_message_id", sa.BigInteger(), nullable=True),
        sa.Column("live_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'scheduled', 'sending', 'sent', 'stopped', 'withdrawn')",
            name=op.f("ck_announcements_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_due", "announcements", ["state", "release_at"])
    for column in ("author_id", "digest", "finished_at"):
        op.create_index(op.f(f"ix_announcements_{column}"), "announcements", [column])
    op.create_table(
        "announcement_recipients",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("announcement_id", ROW_ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("town_id", ROW_ID, nullable=True),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("skipped", sa.String(12), nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("answer", sa.SmallInteger(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_recipients_announcement_id_announcements"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["town_id"], ["towns.id"], name=op.f("fk_announcement_recipients_town_id_towns"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_recipients")),
        sa.UniqueConstraint(
            "announcement_id",
            "chat_id",
            "thread_id",
            name=op.f("uq_announcement_recipients_announcement_id_chat_id_thread_id"),
        ),
    )
    op.create_index("ix_announcement_recipients_page", "announcement_recipients", ["announcement_id", "id"])
    op.create_index(op.f("ix_announcement_recipients_chat_id"), "announcement_recipients", ["chat_id"])


def downgrade() -> None:
    op.drop_table("announcement_recipients")
    op.drop_table("announcements")
