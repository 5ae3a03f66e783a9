"""`lotse knowledge`: check the content, ask it, see what is due for review, carry it in and out."""

import datetime as dt
import json
import sys
import time
from collections.abc import Container, Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from knowledge.answers import Answer, Answerer
from knowledge.checking import check as find_faults
from knowledge.checking import check_model
from knowledge.checking import stale as find_stale
from knowledge.entries import AnyEntry, Facet
from knowledge.files import CONTENT, ContentError, Fault, load_knowledge, read_entries, save_knowledge
from knowledge.followups import Talk
from knowledge.lexicon import Lexicon, LexiconError
from knowledge.library import Knowledge

PEOPLES_ZONE = ZoneInfo("Europe/Berlin")
MOST_JSON_HITS = 10

app = typer.Typer(no_args_is_help=True, help="The alliance's content: check it, ask it, carry it in and out.")
Content = Annotated[Path, typer.Option("--content", help="The content folder; the shipped one by default.")]


def _today() -> dt.date:
    return dt.datetime.now(PEOPLES_ZONE).date()


def _fail(message: str) -> typer.Exit:
    Console(stderr=True).print(message, style="red", markup=False, highlight=False)
    return typer.Exit(1)


def _load(content: Path) -> Knowledge:
    try:
        return load_knowledge(content)
    except ContentError as error:
        raise _fail(f"The content cannot be used:\n{error}") from error


@app.command()
def check(content: Content = CONTENT) -> None:
    """Name every fault of the content, the lexicon and the facet model: file, field, what is wrong, how to mend it."""
    faults = [str(fault) for fault in (*find_faults(content, _today()), *check_model())]
    try:
        Lexicon.load()
    except LexiconError as error:
        faults.append(str(error))
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise _fail(f"{len(faults)} faults.")
    typer.echo(f"{len(_load(content).entries)} entries, no faults.")


@app.command()
def stale(
    content: Content = CONTENT,
    within: Annotated[int, typer.Option(help="Also what is due within so many days.")] = 0,
) -> None:
    """List the entries that are due for review, longest overdue first."""
    due = find_stale(_load(content).entries.values(), _today(), within)
    if not due:
        typer.echo("Nothing is due for review.")
        return
    table = Table("Review by", "Entry", "Title", "As of")
    for entry in due:
        table.add_row(str(entry.review_by), entry.id, escape(entry.title), entry.as_of or "")
    Console().print(table)


@app.command("export")
def export_content(path: Path, content: Content = CONTENT) -> None:
    """Write all entries as content files below PATH."""
    count = save_knowledge(_load(content), path)
    typer.echo(f"{count} entries written to {path}.")


@app.command("import")
def import_content(path: Path, content: Content = CONTENT) -> None:
    """Take the entries below PATH into the content: new ones are added, those with the same id replaced."""
    new, faults = read_entries(path)
    known = _load(content)
    merged = Knowledge.of({**known.entries, **{entry.id: entry for _, entry in new}}.values())
    faults += _moved(new, known)
    faults = faults or _brought({file for file, _ in new}, merged, content)
    if faults or not new:
        raise _fail("Nothing was imported:\n" + ("\n".join(map(str, faults)) or f"{path} holds no entries."))
    save_knowledge(merged, content)
    typer.echo(f"{len(new)} entries imported, {len(merged.entries)} in all.")


def _moved(new: Iterable[tuple[str, AnyEntry]], known: Knowledge) -> Iterator[Fault]:
    """Entries whose id is that of another kind here: two files would hold it."""
    for file, entry in new:
        if (old := known.get(entry.id)) and old.kind is not entry.kind:
            yield Fault(file, "id", f"{entry.id} is the id of a {old.kind.value} already", "Rename it.")


