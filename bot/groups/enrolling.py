"""The office lets members follow working groups, or no more; whoever it is about is told."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database, in_pages
from bot.delivery.kinds import Priority
from bot.delivery.payloads import Button, Text
from bot.delivery.pushes import Content as Says
from bot.delivery.pushes import Push
from bot.delivery.quiet import Mode, next_allowed
from bot.delivery.service import Outbox
from bot.groups.audience import KEEP_TRYING
from bot.groups.callbacks import Verb, encode
from bot.groups.models import Subscription, WorkingGroup
from bot.members import audit
from bot.members.errors import UnknownGroupError, UnknownPersonError
from bot.members.models import Person
from bot.members.preferences import PushTimes
from bot.members.profiles import Profile, Profiles
from bot.members.roles import Role
from bot.rendering import Messages

MODE_NAMES = {Mode.AT_ONCE: "sofort", Mode.DAILY: "täglich", Mode.WEEKLY: "wöchentlich"}


class Enrolling:
    """The office's way to who follows what; has the form of `bot.members.following.Following`.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
        outbox: The way out.
        times: When it suits whom.
        messages: The German templates.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        profiles: Profiles,
        outbox: Outbox,
        times: PushTimes,
        messages: Messages,
    ) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles
        self._outbox = outbox
        self._times = times
        self._messages = messages

    async def of_many(self, person_ids: Collection[int]) -> Mapping[int, Mapping[str, str]]:
        """For each person who follows any: how often each group writes, in German, by the group's key."""
        found: dict[int, dict[str, str]] = {}
        async with self._database.reading() as session:
            for page in in_pages(person_ids):
                rows = await session.execute(
                    select(Subscription.person_id, WorkingGroup.key, Subscription.mode)
                    .join(WorkingGroup, WorkingGroup.id == Subscription.group_id)
                    .where(Subscription.person_id.in_(page), WorkingGroup.ended_at.is_(None))
                    .order_by(WorkingGroup.id)
                )
                for row in rows:
                    found.setdefault(row.person_id, {})[row.key] = MODE_NAMES[Mode(row.mode)]
        return found

    async def change(self, actor_id: int | None, person_id: int, group_key: str, *, follows: bool) -> bool:
        """Let somebody follow a working group, or no more; they are told, unless they did it themselves.

        Returns:
            Whether that changed anything.

        Raises:
            NotAllowedError: The actor is not of the office.
            UnknownPersonError: The person is no member.
            UnknownGroupError: There is no such group.
        """
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            person = await self._profiles.known(session, person_id)
            await session.get(Person, person_id, with_for_update=True)  # two of the office at once take turns
            if follows and not person.is_member:
                raise UnknownPersonError(person_id)
            group = await session.scalar(
                select(WorkingGroup).where(WorkingGroup.key == group_key, WorkingGroup.ended_at.is_(None))
            )
            if group is None:
                raise UnknownGroupError(group_key)
            before = set(
                await session.scalars(
                    select(WorkingGroup.key)
                    .join(Subscription, Subscription.group_id == WorkingGroup.id)
                    .where(Subscription.person_id == person_id, WorkingGroup.ended_at.is_(None))
                )
            )
            if follows == (group_key in before):
                return False
            now = self._clock.now()
            if follows:
                session.add(Subscription(group_id=group.id, person_id=person_id, mode=Mode.AT_ONCE, since=now))
            else:
                await session.execute(
                    delete(Subscription).where(Subscription.group_id == group.id, Subscription.person_id == person_id)
                )
            audit.note(
                session,
                now,
                "member.groups",
                actor=actor.id,
                subject=person_id,
                before={"groups": sorted(before)},
                after={"groups": sorted(before ^ {group_key})},
            )
            if actor.id != person_id:
                await self._tell(session, person, group, follows=follows)
        return True

    async def _tell(self, session: AsyncSession, person: Profile, group: WorkingGroup, *, follows: bool) -> None:
        """Tell them, when it suits them; a notice that says the opposite and is not sent yet is enough to take back."""
        about, now = f"enrolled:{group.id}", self._clock.now()
        if await self._outbox.cancel(about, recipient=person.id, session=session):
            return
        if not person.is_member or person.unreachable_at is not None:
            return
        html = self._messages.render("enrolled", group=group, follows=follows)
        rows = [Button(text="Ansehen", callback_data=encode(Verb.CARD, group.id))]
        if follows:
            rows.append(Button(text="Abbestellen", callback_data=encode(Verb.LEAVE, group.id)))
        times = (await self._times.of_many([person.id]))[person.id]
        push = Push(
            what=about,
            occasion=f"{'on' if follows else 'off'}:{now:%Y%m%dT%H%M%S}",
            chat_id=person.id,
            content=Says(Text(html=html, buttons=(tuple(rows),))),
            priority=Priority.NEWS,
            not_before=next_allowed(times, now),
            not_after=now + KEEP_TRYING,
        )
        await self._outbox.enqueue(push, session)
