"""The audit log: who changed what, when, and how it was before."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.members.models import Change


def note(
    session: AsyncSession,
    at: dt.datetime,
    action: str,
    *,
    actor: int | None = None,
    subject: int | None = None,
    about: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add a line within the transaction of the change itself; other rooms use it too.

    Args:
        session: The change's transaction.
        at: When.
        action: What, such as `member.role`.
        actor: Who did it; None: the program itself.
        subject: To whom.
        about: To what else, such as `town:5`.
        before: How it was. Holds no names of persons: they would outlive an erasure.
        after: How it is; likewise.
    """
    session.add(
        Change(at=at, actor_id=actor, action=action, subject_id=subject, object=about, before=before, after=after)
    )


async def history(session: AsyncSession, subject: int, limit: int = 10) -> list[Change]:
    """The newest lines about a person, newest first."""
    found = await session.scalars(
        select(Change).where(Change.subject_id == subject).order_by(Change.id.desc()).limit(limit)
    )
    return list(found)
