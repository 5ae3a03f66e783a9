"""Button presses and inline queries that wait for the bot's answer."""

import asyncio
from dataclasses import dataclass, field

from bot.sandbox.changes import Changes
from bot.sandbox.chats import JSON
from bot.sandbox.clock import Clock
from bot.sandbox.errors import bad_request

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
CALLBACK_SECONDS = 150
INLINE_SECONDS = 30


@dataclass(slots=True)
class Query:
    """One press or inline query.

    Attributes:
        asked_at: Seconds since 1970 on the sandbox's clock.
        answer: What the bot said, None as long as it is silent.
    """

    id: str
    person: int
    asked_at: float
    valid_seconds: int
    answer: JSON | None = None
    text: str = ""
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Queries:
    """All queries by their id."""

    def __init__(self, clock: Clock, changes: Changes) -> None:
        self._clock = clock
        self._changes = changes
        self._queries: dict[str, Query] = {}
        self._next_id = 4_100_000_000_000_000_001

    def ask(self, person: int, valid_seconds: int) -> Query:
        """Open a query of a person."""
        query = Query(str(self._next_id), person, self._clock.time(), valid_seconds)
        self._next_id += 7919
        self._queries[query.id] = query
        return query

    def get(self, query_id: str) -> Query | None:
        """Return a query, answered or not."""
        return self._queries.get(query_id)

    def answer(self, query_id: str, answer: JSON) -> None:
        """Keep the bot's answer.

        Raises:
            ApiError: Unknown, too old, or answered before.
        """
        query = self._queries.get(query_id)
        if query is None or self._clock.time() - query.asked_at > query.valid_seconds:
            raise bad_request(_TOO_OLD)
        if query.answer is None:
            query.answer = answer
            query.done.set()

    async def wait(self, query: Query, seconds: float) -> JSON | None:
        """Return the answer, None if there is none within `seconds` or the world closes."""
        if query.answer is None and not self._changes.closed:
            try:
                async with asyncio.timeout(seconds):
                    await query.done.wait()
            except TimeoutError:
                return None
        return query.answer

    def close(self) -> None:
        """End all waiting."""
        for query in self._queries.values():
            query.done.set()
