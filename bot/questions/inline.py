"""Inline mode: `@bot leerstand` in any chat offers entries whose card can be shared there."""

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.helpers import create_deep_linked_url

from bot.logs import get_logger
from bot.questions.cards import list_line
from bot.questions.screens import EntryScreens
from bot.questions.service import Questions
from bot.rendering import split_html
from bot.telegram import NO_PREVIEW, Context
from knowledge.describe import facets_of
from knowledge.entries import AnyEntry, Facet
from knowledge.library import entry_code

CACHE_SECONDS = 300
_log = get_logger("lotse.inline")


class InlineMode:
    """Answers inline queries; nothing of them is kept."""

    def __init__(self, service: Questions, screens: EntryScreens) -> None:
        self._service = service
        self._screens = screens

    async def answer(self, update: Update, context: Context) -> None:
        """Offer the entries that fit what has been typed so far."""
        query = update.inline_query
        if query is None:
            return
        found, facet = self._service.look_up(query.query)
        results = [self._result(entry, facet, context.bot.username) for entry in found]
        label = "Lotse öffnen" if found or not query.query.strip() else "Nichts gefunden: Lotse fragen"
        try:
            await query.answer(
                results,
                cache_time=CACHE_SECONDS,
                is_personal=False,
                button=InlineQueryResultsButton(label, start_parameter="inline"),
            )
        except BadRequest as error:  # typed on meanwhile: Telegram takes no answer to an old query
            _log.info("inline query not answered", reason=str(error))

    def _result(self, entry: AnyEntry, facet: Facet | None, username: str) -> InlineQueryResultArticle:
        today = self._service.today()
        line = list_line(entry, today, facet)
        html = split_html(self._screens.card_html(entry, today, _held(entry, facet)))[0]
        link = create_deep_linked_url(username, f"e_{entry.id}")
        return InlineQueryResultArticle(
            id=entry_code(entry.id),
            title=line.title,
            description=line.hint or None,
            input_message_content=InputTextMessageContent(
                html, parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW
            ),
            reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Bei Lotse öffnen", url=link)]]),
        )


def _held(entry: AnyEntry, facet: Facet | None) -> tuple[Facet, ...]:
    return (facet,) if facet in facets_of(entry) else ()
