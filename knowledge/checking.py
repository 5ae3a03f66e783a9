"""What a content file can get wrong beyond its types, each fault with its mend."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from markdown_it import MarkdownIt

from knowledge.entries import AnyEntry, CaseStudy, FundingProgramme, Status, Term
from knowledge.facet_model import WORDINGS, FacetModel, digest, load_wordings
from knowledge.files import CONTENT, Fault, read_entries

FEWEST_ASKS, MOST_ASKS = 8, 30
MOST_BODY_WORDS = 260

_ALLOWED_TOKENS = frozenset(
    {
        "paragraph_open", "paragraph_close", "inline", "bullet_list_open", "bullet_list_close", "list_item_open",
        "list_item_close", "ordered_list_open", "ordered_list_close", "text", "softbreak", "hardbreak", "strong_open",
        "strong_close", "em_open", "em_close", "link_open", "link_close",
    }
)  # fmt: skip
_AGEING = re.compile(r"\b[Nn]och \d+ Tage?\b|\bverstrichen\b|Jahr abgeleitet|\b(heute|morgen|gestern)\b")
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def check(path: Path = CONTENT, today: dt.date | None = None) -> list[Fault]:
    """All faults of the content below a folder, in the order of the files.

    Args:
        path: The content folder.
        today: The day after which no source can have been read; the system's day where none is given.
    """
    entries, faults = read_entries(path)
    known = {entry.id for _, entry in entries}
    day = today or dt.datetime.now(dt.UTC).date()
    for file, entry in entries:
        faults.extend(Fault(file, *rest) for rest in _faults(entry, known, day))
    faults.extend(_double_asks(entries))
    return sorted(faults, key=lambda fault: fault.file)


def check_model(model: FacetModel | None = None, wordings: Mapping[str, Sequence[str]] | None = None) -> list[Fault]:
    """The fault of a facet model that was fitted to other wordings; both are the shipped ones where not given."""
    fitted_to = (model or FacetModel.load()).fitted_to
    if fitted_to == digest(wordings or load_wordings()):
        return []
    problem = "it has changed since the facet model was fitted"
    return [Fault(WORDINGS.name, "file", problem, "Run `python -m bench.fit facets`.")]


def stale(entries: Iterable[AnyEntry], today: dt.date, within_days: int = 0) -> list[AnyEntry]:
    """Entries that are due for review today or within some days, longest overdue first."""
    until = today + dt.timedelta(days=within_days)
    due = [entry for entry in entries if entry.review_by and entry.review_by <= until]
    return sorted(due, key=lambda entry: (entry.review_by or today, entry.id))


_Rest = tuple[str, str, str]


def _faults(entry: AnyEntry, known: set[str], today: dt.date) -> Iterator[_Rest]:
    yield from _ask_faults(entry)
    yield from _body_faults(entry)
    if not isinstance(entry, Term):
        if not entry.sources:
            yield "sources", "there is none", "Name at least one page that supports the entry."
        if entry.review_by is None:
            yield "review_by", "it is missing", "Name the day by which somebody should look at the entry again."
    if entry.as_of and entry.as_of > today.isoformat()[: len(entry.as_of)]:
        yield "as_of", f"{entry.as_of} is in the future", "Name the state that the sources support."
    if isinstance(entry, FundingProgramme):
        yield from _programme_faults(entry, known)
    if isinstance(entry, CaseStudy) and entry.started and entry.ended and entry.ended < entry.started:
        yield "ended", f"{entry.ended} is before the start in {entry.started}", "Mend one of the two years."


def _programme_faults(entry: FundingProgramme, known: set[str]) -> Iterator[_Rest]:
    for number, other in enumerate(entry.instead):
        if other not in known:
            yield f"instead.{number}", f"there is no entry {other}", "Name an existing id or remove it."
        if other == entry.id:
            yield f"instead.{number}", "an entry cannot serve instead of itself", "Remove it."
    if entry.status is Status.CLOSED and not entry.instead:
        yield "instead", "a closed programme names none", "Name what serves instead."
    note = entry.deadline.note or ""
    if found := _AGEING.search(note):
        yield "deadline.note", f"„{found[0]}“ will be wrong soon", "Write the rule; the days are reckoned."


def _ask_faults(entry: AnyEntry) -> Iterator[_Rest]:
    if not FEWEST_ASKS <= len(entry.asks) <= MOST_ASKS:
        yield "asks", f"there are {len(entry.asks)}", f"Write {FEWEST_ASKS} to {MOST_ASKS} wordings people would use."
    for number, ask in enumerate(entry.asks):
        if "<" in ask or ">" in ask:
            yield f"asks.{number}", f"{ask!r} holds a mark of HTML", "Write it as people type it."


def _body_faults(entry: AnyEntry) -> Iterator[_Rest]:
    if not entry.body:
        if not isinstance(entry, Term):
            yield "body", "it is empty", "Write what a member reads below the front matter."
        return
    words = len(entry.body.split())
    if words > MOST_BODY_WORDS:
        yield "body", f"it has {words} words", f"Shorten it to {MOST_BODY_WORDS}: it is read on a phone."
    for token in _MARKDOWN.parse(entry.body):
        for part in (token, *(token.children or ())):
            if part.type in {"html_block", "html_inline"}:
                yield "body", f"HTML is forbidden: {part.content.strip()[:40]!r}", "Write it in Markdown."
            elif part.type not in _ALLOWED_TOKENS:
                yield "body", f"{part.type} does not show in a chat", "Use paragraphs, lists, bold, italic and links."
            elif part.type == "link_open" and not str(part.attrs.get("href", "")).startswith(("https://", "http://")):
                yield "body", f"the link {part.attrs.get('href')!r} leads nowhere", "Use an address with https://."
    if found := _AGEING.search(entry.body):
        yield "body", f"„{found[0]}“ will be wrong soon", "Write the rule; the days are reckoned."


def _double_asks(entries: list[tuple[str, AnyEntry]]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for file, entry in entries:
        for number, ask in enumerate(entry.asks):
            other = seen.setdefault(ask.casefold(), entry.id)
            if other != entry.id or ask.casefold() in (a.casefold() for a in entry.asks[:number]):
                yield Fault(
                    file, f"asks.{number}", f"{ask!r} also stands in {other}", "Keep it in the one it fits best."
                )
