"""Working groups: subscriptions, news, feeds, linked chats

Revision: 0005
After: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "working_groups",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(48), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("short", sa.String(24), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("led_by", sa.String(300), nullable=True),
        sa.Column("entry_id", sa.String(64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_groups")),
        sa.UniqueConstraint("key", name=op.f("uq_working_groups_key")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("group_id", ROW_ID, nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.CheckConstraint("mode IN ('at_once', 'daily', 'weekly')", name=op.f("ck_subscriptions_mode")),
        _to_group("subscriptions"),
        sa.PrimaryKeyConstraint("group_id", "person_id", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_person_id"), "subscriptions", ["person_id"])
    op.create_table(
        "feeds",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("group_id", ROW_ID, nullable=False),
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
        sa.Column("broken_since", MOMENT, nullable=True),
        _to_group("feeds"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("group_id", "url", name=op.f("uq_feeds_group_id_url")),
    )
    op.create_index(op.f("ix_feeds_next_check_at"), "feeds", ["next_check_at"])
    op.create_table(
        "feed_items",
        sa.Column("feed_id", ROW_ID, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_feed_items_feed_id_feeds"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feed_id", "digest", name=op.f("pk_feed_items")),
    )
    op.create_table(
        "news",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("group_id", ROW_ID, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("feed_id", ROW_ID, nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("release_at", MOMENT, nullable=True),
        sa.Column("released_by", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("spread_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'scheduled', 'sent', 'withdrawn')", name=op.f("ck_news_state")),
        _to_group("news"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_news_feed_id_feeds"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
    )
    op.create_index("ix_news_due", "news", ["state", "release_at"])
    op.create_index("ix_news_group", "news", ["group_id", "state", "sent_at"])
    op.create_index(op.f("ix_news_author_id"), "news", ["author_id"])
    op.create_table(
        "linked_chats",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("group_id", ROW_ID, nullable=True),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("linked_by", sa.BigInteger(), nullable=True),
        sa.Column("linked_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'linked', 'gone')", name=op.f("ck_linked_chats_state")),
        _to_group("linked_chats"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_chats")),
        sa.UniqueConstraint("chat_id", "thread_id", name=op.f("uq_linked_chats_chat_id_thread_id")),
    )
    op.create_index(op.f("ix_linked_chats_group_id"), "linked_chats", ["group_id"])


def _to_group(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_group_id_working_groups")
    return sa.ForeignKeyConstraint(["group_id"], ["working_groups.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("linked_chats", "news", "feed_items", "feeds", "subscriptions", "working_groups"):
        op.drop_table(table)
