"""Takes somebody who erased themselves out of what other people were sent, or are about to be, and out of keys.

A push to somebody else may name them: „Ben hat Sie als Vertretung genannt“. What has been sent loses its words, as it
would some weeks later anyway; what still waits loses the name alone, so that it arrives all the same.
"""

import html
import json
import re
from typing import Any

import markupsafe
from sqlalchemy import ColumnElement, String, cast, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.kinds import State
from bot.delivery.models import Batch, Delivery, Halt
from bot.members.models import Dialogue

GONE = "(gelöscht)"
"""Stands where the name stood."""
_WAITING = (State.QUEUED, State.SENDING, State.FAILED)
"""What failed may be tried again."""


async def scrub(session: AsyncSession, person_id: int, names: set[str]) -> int:
    """Take a person out of the outbox, of the pauses that Telegram asked for, and of what others are just typing.

    Args:
        session: The erasure's transaction; the person's own rows are done already.
        person_id: Telegram's id.
        names: What they are called; none where nothing is known.

    Returns:
        How many rows were touched.
    """
    touched = await _scrub_words(session, names) if names else 0
    touched += await _scrub_keys(session, person_id)
    await session.execute(delete(Halt).where(Halt.chat_id == person_id))
    return touched + await _scrub_dialogues(session, person_id, names)


async def _scrub_words(session: AsyncSession, names: set[str]) -> int:
    forms = _spelled(names)
    named = [_contains(Delivery.payload, form) for form in forms]
    found = await session.execute(
        select(Delivery.id, Delivery.state, Delivery.payload).where(Delivery.payload.is_not(None), or_(*named))
    )
    anywhere, clear = _words(forms), _words({form for form in forms if _is_clear(form)})
    touched = 0
    for row in found.all():
        if _without(row.payload, anywhere, forms) != row.payload:
            payload = _without(row.payload, clear, forms) if row.state in _WAITING else None
            await session.execute(update(Delivery).where(Delivery.id == row.id).values(payload=payload))
            touched += 1
    return touched


async def _scrub_keys(session: AsyncSession, person_id: int) -> int:
    """Keys say on what occasion something was sent once: „deputy:17:4711“."""
    number = re.compile(rf"(?<!\d){person_id}(?!\d)")
    touched = 0
    for table, column in ((Delivery, Delivery.occasion), (Batch, Batch.key)):
        rows = (await session.execute(select(table.id, column).where(column.contains(str(person_id))))).all()
        for row_id, key in rows:
            if number.search(key):
                values = {column.key: number.sub(f"gone-{row_id}", key)}
                await session.execute(update(table).where(table.id == row_id).values(values))
                touched += 1
    return touched


async def _scrub_dialogues(session: AsyncSession, person_id: int, names: set[str]) -> int:
    """What somebody of the office was just about to do with the person cannot be done any more."""
    number = re.compile(rf"(?<!\d){person_id}(?!\d)")
    clear = _words({name for name in names if _is_clear(name)})
    touched = 0
    for dialogue in await session.scalars(select(Dialogue)):
        named = _without(dialogue.data, clear, names) != dialogue.data
        if named or number.search(json.dumps(dialogue.data)):
            await session.delete(dialogue)
            touched += 1
    await session.flush()
    return touched


def _contains(column: Any, words: str) -> ColumnElement[bool]:
    """Whether a JSON column holds words, however its text spells them: with or without escapes."""
    text = cast(column, String)
    spelled = {json.dumps(words)[1:-1], json.dumps(words, ensure_ascii=False)[1:-1]}
    return or_(*(text.contains(each, autoescape=True) for each in spelled))


def _spelled(names: set[str]) -> set[str]:
    """Names as they stand in what was sent: each of those who make HTML escapes quotes in its own way."""
    return names | {way(name) for name in names for way in (html.escape, _escape_tags, _escape_as_templates)}


def _escape_tags(name: str) -> str:
    return html.escape(name, quote=False)


def _escape_as_templates(name: str) -> str:
    return str(markupsafe.escape(name))


def _is_clear(name: str) -> bool:
    """Whether a name within a text means this person: „Anna“ alone may also be the Anna-Amalia-Bibliothek."""
    return " " in name or name.startswith("@")


def _words(forms: set[str]) -> re.Pattern[str]:
    """Finds any of them as whole words; the longest first, since one may hold another."""
    ordered = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(form)}(?!\w)" for form in ordered) or r"(?!)")


def _without(value: Any, words: re.Pattern[str], forms: set[str]) -> Any:
    match value:
        case str() if value in forms:
            return GONE
        case str():
            return words.sub(GONE, value)
        case list():
            return [_without(each, words, forms) for each in value]
        case dict():
            return {key: _without(each, words, forms) for key, each in value.items()}
        case _:
            return value
