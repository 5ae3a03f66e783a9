"""Content files: read them, write them, and say what is wrong with them.

A file is YAML front matter between two lines of `---`, then Markdown. Terms share one file, glossary.yaml.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from knowledge.entries import AnyEntry, Article, CaseStudy, EntryKind, FundingProgramme, Term
from knowledge.library import Knowledge

CONTENT = Path(__file__).parent / "content"
"""The shipped entries."""

FOLDERS: dict[str, type[FundingProgramme] | type[CaseStudy] | type[Article]] = {
    "funding": FundingProgramme,
    "cases": CaseStudy,
    "articles": Article,
}
GLOSSARY = "glossary.yaml"


@dataclass(frozen=True)
class Fault:
    """Something wrong in a content file.

    Attributes:
        file: The file, relative to the content folder.
        field: The front-matter key, dotted where it is nested, or `body`.
        problem: What is wrong.
        mend: What to do about it.
    """

    file: str
    field: str
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.problem}. {self.mend}"


class ContentError(Exception):
    """The content cannot be used; `faults` says where and why."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


def load_knowledge(path: Path = CONTENT) -> Knowledge:
    """Read all entries below a content folder.

    Raises:
        ContentError: A file cannot be read or does not fit its type; every such fault is named.
    """
    entries, faults = read_entries(path)
    if faults:
        raise ContentError(faults)
    return Knowledge.of(entry for _, entry in entries)


def read_entries(path: Path) -> tuple[list[tuple[str, AnyEntry]], list[Fault]]:
    """Read what can be read: (file, entry) pairs, and the faults of what cannot."""
    entries: list[tuple[str, AnyEntry]] = []
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for item in _raw(path):
        if isinstance(item, Fault):
            faults.append(item)
            continue
        file, model, data = item
        try:
            entry = model.model_validate(data)
        except ValidationError as error:
            faults.extend(_validation_faults(file, error))
            continue
        if entry.id in seen:
            faults.append(Fault(file, "id", f"{entry.id} is also the id of {seen[entry.id]}", "Rename one of them."))
            continue
        seen[entry.id] = file
        entries.append((file, entry))
    return entries, faults


def parse_document(text: str) -> dict[str, Any]:
    """Front matter and body of one file as one mapping, the body under `body`.

    Raises:
        ValueError: There is no front matter, or it is no YAML mapping.
    """
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise ValueError("it does not begin with front matter between two lines of ---")
    front, body = text[4:].split("\n---\n", 1)
    try:
        data = yaml.load(front, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ValueError(f"its front matter is no valid YAML ({' '.join(str(error).split())})") from error
    if not isinstance(data, dict):
        raise ValueError("its front matter is no mapping of keys to values")  # noqa: TRY004 - one error for callers
    return {**data, "body": body.strip()}


def write_document(entry: FundingProgramme | CaseStudy | Article) -> str:
    """The text of an entry's file; reading it gives the entry back."""
    return f"---\n{_dump(_front_matter(entry))}---\n\n{entry.body}\n"


def write_glossary(terms: Iterable[Term]) -> str:
    """The text of glossary.yaml: the terms, in the given order; their ids follow from their titles."""
    rows = []
    for term in terms:
        data = _front_matter(term)
        row = {"term": data.pop("title"), **data}
        del row["id"]
        if term.body:
            row["body"] = term.body
        rows.append(row)
    return _dump(rows)


_TRANSLITERATION: dict[str, str | int | None] = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}


def term_id(title: str) -> str:
    """`term-pop-up-store` for `Pop-up-Store`."""
    folded = title.casefold().translate(str.maketrans(_TRANSLITERATION))
    return "term-" + "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in folded).split())


def path_of(entry: AnyEntry) -> str:
    """Where an entry's file stands, relative to the content folder."""
    folder = {EntryKind.FUNDING: "funding", EntryKind.CASE: "cases", EntryKind.ARTICLE: "articles"}
    return GLOSSARY if isinstance(entry, Term) else f"{folder[entry.kind]}/{entry.id}.md"


