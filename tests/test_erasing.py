"""Nothing of a person is left after /loeschen, and /meinedaten shows all of it before: held against every table.

Whoever adds a table says here what it holds about persons; whoever adds a column for a number of a person's size fills
it here, or says that it is none.
"""

import datetime as dt
import json
import re

from sqlalchemy import JSON, BigInteger, Boolean, DateTime, LargeBinary, select
from sqlalchemy.sql.sqltypes import Float, Integer, String

from bot.announcements.kinds import By
from bot.announcements.spec import Audience, Body, Criterion
from bot.database import Base, UtcDateTime
from bot.delivery.models import Delivery
from bot.members.logbook import FORGOTTEN
from bot.members.models import Change

NOW = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)
WHO, OTHER = 777_123_456, 888_123_456
NAME, USERNAME = "Annegret Unverwechselbar-Müller & Söhne", "unverwechselbar_am"
ESCAPED = NAME.replace("&", "&amp;")
AUDIENCE = Audience(any=(Criterion(by=By.LIST, ids=(WHO, OTHER)),)).model_dump(mode="json")

ROWS = {
    "persons": [
        {"id": WHO, "name": NAME, "username": USERNAME, "role": "coordinator", "joined_at": NOW},
        {"id": OTHER, "name": "Ben", "role": "administrator"},
    ],
    "group_leads": [{"person_id": WHO, "group_key": "ag-klima"}],
    "push_preferences": [{"person_id": WHO, "weekdays": 31, "from_minute": 480, "to_minute": 960}],
    "invitations": [{"token": "t", "role": "member", "created_by": WHO, "occasion": f"{WHO}:5:0.0.1.14"}],
    "join_requests": [
        {"person_id": WHO, "town_text": f"Amt {NAME}", "state": "admitted"},
        {"person_id": OTHER, "state": "declined", "decided_by": WHO},
    ],
    "audit_log": [
        {"actor_id": WHO, "subject_id": OTHER, "action": "member.suspended"},
        {"actor_id": OTHER, "subject_id": WHO, "action": "member.role", "before": {"role": "member"}},
    ],
    "dialogues": [
        {"chat_id": WHO, "kind": "members.search", "data": {}},
        {"chat_id": OTHER, "kind": "members.csv", "data": {"plan": {"members": [{"person_id": WHO, "name": NAME}]}}},
        {"chat_id": 5, "kind": "members.town", "data": {"purpose": 4, "more": [WHO]}},
    ],
    "subscriptions": [{"group_id": 1, "person_id": WHO, "mode": "daily"}],
    "news": [
        {"group_id": 1, "author_id": WHO, "released_by": WHO, "state": "sent", "content": None},
        {"group_id": 1, "author_id": WHO, "state": "draft", "content": {"html": f"Von {ESCAPED}"}},
    ],
    "feeds": [{"group_id": 1, "url": "https://example.org/rss", "created_by": WHO}],
    "linked_chats": [{"chat_id": -5, "thread_id": 0, "state": "waiting", "added_by": WHO, "linked_by": WHO}],
    "meetings": [{"id": 9, "uid": "a", "state": "planned", "created_by": WHO, "seats": None}],
    "meeting_replies": [
        {"meeting_id": 9, "person_id": WHO, "answer": "no", "deputy_id": OTHER},
        {"meeting_id": 9, "person_id": OTHER, "answer": "yes", "deputy_for": WHO},
        {"meeting_id": 9, "person_id": 5, "answer": "yes", "deputy_id": WHO},
    ],
    "meeting_notices": [
        {"meeting_id": 9, "kind": "deputy", "occasion": f"{OTHER}:{WHO}", "data": {"person": OTHER, "for": NAME}},
        {"meeting_id": 9, "kind": "seat", "occasion": f"{WHO}:20270301", "data": {"person": WHO}},
    ],
    "reminder_choices": [{"person_id": WHO, "meeting_id": 0, "chosen": 8}],
    "calendar_links": [{"person_id": WHO, "token": "t"}],
    "watched_deadlines": [{"person_id": WHO, "entry_id": "kfw-432"}],
    "followed_calendars": [{"group_key": "ag-klima", "url": "https://example.org/a.ics", "created_by": WHO}],
    "questions": [
        {"person_id": WHO, "chat_id": WHO, "text": "was heißt isek", "feedback": None},
        {"person_id": WHO, "chat_id": -5, "text": "und wer zahlt das", "feedback": 1},
    ],
    "shown": [{"chat_id": WHO, "what": {"shown": []}}],
    "announcements": [
        {
            "id": 7,
            "state": "draft",
            "body": Body().model_dump(mode="json"),
            "audience": AUDIENCE,
            "author_id": WHO,
            "released_by": WHO,
            "proposed_by": WHO,
            "proposal": {"html": f"Von {ESCAPED}"},
            "live_chat_id": WHO,
        }
    ],
    "announcement_recipients": [{"announcement_id": 7, "chat_id": WHO, "thread_id": 0}],
    "batches": [{"key": f"meeting:9:deputy:{OTHER}:{WHO}"}],
    "outbox": [
        {
            "what": "news:1",
            "recipient": WHO,
            "chat_id": WHO,
            "state": "sent",
            "payload": {"kind": "text", "html": f"Hallo {ESCAPED}"},
        },
        {
            "what": "news:2",
            "recipient": WHO,
            "chat_id": WHO,
            "state": "queued",
            "payload": {"kind": "text", "html": "Neues"},
        },
        {
            "what": "meeting:9",
            "recipient": OTHER,
            "chat_id": OTHER,
            "occasion": f"deputy:{OTHER}:{WHO}",
            "state": "queued",
            "payload": {"meeting": 9, "kind": "deputy", "person": OTHER, "for": NAME},
        },
        {
            "what": "announcement:7:office",
            "recipient": OTHER,
            "chat_id": OTHER,
            "state": "sent",
            "payload": {"kind": "text", "html": f"{ESCAPED} bittet um Freigabe"},
        },
        {
            "what": "news:3",
            "recipient": OTHER,
            "chat_id": OTHER,
            "state": "sent",
            "payload": {"kind": "text", "html": "Anderes"},
        },
    ],
    "halts": [{"chat_id": WHO}],
}
"""What a long life leaves behind in each table that holds anything about persons."""

