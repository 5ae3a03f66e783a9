"""Meetings: series, meetings, replies, papers, what is to be said and when, calendar links, watched deadlines

Revision: 0004
After: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "calendar_links",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.String(length=48), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_calendar_links")),
        sa.UniqueConstraint("token", name=op.f("uq_calendar_links_token")),
    )
    op.create_table(
        "meeting_series",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("starts_local", sa.String(length=16), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("extend_at", MOMENT, nullable=True),
        sa.Column("planned_until", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_series")),
    )
    op.create_index(op.f("ix_meeting_series_extend_at"), "meeting_series", ["extend_at"])
    op.create_table(
        "reminder_choices",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("meeting_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chosen", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "meeting_id", name=op.f("pk_reminder_choices")),
    )
    op.create_table(
        "watched_deadlines",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.String(length=120), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("due_days", sa.SmallInteger(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "entry_id", name=op.f("pk_watched_deadlines")),
    )
    op.create_index(op.f("ix_watched_deadlines_due_at"), "watched_deadlines", ["due_at"])
    op.create_index(op.f("ix_watched_deadlines_entry_id"), "watched_deadlines", ["entry_id"])
    op.create_table(
        "meetings",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("for_all", sa.Boolean(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("starts_local", sa.String(length=16), nullable=False),
        sa.Column("ends_local", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("video_link", sa.String(length=500), nullable=False),
        sa.Column("host_town", sa.String(length=120), nullable=False),
        sa.Column("agenda", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("reply_by", MOMENT, nullable=True),
        sa.Column("series_id", ROW_ID, nullable=True),
        sa.Column("occurrence", sa.Date(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=False),
        sa.Column("minutes_text", sa.Text(), nullable=False),
        sa.Column("minutes_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('draft', 'planned', 'cancelled')", name=op.f("ck_meetings_state")),
        sa.CheckConstraint("seats > 0", name=op.f("ck_meetings_seats")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["meeting_series.id"], name=op.f("fk_meetings_series_id_meeting_series"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("series_id", "occurrence", name=op.f("uq_meetings_series_id_occurrence")),
        sa.UniqueConstraint("uid", name=op.f("uq_meetings_uid")),
    )
    op.create_index(op.f("ix_meetings_created_by"), "meetings", ["created_by"])
    op.create_index("ix_meetings_time", "meetings", ["state", "starts_at"])
    op.create_table(
        "meeting_groups",
        sa.Column("meeting_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("group_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_groups_meeting_id_meetings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "group_key", name=op.f("pk_meeting_groups")),
    )
    op.create_index(op.f("ix_meeting_groups_group_key"), "meeting_groups", ["group_key"])
    op.create_table(
        "meeting_notices",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("meeting_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_notices_meeting_id_meetings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_notices")),
        sa.UniqueConstraint("meeting_id", "kind", "occasion", name=op.f("uq_meeting_notices_meeting_id_kind_occasion")),
    )
    op.create_index("ix_meeting_notices_due", "meeting_notices", ["done_at", "due_at"])
    op.create_table(
        "meeting_papers",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("meeting_id", ROW_ID, nullable=False),
        sa.Column("file_id", sa.String(length=255), nullable=False),
        sa.Column("file_unique_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("of_minutes", sa.Boolean(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_papers_meeting_id_meetings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_papers")),
    )
    op.create_index(op.f("ix_meeting_papers_meeting_id"), "meeting_papers", ["meeting_id"])
    op.create_table(
        "meeting_replies",
        sa.Column("meeting_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=True),
        sa.Column("waiting_since", MOMENT, nullable=True),
        sa.Column("deputy_id", sa.BigInteger(), nullable=True),
        sa.Column("deputy_for", sa.BigInteger(), nullable=True),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint("answer IN ('yes', 'no', 'maybe')", name=op.f("ck_meeting_replies_answer")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_replies_meeting_id_meetings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "person_id", name=op.f("pk_meeting_replies")),
    )
    op.create_index(op.f("ix_meeting_replies_deputy_id"), "meeting_replies", ["deputy_id"])
    op.create_index(op.f("ix_meeting_replies_person_id"), "meeting_replies", ["person_id"])


def downgrade() -> None:
    op.drop_table("meeting_replies")
    op.drop_table("meeting_papers")
    op.drop_table("meeting_notices")
    op.drop_table("meeting_groups")
    op.drop_table("meetings")
    op.drop_table("watched_deadlines")
    op.drop_table("reminder_choices")
    op.drop_table("meeting_series")
    op.drop_table("calendar_links")
