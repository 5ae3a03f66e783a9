"""The one message that shows how far a sending is, and what is said when it is done."""

import datetime as dt
from typing import Any

from sqlalchemy import select, update
from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.announcements.desk import Desk, Screen
from bot.announcements.kinds import OUT, State
from bot.announcements.models import Announcement
from bot.announcements.outgoing import change_key, correction_key, taken_back_key
from bot.announcements.reporting import Report, keep_outcomes
from bot.announcements.screens import Screens
from bot.announcements.shared import Item, item_of, what
from bot.database import count_changed
from bot.delivery.reports import Progress
from bot.delivery.store import PausedBatch
from bot.logs import get_logger
from bot.telegram import is_unchanged, markup

EDIT_EVERY = dt.timedelta(seconds=4)
"""The message is not changed more often, nor where it would read the same."""
SLOW = dt.timedelta(minutes=1)
"""Whoever released what took longer, or was planned, is told when it is done: they do not look any more."""

_log = get_logger("lotse.announcements")


class Live:
    """Keeps live messages up to date.

    Args:
        desk: What the handlers work with.
        screens: Makes screens.
        bot: Edits messages.
    """

    def __init__(self, desk: Desk, screens: Screens, bot: Bot) -> None:
        self._desk = desk
        self._screens = screens
        self._bot = bot
        self._shown: dict[int, tuple[int | None, str]] = {}
        self._unsaid: dict[int, dt.datetime] = {}

    async def work(self) -> None:
        """Show how far every sending is; end those that are done. May be called at any time, by several at once."""
        wanted = select(Announcement).where(
            Announcement.state.in_([*OUT, State.WITHDRAWN]), Announcement.finished_at.is_(None)
        )
        async with self._desk.rooms.ground.database.reading() as session:
            items = [item_of(row) for row in await session.scalars(wanted.order_by(Announcement.id))]
        self._shown = {item.id: self._shown[item.id] for item in items if item.id in self._shown}
        for item in items:
            if await self._is_done(item):
                await self._finish(item)
            else:
                await self._show(item)

    async def paused(self, batch: PausedBatch) -> None:
        """A batch was held by itself; if it is an announcement's, whoever released it is told."""
        about, _, number = batch.key.partition(":")
        if about != "announcement" or not number.isdecimal():
            return
        async with self._desk.rooms.ground.database.reading() as session:
            row = await session.get(Announcement, int(number))
        if row is not None:
            await self._desk.rooms.notices.paused(item_of(row))

    async def _is_done(self, item: Item) -> bool:
        """Whether nothing is left to send, to change or to take back."""
        row = item.row
        if item.state is State.SENDING or row.spread_version < row.version:
            return False
        if item.state is not State.WITHDRAWN and row.mended_version < row.version:
            return False
        keys = [what(item.id), *(make(item.id, row.version) for make in (change_key, taken_back_key))]
        # An earlier correction may wait for its reader's hours, and brings the newest words then.
        keys += [correction_key(item.id, version) for version in range(2, row.version + 1)]
        progresses = [await self._progress(key) for key in keys]
        if item.state is State.SENT and progresses[0] is None:
            return False
        return all(progress is None or progress.finished for progress in progresses)

    async def _finish(self, item: Item) -> None:
        now = self._desk.clock.now()
        if (tried := self._unsaid.get(item.id)) is not None and now - tried < SLOW:
            return
        async with self._desk.rooms.ground.database.writing() as session:
            finished = await count_changed(
                session,
                update(Announcement)
                .where(Announcement.id == item.id, Announcement.state == item.state, Announcement.finished_at.is_(None))
                .values(finished_at=now),
            )
            if not finished:
                return
            await keep_outcomes(session, item.id)
            item.row.finished_at = now
        report = await self._desk.rooms.reporting.of(item)
        if not await self._edit(item, self._screens.report(report)):
            await self._set(item, finished_at=None)  # so that the last word is not that it goes on
            self._unsaid[item.id] = now
            return
        self._unsaid.pop(item.id, None)
        changed = item.state is State.WITHDRAWN or report.changed is not None or item.row.anew
        if not changed and self._took_long(report, now):
            await self._desk.rooms.notices.finished(report, self._screens.report_words(report))

    def _took_long(self, report: Report, now: dt.datetime) -> bool:
        row = report.item.row
        return row.planned or row.live_message_id is None or row.started_at is None or now - row.started_at > SLOW

    async def _show(self, item: Item) -> None:
        now = self._desk.clock.now()
        if item.row.live_message_id is None:
            return
        async with self._desk.rooms.ground.database.writing() as session:
            mine = await count_changed(
                session,
                update(Announcement)
                .where(
                    Announcement.id == item.id,
                    Announcement.finished_at.is_(None),
                    (Announcement.live_at.is_(None)) | (Announcement.live_at <= now - EDIT_EVERY),
                )
                .values(live_at=now),
            )
        if not mine:
            return
        screen = await self._screens.running(item)
        shown = (item.row.live_message_id, screen.html)
        if self._shown.get(item.id) != shown and await self._edit(item, screen):
            self._shown[item.id] = shown

    async def _edit(self, item: Item, screen: Screen) -> bool:
        """Show a screen in the live message; False: that may go better later."""
        chat, message = item.row.live_chat_id, item.row.live_message_id
        if chat is None or message is None:
            return True
        if not (await self._desk.members.members.profile(chat)).is_office:
            await self._set(item, live_message_id=None)  # who left the office does not watch its work
            return True
        try:
            await self._bot.edit_message_text(
                screen.html,
                chat_id=chat,
                message_id=message,
                parse_mode=ParseMode.HTML,
                reply_markup=markup(screen.keyboard),
            )
        except (BadRequest, Forbidden) as error:
            if not (isinstance(error, BadRequest) and is_unchanged(error)):
                _log.info("live message is gone", announcement=item.id, reason=str(error))
                await self._set(item, live_message_id=None)
        except TelegramError as error:
            _log.info("live message not changed", announcement=item.id, reason=str(error))
            return False
        return True

    async def _set(self, item: Item, **values: Any) -> None:
        async with self._desk.rooms.ground.database.writing() as session:
            await session.execute(update(Announcement).where(Announcement.id == item.id).values(**values))

    async def _progress(self, key: str) -> Progress | None:
        reports = self._desk.rooms.ground.reports
        batch = await reports.find_batch(key)
        return None if batch is None else await reports.progress(batch)
