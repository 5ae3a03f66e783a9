"""Persons who use the bot, for tests: over the control API, and never with a sleep.

```python
anna = await sandbox.person("Anna")
await anna.starts()
await anna.sends("kfw 432 wieviel prozent")
message = await anna.receives(containing="75 %")
await anna.presses("Details")
```
"""

import asyncio
from types import TracebackType
from typing import Any, Self

import aiohttp

JSON = dict[str, Any]
WAIT_SECONDS = 20.0


class SandboxError(AssertionError):
    """The sandbox refused what a person wanted, or what was awaited did not come."""


class SandboxClient:
    """The control API of a sandbox.

    Args:
        url: Root of the sandbox, without a slash at the end.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def ready(self, attempts: int = 200) -> None:
        """Return as soon as the sandbox answers; raises SandboxError if it does not."""
        for _ in range(attempts):
            try:
                await self.get("changes", after=0, wait=0)
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)
            else:
                return
        raise SandboxError(f"no sandbox at {self.url}")

    async def get(self, path: str, **query: Any) -> JSON:
        """Ask the control API; `path` follows `/sandbox/`."""
        return await self._request("GET", path, params={k: str(v) for k, v in query.items()})

    async def post(self, path: str, **fields: Any) -> JSON:
        """Do something through the control API."""
        return await self._request("POST", path, json={k: v for k, v in fields.items() if v is not None})

    async def person(self, first_name: str, *, town: str = "", started: bool = True, **fields: Any) -> "SandboxPerson":
        """Add a person who has started the bot, unless told otherwise."""
        about = {"about": town} if town else {}
        answer = await self.post("persons", first_name=first_name, started=started, **about, **fields)
        return SandboxPerson(self, answer["person"], answer["before"])

    async def existing(self, person_id: int) -> "SandboxPerson":
        """Return a person who is there already."""
        state = await self.get("state", person=person_id)
        return SandboxPerson(self, state["person"], state["revision"])

    async def crowd(self, count: int, *, started: bool = True) -> list[int]:
        """Add many persons that the page does not list; returns their ids."""
        answer = await self.post("persons", count=count, started=started)
        return list(answer["ids"])

    async def group(
        self,
        title: str,
        *members: "SandboxPerson",
        with_bot: bool = True,
        forum: bool = False,
        supergroup: bool = False,
    ) -> int:
        """Found a group that the first member owns; returns its id."""
        ids = [member.id for member in members]
        flags = {"with_bot": with_bot, "forum": forum, "supergroup": supergroup}
        return int((await self.post("groups", title=title, members=ids, **flags))["id"])

    async def channel(
        self, title: str, *members: "SandboxPerson", with_bot: bool = True, username: str | None = None
    ) -> int:
        """Open a channel that the first member owns, with the bot as its administrator; returns its id."""
        ids = [member.id for member in members]
        answer = await self.post("channels", title=title, members=ids, with_bot=with_bot, username=username)
        return int(answer["id"])

    async def member(
        self, chat: int, person: "SandboxPerson | None", status: str, *, may_post: bool | None = None
    ) -> None:
        """Give a person (None: the bot) a status in a group or channel."""
        who = person.id if person else "bot"
        await self.post("groups/member", chat=chat, person=who, status=status, may_post=may_post)

    async def migrate(self, chat: int) -> int:
        """Make a group a supergroup; returns the new id."""
        return int((await self.post("migrate", chat=chat))["id"])

    async def fault(self, kind: str, **fields: Any) -> None:
        """Script a fault; fields as in the control API: method, chat_id, times, share, seed, seconds."""
        await self.post("faults", kind=kind, **fields)

    async def no_faults(self) -> None:
        """Take all faults away."""
        await self._request("DELETE", "faults")

    async def limits(self, *, enabled: bool = True, **fields: float) -> JSON:
        """Turn flood limits on or off; returns how many calls were refused before."""
        return await self.post("limits", enabled=enabled, **fields)

    async def advance(self, seconds: float) -> str:
        """Move the sandbox's clock; returns the new time of day."""
        return str((await self.post("clock", advance=seconds))["now"])

    async def next_workday(self) -> str:
        """Move the clock to 8:00 of the next working day; returns the new time of day."""
        return str((await self.post("clock", to="next_workday_8"))["now"])

    async def record(self, after: int = 0, method: str | None = None) -> list[JSON]:
        """Return the calls that the bot made after number `after`, getUpdates left out."""
        calls = (await self.get("record", after=after))["calls"]
        return [call for call in calls if method in (None, call["method"])]

    async def settles(self, timeout: float = 10.0, quiet: float = 0.2) -> None:  # noqa: ASYNC109 - waits at the server
        """Wait until the bot confirmed all updates and made no call for `quiet` seconds."""
        answer = await self.get("idle", wait=timeout, quiet=quiet)
        if not answer["idle"]:
            raise SandboxError(f"the bot was still busy after {timeout} s")

    async def file(self, file_id: str) -> bytes:
        """Return the content of a file that was sent."""
        async with self._open.get(f"{self.url}/sandbox/files/{file_id}") as response:
            return await response.read()

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise SandboxError("use `async with SandboxClient(...)`")
        return self._session

    async def _request(self, verb: str, path: str, **more: Any) -> JSON:
        async with self._open.request(verb, f"{self.url}/sandbox/{path}", **more) as response:
            body: JSON = await response.json()
            if response.status != 200:
                raise SandboxError(body["description"])
            return body


