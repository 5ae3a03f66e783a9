"""The control API: what the page and the tests do in the persons' stead."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import actions, view
from bot.sandbox.chats import JSON, Chat, Message, Person
from bot.sandbox.errors import ApiError, ControlError
from bot.sandbox.faults import KINDS, Fault
from bot.sandbox.methods.polls import close_due
from bot.sandbox.world import World

LONGEST_WAIT_SECONDS = 60.0
ANSWER_SECONDS = 10.0
_TRUE = ("true", "1", "on", True, 1)
_LIMITS = {
    "per_second": float,
    "per_chat_per_second": float,
    "chat_burst": int,
    "group_per_minute": int,
    "latency": float,
}


class Wanted:
    """The fields of a request, read with a clear sentence where one is missing or wrong."""

    def __init__(self, world: World, fields: Mapping[str, Any]) -> None:
        self.world = world
        self.fields = fields

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        value = self.fields.get(key, default)
        if not isinstance(value, str):
            raise ControlError(f"Es fehlt: {key}")
        return value

    def number(self, key: str) -> int:
        """Return a whole number that must be there."""
        value = self.optional_number(key)
        if value is None:
            raise ControlError(f"Es fehlt die Zahl: {key}")
        return value

    def optional_number(self, key: str) -> int | None:
        """Return a whole number or None."""
        value = self.fields.get(key)
        if value in (None, ""):
            return None
        try:
            return int(str(value))
        except ValueError:
            raise ControlError(f"Das ist keine Zahl: {key}") from None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return yes or no."""
        value = self.fields.get(key, default)
        return value in _TRUE

    def person(self, key: str = "person") -> Person:
        """Return the person that is named."""
        person = self.world.persons.get(self.number(key))
        if person is None:
            raise ControlError("Diese Person gibt es nicht.")
        return person

    def chat(self) -> Chat:
        """Return the chat that is named, by default the person's own."""
        number = self.optional_number("chat")
        chat = self.world.chats.get(self.number("person") if number is None else number)
        if chat is None:
            raise ControlError("Diesen Chat gibt es nicht.")
        return chat

    def message(self) -> Message:
        """Return the message that is named."""
        message = self.chat().messages.get(self.number("message_id"))
        if message is None:
            raise ControlError("Diese Nachricht gibt es nicht mehr.")
        return message


Answer = Awaitable[JSON]
Action = Callable[[Wanted], Answer]


async def _send(wanted: Wanted) -> JSON:
    reply_to, thread = wanted.optional_number("reply_to"), wanted.optional_number("thread")
    person, chat = wanted.person(), wanted.chat()
    message = actions.send(wanted.world, person, chat, wanted.text("text"), reply_to, thread)
    return {"message_id": message.id}


async def _upload(wanted: Wanted) -> JSON:
    file = wanted.fields.get("file")
    if not isinstance(file, UploadFile):
        raise ControlError("Es fehlt die Datei.")
    content = (file.filename or "datei", await file.read(), file.content_type)
    kind, caption = wanted.text("kind", "document"), wanted.text("caption", "")
    message = actions.upload(wanted.world, wanted.person(), wanted.chat(), kind, content, caption)
    return {"message_id": message.id}


async def _edit(wanted: Wanted) -> JSON:
    actions.edit(wanted.world, wanted.person(), wanted.message(), wanted.text("text"))
    return {"ok": True}


async def _start(wanted: Wanted) -> JSON:
    message = actions.start(wanted.world, wanted.person(), wanted.text("payload", ""))
    return {"message_id": message.id}


async def _block(wanted: Wanted) -> JSON:
    actions.block(wanted.world, wanted.person(), blocked=wanted.flag("blocked"))
    return {"ok": True}


async def _press(wanted: Wanted) -> JSON:
    query = actions.press(wanted.world, wanted.person(), wanted.message(), wanted.text("data"))
    return {"answer": await wanted.world.queries.wait(query, ANSWER_SECONDS)}


async def _inline(wanted: Wanted) -> JSON:
    text, offset = wanted.text("query", ""), wanted.text("offset", "")
    query = actions.ask_inline(wanted.world, wanted.person(), wanted.chat(), text, offset)
    answer = await wanted.world.queries.wait(query, ANSWER_SECONDS)
    nothing: JSON = {"results": [], "button": None, "next_offset": ""}
    return {"inline_query_id": query.id, "answered": answer is not None, **(answer or nothing)}


