"""Methods about the bot itself: who it is, its commands and texts, files, updates and the webhook."""

import re
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.chats import JSON, Chat
from bot.sandbox.errors import bad_request
from bot.sandbox.files import DOWNLOAD_LIMIT
from bot.sandbox.methods.calls import Call, method
from bot.sandbox.world import World

COMMAND_LIMIT = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_WEBHOOK_PORTS = (443, 80, 88, 8443)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TEXT_LIMITS = {"Name": ("name", 64), "Description": ("description", 512)}
_TEXT_LIMITS["ShortDescription"] = ("short_description", 120)
LOGGED_OUT_SECONDS = 600


@method("getMe")
def _get_me(world: World, _call: Call) -> JSON:
    return world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


@method("logOut")
def _log_out(world: World, _call: Call) -> bool:
    world.profile.logged_out_until = world.clock.time() + LOGGED_OUT_SECONDS
    return True


@method("close")
def _close(_world: World, _call: Call) -> bool:
    return True


@method("setMyCommands")
def _set_commands(world: World, call: Call) -> bool:
    commands = call["commands"]
    if len(commands) > COMMAND_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        command["command"] = command["command"].removeprefix("/")
        if not _COMMAND.fullmatch(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile.commands[_scope(world, call)] = commands
    world.changes.bump()
    return True


@method("getMyCommands")
def _get_commands(world: World, call: Call) -> list[JSON]:
    return world.profile.commands.get(_scope(world, call), [])


@method("deleteMyCommands")
def _delete_commands(world: World, call: Call) -> bool:
    world.profile.commands.pop(_scope(world, call), None)
    world.changes.bump()
    return True


def _scope(world: World, call: Call) -> tuple[Any, ...]:
    scope = call.get("scope", {"type": "default"})
    key: tuple[Any, ...] = (call.get("language_code", ""), scope["type"])
    if "chat_id" in scope:
        chat = world.find_chat(scope["chat_id"])
        key += (chat.id,)
    if "user_id" in scope:
        key += (scope["user_id"],)
    return key


def commands_for(world: World, chat: Chat, user_id: int) -> list[JSON]:
    """Return the commands that a person is offered in a chat, the narrowest scope first."""
    private: list[tuple[Any, ...]] = [("chat", chat.id), ("all_private_chats",)]
    group: list[tuple[Any, ...]] = [("chat_member", chat.id, user_id), ("chat", chat.id), ("all_group_chats",)]
    if chat.status(user_id) in ("administrator", "creator"):
        group[1:1] = [("chat_administrators", chat.id)]
        group[3:3] = [("all_chat_administrators",)]
    for scope in [*(private if chat.is_private else group), ("default",)]:
        for language in ("de", ""):
            if commands := world.profile.commands.get((language, *scope)):
                return commands
    return []


def _set_text(world: World, call: Call) -> bool:
    field, limit = _TEXT_LIMITS[call.method.removeprefix("setMy")]
    text = call.get(field, "")
    if len(text) > limit:
        raise bad_request(f"BOT_{field.upper()}_INVALID")
    world.profile.texts[field, call.get("language_code", "")] = text
    return True


def _get_text(world: World, call: Call) -> JSON:
    field, _ = _TEXT_LIMITS[call.method.removeprefix("getMy")]
    default = world.bot["first_name"] if field == "name" else ""
    return {field: world.profile.texts.get((field, call.get("language_code", ""))) or default}


for _name in _TEXT_LIMITS:
    method(f"setMy{_name}")(_set_text)
    method(f"getMy{_name}")(_get_text)


@method("setChatMenuButton")
def _set_menu_button(world: World, call: Call) -> bool:
    button = call.get("menu_button", {"type": "default"})
    if "chat_id" in call.given:
        world.find_chat(call["chat_id"]).menu_button = button
    else:
        world.profile.menu_button = button
    return True


@method("getChatMenuButton")
def _get_menu_button(world: World, call: Call) -> JSON:
    if "chat_id" in call.given:
        return world.find_chat(call["chat_id"]).menu_button or world.profile.menu_button
    return world.profile.menu_button


@method("getFile")
def _get_file(world: World, call: Call) -> JSON:
    stored = world.files.get(call["file_id"])
    if stored is None:
        raise bad_request("invalid file_id")
    size = len(stored.content)
    if size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    known = {"file_id": stored.id, "file_unique_id": stored.unique_id}
    return known | {"file_size": size, "file_path": stored.path}


@method("setWebhook")
def _set_webhook(world: World, call: Call) -> bool:
    if not call["url"]:
        return bool(_delete_webhook(world, call))
    _check_address(call["url"])
    secret = call.get("secret_token", "")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    if "allowed_updates" in call.given:
        world.updates.allowed = call["allowed_updates"] or None
    if call.get("drop_pending_updates"):
        world.updates.drop()
    most = min(max(call.get("max_connections", 40), 1), 100)
    world.updates.end_poller("setWebhook request")
    world.updates.webhook = {"url": call["url"], "secret": secret, "max_connections": most}
    world.updates.on_update()
    return True


@method("deleteWebhook")
def _delete_webhook(world: World, call: Call) -> bool:
    world.updates.webhook = {}
    if call.get("drop_pending_updates"):
        world.updates.drop()
    return True


@method("getWebhookInfo")
def _webhook_info(world: World, _call: Call) -> JSON:
    webhook = world.updates.webhook
    info: JSON = {"url": webhook.get("url", ""), "has_custom_certificate": False}
    info["pending_update_count"] = len(world.updates.pending)
    if webhook:
        shown = ("max_connections", "last_error_date", "last_error_message")
        info |= {key: webhook[key] for key in shown if key in webhook}
        info["ip_address"] = "127.0.0.1"
    if world.updates.allowed:
        info["allowed_updates"] = world.updates.allowed
    return info


def _check_address(url: str) -> None:
    """Refuse what Telegram refuses; the local machine may do without TLS and use any port."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise bad_request("bad webhook: invalid webhook URL specified") from None
    if parts.hostname in _LOOPBACK:
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in _WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
