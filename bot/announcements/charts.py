"""Pictures of a report. The drawing library is loaded when the first one is wanted: it is large."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from bot.rendering import shorten

MOST_BARS = 25
"""Bars in one picture; further ones are added up."""
SIZE = 11
"""Points of the words: the picture is as wide as a phone shows it, so that nobody has to zoom."""
FEW = 10
"""Up to so many bars, a long label takes several lines; else it is cut."""
LABEL, HEADING = 22, 38
"""Characters in one line of a bar's label, and of what stands above."""
DONE, MISSING = "#2e7d5b", "#c9ced6"


@dataclass(frozen=True)
class Bar:
    """A bar: a part of it done.

    Attributes:
        label: What it is about.
        done: How much of it.
        whole: Of how much.
    """

    label: str
    done: int
    whole: int


async def draw(title: str, bars: Sequence[Bar], done: str, missing: str = "") -> bytes:
    """Bars below each other, as a PNG; drawn in a thread, since it takes a while.

    Args:
        title: What stands above.
        bars: At least one.
        done: What the done part is called.
        missing: What the rest is called; without it, bars have no rest.
    """
    return await asyncio.to_thread(_draw, title, list(bars), done, missing)


def _draw(title: str, bars: list[Bar], done: str, missing: str) -> bytes:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    shown, rest = bars[:MOST_BARS], bars[MOST_BARS:]
    labels = [wrap(bar.label, LABEL) or [""] for bar in shown]
    if len(shown) > FEW:
        labels = [[shorten(bar.label, LABEL)] for bar in shown]
    heading = wrap(title, HEADING)
    height = 1.3 + 0.25 * len(heading) + 0.3 * max(len(lines) for lines in labels) * len(shown)
    figure = Figure(figsize=(4.2, height), dpi=160, layout="constrained")
    figure.suptitle("\n".join(heading), x=0.02, ha="left", fontsize=SIZE + 1, fontweight="bold")
    axes = figure.add_subplot()
    places, left = range(len(shown)), [bar.done for bar in shown]
    axes.barh(places, left, color=DONE, label=done)
    if missing:
        axes.barh(places, [bar.whole - bar.done for bar in shown], left=left, color=MISSING, label=missing)
        figure.legend(loc="outside lower left", ncols=2, frameon=False, fontsize=SIZE)
    most = max(*(bar.whole for bar in shown), 1)
    for place, bar in zip(places, shown, strict=True):
        words = f"{bar.done} von {bar.whole}" if missing else str(bar.done)
        axes.text(bar.whole + most * 0.02, place, words, va="center", fontsize=SIZE)
    axes.set_yticks(places, ["\n".join(lines) for lines in labels], fontsize=SIZE)
    axes.margins(y=0.01)
    axes.invert_yaxis()
    axes.set_xlim(0, most * 1.45)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axes.tick_params(axis="x", labelsize=SIZE)
    if rest:  # said in words: as a bar they would make all others short
        counts = sum(bar.done for bar in rest), sum(bar.whole for bar in rest)
        axes.set_xlabel(f"und {len(rest)} weitere: {counts[0]} von {counts[1]}", loc="left", fontsize=SIZE)
    axes.spines[["top", "right"]].set_visible(False)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
