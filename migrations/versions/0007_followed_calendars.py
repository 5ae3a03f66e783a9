"""Calendars of others that working groups follow, and what became of their events

Revision: 0007
After: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "followed_calendars",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("group_key", sa.String(64), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(400), nullable=True),
        sa.Column("last_modified", sa.String(100), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_check_at", MOMENT, nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("error", sa.String(300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followed_calendars")),
        sa.UniqueConstraint("group_key", "url", name=op.f("uq_followed_calendars_group_key_url")),
    )
    for column in ("created_by", "next_check_at"):
        op.create_index(op.f(f"ix_followed_calendars_{column}"), "followed_calendars", [column])
    op.create_table(
        "followed_events",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("calendar_id", ROW_ID, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("meeting_id", ROW_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["followed_calendars.id"],
            name=op.f("fk_followed_events_calendar_id_followed_calendars"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meetings.id"],
            name=op.f("fk_followed_events_meeting_id_meetings"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followed_events")),
        sa.UniqueConstraint("calendar_id", "key", name=op.f("uq_followed_events_calendar_id_key")),
    )
    op.create_index(op.f("ix_followed_events_meeting_id"), "followed_events", ["meeting_id"])


def downgrade() -> None:
    op.drop_table("followed_events")
    op.drop_table("followed_calendars")
