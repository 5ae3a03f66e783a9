"""How well questions are answered, what each means contributes, how true the confidences are, how fast it is.

`python -m bench.search` prints it all; `quality`, `ablation`, `reliability`, `speed`, `fuzz` as arguments a part.
"""

import gzip
import json
import sqlite3
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process, utils
from rich.console import Console
from rich.table import Table

from bench import any_text
from bench.golden import Golden, answered, aside, by, load, right, share, today, tuned
from knowledge.answers import Answer, Answerer
from knowledge.documents import documents
from knowledge.files import load_knowledge
from knowledge.german import stem, words
from knowledge.index import Document, Index
from knowledge.lexicon import Lexicon
from knowledge.library import Knowledge
from knowledge.weights import DEFAULT_ANSWER_WEIGHTS, DEFAULT_WEIGHTS

CORPUS = Path(__file__).parent / "corpora" / "law.jsonl.gz"
console = Console(width=150)


def answerer(knowledge: Knowledge | None = None, **changes: object) -> Answerer:
    """The shipped answerer, or one with something changed."""
    return Answerer(knowledge or load_knowledge(), today, **changes)  # type: ignore[arg-type]


def judge_with(one: Answerer) -> Callable[[Golden], bool]:
    """Whether this answerer answers a question right."""
    return lambda question: answered(one, question)[1]


LEAST_SCORE = 60
"""WRatio below which the baseline says that it does not know; of 45 to 65 the one that serves it best."""


# -- baselines: what everybody writes first; the detail asked for is given to them ----------------------------


def fuzzy_titles(listed: Sequence[Document]) -> Callable[[Golden], bool]:
    """RapidFuzz WRatio over the titles."""
    titles = {document.id: document.title for document in listed}

    def judge(question: Golden) -> bool:
        found = process.extract(
            question.question, titles, scorer=fuzz.WRatio, processor=utils.default_process, limit=10
        )
        kind = "entry" if found[0][1] >= LEAST_SCORE else "none"
        return right(question, kind, [id_ for _, _, id_ in found], question.facet)

    return judge


