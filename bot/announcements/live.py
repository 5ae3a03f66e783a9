"""The one message that shows how far a sending is, and what is said when it is done."""

import datetime as dt

from sqlalchemy import select, update
from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.announcements.desk import Desk, Screen
from bot.announcements.kinds import OUT, State
from bot.announcements.models import Announcement
from bot.announcements.reporting import Report
from bot.announcements.screens import Screens
from bot.announcements.shared import Item, item_of, what
from bot.delivery.reports import Progress
from bot.delivery.store import PausedBatch
from bot.logs import get_logger
from bot.telegram import is_unchanged, markup

EDIT_EVERY = dt.timedelta(seconds=4)
"""The message is not changed more often."""
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

    async def work(self) -> None:
        """Show how far every sending is; end those that are done. May be called at any time, by several at once."""
        wanted = select(Announcement).where(
            Announcement.state.in_([*OUT, State.WITHDRAWN]), Announcement.finished_at.is_(None)
        )
        async with self._desk.rooms.ground.database.reading() as session:
            items = [item_of(row) for row in await session.scalars(wanted.order_by(Announcement.id))]
        for item in items:
            if await self._is_done(item):
                await self._finish(item)
            elif item.state is not State.WITHDRAWN:
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
        if item.state is State.SENDING:
            return False
        progress = await self._progress(what(item.id))
        if item.state is State.WITHDRAWN:
            if item.row.spread_version < item.row.version:
                return False
            changes = await self._progress(f"{what(item.id)}:v{item.row.version}")
            return changes is None or changes.finished
        return progress.finished if progress else item.state is State.STOPPED

    async def _finish(self, item: Item) -> None:
        now = self._desk.clock.now()
        async with self._desk.rooms.ground.database.writing() as session:
            done = await session.execute(
                update(Announcement)
                .where(Announcement.id == item.id, Announcement.state == item.state, Announcement.finished_at.is_(None))
                .values(finished_at=now)
            )
            item.row.finished_at = now
        if not done.rowcount:  # type: ignore[attr-defined]
            return
        report = await self._desk.rooms.reporting.of(item)
        await self._edit(item, self._screens.report(report))
        if item.state is not State.WITHDRAWN and self._took_long(report, now):
            await self._desk.rooms.notices.finished(report, self._screens.report_words(report))

    def _took_long(self, report: Report, now: dt.datetime) -> bool:
        row = report.item.row
        return row.planned or row.live_message_id is None or row.started_at is None or now - row.started_at > SLOW

    async def _show(self, item: Item) -> None:
        now = self._desk.clock.now()
        if item.row.live_message_id is None:
            return
        async with self._desk.rooms.ground.database.writing() as session:
            mine = await session.execute(
                update(Announcement)
                .where(
                    Announcement.id == item.id,
                    (Announcement.live_at.is_(None)) | (Announcement.live_at <= now - EDIT_EVERY),
                )
                .values(live_at=now)
            )
        if mine.rowcount:  # type: ignore[attr-defined]
            await self._edit(item, await self._screens.live(item))

    async def _edit(self, item: Item, screen: Screen) -> None:
        chat, message = item.row.live_chat_id, item.row.live_message_id
        if chat is None or message is None:
            return
        try:
            await self._bot.edit_message_text(
                screen.html,
                chat_id=chat,
                message_id=message,
                parse_mode=ParseMode.HTML,
                reply_markup=markup(screen.keyboard),
            )
        except (BadRequest, Forbidden) as error:
            if isinstance(error, BadRequest) and is_unchanged(error):
                return
            _log.info("live message is gone", announcement=item.id, reason=str(error))
            async with self._desk.rooms.ground.database.writing() as session:
                await session.execute(
                    update(Announcement).where(Announcement.id == item.id).values(live_message_id=None)
                )
        except TelegramError as error:
            _log.info("live message not changed", announcement=item.id, reason=str(error))

    async def _progress(self, key: str) -> Progress | None:
        reports = self._desk.rooms.ground.reports
        batch = await reports.find_batch(key)
        return None if batch is None else await reports.progress(batch)
