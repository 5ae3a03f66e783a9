"""Queues a message to many and then claims some of it: time and memory.

Usage: python -m bench.queueing DATABASE_URL COUNT; prints JSON.
"""

import asyncio
import json
import resource
import sys
import time

from bench.words import HTML
from bot.clock import SystemClock
from bot.database import Database
from bot.delivery import store
from bot.delivery.payloads import Text
from bot.delivery.pushes import Mailing, Recipient
from bot.delivery.service import Outbox
from bot.delivery.transactions import Transactions

CLAIMS = 50


async def main(database_url: str, count: int) -> None:
    database = Database(database_url)
    await database.upgrade()
    outbox = Outbox(database, SystemClock())
    mailing = Mailing("bench:1", "bench:1", "first", Text(html=HTML))
    started = time.perf_counter()
    await outbox.enqueue_batch(mailing, (Recipient(chat) for chat in range(1, count + 1)))
    queued = time.perf_counter() - started
    transactions = Transactions(database)
    started = time.perf_counter()
    for _ in range(CLAIMS):
        await transactions.run(lambda connection: store.claim(connection, "bench", SystemClock().now(), 12, []))
    claiming = (time.perf_counter() - started) / CLAIMS
    await transactions.close()
    await database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": queued, "claim_ms": claiming * 1000, "peak_mib": peak}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
