"""Fits what is learned from data: `python -m bench.fit facets`, `models` or `weights`.

Everything is reproducible: no chance but a seeded one. Results are printed, the facet model is written.
"""

import json
import random
import string
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from rich.console import Console

from bench.golden import Golden, answered, load, today, tuned
from knowledge.answers import CONSIDERED, Answerer
from knowledge.facet_model import FacetModel, digest, fit, load_wordings
from knowledge.files import load_knowledge
from knowledge.followups import pointing_back
from knowledge.german import words
from knowledge.lexicon import Lexicon
from knowledge.lists import wants_several
from knowledge.logistic import FITTED_FILE
from knowledge.question import spelled
from knowledge.weights import DEFAULT_ANSWER_WEIGHTS, DEFAULT_WEIGHTS, AnswerWeights, Weights

FOLDS = 5
ATTEMPTS = 200
SEED = 11
RIDGE = 3.0
NONSENSE = 200
"""Random letters that point back to nothing."""
Floats = npt.NDArray[np.float64]
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


def models() -> None:
    """Fit the four logistic models of knowledge/fitted.json; prints how they do in cross-validation."""
    one = Answerer(load_knowledge(), today)
    chance = random.Random(4)
    ids = list(one.knowledge.entries)
    rows: dict[str, list[tuple[dict[str, float], bool, float]]] = {"known": [], "right": [], "back": [], "several": []}
    for golden in tuned(load("sample")) + load("own"):
        question = one.reader.read(golden.question, today())
        ranking = one.ranker.rank(question, one.ranker.topic(question), today(), CONSIDERED)
        evidence = one.evidence(question, ranking) if ranking.entries else None
        shown = golden.after.shown[0] if golden.after else chance.choice(ids)
        if not golden.after or shown in golden.relevant:
            back = pointing_back(question, ranking, one.knowledge.entries[shown], evidence)
            rows["back"].append((back, golden.after is not None, 2.0 if golden.after else 1.0))
        if golden.after or evidence is None:
            continue
        answerable = golden.kind != "none"
        rows["known"].append((vars(evidence), answerable, 1.0 if answerable else 1.5))
        if golden.kind in ("fact", "entry", "none"):
            rows["right"].append((vars(evidence), ranking.entries[0].entry.id in golden.relevant, 1.0))
        if golden.kind in ("fact", "entry", "list"):
            several = golden.kind == "list"
            rows["several"].append((wants_several(question, evidence), several, 2.0 if several else 1.0))
    for _ in range(NONSENSE):
        text = " ".join(_letters(chance) for _ in range(chance.randint(1, 5)))
        question = one.reader.read(text, today())
        ranking = one.ranker.rank(question, one.ranker.topic(question), today(), CONSIDERED)
        evidence = one.evidence(question, ranking) if ranking.entries else None
        shown = one.knowledge.entries[chance.choice(ids)]
        rows["back"].append((pointing_back(question, ranking, shown, evidence), False, 1.0))
    FITTED_FILE.write_text(json.dumps({name: _logistic(name, found) for name, found in rows.items()}, indent=1) + "\n")


def _letters(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9)))


def _logistic(name: str, rows: Sequence[tuple[dict[str, float], bool, float]]) -> dict[str, float]:
    """Fit one model by Newton's method with a small ridge, on standardised features."""
    features = list(rows[0][0])
    values = np.array([[row[feature] for feature in features] for row, _, _ in rows])
    target = np.array([float(right) for _, right, _ in rows])
    weight = np.array([w for _, _, w in rows])
    mean, spread = values.mean(0), values.std(0) + 1e-9
    scaled = np.c_[np.ones(len(values)), (values - mean) / spread]
    held = np.zeros(len(rows))
    fold = np.arange(len(rows)) % FOLDS
    for number in range(FOLDS):
        part = fold != number
        found = _newton(scaled[part], target[part], weight[part])
        held[~part] = 1 / (1 + np.exp(-scaled[~part] @ found))
    missed, false = ((held < 0.5) & (target == 1)).sum(), ((held >= 0.5) & (target == 0)).sum()
    console.print(f"{name}: {missed} of {int(target.sum())} missed, {false} of {int((1 - target).sum())} false")
    found = _newton(scaled, target, weight)
    raw = found[1:] / spread
    numbers = {"bias": float(found[0] - (raw * mean).sum()), **dict(zip(features, map(float, raw), strict=True))}
    return {feature: round(number, 4) for feature, number in numbers.items()}


def _newton(values: Floats, target: Floats, weight: Floats) -> Floats:
    found = np.zeros(values.shape[1])
    ridge = RIDGE * np.diag(np.r_[0, np.ones(values.shape[1] - 1)])
    for _ in range(60):
        share = 1 / (1 + np.exp(-values @ found))
        gradient = values.T @ (weight * (share - target)) + ridge @ found
        curve = (values * (weight * share * (1 - share))[:, None]).T @ values + ridge + 1e-9 * np.eye(len(found))
        found -= np.linalg.solve(curve, gradient)
    return found


def weights() -> None:
    """Search for better weights of the index and the answerer; prints them with their share of right answers.

    A seeded hill-climb over the questions that entries should answer; half of them decide, the other half confirms.
    """
    chance = random.Random(SEED)
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
    for name in names or ("facets", "models"):
        globals()[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
