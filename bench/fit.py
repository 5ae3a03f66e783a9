"""Fits what is learned from data: `python -m bench.fit facets`, `confidence` or `weights`.

Everything is reproducible: no chance but a seeded one. Results are printed, the facet model is written.
"""

import random
import sys
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from bench.golden import Golden, answered, load, today, tuned
from knowledge.answers import Answerer
from knowledge.facet_model import FacetModel, digest, fit, load_wordings
from knowledge.files import load_knowledge
from knowledge.german import words
from knowledge.lexicon import Lexicon
from knowledge.question import spelled
from knowledge.weights import DEFAULT_ANSWER_WEIGHTS, DEFAULT_WEIGHTS, AnswerWeights, Weights

FOLDS = 5
ATTEMPTS = 200
console = Console()


def facets() -> None:
    """Fit the model of the details asked for; prints its cross-validated accuracy."""
    lexicon, wordings = Lexicon.load(), load_wordings()
    read = {name: [spelled(words(text), lexicon.spellings) for text in texts] for name, texts in wordings.items()}
    right = total = 0
    for fold in range(FOLDS):
        part = {name: [w for n, w in enumerate(texts) if n % FOLDS != fold] for name, texts in read.items()}
        model = fit(part, "")
        for name, texts in read.items():
            for text in texts[fold::FOLDS]:
                leaning = model.leaning(text)
                best = max(leaning, key=lambda facet: leaning[facet])
                none = 1 - sum(leaning.values())
                right += name == ("none" if none > leaning[best] else best.value)
                total += 1
    console.print(f"facets: {right / total:.1%} of {total} wordings right in {FOLDS}-fold cross-validation")
    model: FacetModel = fit(read, digest(wordings))
    model.save()
    console.print(f"{len(model.columns)} features written")


def weights() -> None:
    """Search for better weights of the index and the answerer; prints them with their share of right answers.

    A seeded hill-climb over the questions that entries should answer; half of them decide, the other half confirms.
    """
    chance = random.Random(7)
    questions = [q for q in tuned(load("sample")) + load("own") if q.kind != "none"]
    deciding, confirming = questions[::2], questions[1::2]
    knowledge, lexicon = load_knowledge(), Lexicon.load()
    best = (DEFAULT_WEIGHTS, replace(DEFAULT_ANSWER_WEIGHTS, known=0.0, known_list=0.0))

    def score(chosen: tuple[Weights, AnswerWeights], part: Sequence[Golden]) -> float:
        one = Answerer(knowledge, today, lexicon, *chosen)
        return sum(_closeness(one, question) for question in part) / len(part)

    reached = score(best, deciding)
    console.print(f"start: {reached:.4f} deciding, {score(best, confirming):.4f} confirming")
    for attempt in range(ATTEMPTS):
        side = chance.choice((0, 0, 1))
        names = chance.sample(_TUNED[side], k=chance.choice((1, 1, 2)))
        changed = {name: getattr(best[side], name) * chance.choice((0.6, 0.8, 0.9, 1.1, 1.25, 1.6)) for name in names}
        parts = list(best)
        parts[side] = replace(best[side], **changed)  # type: ignore[type-var]
        tried = score((parts[0], parts[1]), deciding)  # type: ignore[arg-type]
        if tried > reached:
            best, reached = (parts[0], parts[1]), tried  # type: ignore[assignment]
            console.print(f"{attempt}: {reached:.4f} {changed}")
    console.print(f"end: {reached:.4f} deciding, {score(best, confirming):.4f} confirming")
    console.print(best[0], best[1])


def _closeness(one: Answerer, question: Golden) -> float:
    """1 for a right answer, less for a first right hit further down: smoother than right or wrong."""
    answer, right = answered(one, question)
    places = [place for place, hit in enumerate(answer.hits[:10]) if hit.id in question.relevant]
    return 0.7 * right + 0.3 * (1 / (1 + places[0]) if places else 0.0)


_TUNED: tuple[list[str], list[str]] = (
    ["k1", "b", "title_field", "ask_field", "bm25", "name", "ask", "text", "full_name", "passage_length",
     "indexed_part", "query_part", "query_part_of_unknown", "synonym", "corrected", "correction_power", "unknown_word"],
    ["facet_word", "kind_word", "list_word", "kind_vote", "unasked_term", "closed", "facet_not_held",
     "list_cut", "residual", "constraint_met"],
)  # fmt: skip


def main(names: Sequence[str]) -> None:
    """Fit what is named."""
    for name in names or ("facets", "confidence"):
        globals()[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