NOTHING_OF_PERSONS = {
    "towns",
    "working_groups",
    "feed_items",
    "meeting_series",
    "meeting_groups",
    "meeting_papers",
    "followed_events",
    "outbox_files",
    "moved_chats",
    "sender_lease",
}
NO_PERSON = {
    ("linked_chats", "chat_id"),
    ("linked_chats", "thread_id"),
    ("questions", "message_id"),
    ("announcements", "live_message_id"),
    ("announcement_recipients", "thread_id"),
    ("reminder_choices", "meeting_id"),
    ("outbox", "thread_id"),
}
"""Columns that are wide enough for a person's number and hold something else."""

SHOWN = {
    "persons": ("mitgliedschaft", "person"),
    "group_leads": ("mitgliedschaft", "person"),
    "push_preferences": ("mitgliedschaft", "ruhezeiten"),
    "invitations": ("mitgliedschaft", "einladungen_erstellt"),
    "join_requests": ("mitgliedschaft", "anfragen"),
    "audit_log": ("mitgliedschaft", "aenderungen"),
    "dialogues": ("mitgliedschaft", "offener_dialog"),
    "halts": ("mitgliedschaft", "telegram_bat_um_pause_bis"),
    "subscriptions": ("arbeitsgruppen", "abonniert"),
    "news": ("arbeitsgruppen", "nachrichten"),
    "feeds": ("arbeitsgruppen", "feeds"),
    "linked_chats": ("arbeitsgruppen", "verknuepfte_chats"),
    "meetings": ("termine", "geplante_treffen"),
    "meeting_replies": ("termine", "antworten"),
    "reminder_choices": ("termine", "erinnerungen"),
    "calendar_links": ("termine", "kalender_link_seit"),
    "watched_deadlines": ("termine", "gemerkte_fristen"),
    "followed_calendars": ("termine", "gefolgte_kalender"),
    "questions": ("fragen", "gestellte_fragen"),
    "shown": ("fragen", "zuletzt_gezeigt"),
    "announcements": ("ankuendigungen", "geschrieben"),
    "announcement_recipients": ("ankuendigungen", "bekommen"),
    "outbox": ("zustellungen",),
    # What is to be said about a meeting is in its replies; a batch's key is no more than its rows' occasion.
    "meeting_notices": ("termine", "antworten"),
    "batches": ("zustellungen",),
}
"""Where /meinedaten shows what each table holds."""