async def _choose(wanted: Wanted) -> JSON:
    query_id, result_id = wanted.text("inline_query_id"), wanted.text("result_id")
    message = actions.choose_inline(wanted.world, wanted.person(), wanted.chat(), query_id, result_id)
    return {"message_id": message.id}


async def _react(wanted: Wanted) -> JSON:
    actions.react(wanted.world, wanted.person(), wanted.message(), wanted.text("emoji", ""))
    return {"ok": True}


async def _vote(wanted: Wanted) -> JSON:
    options = wanted.fields.get("option_ids", [])
    actions.vote_in_poll(wanted.world, wanted.person(), wanted.message(), options)
    return {"ok": True}


async def _clock(wanted: Wanted) -> JSON:
    clock = wanted.world.clock
    try:
        if wanted.fields.get("to") == "next_workday_8":
            now = clock.to_next_workday()
        else:
            now = clock.advance(float(wanted.fields.get("advance", 0)))
    except ValueError:
        raise ControlError("Die Uhr geht nur vorwärts.") from None
    close_due(wanted.world)
    wanted.world.changes.bump()
    return {"now": now.isoformat(timespec="seconds")}


async def _add_persons(wanted: Wanted) -> JSON:
    """Add one person, or with `count` many that the page does not list."""
    name = wanted.text("first_name", "Person")
    count = wanted.optional_number("count")
    if count is not None:
        started = wanted.flag("started", default=True)
        people = [wanted.world.add_person(f"{name} {n}", started=started, listed=False) for n in range(count)]
        return {"ids": [person.id for person in people]}
    known = {key: wanted.text(key) for key in ("last_name", "username", "about") if wanted.fields.get(key)}
    started = wanted.flag("started")
    person = wanted.world.add_person(name, id=wanted.optional_number("id"), started=started, **known)
    return {"person": person.as_json()}


async def _add_group(wanted: Wanted) -> JSON:
    members = [Wanted(wanted.world, {"person": number}).person() for number in wanted.fields.get("members", [])]
    flags = {key: wanted.flag(key) for key in ("with_bot", "forum", "supergroup")}
    return {"id": actions.found_group(wanted.world, wanted.text("title"), members, **flags).id}


async def _add_channel(wanted: Wanted) -> JSON:
    members = [Wanted(wanted.world, {"person": number}).person() for number in wanted.fields.get("members", [])]
    username = wanted.text("username", "") or None
    with_bot = wanted.flag("with_bot")
    channel = actions.open_channel(wanted.world, wanted.text("title"), members, with_bot=with_bot, username=username)
    return {"id": channel.id}


async def _add_topic(wanted: Wanted) -> JSON:
    return {"id": actions.create_topic(wanted.world, wanted.person(), wanted.chat(), wanted.text("name")).id}


async def _set_member(wanted: Wanted) -> JSON:
    person = None if wanted.fields.get("person") == "bot" else wanted.person()
    may_post = wanted.flag("may_post", default=True)
    actions.set_status(wanted.world, wanted.chat(), person, wanted.text("status"), may_post=may_post)
    return {"ok": True}


async def _migrate(wanted: Wanted) -> JSON:
    chat = wanted.chat()
    if chat.type != "group" or chat.migrated_to:
        raise ControlError("Nur eine einfache Gruppe wird zur Supergruppe.")
    return {"id": wanted.world.migrate(chat).id}


async def _deactivate(wanted: Wanted) -> JSON:
    actions.deactivate(wanted.world, wanted.person())
    return {"ok": True}


async def _add_fault(wanted: Wanted) -> JSON:
    kind = next((kind for kind in KINDS if kind == wanted.fields.get("kind")), None)
    if kind is None:
        raise ControlError(f"Diese Störung gibt es nicht. Es gibt: {', '.join(KINDS)}")
    share = float(wanted.fields.get("share", 1))
    times = wanted.optional_number("times")
    fault = Fault(
        kind,
        method=wanted.fields.get("method"),
        chat_id=wanted.optional_number("chat_id"),
        times=1 if times is None and share == 1 else times,
        share=share,
        seconds=float(wanted.fields.get("seconds", 5)),
        seed=wanted.optional_number("seed") or 0,
    )
    wanted.world.faults.add(fault)
    return {"ok": True}


async def _clear_faults(wanted: Wanted) -> JSON:
    wanted.world.faults.clear()
    return {"ok": True}


