"""The picture of a meeting's replies. The drawing library is loaded when the first one is wanted: it is large."""

import asyncio
import io

from bot.meetings.kinds import Answer
from bot.meetings.replies import Overview

MOST_TOWNS = 14
"""Towns in one picture; further ones are added up."""
YES, WAITING, MAYBE, NO, SILENT = "#2e7d5b", "#7fb69b", "#d9a441", "#b3543f", "#c9ced6"


async def draw_replies(overview: Overview) -> bytes:
    """Who comes, in all and from which towns, as a PNG for a phone; drawn in a thread, since it takes a while."""
    return await asyncio.to_thread(_draw, overview)


def counts(overview: Overview) -> list[tuple[str, int, str]]:
    """What was answered how often, and its colour."""
    return [
        ("Zusagen", len(overview.of(Answer.YES)), YES),
        ("Warteliste", len(overview.waiting), WAITING),
        ("Vielleicht", len(overview.of(Answer.MAYBE)), MAYBE),
        ("Absagen", len(overview.of(Answer.NO)), NO),
        ("Ohne Antwort", len(overview.of(None)), SILENT),
    ]


def towns(overview: Overview) -> list[tuple[str, int]]:
    """How many come from each town, most first."""
    found: dict[str, int] = {}
    for line in overview.of(Answer.YES):
        name = line.town or "ohne Stadt"
        found[name] = found.get(name, 0) + 1
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    rest = ordered[MOST_TOWNS:]
    return ordered[:MOST_TOWNS] + ([(f"{len(rest)} weitere", sum(count for _, count in rest))] if rest else [])


def _draw(overview: Overview) -> bytes:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    answers = [each for each in counts(overview) if each[1] or each[0] in {"Zusagen", "Ohne Antwort"}]
    places = towns(overview)
    heights = [len(answers) + 1, len(places) + 1] if places else [len(answers) + 1]
    figure = Figure(figsize=(5.6, 1.1 + 0.36 * sum(heights)), dpi=160, layout="constrained")
    parts = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    title = overview.meeting.title if len(overview.meeting.title) <= 48 else f"{overview.meeting.title[:47]}…"
    figure.suptitle(f"{title}\n{overview.meeting.when}", x=0.02, ha="left", fontsize=12)
    _bars(parts[0], [(label, count) for label, count, _ in answers], [colour for *_, colour in answers])
    people = "einer Person" if len(overview.lines) == 1 else f"{len(overview.lines)} Eingeladenen"
    parts[0].set_title(f"Antworten von {people}", loc="left", fontsize=10)
    if places:
        _bars(parts[1], places, [YES] * len(places))
        parts[1].set_title("Zusagen nach Städten", loc="left", fontsize=10)
    figure.text(0.02, 0.0, " ", fontsize=14)  # room for the time that Telegram writes onto pictures
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _bars(axes, bars: list[tuple[str, int]], colours: list[str]) -> None:  # type: ignore[no-untyped-def] # matplotlib's
    rows = range(len(bars))
    axes.barh(rows, [count for _, count in bars], color=colours, height=0.62)
    most = max(*(count for _, count in bars), 1)
    for row, (_, count) in zip(rows, bars, strict=True):
        axes.text(count + most * 0.015, row, str(count), va="center", fontsize=10)
    axes.set_yticks(rows, [label for label, _ in bars], fontsize=10)
    axes.tick_params(length=0)
    axes.invert_yaxis()
    axes.set_xlim(0, most * 1.25)
    axes.set_xticks([])
    axes.spines[["top", "right", "bottom"]].set_visible(False)
