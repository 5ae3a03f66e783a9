"""The rules of release: who may, when, what is asked back, and to whom it is fixed when its time has come."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.audience import Outlook
from bot.announcements.errors import ChangedError, DoubtError, NobodyError, PastError, StateError
from bot.announcements.kinds import OPEN, Doubt, State
from bot.announcements.models import Addressee, Announcement
from bot.announcements.service import FURTHEST
from bot.announcements.shared import Ground, Item, Reopened, items_of
from bot.announcements.spec import check_said

REST = dt.timedelta(minutes=1)
"""So long a live message shows what was asked in it."""
SAME_WITHIN = dt.timedelta(days=1)
"""Within so long the same text to the same people is questioned."""


@dataclass(frozen=True)
class Released:
    """What a release came to.

    Attributes:
        item: The announcement.
        outlook: Who gets it.
        fresh: False where it was so before, as by a second press.
        asked: Who of the office was asked to release it, where a second person is needed.
    """

    item: Item
    outlook: Outlook
    fresh: bool = True
    asked: list[int] = field(default_factory=list)


class Releasing:
    """Lets announcements go out.

    Args:
        ground: What the rules stand on.
        reopened: Tells that a release holds no more.
    """

    def __init__(self, ground: Ground, reopened: Reopened) -> None:
        self._ground = ground
        self._reopened = reopened

    async def release(
        self,
        actor_id: int | None,
        announcement_id: int,
        version: int,
        at: dt.datetime | None = None,
        answered: Doubt = Doubt(0),  # noqa: B008 - a number
        *,
        seen: State | None = None,
        live: tuple[int, int] | None = None,
    ) -> Released:
        """Let it go out now or at a moment, or ask somebody else of the office to let it.

        Args:
            actor_id: Who.
            announcement_id: Which.
            version: Which version was looked at.
            at: Aware; if not given, the moment for which it waits, else now.
            answered: Doubts that the actor has seen and answered.
            seen: The state that the actor saw; where it is another one by now, nothing is done: „Freigeben“ for a
                planned time must not send at once what somebody else has released, nor what somebody holds.
            live: Chat and message that are to show how far it is.

        Raises:
            NotAllowedError: The actor is not of the office.
            AnnouncementGoneError: There is no such announcement.
            StateError: It was stopped or withdrawn.
            ChangedError: Somebody changed it since it was looked at.
            EmptyContentError, TooLongError: It says nothing, or too much.
            PastError: The moment is past, too far ahead, or behind the last moment.
            NobodyError: Nobody would get it.
            DoubtError: It must be said that it is meant so.
        """
        now = self._ground.clock.now()
        async with self._ground.database.reading() as session:
            item = await self._ground.item(session, actor_id, announcement_id)
        if _is_done(item, at, seen):
            return Released(item, Outlook(), fresh=False)
        when = at or (item.row.release_at if item.state is State.WAITING else None) or now
        when = max(when, now) if at is None else when
        self._check(item, version, when, now)
        outlook = await self._ground.audiences.outlook(
            item.audience, when, item.row.not_after, urgent=item.body.urgent is not None
        )
        if not outlook.anybody:
            raise NobodyError
        await self._check_doubts(item, answered, now)
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            if _is_done(item, at, seen):
                return Released(item, outlook, fresh=False)
            self._check(item, version, when, now)
            row = item.row
            asked = await self._others_needed(session, item, actor_id, outlook)
            if asked and item.state is State.WAITING and (row.release_at or now) == (at or row.release_at or now):
                return Released(item, outlook, fresh=False, asked=asked)
            if live is not None:
                row.live_chat_id, row.live_message_id, row.live_at = *live, None
            row.state = State.WAITING.value if asked else State.SCHEDULED.value
            row.release_at = at if asked else when
            row.planned = when > now
            row.released_by = None if asked else actor_id
            self._ground.note(
                session, actor_id, "announcement.ask" if asked else "announcement.release", row, people=outlook.people
            )
            return Released(item, outlook, asked=asked)

    async def waits_for(self, actor_id: int | None, item: Item) -> bool:
        """Whether it waits for somebody else than the actor, who wrote it."""
        if item.state is not State.WAITING or actor_id is None or item.row.author_id != actor_id:
            return False
        async with self._ground.database.reading() as session:
            return bool(await self._ground.others(session, actor_id))

    async def hold(self, actor_id: int | None, announcement_id: int) -> Item:
        """Make one that waits or is planned a draft again; who released it or waits for that is told.

        Raises:
            NotAllowedError: The actor is not of the office.
            AnnouncementGoneError: There is no such announcement.
            StateError: It goes out already.
        """
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            if item.state not in OPEN:
                raise StateError(item.state)
            await self._reopened(session, item, actor_id)
            item.row.state, item.row.release_at, item.row.released_by = State.DRAFT.value, None, None
            return item

    async def follow(self, announcement_id: int, chat_id: int, message_id: int) -> None:
        """Let a message of ours show how far the sending is."""
        async with self._ground.database.writing() as session:
            await session.execute(
                update(Announcement)
                .where(Announcement.id == announcement_id)
                .values(live_chat_id=chat_id, live_message_id=message_id, live_at=None)
            )

    async def rest(self, announcement_id: int, chat_id: int, message_id: int) -> None:
        """Leave the live message alone for a while: somebody is asked something in it, or reads the report there."""
        async with self._ground.database.writing() as session:
            await session.execute(
                update(Announcement)
                .where(
                    Announcement.id == announcement_id,
                    Announcement.live_chat_id == chat_id,
                    Announcement.live_message_id == message_id,
                )
                .values(live_at=self._ground.clock.now() + REST)
            )

    async def waiting(self, actor_id: int | None) -> int:
        """How many wait for a second person.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        async with self._ground.database.reading() as session:
            await self._ground.acting(session, actor_id)
            wanted = select(func.count()).select_from(Announcement).where(Announcement.state == State.WAITING)
            return (await session.scalar(wanted)) or 0

    # Within ----------------------------------------------------------------------------------------------------------

    def _check(self, item: Item, version: int, when: dt.datetime, now: dt.datetime) -> None:
        if item.state not in OPEN:
            raise StateError(item.state)
        if item.row.version != version:
            raise ChangedError(item.id)
        check_said(item.body)
        self._ground.wording.check(item.body)
        late = item.row.not_after is not None and item.row.not_after <= when
        if late or not now <= when <= now + FURTHEST:
            raise PastError

    async def _check_doubts(self, item: Item, answered: Doubt, now: dt.datetime) -> None:
        async with self._ground.database.reading() as session:
            again = await self._got_it_already(session, item, now)
        doubts = (Doubt.PERSONAL if item.personal else Doubt(0)) | (Doubt.AGAIN if again else Doubt(0))
        if doubts & ~answered:
            raise DoubtError(doubts, item.personal, again)

    async def _got_it_already(self, session: AsyncSession, item: Item, now: dt.datetime) -> int:
        """How many of those who are meant were sent the same text within a day, or are about to be."""
        audiences = self._ground.audiences
        wanted = (
            select(Addressee.chat_id)
            .join(Announcement, Announcement.id == Addressee.announcement_id)
            .where(
                Announcement.digest == item.row.digest,
                Announcement.id != item.id,
                Announcement.state.in_([State.SENDING, State.SENT, State.STOPPED]),
                Announcement.started_at > now - SAME_WITHIN,
                Addressee.skipped.is_(None),
                Addressee.chat_id.is_not(None),
            )
        )
        before = set(await session.scalars(wanted))
        planned = await session.scalars(
            select(Announcement).where(
                Announcement.digest == item.row.digest,
                Announcement.id != item.id,
                Announcement.state == State.SCHEDULED,
                Announcement.release_at < now + SAME_WITHIN,
            )
        )
        for other in items_of(list(planned)):
            before |= await audiences.everybody(session, other.audience)
        return len(before & await audiences.everybody(session, item.audience)) if before else 0

    async def _others_needed(
        self, session: AsyncSession, item: Item, actor_id: int | None, outlook: Outlook
    ) -> list[int]:
        """Who else may release it, if somebody else has to: who wrote it does not send it to many alone."""
        if item.row.author_id != actor_id:
            return []
        return await self._ground.seconds(session, actor_id, outlook.people + len(outlook.chats))


def _is_done(item: Item, at: dt.datetime | None, seen: State | None) -> bool:
    """Whether a press like this one did it already."""
    if item.state in (State.SENDING, State.SENT) or (seen is not None and item.state is not seen):
        return True
    return item.state is State.SCHEDULED and at is not None and item.row.release_at == at
