"""What is due and who sends it, as the tables tell; also while Lotse runs."""

import datetime as dt
import time
from collections.abc import AsyncIterator

from sqlalchemy import func, select, text

from bot.clock import make_clock
from bot.database import Database
from bot.delivery.kinds import State
from bot.delivery.lease import SENDER_LOCK
from bot.delivery.models import Batch, Delivery, SenderLease
from bot.delivery.reports import Reports
from bot.doctor.finding import Finding
from bot.members.listing import Listing
from bot.members.models import Change
from bot.members.privacy import EVERY, RETENTION
from bot.members.profiles import Profiles
from bot.settings import PREFIX, Settings

LATE = dt.timedelta(minutes=10)
"""A push that is due for so long waits for something."""
FORGOTTEN_LATE = dt.timedelta(days=3)


async def check_schedule(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    """Everything that should happen by itself."""
    now = make_clock(settings.clock_file).now()
    sends = await _somebody_sends(database)
    yield await _check_office(settings, database)
    yield await _check_outbox(database, now, sends=sends)
    for chat, until in (await Reports(database).halts(now)).items():
        whom = f"chat {chat}" if chat else "all chats"
        yield Finding(
            well=None,
            sentence=f"Schedule: Telegram takes nothing for {whom} until {until:%Y-%m-%d %H:%M} UTC; Lotse waits.",
        )
    async for finding in _check_batches(database):
        yield finding
    yield await _check_retention(database, now)


async def _check_office(settings: Settings, database: Database) -> Finding:
    special = await Listing(database, Profiles(settings.admins)).special()
    if any(profile.is_office for profile in special):
        return Finding(well=True, sentence="Access: there is somebody who can admit members.")
    return Finding(
        well=None,
        sentence=f"Access: nobody can admit members: put your own Telegram user id into {PREFIX}ADMINS.",
    )


async def _somebody_sends(database: Database) -> bool:
    async with database.reading() as session:
        if database.engine.dialect.name == "postgresql":
            held = text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
                "AND (classid::bigint << 32) + objid::bigint = :key "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            return bool(await session.scalar(held, {"key": SENDER_LOCK}))
        until = await session.scalar(select(SenderLease.until).where(SenderLease.id == 1))
        return until is not None and until > time.time()


async def _check_outbox(database: Database, now: dt.datetime, *, sends: bool) -> Finding:
    late = (
        Delivery.state == State.QUEUED,
        Delivery.held.is_(False),
        Delivery.due_at < now - LATE,
        (Delivery.not_after.is_(None)) | (Delivery.not_after > now),
    )
    async with database.reading() as session:
        waiting = await session.scalar(select(func.count()).where(Delivery.state == State.QUEUED)) or 0
        overdue, oldest = (await session.execute(select(func.count(), func.min(Delivery.due_at)).where(*late))).one()
    who = "Lotse is running and sends" if sends else "Lotse is not running"
    if not overdue:
        return Finding(well=True, sentence=f"Schedule: {waiting} pushes wait for their time; none is late. {who}.")
    mend = "see its log for the reason" if sends else "start `lotse run`, and it sends them"
    return Finding(
        well=False,
        sentence=f"Schedule: {overdue} pushes are late, the first since {oldest:%Y-%m-%d %H:%M} UTC. {who}: {mend}.",
    )


async def _check_batches(database: Database) -> AsyncIterator[Finding]:
    async with database.reading() as session:
        rows = (
            await session.execute(
                select(Batch.key, Batch.pause_reason, Batch.paused_at)
                .where(Batch.paused_at.is_not(None))
                .order_by(Batch.id)
            )
        ).all()
    for key, reason, _ in rows:
        yield Finding(
            well=False,
            sentence=f"Schedule: the sending {key} is paused ({reason}); a coordinator can let it go on or stop it.",
        )


async def _check_retention(database: Database, now: dt.datetime) -> Finding:
    async with database.reading() as session:
        last = await session.scalar(select(func.max(Change.at)).where(Change.action == RETENTION))
    if last is None:
        return Finding(well=None, sentence="Schedule: what is kept too long has never been forgotten yet.")
    if now - last > EVERY + FORGOTTEN_LATE:
        return Finding(
            well=False,
            sentence=f"Schedule: what is kept too long was last forgotten on {last:%Y-%m-%d}. "
            "`lotse run` does so daily: does it run?",
        )
    return Finding(well=True, sentence=f"Schedule: what is kept too long was last forgotten on {last:%Y-%m-%d}.")
