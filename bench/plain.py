"""What most bots do: python-telegram-bot as it comes, awaiting each message. The baseline of the sender.

Usage: python -m bench.plain API_ROOT TOKEN < chat numbers; prints CPU and wall seconds as JSON.
"""

import asyncio
import json
import sys
import time

from telegram import Bot

from bench.words import HTML


async def main(root: str, token: str, chats: list[int]) -> None:
    async with Bot(token, base_url=f"{root}/bot") as bot:
        cpu, wall = time.process_time(), time.perf_counter()
        for chat in chats:
            await bot.send_message(chat, HTML, parse_mode="HTML")
        print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], json.load(sys.stdin)))