def _brought(files: Container[str], merged: Knowledge, content: Path) -> list[Fault]:
    """The faults that the content would have with the new files: those in them, and those that it had not before."""
    before = find_faults(content, _today())
    with TemporaryDirectory() as folder:
        save_knowledge(merged, Path(folder))
        after = find_faults(Path(folder), _today())
    return [fault for fault in after if fault.file in files or fault not in before]


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="Without it: one question a line on standard input.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show why each hit came.")] = False,
    content: Content = CONTENT,
) -> None:
    """Ask a question and read the answer as a member would."""
    answerer = Answerer(_load(content), _today)
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # whatever the terminal says, and broken bytes too
    lines = [question] if question is not None else (line.rstrip("\n") for line in sys.stdin)
    for line in lines:
        if not line.strip():
            continue
        text, after = _question(line)
        text = text.encode("utf-8", "replace").decode()  # halves of characters cannot be printed again
        start = time.perf_counter()
        answer = answerer.answer(text, after)
        milliseconds = (time.perf_counter() - start) * 1000
        if as_json:
            typer.echo(json.dumps(as_row(answer, milliseconds), ensure_ascii=False))
        else:
            _show(answer, milliseconds, explain=explain)


def _question(line: str) -> tuple[str, Talk | None]:
    """A line's question and, where it is a JSON object, what was shown before it."""
    if not line.lstrip().startswith("{"):
        return line, None
    try:
        data = json.loads(line)
        text, after = str(data["question"]), data.get("after")
        if after is None:
            return text, None
        entry_id, facet = after
        return text, Talk((str(entry_id),), Facet(facet) if facet else None)
    except (json.JSONDecodeError, RecursionError):
        return line, None  # a question that happens to begin with a brace
    except (KeyError, TypeError, ValueError) as error:
        form = '{"question": "…", "after": ["entry-id", "facet" or null]}'
        raise _fail(f"A line cannot be read ({error}). Write a question, or {form}.") from error


def as_row(answer: Answer, milliseconds: float) -> dict[str, object]:
    """What `--json` prints of an answer."""
    return {
        "question": answer.question,
        "kind": answer.kind.value,
        "facet": answer.facet.value if answer.facet else None,
        "hits": [
            {"id": hit.id, "kind": hit.kind.value, "title": hit.title, "confidence": hit.confidence}
            for hit in answer.hits[:MOST_JSON_HITS]
        ],
        "text": answer.text,
        "ms": round(milliseconds, 3),
    }


def _show(answer: Answer, milliseconds: float, *, explain: bool) -> None:
    console = Console()
    console.print(f"[bold]{answer.kind.value}[/bold]{f' · {answer.facet.value}' if answer.facet else ''}")
    console.print(answer.text, markup=False, highlight=False)
    if answer.hits:
        table = Table("Confidence", "Entry", "Title")
        for hit in answer.hits[:MOST_JSON_HITS]:
            table.add_row(f"{hit.confidence:.2f}", hit.id, escape(hit.title))
        console.print(table)
    if explain:
        _explain(console, answer)
    console.print(f"{milliseconds:.1f} ms", style="dim")


def _explain(console: Console, answer: Answer) -> None:
    words = Table("Word", "Weight", "How", "Looked up as", title="How the question was understood")
    for match in answer.explained:
        stems = ", ".join(f"{stem} {near:.2f}" for stem, near in sorted(match.stems.items(), key=lambda s: -s[1])[:8])
        words.add_row(match.word, f"{match.weight:.2f}", match.how, stems)
    console.print(words)
    if answer.chips:
        console.print("Constraints: " + ", ".join(f"{chip.name} = {chip.label}" for chip in answer.chips))
    hits = Table("Entry", "Score", "Coverage", "Name", "Wording", "Sentence", "Whole", title="Why each hit came")
    for row in answer.found:
        found = row.found
        evidence = (found.coverage, found.name, found.ask, found.text, found.bm25)
        hits.add_row(found.id, f"{row.score:.2f}", *(f"{value:.2f}" for value in evidence))
    console.print(hits)
