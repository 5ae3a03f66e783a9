"""Questions with the answers that the facts support, and when an answer counts as right."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.answers import Answer, Answerer, AnswerKind
from knowledge.entries import Facet
from knowledge.followups import Talk

QUESTIONS = Path(__file__).parent / "questions"
DAY = dt.date(2026, 11, 22)
"""The day for which the questions' answers hold."""


def today() -> dt.date:
    """That day, for an answerer."""
    return DAY


@dataclass(frozen=True)
class Golden:
    """A question with its right answers; fields as in questions/README.md."""

    id: str
    question: str
    kind: str
    relevant: frozenset[str]
    acceptable: frozenset[str]
    facet: str | None
    after: Talk | None
    style: str
    answer_contains: tuple[str, ...]


def load(name: str) -> list[Golden]:
    """The questions of one file."""
    return [_golden(json.loads(line)) for line in (QUESTIONS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def tuned(questions: Iterable[Golden]) -> list[Golden]:
    """The part that may be looked at: two of three."""
    return [question for number, question in enumerate(questions, 1) if number % 3]


def aside(questions: Iterable[Golden]) -> list[Golden]:
    """The part that is kept aside: every third; its misses are counted, never looked at."""
    return [question for number, question in enumerate(questions, 1) if not number % 3]


def _golden(row: dict[str, object]) -> Golden:
    after = row["after"]
    talk = None
    if isinstance(after, dict):
        talk = Talk((after["id"],), Facet(after["facet"]) if after["facet"] else None)
    return Golden(
        str(row["id"]), str(row["question"]), str(row["kind"]), frozenset(row["relevant"]),  # type: ignore[call-overload]
        frozenset(row["acceptable"]), row["facet"], talk, str(row["style"]),  # type: ignore[call-overload, arg-type]
        tuple(row["answer_contains"]),  # type: ignore[arg-type]
    )  # fmt: skip


def right(question: Golden, kind: str, ids: list[str], facet: str | None) -> bool:
    """Whether an answer counts as right: questions/README.md says when.

    Args:
        question: With its right answers.
        kind: What the answer is.
        ids: Of its hits, best first.
        facet: The detail that it says first.
    """
    ids = ids[:10]
    if question.kind == "none":
        return kind == AnswerKind.NONE
    if kind == AnswerKind.NONE or not ids:
        return False
    match question.kind:
        case "entry":
            return ids[0] in question.relevant
        case "fact" | "followup":
            return ids[0] in question.relevant and facet == question.facet
        case "choose":
            return len(question.relevant & set(ids[:4])) >= 2
        case _:
            recall = len(question.relevant & set(ids)) / len(question.relevant)
            first = ids[:5]
            precision = sum(i in question.relevant | question.acceptable for i in first) / len(first)
            return recall >= 0.6 and precision >= 0.6


def answered(answerer: Answerer, question: Golden) -> tuple[Answer, bool]:
    """The answer, and whether it is right."""
    answer = answerer.answer(question.question, question.after)
    facet = answer.facet.value if answer.facet else None
    return answer, right(question, answer.kind, [hit.id for hit in answer.hits], facet)


def share(questions: Iterable[Golden], judge: Callable[[Golden], bool]) -> float:
    """The share of questions that are answered right, 0 to 1."""
    results = [judge(question) for question in questions]
    return sum(results) / len(results) if results else 0.0


def by(questions: Iterable[Golden], key: Callable[[Golden], str]) -> Iterator[tuple[str, list[Golden]]]:
    """The questions in groups, by name."""
    groups: dict[str, list[Golden]] = {}
    for question in questions:
        groups.setdefault(key(question), []).append(question)
    yield from sorted(groups.items())
