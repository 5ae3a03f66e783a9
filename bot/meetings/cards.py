"""What messages about meetings show: German text and buttons, for answers in chat and for pushes alike."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.clock import Clock
from bot.dates.outcome import DateQuestion, Reading, german_span
from bot.delivery.payloads import Button, Buttons
from bot.meetings.callbacks import Verb, button
from bot.meetings.kinds import Answer, State
from bot.meetings.replies import Overview
from bot.meetings.views import NO_REPLY, MeetingView, ReplyView
from bot.members.personal import looks_personal
from bot.rendering import Messages, shorten

EXCERPT = 1200
"""Characters of minutes on a card; the whole comes on a press."""
MOST_NAMES = 20
"""Names below one answer in the list of replies."""
BAR = 10
"""Characters of the longest bar in the chart of replies."""
LABEL = 40
"""Characters of a title on a button."""
ANSWER_WORDS = {None: "noch keine", Answer.YES: "Zusage", Answer.NO: "Absage", Answer.MAYBE: "vielleicht"}
_ANSWERS = (
    (Answer.YES, "Zusage", Verb.YES),
    (Answer.NO, "Absage", Verb.NO),
    (Answer.MAYBE, "Vielleicht", Verb.MAYBE),
)


@dataclass(frozen=True)
class Card:
    """Telegram HTML, and rows of buttons."""

    html: str
    rows: Buttons = ()


class Cards:
    """Makes cards.

    Args:
        messages: The German templates.
        clock: Whether a meeting is over.
        zone: People's time zone.
    """

    def __init__(self, messages: Messages, clock: Clock, zone: dt.tzinfo) -> None:
        self.messages = messages
        self._clock = clock
        self._zone = zone

    def meeting(self, meeting: MeetingView, reply: ReplyView = NO_REPLY, kind: str = "card", **more: Any) -> Card:
        """A meeting as an invited person sees it, with the buttons to answer."""
        now = self._clock.now()
        over = meeting.over(now)
        late = self._late(meeting)
        changes = more.pop("changes", [])
        values = {
            "meeting": meeting,
            "kind": kind,
            "over": over,
            "late": late,
            "answer": self.answer_words(reply),
            "accepted": reply.answer is Answer.YES,
            "changes": self.messages.render("changes", changes=changes) if changes else "",
            "minutes": excerpt(meeting.minutes_text) if meeting.minutes_at and kind == "card" else "",
            "was": "",
            "deputy_for": "",
        }
        html = self.messages.render("meeting", **{**values, **more})
        if kind == "preview":
            return Card(html)
        rows = () if over or meeting.state is not State.PLANNED else _answer_rows(meeting, reply, kind)
        papers = meeting.papers + (meeting.minutes_papers if meeting.minutes_at else 0)
        if papers and kind != "cancelled":
            rows = (*rows, (button(f"Dokumente ({papers})", Verb.PAPERS, meeting.id),))
        if kind == "card" and meeting.minutes_at and len(meeting.minutes_text) > EXCERPT:
            rows = (*rows, (button("Ganzes Protokoll", Verb.MINUTES_READ, meeting.id),))
        return Card(html, rows)

    def cancelled(self, meeting: MeetingView, was: str = "") -> Card:
        """That a meeting does not take place; `was` is the time by which somebody knows it, if it is another one."""
        return Card(self.messages.render("cancelled", meeting=meeting, was=was))

    def preview(self, meeting: MeetingView, first: Reading, collisions: list[MeetingView], people: int) -> Card:
        """The invitation as the people will see it, and what is to be considered before it is sent."""
        shown = self.meeting(meeting, kind="preview").html
        html = self.messages.render(
            "preview",
            shown=_safe(shown),
            notices=[notice.value for notice in first.notices],
            holiday=first.holiday,
            collisions=collisions,
            people=people,
            end_given=first.end_given,
            personal=looks_personal("\n".join((meeting.title, meeting.place, meeting.agenda))),
        )
        rows = (
            (button(f"Senden ({people})", Verb.SEND, meeting.id),),
            (button("Ändern", Verb.EDIT, meeting.id), button("Verwerfen", Verb.DISCARD, meeting.id)),
        )
        return Card(html, rows)

    def question(self, asked: DateQuestion) -> Card:
        """What to ask back about a time, with suggestions as buttons."""
        html = self.messages.render(
            "date_question", doubt=asked.doubt, what=asked.what, day=asked.day, choices=asked.candidates
        )
        rows = tuple((button(str(each), Verb.WHEN, number),) for number, each in enumerate(asked.candidates))
        return Card(html, rows)

    def replies(self, overview: Overview) -> Card:
        """Who comes, for those who plan: counts as a chart, and names."""
        meeting = overview.meeting
        groups = [
            (word, overview.of(answer))
            for answer, word in ((Answer.YES, "Zusagen"), (Answer.MAYBE, "Vielleicht"), (Answer.NO, "Absagen"))
        ]
        groups.insert(1, ("Warteliste", overview.waiting))
        groups.append(("Ohne Antwort", overview.of(None)))
        most = max((len(lines) for _, lines in groups), default=0) or 1
        html = self.messages.render(
            "replies",
            meeting=meeting,
            groups=[(word, lines, "▇" * round(len(lines) * BAR / most)) for word, lines in groups if lines],
            towns=overview.towns,
            total=len(overview.lines),
            most=MOST_NAMES,
        )
        rows: list[tuple[Button, ...]] = [
            (button("Liste als CSV", Verb.CSV, meeting.id), button("Diagramm", Verb.CHART, meeting.id))
        ]
        if meeting.state is State.PLANNED and not meeting.over(self._clock.now()):
            if overview.of(None) and not self._late(meeting):
                rows.append((button("Nur ohne Antwort erinnern", Verb.NUDGE, meeting.id),))
            rows.append((button("Ändern", Verb.EDIT, meeting.id), button("Absagen", Verb.CANCEL, meeting.id)))
        else:
            if meeting.state is State.PLANNED:
                rows.append(_afterwards(meeting))
            rows.append((button("Folgetreffen planen", Verb.AGAIN, meeting.id),))
        return Card(html, tuple(rows))

    def asked(self, meeting: MeetingView, following: MeetingView | None) -> Card:
        """Whether there are minutes, for who planned it; and the next meeting of the series."""
        rows: list[tuple[Button, ...]] = [_afterwards(meeting)]
        if following is not None:
            rows.append((button("Nächstes Treffen ansehen", Verb.EDIT, following.id),))
        else:
            rows.append((button("Folgetreffen planen", Verb.AGAIN, meeting.id),))
        return Card(self.messages.render("asked", meeting=meeting, next=following), tuple(rows))

    def answer_words(self, reply: ReplyView) -> str:
        """One's own answer in a word or two."""
        answer = "deputy" if reply.deputy_id else reply.answer
        return self.messages.render("answers", answer=answer, waiting=reply.waiting)

    def refusal(self, code: str) -> str:
        """The German sentence for a refusal."""
        return self.messages.render("refused", code=code)

    def _late(self, meeting: MeetingView) -> bool:
        """Whether the day until which replies were wanted is over."""
        return meeting.reply_by is not None and meeting.reply_by.astimezone(dt.UTC) < self._clock.now()

    def moved_from(self, start: dt.datetime, meeting: MeetingView) -> str:
        """The former time of a meeting in words."""
        start = start.astimezone(self._zone)
        return german_span(start, start + (meeting.end - meeting.start)).partition("–")[0]