class SandboxPerson:
    """Somebody who uses the bot.

    Attributes:
        id: The user's id, which is also that of the private chat with the bot.
    """

    def __init__(self, sandbox: SandboxClient, person: JSON, revision: int) -> None:
        self._sandbox = sandbox
        self.id = int(person["id"])
        self.first_name = str(person["first_name"])
        self._since = revision
        self._taken: set[tuple[int, int, int]] = set()

    async def sends(
        self, text: str, chat: int | None = None, reply_to: int | None = None, thread: int | None = None
    ) -> int:
        """Write a message; returns its number."""
        answer = await self._act("send", chat=chat, text=text, reply_to=reply_to, thread=thread)
        return int(answer["message_id"])

    async def starts(self, payload: str | None = None) -> int:
        """Press Start, or open a link with a payload."""
        return int((await self._act("start", payload=payload))["message_id"])

    async def opens_topic(self, chat: int, name: str) -> int:
        """Open a topic of a forum; returns its number."""
        return int((await self._act("topics", chat=chat, name=name))["id"])

    async def edits(self, message_id: int, text: str, chat: int | None = None) -> None:
        """Change an own message."""
        await self._act("edit", chat=chat, message_id=message_id, text=text)

    async def presses(self, label: str, message: JSON | None = None, chat: int | None = None) -> JSON | None:
        """Press the button whose label is, or else contains, `label`.

        Args:
            label: What the button says.
            message: By default the newest message that has such a button.
            chat: By default the message's, or else the private chat.

        Returns:
            The bot's answer to the press (text, show_alert, url), None if there was none within 10 s.
        """
        candidates = [message] if message else list(reversed(await self.chat_history(chat)))
        found = _find_button(candidates, label)
        if found is None:
            raise SandboxError(f"no button {label!r}; there are {sorted(_labels(candidates))}")
        where, button = found
        if "callback_data" not in button:
            raise SandboxError(f"the button {label!r} has no callback data: {button}")
        place = {"chat": where["chat"]["id"], "message_id": where["message_id"]}
        answer = await self._act("press", **place, data=button["callback_data"])
        return answer["answer"] if answer["answer"] else None

    async def inline(self, query: str, chat: int | None = None, offset: str = "") -> JSON:
        """Type `@bot query`; returns results, button and next_offset."""
        return await self._act("inline", chat=chat, query=query, offset=offset)

    async def chooses(self, inline: JSON, result: int = 0, chat: int | None = None) -> int:
        """Send the nth result of what `inline` returned; returns the message's number."""
        result_id = inline["results"][result]["id"]
        answer = await self._act(
            "inline/choose", chat=chat, inline_query_id=inline["inline_query_id"], result_id=result_id
        )
        return int(answer["message_id"])

    async def uploads(
        self,
        content: bytes,
        name: str = "datei.pdf",
        kind: str = "document",
        caption: str = "",
        chat: int | None = None,
        mime_type: str = "application/octet-stream",
    ) -> int:
        """Send a file; returns the message's number."""
        form = aiohttp.FormData(quote_fields=False)
        for key, value in {"person": self.id, "chat": chat or self.id, "kind": kind, "caption": caption}.items():
            form.add_field(key, str(value))
        form.add_field("file", content, filename=name, content_type=mime_type)
        answer = await self._sandbox._request("POST", "upload", data=form)
        self._acted(answer)
        return int(answer["message_id"])

    async def reacts(self, message: JSON, emoji: str) -> None:
        """React to a message; an empty emoji takes the reaction back."""
        await self._act("react", chat=message["chat"]["id"], message_id=message["message_id"], emoji=emoji)

    async def votes(self, message: JSON, *options: int) -> None:
        """Vote in a poll; no options take the vote back."""
        place = {"chat": message["chat"]["id"], "message_id": message["message_id"]}
        await self._act("poll/vote", **place, option_ids=list(options))

    async def blocks_bot(self) -> None:
        """Block the bot."""
        await self._act("block", blocked=True)

    async def unblocks_bot(self) -> None:
        """End the block."""
        await self._act("block", blocked=False)

    async def deletes_account(self) -> None:
        """Delete the Telegram account."""
        await self._act("deactivate")

    async def receives(self, containing: str = "", timeout: float = WAIT_SECONDS, chat: int | None = None) -> JSON:  # noqa: ASYNC109 - waits at the server
        """Wait for a message of the bot, new or edited since this person's last action.

        A message is returned once; the next call waits for another one.

        Args:
            containing: Part of its text, caption, poll question or file name.
            timeout: Seconds.
            chat: By default any that this person sees.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            state = await self._state()
            for message in self._news(state, chat):
                if containing in _content(message):
                    self._taken.add(_mark(message))
                    return message
            left = deadline - loop.time()
            if left <= 0:
                seen = [_content(message) for message in self._news(state, chat)]
                raise SandboxError(f"{self.first_name} got nothing with {containing!r}, only {seen}")
            await self._sandbox.get("changes", after=state["revision"], wait=min(left, 5))

    async def receives_nothing(self, timeout: float = 10.0, chat: int | None = None) -> None:  # noqa: ASYNC109 - waits at the server
        """Wait until the bot has done its work, then make sure that nothing came since the last action."""
        await self._sandbox.settles(timeout)
        if news := self._news(await self._state(), chat):
            raise SandboxError(f"{self.first_name} got {[_content(message) for message in news]}")

    async def chat_history(self, chat: int | None = None) -> list[JSON]:
        """Return all messages of a chat, oldest first; by default those of the private chat."""
        chats = (await self._state())["chats"]
        return next((list(entry["messages"]) for entry in chats if entry["id"] == (chat or self.id)), [])

    async def commands(self, chat: int | None = None) -> list[str]:
        """Return the names of the commands that Telegram offers this person."""
        chats = (await self._state())["chats"]
        found: list[JSON] = next((entry["commands"] for entry in chats if entry["id"] == (chat or self.id)), [])
        return [command["command"] for command in found]

    async def _state(self) -> JSON:
        return await self._sandbox.get("state", person=self.id)

    async def _act(self, path: str, **fields: Any) -> JSON:
        answer = await self._sandbox.post(path, person=self.id, **fields)
        self._acted(answer)
        return answer

    def _acted(self, answer: JSON) -> None:
        self._since = int(answer["before"])
        self._taken.clear()

    def _news(self, state: JSON, chat: int | None) -> list[JSON]:
        news = [
            message
            for entry in state["chats"]
            if chat in (None, entry["id"])
            for message in entry["messages"]
            if message["bot"] and message["revision"] > self._since and _mark(message) not in self._taken
        ]
        return sorted(news, key=lambda message: int(message["revision"]))


def _mark(message: JSON) -> tuple[int, int, int]:
    return message["chat"]["id"], message["message_id"], message["revision"]


def _content(message: JSON) -> str:
    parts = [message.get("text"), message.get("caption"), message.get("poll", {}).get("question")]
    parts.append(message.get("document", {}).get("file_name"))
    return "\n".join(part for part in parts if part)


def _buttons(message: JSON) -> list[JSON]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def _labels(messages: list[JSON]) -> set[str]:
    return {button["text"] for message in messages for button in _buttons(message)}


def _find_button(messages: list[JSON], label: str) -> tuple[JSON, JSON] | None:
    for exact in (True, False):
        for message in messages:
            for button in _buttons(message):
                if button["text"] == label or (not exact and label in button["text"]):
                    return message, button
    return None