def full_text(listed: Sequence[Document]) -> Callable[[Golden], bool]:
    """SQLite FTS5 with its own ranking over everything that an entry says."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table entries using fts5(id unindexed, title, text, tokenize='unicode61')")
    rows = [(d.id, d.title, " ".join((*d.names, *d.keywords, *d.asks, d.text))) for d in listed]
    connection.executemany("insert into entries values (?, ?, ?)", rows)

    def judge(question: Golden) -> bool:
        query = " OR ".join(f'"{word}"' for word in question.question.replace('"', " ").split())
        found = connection.execute(
            "select id from entries where entries match ? order by bm25(entries, 0, 3, 1) limit 10", (query,)
        ).fetchall()
        return right(question, "entry" if found else "none", [id_ for (id_,) in found], question.facet)

    return judge


def stemmed_bm25(listed: Sequence[Document]) -> Callable[[Golden], bool]:
    """BM25 (k1 1.2, b 0.75) over stemmed words of everything that an entry says."""
    bags = [[stem(w) for w in words(" ".join((d.title, *d.names, *d.keywords, *d.asks, d.text)))] for d in listed]
    vocabulary = {word: number for number, word in enumerate(sorted({w for bag in bags for w in bag}))}
    counts = np.zeros((len(bags), len(vocabulary)), np.float32)
    for row, bag in enumerate(bags):
        for word in bag:
            counts[row, vocabulary[word]] += 1
    held = (counts > 0).sum(0)
    idf = np.log(1 + (len(bags) - held + 0.5) / (held + 0.5))
    lengths = counts.sum(1, keepdims=True)
    scores = idf * counts * 2.2 / (counts + 1.2 * (0.25 + 0.75 * lengths / lengths.mean()))

    def judge(question: Golden) -> bool:
        columns = [vocabulary[s] for w in words(question.question) if (s := stem(w)) in vocabulary]
        total = scores[:, columns].sum(1)
        best = [listed[i].id for i in np.argsort(-total)[:10] if total[i] > 0]
        return right(question, "entry" if best else "none", best, question.facet)

    return judge


# -- the tables ----------------------------------------------------------------------------------------------------


def quality() -> None:
    """Right answers by kind and style on the tuned and the kept-aside part, beside the baselines."""
    sample, own = load("sample"), load("own")
    parts = {"sample, tuned": tuned(sample), "sample, aside": aside(sample), "own": own}
    one = answerer()
    listed = [document for document in documents(one.knowledge, one.lexicon) if document.id in one.knowledge.entries]
    ways = {
        "Lotse": judge_with(one), "WRatio over titles": fuzzy_titles(listed), "SQLite FTS5": full_text(listed),
        "BM25, stemmed": stemmed_bm25(listed),
    }  # fmt: skip
    table = Table("Answered right", *(f"{name} ({len(part)})" for name, part in parts.items()), title="Quality")
    for name, judge in ways.items():
        table.add_row(name, *(f"{share(part, judge):.1%}" for part in parts.values()))
    console.print(table)
    for title, key in (("By kind", lambda q: q.kind), ("By style", lambda q: q.style)):
        _by(title, key, parts, ways["Lotse"])


def _by(
    title: str, key: Callable[[Golden], str], parts: dict[str, list[Golden]], judge: Callable[[Golden], bool]
) -> None:
    table = Table(title, *parts)
    groups = {name: dict(by(part, key)) for name, part in parts.items()}
    for group in sorted({group for found in groups.values() for group in found}):
        cells = []
        for found in groups.values():
            members = found.get(group, [])
            cells.append(f"{sum(map(judge, members))}/{len(members)}" if members else "")
        table.add_row(group, *cells)
    console.print(table)


def ablation() -> None:
    """What each means contributes: right answers without it."""
    questions = tuned(load("sample")) + load("own")
    knowledge, lexicon = load_knowledge(), Lexicon.load()
    bare = Knowledge.of(entry.model_copy(update={"asks": ()}) for entry in knowledge.entries.values())
    data = dict(lexicon.data)
    no_words = Lexicon({**data, "synonyms": [], "broader": {}, "abbreviations": {}})
    no_fillers = Lexicon({**data, "fillers": []})
    no_votes = Lexicon({**data, "kinds": {"funding": []}})
    no_filters = Lexicon({**data, "levels": {}, "applicants": {}, "themes": {}, "states": {}, "funders": {},
                          "paid_from": {}, "status": {}})  # fmt: skip
    flat = DEFAULT_WEIGHTS
    changes: dict[str, Callable[[], Answerer]] = {
        "everything": answerer,
        "without the entries' wordings (asks)": lambda: answerer(bare),
        "without synonyms and broader terms": lambda: answerer(lexicon=no_words),
        "without the list of fillers": lambda: answerer(lexicon=no_fillers),
        "without compound parts": lambda: answerer(
            weights=replace(flat, indexed_part=0.0, query_part=0.0, query_part_of_unknown=0.0)
        ),
        "without corrections": lambda: answerer(weights=replace(flat, corrected=0.0)),
        "without the nearest passage": lambda: answerer(weights=replace(flat, name=0.0, ask=0.0, text=0.0)),
        "without the entry as a whole (BM25)": lambda: answerer(weights=replace(flat, bm25=0.0)),
        "without votes for kinds of entry": lambda: answerer(lexicon=no_votes),
        "without constraints": lambda: answerer(lexicon=no_filters),
        "without patterns for details": lambda: answerer(lexicon=Lexicon({**data, "facets": {"rate": []}})),
        "without the model of details": _without_facet_model,
        "without the memory of what was shown": _without_memory,
        "without knowing that it does not know": lambda: answerer(
            answer_weights=replace(DEFAULT_ANSWER_WEIGHTS, known=0.0, known_list=0.0)
        ),
    }
    table = Table("Means", "Answered right", "Difference", title=f"Ablation ({len(questions)} questions)")
    base = 0.0
    for name, build in changes.items():
        result = share(questions, judge_with(build()))
        base = base or result
        table.add_row(name, f"{result:.1%}", f"{result - base:+.1%}")
    console.print(table)


def _without_facet_model() -> Answerer:
    one = answerer(lexicon=Lexicon(dict(Lexicon.shipped().data)))
    model = one.reader._model
    one.reader._model = replace(model, weights=np.zeros_like(model.weights), bias=np.zeros_like(model.bias))
    return one


class _Forgetful(Answerer):
    def answer(self, text: str, *_: object, **__: object) -> Answer:  # type: ignore[override]
        return super().answer(text)


def _without_memory() -> Answerer:
    return _Forgetful(load_knowledge(), today)


def reliability() -> None:
    """How true confidences are: of those around 0.8, four of five should be right."""
    one = answerer()
    rows: list[tuple[float, bool]] = []
    for question in load("sample") + load("own"):
        if question.kind not in ("fact", "entry"):
            continue
        answer, _ = answered(one, question)
        if answer.hits and answer.kind in ("fact", "entry"):
            rows.append((answer.hits[0].confidence, answer.hits[0].id in question.relevant))
    table = Table("Confidence", "Answers", "Mean confidence", "First hit right", title="Reliability")
    for low in range(10):
        inside = [(c, r) for c, r in rows if low / 10 <= c < (low + 1) / 10 or (low == 9 and c == 1)]
        if inside:
            mean = statistics.mean(c for c, _ in inside)
            table.add_row(
                f"{low / 10:.1f}–{(low + 1) / 10:.1f}", str(len(inside)), f"{mean:.2f}",
                f"{sum(r for _, r in inside) / len(inside):.2f}",
            )  # fmt: skip
    console.print(table)


def speed() -> None:
    """A whole answered question beside one WRatio scan over the titles of the same documents, at three sizes."""
    questions = [question.question for question in load("sample") + load("own")]
    one = answerer()
    table = Table("Documents", "Question p50", "p99", "WRatio scan p50", "p99", "p99 / scan p99", "Limit",
                  "Build a document", "Memory", title="Speed (medians of 3 runs, ms)")  # fmt: skip
    titles = [entry.title for entry in one.knowledge.entries.values()]
    listed, words_of = documents(one.knowledge, one.lexicon), one.lexicon
    build = _timed(lambda: Index.build(listed, synonyms=words_of.synonyms, fillers=words_of.fillers))[0]
    _speed_row(table, len(titles), one.answer, titles, questions, 1.0, build / len(listed), None)
    law = corpus()
    queries = [" ".join(words(document.title)[:8]) or "Gesetz" for document in law[:: max(1, len(law) // 300)]]
    p99s = []
    for size, limit in ((3_000, 0.5), (len(law), 0.1)):
        part = law[:size]
        spent, index = _timed(lambda part=part: Index.build(part, synonyms=words_of.synonyms, fillers=words_of.fillers))
        tracemalloc.start()
        Index.build(part, synonyms=words_of.synonyms, fillers=words_of.fillers)
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        names = [document.title for document in part]
        p99s.append(
            _speed_row(table, size, lambda q, index=index: index.search(q), names, queries, limit, spent / size, memory)
        )
    console.print(table)
    console.print(f"From 3,000 to {len(law):,} documents the cost grows {p99s[1] / p99s[0]:.1f}-fold (limit: 4.0).")


def _timed(action: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = action()
    return (time.perf_counter() - start) * 1000, result


def _percentiles(action: Callable[[str], object], queries: Iterable[str]) -> tuple[float, float]:
    times = sorted(_timed(partial(action, q))[0] for q in queries)
    return times[len(times) // 2], times[min(int(len(times) * 0.99), len(times) - 1)]


def _speed_row(
    table: Table, size: int, action: Callable[[str], object], titles: list[str], queries: list[str], limit: float,
    build: float, memory: int | None,
) -> float:  # fmt: skip
    def scan(query: str) -> object:
        return process.extract(query, titles, scorer=fuzz.WRatio, limit=10)

    few = queries if size < 1000 else queries[:100]
    runs = [(_percentiles(action, few), _percentiles(scan, few)) for _ in range(3)]
    median, p99 = (statistics.median(run[0][i] for run in runs) for i in (0, 1))
    scan_median, scan_p99 = (statistics.median(run[1][i] for run in runs) for i in (0, 1))
    table.add_row(
        f"{size:,}", f"{median:.2f}", f"{p99:.2f}", f"{scan_median:.2f}", f"{scan_p99:.2f}", f"{p99 / scan_p99:.2f}",
        f"{limit:.1f}", f"{build:.2f} (limit 2)", f"{memory / 2**20:.0f} MiB" if memory else "",
    )  # fmt: skip
    return p99


def corpus() -> list[Document]:
    """Sections of German federal law, 30,000 of them, nested by size."""
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        return [Document(row["id"], row["title"], row["text"]) for row in map(json.loads, lines)]


def main(names: Sequence[str] = ()) -> None:
    """Print the tables that are named, or all."""
    for part in (quality, ablation, reliability, speed, any_text.fuzz):
        if not names or part.__name__ in names:
            part()


if __name__ == "__main__":
    main(sys.argv[1:])
