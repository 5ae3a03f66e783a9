"""How far a sending is: a bar, its pace, how long it still takes."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.announcements.shared import Ground, Item, what
from bot.delivery.kinds import State as Sent
from bot.delivery.models import Delivery
from bot.delivery.reports import Progress

WINDOW = dt.timedelta(seconds=20)
"""The pace is that of the last so many seconds."""
CELLS = 12
"""Of a progress bar."""


@dataclass(frozen=True)
class Pace:
    """A sending at a moment.

    Attributes:
        progress: Its messages by state.
        a_second: Messages a second lately.
        due: Messages that are to be sent now.
        later: Messages that wait for their recipients' hours,
        next_at: and when the first of them goes out.
        seconds_left: Until what is due now is sent; None: not known.
    """

    progress: Progress
    a_second: float
    due: int
    later: int
    next_at: dt.datetime | None
    seconds_left: float | None

    @property
    def done(self) -> int:
        """Messages whose last state is known."""
        return self.progress.total - self.progress.counts[Sent.QUEUED] - self.progress.counts[Sent.SENDING]

    @property
    def bar(self) -> str:
        """The share that is done, as a row of cells; full only when all is."""
        filled = self.done * CELLS // self.progress.total if self.progress.total else 0
        return "▓" * filled + "░" * (CELLS - filled)


async def measure(ground: Ground, item: Item) -> Pace | None:
    """How far a sending is; None: nothing is queued yet."""
    batch = await ground.reports.find_batch(what(item.id))
    if batch is None:
        return None
    progress = await ground.reports.progress(batch)
    now = ground.clock.now()
    lately = select(func.count()).where(
        Delivery.batch_id == batch, Delivery.state == Sent.SENT, Delivery.settled_at > now - WINDOW
    )
    later = select(func.count(), func.min(Delivery.due_at)).where(
        Delivery.batch_id == batch, Delivery.state == Sent.QUEUED, Delivery.due_at > now
    )
    async with ground.database.reading() as session:
        settled = (await session.scalar(lately)) or 0
        waiting, next_at = (await session.execute(later)).one()
    since = max((now - (item.row.started_at or now)).total_seconds(), 1.0)
    a_second = settled / min(since, WINDOW.total_seconds())
    due = progress.counts[Sent.QUEUED] + progress.counts[Sent.SENDING] - waiting
    return Pace(progress, a_second, due, waiting, next_at, due / a_second if a_second and due else None)