async def _set_limits(wanted: Wanted) -> JSON:
    limits = wanted.world.limits
    for key, kind in _LIMITS.items():
        if key in wanted.fields:
            setattr(limits, key, kind(wanted.fields[key]))
    if "enabled" in wanted.fields:
        limits.enabled = wanted.flag("enabled")
        limits.reset()
    return {"ok": True, "enabled": limits.enabled, "refused": limits.refused}


async def _changes(wanted: Wanted) -> JSON:
    after, changes = wanted.number("after"), wanted.world.changes
    deadline = changes.time() + min(float(wanted.fields.get("wait", 25)), LONGEST_WAIT_SECONDS)
    while changes.revision <= after and not changes.closed and (left := deadline - changes.time()) > 0:
        await changes.wait(left)
    return {"revision": changes.revision}


async def _idle(wanted: Wanted) -> JSON:
    """Wait until the bot has confirmed all updates and was quiet for `quiet` seconds."""
    world, changes = wanted.world, wanted.world.changes
    quiet = float(wanted.fields.get("quiet", 0.2))
    deadline = changes.time() + min(float(wanted.fields.get("wait", 10)), LONGEST_WAIT_SECONDS)
    while not changes.closed and (left := deadline - changes.time()) > 0:
        busy = bool(world.updates.pending) or world.calls_in_flight > 0
        rest = max(changes.changed_at, world.last_call) + quiet - changes.time()
        if not busy and rest <= 0:
            return {"idle": True, "revision": changes.revision}
        await changes.wait(min(left, 0.05 if busy else rest))
    return {"idle": False, "revision": changes.revision}


async def _state(wanted: Wanted) -> JSON:
    person = wanted.person() if wanted.fields.get("person") else None
    listed = (entry for entry in wanted.world.persons.values() if entry.listed)
    return view.state(wanted.world, person or next(listed, None))


async def _record(wanted: Wanted) -> JSON:
    return {"calls": wanted.world.record[wanted.optional_number("after") or 0 :]}


_ROUTES: list[tuple[str, str, Action]] = [
    ("GET", "changes", _changes),
    ("GET", "state", _state),
    ("GET", "idle", _idle),
    ("GET", "record", _record),
    ("POST", "send", _send),
    ("POST", "upload", _upload),
    ("POST", "edit", _edit),
    ("POST", "start", _start),
    ("POST", "block", _block),
    ("POST", "press", _press),
    ("POST", "inline", _inline),
    ("POST", "inline/choose", _choose),
    ("POST", "react", _react),
    ("POST", "poll/vote", _vote),
    ("POST", "clock", _clock),
    ("POST", "persons", _add_persons),
    ("POST", "groups", _add_group),
    ("POST", "groups/member", _set_member),
    ("POST", "channels", _add_channel),
    ("POST", "topics", _add_topic),
    ("POST", "migrate", _migrate),
    ("POST", "deactivate", _deactivate),
    ("POST", "faults", _add_fault),
    ("DELETE", "faults", _clear_faults),
    ("POST", "limits", _set_limits),
]


def routes(world: World) -> list[Route]:
    """Return the control API's routes."""
    table = [Route(f"/sandbox/{path}", _endpoint(world, action), methods=[verb]) for verb, path, action in _ROUTES]
    return [*table, Route("/sandbox/files/{file_id}", _file_endpoint(world))]


def _endpoint(world: World, action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        before = world.changes.revision
        try:
            body = await action(Wanted(world, await _fields(request)))
        except ControlError as error:
            return JSONResponse({"ok": False, "description": str(error)}, 400)
        except ApiError as error:
            return JSONResponse({"ok": False, "description": error.description}, 400)
        except (TypeError, ValueError) as error:
            return JSONResponse({"ok": False, "description": f"Die Angaben passen nicht: {error}"}, 400)
        finally:
            await request.close()
        if request.method == "POST":
            body = {"before": before, **body}
        return JSONResponse(body)

    return endpoint


async def _fields(request: Request) -> Mapping[str, Any]:
    if request.method == "GET":
        return request.query_params
    if request.headers.get("content-type", "").startswith("multipart/"):
        return await request.form()
    body = await request.body()
    fields = json.loads(body) if body else {}
    if not isinstance(fields, dict):
        raise ControlError("Erwartet wird ein JSON-Objekt.")
    return fields


def _file_endpoint(world: World) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        stored = world.files.get(request.path_params["file_id"])
        if stored is None:
            return JSONResponse({"ok": False, "description": "Diese Datei gibt es nicht."}, 404)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return Response(stored.content, media_type=stored.mime_type, headers=headers)

    return endpoint
