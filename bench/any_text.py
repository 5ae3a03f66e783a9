"""What somebody may type besides questions: random texts of many kinds, none of which may end in an error."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from rapidfuzz import process
from rapidfuzz.fuzz import WRatio
from rich.console import Console
from rich.table import Table

from bench.golden import load, today
from knowledge.answers import Answerer, AnswerKind
from knowledge.entries import Facet
from knowledge.files import load_knowledge
from knowledge.followups import Talk

console = Console(width=150)


def fuzz(count: int = 20_000) -> None:
    """Whatever somebody types: an answer or a kind word, never an error. Seeded, so that a fault can be found again."""
    one = Answerer(load_knowledge(), today)
    chance = random.Random(7)
    titles = [entry.title for entry in one.knowledge.entries.values()]
    known = sorted(one.ranker.index.vocabulary.counts)
    golden = [question.question for question in load("sample") + load("own")]
    makers: dict[str, Callable[[], str]] = {
        "any characters": lambda: _characters(chance, 0x10FFFF, 60),
        "control, joining and right-to-left characters": lambda: _characters(chance, 0x7FF, 60),
        "letters": lambda: "".join(chance.choices("abcdeefghiijklmnnoprssttuvwzäöüß  ", k=chance.randint(1, 80))),
        "known words": lambda: " ".join(chance.choices(known, k=chance.randint(1, 12))),
        "known words written together": lambda: "".join(chance.choices(known, k=chance.randint(2, 5))),
        "questions with slips": lambda: _slipped(chance, chance.choice(golden)),
        "questions cut and mixed": lambda: " ".join(chance.choice(golden)[: chance.randint(3, 40)] for _ in range(3)),
        "markup, SQL, templates": lambda: " ".join(chance.choices(HOSTILE, k=chance.randint(1, 12))),
    }
    table = Table("Texts", "Number", *AnswerKind, "Errors (limit 0)", "p99, ms", "Slowest, ms", title="Any text")
    slowest: list[float] = []
    for name, maker in makers.items():
        texts = [maker() for _ in range(count // len(makers) - 10)]
        slowest.append(_fuzz_row(table, name, one, texts, chance))
    longest = [(maker() * 400 + " ".join(maker() for _ in range(200)))[:4000] for maker in makers.values()] * 10
    _fuzz_row(table, "4,000 characters of each", one, longest, chance)
    console.print(table)
    limit = _p99([_milliseconds(partial(process.extract, q, titles, scorer=WRatio, limit=10)) for q in golden])
    console.print(
        f"The slowest text of usual length took {max(slowest):.1f} ms; p99 of questions is held to {limit:.1f} ms, "
        "that of one WRatio scan over the titles."
    )


HOSTILE = (
    "<b>", "</b>", "<script>alert(1)</script>", "**", "[x](javascript:1)", "' OR 1=1; --", 'DROP TABLE "entries";',
    "%s", "{{ 7*7 }}", "${HOME}", "\\", "\x00", "\x1b[31m", "\ud83c", "\u202e", "\ufeff", "/start", "null", "-1",
    "1e999", "9" * 400, "(" * 40, "oder", "Förderung", "bis wann", "unter 20.000 Einwohnern",
)  # fmt: skip


def _characters(chance: random.Random, highest: int, longest: int) -> str:
    return "".join(chr(chance.randint(0, highest)) for _ in range(chance.randint(1, longest)))


def _slipped(chance: random.Random, text: str) -> str:
    """A text with up to five letters lost, doubled, swapped or replaced."""
    letters = list(text)
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(letters))
        letters[place] = chance.choice(("", letters[place] * 2, chance.choice("aeinrst "), letters[place - 1]))
    return "".join(letters)


def _fuzz_row(table: Table, name: str, one: Answerer, texts: Sequence[str], chance: random.Random) -> float:
    """Ask each text, half of them after something was shown; returns the slowest in milliseconds."""
    entries = sorted(one.knowledge.entries)
    kinds: Counter[str] = Counter()
    times: list[float] = []
    errors: list[tuple[Exception, str, Talk | None]] = []
    for text in texts:
        shown = tuple(chance.choices(entries, k=chance.randint(1, 4)))
        after = chance.choice((None, Talk(shown, chance.choice((None, *Facet)), listed=len(shown) > 1)))
        start = time.perf_counter()
        try:
            kinds[one.answer(text, after).kind] += 1
        except Exception as error:  # every one is counted and shown
            errors.append((error, text, after))
        times.append((time.perf_counter() - start) * 1000)
    for fault, text, after in errors[:3]:
        console.print(f"{fault!r} at {text[:200]!r} after {after}", markup=False, style="red")
    table.add_row(
        name, f"{len(texts):,}", *(f"{kinds[kind]:,}" for kind in AnswerKind), str(len(errors)),
        f"{_p99(times):.1f}", f"{max(times):.1f}",
    )  # fmt: skip
    return max(times)


def _milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]
