"""Fits what is learned from data: `python -m bench.fit facets`, `confidence` or `weights`.

Everything is reproducible: no chance but a seeded one. Results are printed, the facet model is written.
"""

import sys
from collections.abc import Sequence

from rich.console import Console

from knowledge.facet_model import FacetModel, digest, fit, load_wordings
from knowledge.german import words
from knowledge.lexicon import Lexicon
from knowledge.question import spelled

FOLDS = 5
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


def main(names: Sequence[str]) -> None:
    """Fit what is named."""
    for name in names or ("facets", "confidence"):
        globals()[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