def save_knowledge(knowledge: Knowledge, path: Path) -> int:
    """Write all entries below a folder, which is made where it is missing; returns how many were written."""
    terms = []
    for entry in knowledge.entries.values():
        if isinstance(entry, Term):
            terms.append(entry)
            continue
        file = path / path_of(entry)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(write_document(entry), encoding="utf-8")
    path.mkdir(parents=True, exist_ok=True)
    (path / GLOSSARY).write_text(write_glossary(terms), encoding="utf-8")
    return len(knowledge.entries)


class _Loader(yaml.CSafeLoader):
    """Reads `2026-11-30` as the text that stands there: pydantic says which dates do not exist."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _dump(data: object) -> str:
    return yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=110)


def _front_matter(entry: AnyEntry) -> dict[str, Any]:
    data = entry.model_dump(mode="json", exclude={"kind", "body"})
    first = {"id": data.pop("id"), "title": data.pop("title")}
    last = {key: data.pop(key) for key in ("asks", "sources", "as_of", "review_by", "confidence", "unverified")}
    merged = {**first, **data, **last}
    optional = {"instead", "asks", "review_by", "as_of", "sources", "unverified"}
    return {key: value for key, value in merged.items() if value not in ([], None) or key not in optional}


def _raw(path: Path) -> Iterator[tuple[str, Any, dict[str, Any]] | Fault]:
    if not path.is_dir():
        yield Fault(str(path), "file", "there is no such folder", "Name a folder with funding/, cases/ and articles/.")
        return
    for folder, model in FOLDERS.items():
        for file in sorted((path / folder).glob("*.md")):
            name = f"{folder}/{file.name}"
            try:
                data = parse_document(_read(file))
            except (ValueError, OSError) as error:
                yield Fault(name, "file", f"{error}", "Compare it with a file beside it.")
                continue
            if data.get("id") != file.stem:
                yield Fault(
                    name, "id", f"it is {data.get('id')!r}", f"Name the file {data.get('id')}.md or mend the id."
                )
                continue
            yield name, model, data
    yield from _raw_terms(path)


def _read(file: Path) -> str:
    """The text of a file; some editors put a mark of the encoding before it."""
    return file.read_text(encoding="utf-8-sig")


def _raw_terms(path: Path) -> Iterator[tuple[str, Any, dict[str, Any]] | Fault]:
    if not (path / GLOSSARY).exists():
        return
    try:
        rows = yaml.load(_read(path / GLOSSARY), Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        yield Fault(GLOSSARY, "file", f"it is no valid YAML ({' '.join(str(error).split())})", "Mend the line named.")
        return
    except (ValueError, OSError) as error:
        yield Fault(GLOSSARY, "file", f"{error}", "Save it as a text in UTF-8.")
        return
    if not isinstance(rows, list | None):
        yield Fault(GLOSSARY, "file", "it is no list of terms", "Begin each term with `- term: …`.")
        return
    for number, row in enumerate(rows or [], 1):
        if not isinstance(row, dict) or "term" not in row:
            yield Fault(GLOSSARY, f"[{number}]", "it has no key `term`", "Write `- term: …`.")
            continue
        title = str(row["term"])
        data = {key: value for key, value in row.items() if key != "term"}
        yield f"{GLOSSARY} ({title})", Term, {**data, "id": term_id(title), "title": title}


def _validation_faults(file: str, error: ValidationError) -> Iterator[Fault]:
    errors = error.errors()
    outer = {item["loc"][:depth] for item in errors for depth in range(len(item["loc"]))}
    for item in errors:
        if item["loc"] in outer:  # follows from the fault inside
            continue
        field = ".".join(map(str, item["loc"])) or "file"
        given = item.get("input")
        match item["type"]:
            case "enum" | "literal_error":
                yield Fault(file, field, f"{given!r} is not known", f"Use one of: {item['ctx']['expected']}.")
            case "missing":
                yield Fault(file, field, "it is missing", "Add it.")
            case "extra_forbidden":
                yield Fault(file, field, "there is no such key", "Remove it or mend its spelling.")
            case "date_from_datetime_parsing" | "date_parsing" | "date_type" | "date_from_datetime_inexact":
                yield Fault(file, field, f"{given!r} is not a day of the calendar", "Write a day as YYYY-MM-DD.")
            case "value_error":  # only dates are checked beyond their form
                yield Fault(file, field, f"{given!r} is not in the calendar", "Write a date that there is.")
            case _:
                yield Fault(file, field, f"{given!r}: {item['msg']}", "Mend the value.")
