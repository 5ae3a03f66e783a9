"""Polls: sending, voting, closing."""

from bot.sandbox import entities
from bot.sandbox.chats import JSON, Message, Poll
from bot.sandbox.errors import bad_request
from bot.sandbox.markup import units
from bot.sandbox.methods.calls import Call, method
from bot.sandbox.methods.parts import envelope, inline_keyboard, target
from bot.sandbox.world import World

QUESTION_LIMIT = 300
OPTION_LIMIT = 100
OPTION_COUNTS = range(1, 13)
_POLL_ID = 5_300_000_000_000_000_001


@method("sendPoll")
def _send_poll(world: World, call: Call) -> JSON:
    chat = target(world, call)
    poll = _poll(world, call)
    if chat.is_channel and not poll["is_anonymous"]:
        raise bad_request("non-anonymous polls can't be sent to channel chats")
    message = world.post(chat, world.bot, {"poll": poll} | envelope(call, chat))
    world.polls[poll["id"]] = Poll(message)
    return message.data


def _poll(world: World, call: Call) -> JSON:
    kind = call.get("type") or "regular"
    poll: JSON = {
        "id": str(_POLL_ID + len(world.polls)),
        **_text(call.given, "question", QUESTION_LIMIT, "poll question"),
        "options": _options(call["options"]),
        "total_voter_count": 0,
        "is_closed": call.get("is_closed", False),
        "is_anonymous": call.get("is_anonymous", True),
        "type": kind,
        "allows_multiple_answers": call.get("allows_multiple_answers", False),
        "allows_revoting": call.get("allows_revoting", kind == "regular"),
        "members_only": call.get("members_only", False),
    }
    if kind == "quiz":
        correct = call.get("correct_option_ids", [])
        if not correct or any(not 0 <= index < len(poll["options"]) for index in correct):
            raise bad_request("wrong correct option ID specified")
        poll["correct_option_ids"] = correct
    if explanation := call.get("explanation"):
        poll["explanation"] = explanation
    if period := call.get("open_period"):
        poll |= {"open_period": period, "close_date": world.now() + period}
    elif closes := call.get("close_date"):
        poll["close_date"] = closes
    return poll


def _options(given: list[JSON]) -> list[JSON]:
    if len(given) not in OPTION_COUNTS:
        few = len(given) < OPTION_COUNTS.start
        raise bad_request("poll must have at least 1 option" if few else "poll can't have more than 12 options")
    return [
        {"persistent_id": str(number), **_text(option, "text", OPTION_LIMIT, "poll option"), "voter_count": 0}
        for number, option in enumerate(given)
    ]


def _text(source: JSON, name: str, limit: int, label: str) -> JSON:
    text, found = entities.formatted(source[name], source.get(f"{name}_parse_mode"), source.get(f"{name}_entities"))
    if not text:
        raise bad_request(f"{label} must be non-empty")
    if units(text) > limit:
        raise bad_request(f"{label} length must not exceed {limit}")
    return {name: text} | ({f"{name}_entities": found} if found else {})


@method("stopPoll")
def _stop_poll(world: World, call: Call) -> JSON:
    chat = world.open_chat(call["chat_id"])
    message = chat.messages.get(call["message_id"])
    if message is None or "poll" not in message.data:
        raise bad_request("message with poll to stop not found")
    if message.sender != world.bot_id:
        raise bad_request("poll can't be stopped")
    if message.data["poll"]["is_closed"]:
        raise bad_request("poll has already been closed")
    poll: JSON = message.data["poll"] | {"is_closed": True}
    markup = inline_keyboard(call.get("reply_markup")).get("reply_markup")
    world.change(message, {"poll": poll, "reply_markup": markup}, edited=False)
    return poll


def vote(world: World, message: Message, voter: JSON, options: list[int]) -> None:
    """Count somebody's vote (none: taken back) and tell the bot."""
    poll = world.polls[message.data["poll"]["id"]]
    poll.votes[voter["id"]] = options
    voters = [chosen for chosen in poll.votes.values() if chosen]
    counted = [
        option | {"voter_count": sum(index in chosen for chosen in voters)}
        for index, option in enumerate(message.data["poll"]["options"])
    ]
    shown = message.data["poll"] | {"options": counted, "total_voter_count": len(voters)}
    world.change(message, {"poll": shown}, edited=False)
    world.updates.add("poll", shown, message.chat.id)
    if not shown["is_anonymous"]:
        answer = {"poll_id": shown["id"], "user": voter, "option_ids": options}
        answer["option_persistent_ids"] = [counted[index]["persistent_id"] for index in options]
        world.updates.add("poll_answer", answer, int(voter["id"]))


def close_due(world: World) -> None:
    """Close the polls whose time is over, and tell the bot."""
    now = world.now()
    for poll in world.polls.values():
        shown = poll.message.data["poll"]
        if not shown["is_closed"] and shown.get("close_date", now + 1) <= now:
            closed = shown | {"is_closed": True}
            world.change(poll.message, {"poll": closed}, edited=False)
            world.updates.add("poll", closed, poll.message.chat.id)