def filled(table, row):
    """A row with something in every column that needs it."""
    values = dict(row)
    for column in table.columns:
        needs = not column.nullable and column.default is None and column.autoincrement is not True
        if column.name not in values and needs:
            values[column.name] = _anything(column)
    return values


def _anything(column):
    match column.type:
        case UtcDateTime() | DateTime():
            return NOW
        case JSON():
            return {}
        case Boolean():
            return False
        case LargeBinary():
            return b""
        case Integer() | Float():
            return 1
        case String():
            return column.name
    raise AssertionError(f"no value for {column}")


async def everything(database):
    """All tables, row by row, as text."""
    found = {}
    async with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            rows = (await session.execute(select(table))).mappings().all()
            found[table.name] = [json.dumps(dict(row), default=str, ensure_ascii=False) for row in rows]
    return found


def test_every_table_says_whether_it_holds_anything_about_persons():
    assert {table.name for table in Base.metadata.sorted_tables} == ROWS.keys() | NOTHING_OF_PERSONS
    assert ROWS.keys() == SHOWN.keys()
    assert not ROWS.keys() & NOTHING_OF_PERSONS


def test_every_column_that_may_hold_a_person_is_tried():
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            to_person = any(key.column.table.name == "persons" for key in column.foreign_keys)
            wide = isinstance(column.type, BigInteger) and not column.foreign_keys and column.autoincrement is not True
            if (not wide and not to_person) or (table.name, column.name) in NO_PERSON:
                continue
            if table.name not in NOTHING_OF_PERSONS:
                assert any(row.get(column.name) == WHO for row in ROWS[table.name]), column


async def test_all_of_a_person_is_shown_and_then_nothing_is_left(lotse):
    database, privacy = lotse.rooms.database, lotse.rooms.privacy
    async with database.writing() as session:
        for table in Base.metadata.sorted_tables:
            for place, row in enumerate(ROWS.get(table.name, [])):
                own = {"occasion": f"first:{place}"} if table.name == "outbox" else {}
                await session.execute(table.insert().values(filled(table, own | row)))
    before = await everything(database)
    for name in ROWS:
        assert any(str(WHO) in row or "Unverwechselbar" in row for row in before[name]), name

    shown = await privacy.export(WHO)
    for name, path in SHOWN.items():
        part = shown
        for key in path:
            part = part[key]
        assert part, name
    assert all(re.fullmatch(r"[a-z_]+", key) for part in shown.values() if isinstance(part, dict) for key in part)

    async with database.reading() as session:
        forgotten = await session.scalar(select(Change.after).where(Change.action == "retention"))
    assert forgotten.keys() <= FORGOTTEN.keys()  # what the daily forgetting counts can be read in the log

    counts = await privacy.erase(WHO)
    assert all(counts.values()), counts
    for name, rows in (await everything(database)).items():
        for row in rows:
            for trace in (str(WHO), "Unverwechselbar", USERNAME):
                assert trace not in row, name
    assert {part for key, part in (await privacy.export(WHO)).items() if key not in ("stand", "telegram_kennung")} == {
        None
    }

    async with database.reading() as session:
        left = {row.what: row for row in await session.scalars(select(Delivery))}
    assert left["meeting:9"].payload["for"] == "(gelöscht)"
    assert left["news:3"].payload == {"kind": "text", "html": "Anderes"}
    assert (left["news:1"].state, left["news:2"].state) == ("sent", "cancelled")
    assert len(left) == len(ROWS["outbox"])
