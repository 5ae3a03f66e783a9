import datetime as dt
from dataclasses import dataclass, field

import pytest

from bot.database import Database
from bot.delivery.calls import Wire
from bot.delivery.dispatcher import Dispatcher, Hooks
from bot.delivery.limiter import Limiter
from bot.delivery.payloads import Text
from bot.delivery.pushes import Content, Mailing, Push, Recipient
from bot.delivery.reports import Reports
from bot.delivery.request import AiohttpRequest
from bot.delivery.service import Outbox
from bot.sandbox.app import RunningSandbox, running_sandbox

MONDAY = dt.datetime(2027, 3, 8, 9, 0, tzinfo=dt.UTC)
FAST = {"pace": 10_000, "private": (1000, 0.01), "group": (1000, 0.01)}


@dataclass
class FakeClock:
    """Stands still until a test moves it."""

    moment: dt.datetime = MONDAY

    def now(self):
        return self.moment

    def advance(self, **span):
        self.moment += dt.timedelta(**span)


@dataclass
class Office:
    """The outbox, its reports, and what the hooks were told."""

    database: Database
    clock: FakeClock
    sandbox: RunningSandbox
    request: AiohttpRequest
    outbox: Outbox
    reports: Reports
    told: list = field(default_factory=list)
    dispatchers: list = field(default_factory=list)

    def dispatcher(self, **settings):
        wire = Wire(self.request, f"{self.sandbox.url}/bot{self.sandbox.token}")
        settings = {"hooks": self.hooks(), "limiter": Limiter(**FAST)} | settings
        dispatcher = Dispatcher(self.database, self.clock, wire, **settings)
        self.dispatchers.append(dispatcher)
        return dispatcher

    def hooks(self):
        async def unreachable(chat_id, why):
            self.told.append(("unreachable", chat_id, why))

        async def moved(old, new):
            self.told.append(("moved", old, new))

        async def paused(batch):
            self.told.append(("paused", batch.key, batch.reason))

        return Hooks(unreachable, moved, paused)

    async def texts(self, chat_id):
        return [message.data.get("text") for message in self.sandbox.world.chats[chat_id].messages.values()]

    async def people(self, count, *, started=True):
        return await self.sandbox.client.crowd(count, started=started)

    async def mail(self, chats, payload=None, key="news:1", **more):
        payload = payload or Text(html="Neues")
        mailing = Mailing(key=key, what=key, occasion="first", payload=payload, **more)
        return await self.outbox.enqueue_batch(mailing, (Recipient(chat) for chat in chats))

    async def proof(self, push):
        return await self.reports.sent(push.what, push.occasion, push.chat_id)


def push(chat_id, html="Neues", *, what="news:1", occasion="first", **more):
    content = more.pop("content", None) or Content(payload=Text(html=html))
    return Push(what, occasion, chat_id, content, **more)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def sandbox():
    async with running_sandbox() as running:
        yield running


@pytest.fixture
async def request_client():
    async with AiohttpRequest(pool_timeout=None) as client:
        yield client


@pytest.fixture
async def office(database, clock, sandbox, request_client):
    office = Office(database, clock, sandbox, request_client, Outbox(database, clock), Reports(database))
    yield office
    for dispatcher in office.dispatchers:
        await dispatcher.close()
