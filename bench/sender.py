"""A process that empties an outbox, and with `answer` answers people meanwhile: to be measured, stopped and killed.

Usage: python -m bench.sender DATABASE_URL API_ROOT TOKEN PACE [answer]; SIGTERM stops it.
"""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack

from telegram.ext import Application, ApplicationBuilder, MessageHandler, filters

from bot.clock import SystemClock
from bot.database import Database
from bot.delivery.calls import Wire
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.library import LibraryPace
from bot.delivery.limiter import Limiter
from bot.delivery.request import AiohttpRequest


async def main(database_url: str, root: str, token: str, pace: float, answering: bool) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database(database_url)
    limiter = Limiter(pace)
    async with AsyncExitStack() as stack:
        request = await stack.enter_async_context(AiohttpRequest(pool_timeout=None))
        dispatcher = Dispatcher(database, SystemClock(), Wire(request, f"{root}/bot{token}"), limiter)
        if answering:
            await answer(stack, root, token, limiter)
        await dispatcher.run(stop)
    await database.close()


async def answer(stack: AsyncExitStack, root: str, token: str, limiter: Limiter) -> None:
    """Answer every text with the same text, as the bot does: under the same pace, ahead of the outbox."""

    async def echo(update, _context):
        await update.effective_chat.send_message(update.effective_message.text)

    application: Application = (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{root}/bot")
        .request(AiohttpRequest(pool_timeout=None))
        .get_updates_request(AiohttpRequest())
        .rate_limiter(LibraryPace(limiter))
        .concurrent_updates(8)
        .job_queue(None)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))
    await stack.enter_async_context(application)
    await application.updater.start_polling()
    await application.start()
    stack.push_async_callback(application.stop)
    stack.push_async_callback(application.updater.stop)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], float(sys.argv[4]), sys.argv[5:] == ["answer"]))
