"""Logistic models with their numbers in fitted.json, which `python -m bench.fit models` writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from pathlib import Path

FITTED_FILE = Path(__file__).parent / "fitted.json"
_STEEPEST = 30.0


@dataclass(frozen=True)
class LogisticModel:
    """One number for each feature, and a bias."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, features: Mapping[str, float]) -> float:
        """How probable it is, 0 to 1; features that the model does not know do not count."""
        total = self.bias + sum(weight * features[name] for name, weight in self.weights.items())
        return 1 / (1 + exp(-max(-_STEEPEST, min(_STEEPEST, total))))


def load_fitted(path: Path = FITTED_FILE) -> dict[str, LogisticModel]:
    """The shipped models by name.

    `known`: an entry answers the question at all. `right`: the first hit is one that was meant. `back`: the question is
    about the entry that was shown before. `several`: the question wants several entries.
    """
    models = {}
    for name, numbers in json.loads(path.read_text(encoding="utf-8")).items():
        weights = dict(numbers)
        models[name] = LogisticModel(weights.pop("bias"), weights)
    return models


FITTED = load_fitted()
