"""The token, the bot's switches at @BotFather, and the webhook as Telegram sees it."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator

from telegram import Bot, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.delivery.request import AiohttpRequest
from bot.doctor.finding import Finding
from bot.intake.webhook import public_address
from bot.settings import PREFIX, Settings

MANY_WAITING = 100
"""So many updates that wait mean that nobody takes them."""
RECENT = dt.timedelta(hours=1)


async def check_telegram(settings: Settings) -> AsyncIterator[Finding]:
    """Ask Telegram."""
    if settings.telegram_token is None:
        yield Finding(well=False, sentence=f"Telegram: {PREFIX}TELEGRAM_TOKEN is not set; @BotFather gives one.")
        return
    try:
        request, polling = AiohttpRequest(), AiohttpRequest()
        bot = Bot(
            settings.require_token(),
            base_url=f"{settings.telegram_api_url}/bot",
            request=request,
            get_updates_request=polling,
        )
        async with bot:
            yield Finding(well=True, sentence=f"Telegram: the token is that of @{bot.username}.")
            for finding in _check_switches(bot):
                yield finding
            for finding in _check_webhook(settings, await bot.get_webhook_info()):
                yield finding
    except InvalidToken:
        yield Finding(
            well=False, sentence=f"Telegram: {PREFIX}TELEGRAM_TOKEN is rejected; compare it with @BotFather's."
        )
    except (TelegramError, ValueError) as error:
        yield Finding(
            well=False,
            sentence=f"Telegram: {settings.telegram_api_url} cannot be reached ({error}). Check the network, "
            f"HTTPS_PROXY and {PREFIX}TELEGRAM_API_URL.",
        )


def _check_switches(bot: Bot) -> Iterator[Finding]:
    if not bot.bot.supports_inline_queries:
        yield Finding(well=False, sentence="Telegram: inline mode is off; switch it on with /setinline at @BotFather.")
    if not bot.bot.can_join_groups:
        yield Finding(
            well=False, sentence="Telegram: the bot may not join groups; allow it with /setjoingroups at @BotFather."
        )


def _check_webhook(settings: Settings, hook: WebhookInfo) -> Iterator[Finding]:
    wanted = public_address(settings.webhook_url) if settings.webhook_url else ""
    if hook.url and not wanted:
        yield Finding(
            well=False,
            sentence="Telegram: a webhook is set, so polling gets nothing; `lotse run` removes it by itself.",
        )
    elif wanted and hook.url != wanted:
        yield Finding(
            well=False,
            sentence=f"Telegram: the webhook is {hook.url or 'not set'}, not {wanted}; `lotse run` sets it by itself.",
        )
    elif wanted:
        yield Finding(well=True, sentence="Telegram: the webhook is set.")
    if hook.last_error_message:
        at = hook.last_error_date
        recent = at is None or dt.datetime.now(dt.UTC) - at < RECENT
        when = f" ({at:%Y-%m-%d %H:%M} UTC)" if at else ""
        yield Finding(
            well=False if recent else None,
            sentence=f"Telegram: the webhook's last error{when}: {hook.last_error_message}. "
            "Check the reverse proxy and its certificate if it comes again.",
        )
    if hook.pending_update_count >= MANY_WAITING:
        yield Finding(
            well=False,
            sentence=f"Telegram: {hook.pending_update_count} updates wait to be taken. Is `lotse run` running?",
        )
