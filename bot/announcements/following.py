"""The rules after a release: pause, go on, stop, try again, correct, take back; and what recipients press."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.errors import AnnouncementGoneError, ChangedError, ForgottenError, NotRecipientError, StateError
from bot.announcements.kinds import OUT, State
from bot.announcements.models import Addressee
from bot.announcements.outgoing import Outgoing
from bot.announcements.shared import Ground, Item, found, item_of, put, what
from bot.announcements.spec import Body, as_json
from bot.announcements.wording import Reader
from bot.content.kept import Content
from bot.members.models import Person, Town

PAUSED_BY_HAND = "paused by hand"


@dataclass(frozen=True)
class Corrected:
    """What a correction came to.

    Attributes:
        item: The announcement, as it says now.
        fresh: False where it was so before.
        asked: Who of the office was asked to release the correction, where a second person is needed.
    """

    item: Item
    fresh: bool = True
    asked: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Pressed:
    """What a recipient's press came to.

    Attributes:
        item: The announcement.
        reader: Who pressed, as it stands now.
        fresh: False where it was so before.
        counts: False for somebody of the office who only looked at it before it went out.
    """

    item: Item
    reader: Reader
    fresh: bool
    counts: bool = True


class Following:
    """Follows announcements that go out or are out."""

    def __init__(self, ground: Ground, outgoing: Outgoing) -> None:
        self._ground = ground
        self._outgoing = outgoing

    # The office ------------------------------------------------------------------------------------------------------

    async def pause(self, actor_id: int | None, announcement_id: int) -> bool:
        """Hold what is not sent yet; returns False where it was held.

        Raises:
            NotAllowedError: The actor is not of the office.
            AnnouncementGoneError: There is no such announcement.
            StateError: Nothing is being sent.
        """
        batch = await self._batch(actor_id, announcement_id)
        done = await self._ground.outbox.pause(batch, PAUSED_BY_HAND)
        return await self._noted(actor_id, announcement_id, "announcement.pause", done)

    async def resume(self, actor_id: int | None, announcement_id: int) -> bool:
        """Let it go on; returns False where it was not held. Errors as `pause`."""
        batch = await self._batch(actor_id, announcement_id)
        return await self._noted(
            actor_id, announcement_id, "announcement.resume", await self._ground.outbox.resume(batch)
        )

    async def stop(self, actor_id: int | None, announcement_id: int) -> tuple[Item, int]:
        """Send no more of it; what arrived stays.

        Returns:
            The announcement, and how many messages that spares.

        Raises:
            NotAllowedError, AnnouncementGoneError, StateError: As `pause`.
        """
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            if item.state is State.STOPPED:
                return item, 0
            if item.state not in (State.SENDING, State.SENT):
                raise StateError(item.state)
            item.row.state = State.STOPPED.value
            self._ground.note(session, actor_id, "announcement.stop", item.row)
        return item, await self._ground.outbox.cancel(what(announcement_id), "sent")

    async def retry(self, actor_id: int | None, announcement_id: int) -> int:
        """Send again what failed, and nothing else; returns how many messages. Errors as `pause`."""
        batch = await self._batch(actor_id, announcement_id)
        count = await self._ground.outbox.retry_failed(batch)
        if count:
            async with self._ground.database.writing() as session:
                item = await self._ground.item(session, actor_id, announcement_id, lock=True)
                item.row.finished_at = None
                self._ground.note(session, actor_id, "announcement.retry", item.row, count=count)
            self._ground.outbox.on_queued()
        return count

    async def late(self, actor_id: int | None, announcement_id: int) -> int:
        """How many fit only by now; nothing is sent.

        Raises:
            NotAllowedError, AnnouncementGoneError, StateError: As `pause`.
            ForgottenError: It is not kept any more who got it.
        """
        return len(await self._outgoing.find_late(await self._out_with_recipients(actor_id, announcement_id)))

    async def send_late(self, actor_id: int | None, announcement_id: int) -> int:
        """Let those get it too who fit only by now; returns how many. Errors as `late`."""
        count = await self._outgoing.add_late(await self._out_with_recipients(actor_id, announcement_id))
        if count:
            await self._noted(actor_id, announcement_id, "announcement.late", done=True)
        return count

    async def check_correction(self, actor_id: int | None, announcement_id: int, content: Content) -> Item:
        """How it would read with other words or files; nothing is changed.

        Raises:
            NotAllowedError, AnnouncementGoneError: As `pause`.
            StateError: It is not out, or was withdrawn.
            EmptyContentError, TooLongError: It says nothing, or too much.
        """
        async with self._ground.database.reading() as session:
            item = await self._ground.item(session, actor_id, announcement_id)
        return self._corrected(item, content)

    async def correct(self, actor_id: int | None, announcement_id: int, content: Content) -> Corrected:
        """Change what arrived wherever it did; where that cannot be, a correction is sent.

        Whoever may not let so many get an announcement alone may not change it for them alone either: then the
        correction waits for somebody else of the office. To stop and to take back needs nobody else.

        Raises:
            NotAllowedError, AnnouncementGoneError, StateError, EmptyContentError, TooLongError: As `check_correction`.
        """
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            after = self._corrected(item, content)
            if after.body == item.body:
                return Corrected(item, fresh=False)
            meant = select(func.count()).where(Addressee.announcement_id == item.id, Addressee.skipped.is_(None))
            recipients = (await session.scalar(meant)) or 0
            if asked := await self._ground.seconds(session, actor_id, recipients):
                proposal = as_json(after.body.content)
                fresh = (item.row.proposal, item.row.proposed_by) != (proposal, actor_id)
                item.row.proposal, item.row.proposed_by = proposal, actor_id
                if fresh:
                    self._ground.note(session, actor_id, "announcement.propose", item.row)
                return Corrected(item, fresh, asked)
            return Corrected(self._change(session, item, after.body, actor_id))

    async def proposed(self, actor_id: int | None, announcement_id: int) -> tuple[Item, int] | None:
        """How it would read with the correction that waits, and the number that names this one; None: none waits.

        Raises:
            NotAllowedError, AnnouncementGoneError: As `pause`.
        """
        async with self._ground.database.reading() as session:
            item = await self._ground.item(session, actor_id, announcement_id)
        if item.row.proposal is None or item.state not in OUT:
            return None
        return self._corrected(item, Content.model_validate(item.row.proposal)), mark_of(item.row.proposal)

    async def release_correction(self, actor_id: int | None, announcement_id: int, mark: int) -> Corrected:
        """Let the correction that waits go everywhere; who wrote it only asks once more.

        Raises:
            NotAllowedError, AnnouncementGoneError, StateError: As `check_correction`.
            ChangedError: Another correction waits by now.
        """
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            row = item.row
            if row.proposal is None:
                return Corrected(item, fresh=False)
            if mark_of(row.proposal) != mark:
                raise ChangedError(item.id)
            if row.proposed_by == actor_id and (asked := await self._ground.others(session, actor_id or 0)):
                return Corrected(item, fresh=False, asked=asked)
            after = self._corrected(item, Content.model_validate(row.proposal))
            return Corrected(self._change(session, item, after.body, actor_id))

    async def drop_correction(self, actor_id: int | None, announcement_id: int) -> None:
        """Leave it as it is; errors as `pause`."""
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            item.row.proposal = item.row.proposed_by = None

    async def withdraw(self, actor_id: int | None, announcement_id: int) -> tuple[Item, bool]:
        """Take it back: what waits is not sent, what arrived is removed.

        Returns:
            The announcement, and False where it was withdrawn before.

        Raises:
            NotAllowedError, AnnouncementGoneError: As `pause`.
            StateError: It is not out.
        """
        now = self._ground.clock.now()
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            if item.state is State.WITHDRAWN:
                return item, False
            if item.state not in OUT:
                raise StateError(item.state)
            row = item.row
            row.state, row.withdrawn_at, row.finished_at = State.WITHDRAWN.value, now, None
            row.proposal = row.proposed_by = None
            row.version += 1
            self._ground.note(session, actor_id, "announcement.withdraw", row)
            return item, True

    def _change(self, session: AsyncSession, item: Item, body: Body, actor_id: int | None) -> Item:
        row = item.row
        still = row.anew and row.mended_version < row.version  # other files that nobody has got yet
        row.anew = still or body.content.items != item.body.content.items
        row.version += 1
        row.updated_at, row.finished_at = self._ground.clock.now(), None
        row.proposal = row.proposed_by = None
        put(row, body=body)
        self._ground.note(session, actor_id, "announcement.correct", row)
        return item_of(row)

    # Recipients ------------------------------------------------------------------------------------------------------

    async def read(self, person_id: int | None, announcement_id: int) -> Pressed:
        """Somebody has read it.

        Raises:
            AnnouncementGoneError: There is none.
            StateError: It was withdrawn.
            NotRecipientError: They did not get it.
        """
        return await self._pressed(person_id, announcement_id, None)

    async def answer(self, person_id: int | None, announcement_id: int, answer: int) -> Pressed:
        """Somebody answers its question, or changes the answer; that also says that they have read it.

        Raises:
            AnnouncementGoneError: There is none, or it has no such answer.
            StateError: It was withdrawn.
            NotRecipientError: They did not get it.
        """
        return await self._pressed(person_id, announcement_id, answer)

    # Within ----------------------------------------------------------------------------------------------------------

    async def _pressed(self, person_id: int | None, announcement_id: int, answer: int | None) -> Pressed:
        now = self._ground.clock.now()
        async with self._ground.database.writing() as session:
            item = item_of(await found(session, announcement_id))
            question = item.body.question
            if item.state is State.WITHDRAWN:
                raise StateError(item.state)
            if answer is not None and (question is None or answer >= len(question.answers)):
                raise AnnouncementGoneError(announcement_id)
            mine = await session.scalar(
                select(Addressee)
                .where(Addressee.announcement_id == announcement_id, Addressee.chat_id == person_id)
                .with_for_update()
            )
            if mine is None or person_id is None:
                actor = await self._ground.profiles.load(session, person_id) if person_id else None
                if actor is None or not actor.is_office:
                    raise NotRecipientError
                return Pressed(item, Reader(read=answer is None, answer=answer), fresh=False, counts=False)
            fresh = mine.answer != answer if answer is not None else mine.read_at is None
            mine.read_at = mine.read_at or now
            if answer is not None and fresh:
                mine.answer, mine.answered_at = answer, now
            person = await session.get(Person, person_id)
            town = await session.get(Town, person.town_id) if person and person.town_id else None
            reader = Reader(person.name if person else "", town.name if town else "", read=True, answer=mine.answer)
            return Pressed(item, reader, fresh)

    def _corrected(self, item: Item, content: Content) -> Item:
        if item.state not in OUT:
            raise StateError(item.state)
        before = item.body.content
        new = content if content.items else before.then(content)
        body = item.body.model_copy(update={"content": new.model_copy(update={"album": before.album})})
        self._ground.wording.check(body, correction=True)
        return Item(item.row, body, item.audience)

    async def _out_with_recipients(self, actor_id: int | None, announcement_id: int) -> Item:
        async with self._ground.database.reading() as session:
            item = await self._ground.item(session, actor_id, announcement_id)
        if item.state is not State.SENT:
            raise StateError(item.state)
        if not self._ground.knows_recipients(item):
            raise ForgottenError(item.state)
        return item

    async def _batch(self, actor_id: int | None, announcement_id: int) -> int:
        async with self._ground.database.reading() as session:
            item = await self._ground.item(session, actor_id, announcement_id)
        batch = await self._ground.reports.find_batch(what(announcement_id))
        if item.state not in (State.SENDING, State.SENT) or batch is None:
            raise StateError(item.state)
        return batch

    async def _noted(self, actor_id: int | None, announcement_id: int, action: str, done: bool) -> bool:
        if done:
            async with self._ground.database.writing() as session:
                item = await self._ground.item(session, actor_id, announcement_id)
                self._ground.note(session, actor_id, action, item.row)
        return done


def mark_of(proposal: dict[str, Any]) -> int:
    """A number that names a proposed correction, so that what is released is what was looked at."""
    said = json.dumps(proposal, sort_keys=True).encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:6])
