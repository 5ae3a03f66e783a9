"""Stored files at hand: their ids once Telegram gave them, before that their content, for one uploader at a time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy import select

from bot.database import Database
from bot.delivery.calls import Files, KnownFile
from bot.delivery.models import StoredFile


class FileShelf:
    """Remembers file ids; contents are read when they are uploaded, and not kept.

    While one message uploads a file, others that need it wait, and then name it by its id.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: dict[int, str] = {}
        self._uploading: dict[int, asyncio.Lock] = {}

    @asynccontextmanager
    async def at_hand(self, numbers: Sequence[int]) -> AsyncIterator[Files]:
        """The files with these numbers.

        Raises:
            LookupError: There is no such file.
        """
        async with AsyncExitStack() as stack:
            for number in sorted({number for number in numbers if number not in self._ids}):
                await stack.enter_async_context(self._uploading.setdefault(number, asyncio.Lock()))
            yield {number: await self._file(number) for number in numbers}

    def learn(self, number: int, file_id: str) -> None:
        """Remember the id that Telegram gave a file."""
        self._ids[number] = file_id
        self._uploading.pop(number, None)

    async def _file(self, number: int) -> KnownFile:
        if number in self._ids:
            return KnownFile(self._ids[number])
        async with self._database.reading() as session:
            row = await session.scalar(select(StoredFile).where(StoredFile.id == number))
        if row is None:
            raise LookupError(f"there is no stored file {number}")
        if row.file_id is not None:
            self.learn(number, row.file_id)
            return KnownFile(row.file_id)
        return KnownFile(None, (row.name, row.content, row.media_type))
