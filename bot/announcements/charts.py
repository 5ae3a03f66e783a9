"""Pictures of a report. The drawing library is loaded when the first one is wanted: it is large."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass

MOST_BARS = 25
"""Bars in one picture; further towns are added up."""
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

    shown = bars[:MOST_BARS]
    if rest := bars[MOST_BARS:]:
        shown.append(Bar(f"{len(rest)} weitere", sum(bar.done for bar in rest), sum(bar.whole for bar in rest)))
    places = range(len(shown))
    figure = Figure(figsize=(5.6, 1.7 + 0.34 * len(shown)), dpi=160, layout="constrained")
    axes = figure.add_subplot()
    axes.barh(places, [bar.done for bar in shown], color=DONE, label=done)
    if missing:
        left = [bar.done for bar in shown]
        axes.barh(places, [bar.whole - bar.done for bar in shown], left=left, color=MISSING, label=missing)
        figure.legend(loc="outside lower left", ncols=2, frameon=False)
    most = max(*(bar.whole for bar in shown), 1)
    for place, bar in zip(places, shown, strict=True):
        words = f"{bar.done} von {bar.whole}" if missing else str(bar.done)
        axes.text(bar.whole + most * 0.01, place, words, va="center", fontsize=9)
    axes.set_yticks(places, [bar.label for bar in shown])
    axes.invert_yaxis()
    axes.set_xlim(0, most * 1.3)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(title, loc="left", fontsize=12)
    axes.spines[["top", "right"]].set_visible(False)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
