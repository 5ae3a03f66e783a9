"""Entries made for a test, and strategies that make them up."""

import datetime as dt

import yaml
from hypothesis import strategies as st

from knowledge.entries import (
    Article,
    CaseStudy,
    Confidence,
    Deadline,
    DeadlineKind,
    FundingProgramme,
    Level,
    Source,
    Status,
    Term,
    Theme,
    YearlyDate,
)
from knowledge.files import term_id, write_document, write_glossary

ASKS = tuple(f"Wie fragt man danach, Wortlaut {number}" for number in range(8))
SHARED = {
    "asks": ASKS,
    "sources": (Source(url="https://www.thueringen.de/seite", what="alles"),),
    "as_of": "2026-05",
    "review_by": dt.date(2027, 5, 31),
    "body": "Damit helfen Sie Ihrer Innenstadt.",
}


def programme(**changes):
    """A funding programme without faults."""
    return FundingProgramme(**{
        **SHARED, "id": "laden-hilfe", "title": "Ladenhilfe Thüringen", "level": Level.LAND, "funder": "Freistaat",
        "contact": "Aufbaubank, Tel. 0361 7447-0", "status": Status.OPEN, "applicants": ("Kommune",),
        "themes": (Theme.LEERSTAND,), "deadline": Deadline(kind=DeadlineKind.ROLLING), **changes,
    })  # fmt: skip


def case(**changes):
    """A case study without faults."""
    return CaseStudy(**{
        **SHARED, "id": "jena-laden", "title": "Laden auf Zeit", "town": "Jena", "state": "Thüringen",
        "themes": (Theme.LEERSTAND,), "problem": "Läden standen leer.", "contact": "Stadt Jena", **changes,
    })  # fmt: skip


def article(**changes):
    """An article without faults."""
    return Article(**{**SHARED, "id": "ag-laden", "title": "AG Laden", **changes})


def term(title="Leerstand", **changes):
    """A glossary term without faults."""
    return Term(**{
        "id": term_id(title), "title": title, "definition": "Fläche ohne Nutzung.", "asks": ASKS, **changes
    })  # fmt: skip


def write(folder, *entries, **texts):
    """Write entries as content files, and further files by `folder__name=text`; returns the folder."""
    terms = [entry for entry in entries if isinstance(entry, Term)]
    for entry in entries:
        if not isinstance(entry, Term):
            kind = {"funding": "funding", "case": "cases", "article": "articles"}[entry.kind]
            put(folder, f"{kind}/{entry.id}.md", write_document(entry))
    if terms:
        put(folder, "glossary.yaml", write_glossary(terms))
    return folder


def put(folder, name, text):
    """Write one file below a folder."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def front_matter(entry):
    """An entry's front matter as a mapping, to be spoiled."""
    return yaml.safe_load(write_document(entry).split("\n---\n")[0].removeprefix("---\n"))


def put_spoiled(folder, entry, spoil):
    """Write an entry's file after something was done to its front matter."""
    data = front_matter(entry)
    for key in ("as_of", "review_by"):
        data[key] = str(data[key])
    spoil(data)
    kind = {"funding": "funding", "case": "cases", "article": "articles"}[entry.kind]
    text = f"---\n{yaml.safe_dump(data, allow_unicode=True, sort_keys=False)}---\n\n{entry.body}\n"
    return put(folder, f"{kind}/{entry.id}.md", text)


# -- made up by hypothesis -------------------------------------------------------------------------

LETTERS = st.characters(exclude_categories=["Cs"])
sentences = st.text(LETTERS, min_size=1, max_size=60).map(str.strip).filter(bool)
several = st.lists(sentences, max_size=4).map(tuple)
bodies = st.text(LETTERS, max_size=200).map(str.strip)
ids = st.from_regex(r"[a-z0-9]{1,10}(-[a-z0-9]{1,10}){0,3}", fullmatch=True)
days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
months = st.one_of(
    st.integers(2000, 2099).map(str), days.map(lambda day: f"{day:%Y-%m}"), days.map(lambda day: f"{day:%Y-%m-%d}")
)
yearly_dates = st.builds(
    YearlyDate, day=st.dates(dt.date(2028, 1, 1), dt.date(2028, 12, 31)).map("{:%m-%d}".format),
    what=st.none() | sentences,
)  # fmt: skip
deadlines = st.builds(
    Deadline, kind=st.sampled_from(DeadlineKind), date=st.none() | days,
    yearly=st.lists(yearly_dates, max_size=3).map(tuple), note=st.none() | sentences,
)  # fmt: skip
themes = st.lists(st.sampled_from(Theme), min_size=1, max_size=3, unique=True).map(tuple)
_some = st.lists(sentences, min_size=1, max_size=3).map(tuple)
_shared = {
    "title": sentences, "asks": several, "confidence": st.sampled_from(Confidence), "as_of": st.none() | months,
    "sources": st.lists(st.builds(Source, url=st.just("https://a.de/b?c=1#d"), what=sentences), max_size=2).map(tuple),
    "review_by": st.none() | days, "unverified": several, "body": bodies,
}  # fmt: skip
_funding = {
    "id": ids, "short_names": several, "level": st.sampled_from(Level), "funder": sentences, "contact": sentences,
    "status": st.sampled_from(Status), "applicants": _some, "themes": themes, "funds": several, "excludes": several,
    "rate": st.none() | sentences, "amount": st.none() | sentences, "deadline": deadlines, "requirements": several,
    "combinable": st.none() | sentences, "how_to_apply": several, "instead": st.lists(ids, max_size=2).map(tuple),
}  # fmt: skip
_case = {
    "id": ids, "town": sentences, "state": sentences, "population": st.none() | st.integers(1, 10**7),
    "themes": themes, "started": st.none() | st.integers(1990, 2030), "ended": st.none() | st.integers(1990, 2030),
    "problem": sentences, "measures": several, "results": several, "costs": st.none() | sentences, "funding": several,
    "lessons": several, "partners": several, "contact": sentences,
}  # fmt: skip
_article = {
    "id": ids, "short_names": several, "contact": st.none() | sentences, "requirements": several,
    "how_to_apply": several, "results": several, "partners": several,
    "themes": st.lists(st.sampled_from(Theme), max_size=3, unique=True).map(tuple),
}  # fmt: skip
file_entries = st.one_of(
    st.builds(FundingProgramme, **_shared, **_funding),
    st.builds(CaseStudy, **_shared, **_case),
    st.builds(Article, **_shared, **_article),
)
_titles = st.text(st.sampled_from("abcXYZäöüß 0123-/."), min_size=1, max_size=30).map(str.strip)
terms = st.builds(
    lambda title, **values: Term(id=term_id(title), title=title, **values),
    **{**_shared, "title": _titles.filter(lambda title: term_id(title) != "term-")},
    synonyms=several, definition=sentences,
)  # fmt: skip
