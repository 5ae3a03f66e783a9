"""Tables: towns, persons and what they lead, invitations, requests to join, what was changed, when pushes suit."""

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base
from bot.members.roles import INVITED_ROLES, KEPT_ROLES

RowId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON(none_as_null=True)
_ROLES = ", ".join(f"'{role}'" for role in KEPT_ROLES)
_INVITED = ", ".join(f"'{role}'" for role in INVITED_ROLES)


class Town(Base):
    """A town, or a partner body such as a chamber: where somebody comes from."""

    __tablename__ = "towns"
    __table_args__ = (
        CheckConstraint("kind IN ('town', 'partner')", name="kind"),
        CheckConstraint("alliance IN ('member', 'named')", name="alliance"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(120))
    folded: Mapped[str] = mapped_column(String(120), unique=True)
    """The name in lower case and without umlauts: one town, however it is typed."""
    kind: Mapped[str] = mapped_column(String(8))
    district: Mapped[str | None] = mapped_column(String(80))
    """The Landkreis, or „kreisfrei“."""
    inhabitants_from: Mapped[int | None] = mapped_column(Integer)
    """The lower end of the class of inhabitants; None: not known, or no town."""
    alliance: Mapped[str | None] = mapped_column(String(8))
    """`member` where a source calls it one, `named` where a source names it with the alliance."""


class Person(Base):
    """Somebody who is a member, asked to be one, or was looked after by the office."""

    __tablename__ = "persons"
    __table_args__ = (CheckConstraint(f"role IN ({_ROLES})", name="role"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Telegram's id, which is also that of the private chat."""
    name: Mapped[str] = mapped_column(String(140))
    """As Telegram shows it."""
    username: Mapped[str | None] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(16), index=True)
    town_id: Mapped[int | None] = mapped_column(ForeignKey("towns.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[dt.datetime]
    joined_at: Mapped[dt.datetime | None]
    suspended_at: Mapped[dt.datetime | None]
    unreachable_at: Mapped[dt.datetime | None]
    """When a push found that they blocked the bot or deleted their account."""
    unreachable_why: Mapped[str | None] = mapped_column(String(16))


class GroupLead(Base):
    """Somebody leads a working group."""

    __tablename__ = "group_leads"

    person_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    group_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The working group's id, such as `ag-klima`."""
    since: Mapped[dt.datetime]


class Invitation(Base):
    """A link that makes whoever opens it a member."""

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint(f"role IN ({_INVITED})", name="role"),
        CheckConstraint("uses <= most_uses", name="uses"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    token: Mapped[str] = mapped_column(String(48), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    town_id: Mapped[int | None] = mapped_column(ForeignKey("towns.id", ondelete="SET NULL"))
    """None: who joins picks the town."""
    most_uses: Mapped[int | None] = mapped_column(Integer)
    """None: any number."""
    uses: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    created_by: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """Telegram's id; None once that person has erased themselves."""
    occasion: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Which press or line of a file made it, so that doing it twice makes one."""


class JoinRequest(Base):
    """Somebody asks to become a member."""

    __tablename__ = "join_requests"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'admitted', 'declined')", name="state"),
        Index(
            "uq_join_requests_pending",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    town_id: Mapped[int | None] = mapped_column(ForeignKey("towns.id", ondelete="SET NULL"))
    town_text: Mapped[str | None] = mapped_column(String(120))
    """What was typed where the list lacked it."""
    state: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)


class Change(Base):
    """One line of the audit log. When a person is erased, the line stays without them."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """Who did it; None: the program itself, or somebody who is erased."""
    action: Mapped[str] = mapped_column(String(48))
    """What, such as `member.role`."""
    subject_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """To whom; None where it is about no person, or about somebody who is erased."""
    object: Mapped[str | None] = mapped_column(String(80))
    """To what else, such as `town:5`."""
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)


class PushPreference(Base):
    """When pushes suit a person; whoever has no row has the defaults of `bot.members.preferences`."""

    __tablename__ = "push_preferences"
    __table_args__ = (CheckConstraint("weekdays BETWEEN 0 AND 127", name="weekdays"),)

    person_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    weekdays: Mapped[int] = mapped_column(SmallInteger)
    """A bit a day, Monday the lowest."""
    from_minute: Mapped[int] = mapped_column(SmallInteger)
    """Minutes after midnight, local time."""
    to_minute: Mapped[int] = mapped_column(SmallInteger)
    holidays: Mapped[bool] = mapped_column(Boolean)
    """Whether public holidays suit too."""
    pause_until: Mapped[dt.date | None]
    """The first day on which pushes come again."""
    digest_day: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """On which weekday the weekly digest comes, Monday is 0."""
    digest_minute: Mapped[int | None] = mapped_column(SmallInteger)
    """When digests come, in minutes after midnight; None: when the hours begin."""


class Dialogue(Base):
    """What a chat was asked and has not answered: survives a restart."""

    __tablename__ = "dialogues"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[dt.datetime]
