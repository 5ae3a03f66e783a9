"""A process that empties an outbox and does nothing else: to be measured, stopped and killed.

Usage: python -m bench.sender DATABASE_URL API_ROOT TOKEN PACE; SIGTERM stops it.
"""

import asyncio
import signal
import sys

from bot.clock import SystemClock
from bot.database import Database
from bot.delivery.calls import Wire
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.limiter import Limiter
from bot.delivery.request import AiohttpRequest


async def main(database_url: str, root: str, token: str, pace: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database(database_url)
    async with AiohttpRequest(pool_timeout=None) as request:
        dispatcher = Dispatcher(database, SystemClock(), Wire(request, f"{root}/bot{token}"), Limiter(pace))
        await dispatcher.run(stop)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))
