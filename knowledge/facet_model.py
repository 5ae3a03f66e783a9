"""Which detail a question asks for: a multinomial logistic model over its words and pairs of words.

It was fitted by `python -m bench.fit facets` to the wordings of facet_wordings.yaml. Patterns of the lexicon say the
same in a way that people can read; together they hold where one alone is unsure.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

from knowledge.entries import Facet
from knowledge.german import stem

FOLDER = Path(__file__).parent
MODEL = FOLDER / "facet_model.npz"
WORDINGS = FOLDER / "facet_wordings.yaml"
NONE = "none"
"""The class of questions that ask for no detail."""
PREFIX = 5


def features(question: Sequence[str]) -> set[str]:
    """Stems, beginnings of longer words, neighbours, and neighbours of neighbours of a question's folded words."""
    stems = ["^", *map(stem, question), "$"]
    found = {f"w{word}" for word in stems[1:-1]}
    found |= {f"p{word[:PREFIX]}" for word in question if len(word) > PREFIX}
    found |= {f"{first}_{second}" for first, second in pairwise(stems)}
    return found | {f"{first}__{second}" for first, second in zip(stems, stems[2:], strict=False)}


def load_wordings(path: Path = WORDINGS) -> Mapping[str, Sequence[str]]:
    """Wordings by facet, and those of no facet under `none`."""
    loaded: Mapping[str, Sequence[str]] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return loaded


def digest(wordings: Mapping[str, Sequence[str]]) -> str:
    """Changes exactly when the wordings do."""
    return hashlib.sha256(json.dumps(wordings, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class FacetModel:
    """The fitted model.

    Attributes:
        columns: The row of each feature in `weights`.
        weights: Features x classes.
        bias: One number a class.
        classes: The facets' names and `none`.
        fitted_to: The digest of the wordings.
    """

    columns: Mapping[str, int]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    classes: tuple[str, ...]
    fitted_to: str

    @classmethod
    def load(cls, path: Path = MODEL) -> "FacetModel":
        """Read the shipped model."""
        with np.load(path, allow_pickle=False) as data:
            names = str(data["features"]).split("\n")
            return cls(
                {name: row for row, name in enumerate(names)},
                data["weights"].astype(np.float32),
                data["bias"].astype(np.float32),
                tuple(str(data["classes"]).split("\n")),
                str(data["fitted_to"]),
            )

    def save(self, path: Path = MODEL) -> None:
        """Write the model; half precision is enough for it."""
        np.savez_compressed(
            path,
            features=np.array("\n".join(self.columns)),
            weights=self.weights.astype(np.float16),
            bias=self.bias,
            classes=np.array("\n".join(self.classes)),
            fitted_to=np.array(self.fitted_to),
        )

    def leaning(self, question: Sequence[str]) -> dict[Facet, float]:
        """The probability of each facet, 0 to 1; what is missing to 1 is that of no facet."""
        rows = [self.columns[name] for name in features(question) if name in self.columns]
        total = self.weights[rows].sum(0) / np.sqrt(max(len(rows), 1)) + self.bias
        share = np.exp(total - total.max())
        share /= share.sum()
        return {Facet(name): float(p) for name, p in zip(self.classes, share, strict=True) if name != NONE}


def fit(
    questions: Mapping[str, Iterable[Sequence[str]]], fitted_to: str, *, decay: float = 1e-4, rounds: int = 400
) -> FacetModel:
    """Fit the model by gradient descent with momentum.

    Args:
        questions: Folded words of wordings by class.
        fitted_to: Kept in the model.
        decay: How strongly large weights are held back.
        rounds: Steps.
    """
    classes = tuple(questions)
    rows = [(features(words), number) for number, name in enumerate(classes) for words in questions[name]]
    counts: dict[str, int] = {}
    for found, _ in rows:
        for name in sorted(found):
            counts[name] = counts.get(name, 0) + 1
    columns = {name: row for row, name in enumerate(name for name, count in counts.items() if count > 1)}
    held = np.zeros((len(rows), len(columns)), np.float32)
    for row, (found, _) in enumerate(rows):
        held[row, [columns[name] for name in found if name in columns]] = 1
    held /= np.sqrt(np.maximum(held.sum(1, keepdims=True), 1))
    target = np.eye(len(classes), dtype=np.float32)[[number for _, number in rows]]
    weights, step = np.zeros((2, len(columns), len(classes)), np.float32)
    bias = np.zeros(len(classes), np.float32)
    for _ in range(rounds):
        total = held @ weights + bias
        share = np.exp(total - total.max(1, keepdims=True))
        error = share / share.sum(1, keepdims=True) - target
        step = 0.9 * step - 8.0 * (held.T @ error / len(rows) + decay * weights)
        weights += step
        bias -= 8.0 * error.mean(0)
    return FacetModel(columns, weights, bias, classes, fitted_to)