def short_label(meeting: MeetingView) -> str:
    """A meeting on a button: day, time and title."""
    start = meeting.start
    return shorten(f"{start.day}.{start.month}. {start.hour}:{start.minute:02d} {meeting.title}", LABEL)


def _afterwards(meeting: MeetingView) -> tuple[Button, ...]:
    return button("Protokoll", Verb.MINUTES, meeting.id), button("Anwesenheit", Verb.ATTEND, meeting.id, 0)


def _answer_rows(meeting: MeetingView, reply: ReplyView, kind: str) -> Buttons:
    if kind == "moved" and reply.answer is Answer.YES:
        first: tuple[Button, ...] = (
            button("Passt", Verb.OPEN, meeting.id),
            button("Geht nicht mehr", Verb.NO, meeting.id),
        )
    else:
        first = tuple(
            button(f"{label} ✓" if reply.answer is answer and not reply.deputy_id else label, verb, meeting.id)
            for answer, label, verb in _ANSWERS
        )
    second = (
        button("Vertretung nennen", Verb.DEPUTIES, meeting.id),
        button("Kalender", Verb.FILE, meeting.id),
        button("Erinnerung", Verb.REMIND, meeting.id),
    )
    return first, second


def excerpt(text: str) -> str:
    """The beginning of minutes, its lines kept."""
    return text if len(text) <= EXCERPT else text[:EXCERPT].rsplit(" ", 1)[0] + " …"


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704 - rendered by our own template, everything in it escaped
