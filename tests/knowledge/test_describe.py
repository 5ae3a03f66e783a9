import pytest
from hypothesis import given, settings

from knowledge.describe import (
    FACET_LABELS,
    OFFICIAL,
    STATUS_LABELS,
    THEME_LABELS,
    asked_of,
    doubts,
    facets_of,
    fact,
    host,
    key_facts,
    lead,
    main_source,
    month_words,
    plain,
    source_line,
    status_words,
)
from knowledge.entries import Confidence, Deadline, DeadlineKind, EntryKind, Facet, Source, Status, Theme
from tests.knowledge.made import article, case, days, file_entries, programme, term


def source(url):
    return Source(url=url, what="alles")


def test_every_facet_of_every_shipped_entry_has_words(shipped, day):
    for entry in shipped.entries.values():
        for facet in Facet:
            said = fact(entry, facet, day)
            assert said.label
            assert said.label == FACET_LABELS[facet] or entry.kind is not EntryKind.FUNDING
            assert said.text.strip(), (entry.id, facet)
            assert "None" not in said.text, (entry.id, facet)
            if facet not in facets_of(entry):
                assert not said.known, (entry.id, facet)


def test_a_detail_that_is_not_known_names_who_can_tell(shipped, day):
    unknown = [
        (entry, said)
        for entry in shipped.entries.values()
        for facet in facets_of(entry)
        if not (said := fact(entry, facet, day)).known
    ]
    assert unknown
    for entry, said in unknown:
        contact = getattr(entry, "contact", None)
        expected = f" Auskunft: {contact}" if contact else ""
        assert said.text == f"Das steht nicht in meinen Quellen.{expected}", entry.id


@settings(max_examples=50)
@given(file_entries, days)
def test_any_entry_has_words_for_everything(entry, today):
    assert all(fact(entry, facet, today).text for facet in Facet)
    assert all(said.known and said.text for said in key_facts(entry, today))
    assert lead(entry)
    assert asked_of(entry) <= facets_of(entry)
    assert all(doubts(entry))
    source_line(entry)


def test_every_shipped_entry_says_what_it_is_good_for_and_where_that_comes_from(shipped):
    for entry in shipped.entries.values():
        assert len(lead(entry)) > 20, entry.id
        assert "**" not in lead(entry)
        assert "](" not in lead(entry)
        assert source_line(entry), entry.id


def test_every_name_has_a_label():
    assert set(FACET_LABELS) == set(Facet)
    assert set(THEME_LABELS) == set(Theme)
    assert set(STATUS_LABELS) == set(Status)


def test_a_card_shows_known_key_facts_without_those_already_said(day):
    entry = programme(rate="50 %")
    assert [said.facet for said in key_facts(entry, day)] == [Facet.RATE, Facet.APPLICANTS, Facet.DEADLINE]
    assert [said.facet for said in key_facts(entry, day, without=[Facet.RATE])] == [Facet.APPLICANTS, Facet.DEADLINE]
    assert [said.facet for said in key_facts(programme(), day)] == [Facet.APPLICANTS, Facet.DEADLINE]
    assert key_facts(term(), day) == []


@pytest.mark.parametrize(
    ("entry", "facet", "text"),
    [
        (programme(rate="50 %"), Facet.RATE, "50 %"),
        (programme(rate="50 %", unverified=("rate",)), Facet.RATE, "50 % (nicht bestätigt)"),
        (programme(funds=("Umbau", "Miete")), Facet.FUNDS, "Umbau; Miete"),
        (programme(deadline=Deadline(kind=DeadlineKind.NONE, note="Anfragen.")), Facet.DEADLINE,
         "kein Stichtag; Anfragen."),
        (programme(status=Status.CLOSED), Facet.DEADLINE, "keine Anträge mehr möglich"),
        (programme(), Facet.STATUS, "offen (Stand 05/2026)"),
        (programme(body="**Wer** kann, der kann."), Facet.DEFINITION, "Wer kann, der kann."),
        (case(costs="9.000 Euro"), Facet.AMOUNT, "9.000 Euro"),
        (case(funding=("ZIZ",), unverified=("funding",)), Facet.FUNDING_USED, "ZIZ (nicht bestätigt)"),
        (case(measures=("Umbau",)), Facet.FUNDS, "Umbau"),
        (case(started=2020), Facet.STATUS, "seit 2020; ein Ende ist nicht vermerkt"),
        (case(started=2020, ended=2020), Facet.STATUS, "im Jahr 2020, beendet"),
        (case(started=2020, ended=2022), Facet.STATUS, "2020 bis 2022, beendet"),
        (case(ended=2022), Facet.STATUS, "beendet 2022"),
        (case(), Facet.STATUS, "Das steht nicht in meinen Quellen. Auskunft: Stadt Jena"),
        (article(partners=("LEG",)), Facet.APPLICANTS, "LEG"),
        (article(), Facet.CONTACT, "Das steht nicht in meinen Quellen."),
        (term(), Facet.DEFINITION, "Fläche ohne Nutzung."),
        (term(), Facet.RATE, "Das steht nicht in meinen Quellen."),
    ],
)  # fmt: skip
def test_a_detail_in_words(day, entry, facet, text):
    assert fact(entry, facet, day).text == text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.OPEN, "offen (Stand 05/2026)"),
        (Status.CLOSED, "beendet, keine neuen Anträge (Stand 05/2026)"),
        (Status.UNKNOWN, "ungewiss (Stand 05/2026): vor dem Antrag beim Fördergeber nachfragen"),
    ],
)
def test_a_status_names_its_evidence(status, words):
    assert status_words(programme(status=status)) == words
    assert "Stand" not in status_words(programme(status=status, as_of=None))


def test_doubts_are_said_and_certainty_is_not():
    assert doubts(programme()) == []
    assert doubts(programme(status=Status.UNKNOWN)) == [
        "Ob das Programm zurzeit offen ist, ist seit 05/2026 nicht bestätigt. Bitte beim Fördergeber nachfragen."
    ]
    assert doubts(case(confidence=Confidence.LOW)) == ["Die Angaben stützen sich auf wenige Quellen."]


@pytest.mark.parametrize(("as_of", "words"), [("2025", "2025"), ("2025-11", "11/2025"), ("2025-11-30", "11/2025")])
def test_a_state_is_said_as_month_and_year(as_of, words):
    assert month_words(as_of) == words


def test_a_source_line_names_state_and_host():
    assert source_line(programme()) == "Stand 05/2026 · Quelle: thueringen.de"
    assert source_line(term()) == "Glossar des Bündnisses"


@pytest.mark.parametrize(
    ("urls", "named"),
    [
        (["https://www.kfw.de/432"], "kfw.de"),
        (["https://zeitung.de/a", "https://www.kfw.de/432"], "kfw.de"),
        (["https://zeitung.de/a", "https://buerger.thueringen.de/x"], "buerger.thueringen.de"),
        (["https://stadt.de", "https://www.antennethueringen.de/x"], "stadt.de"),
        (["https://stadt.de", "https://www.insuedthueringen.de/x"], "stadt.de"),
        (["https://stadt.de", "https://naturbund.de"], "stadt.de"),
        (["https://stadt.de", "https://www.leg-thueringen.de"], "leg-thueringen.de"),
    ],
)
def test_a_funder_or_an_office_is_named_before_a_newspaper(urls, named):
    assert host(main_source([source(url) for url in urls]).url) == named


def test_the_official_hosts_are_hosts():
    assert all(host(f"https://www.{name}/seite") == name for name in OFFICIAL)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [("**Fett** und *kursiv*", "Fett und kursiv"), ("[KfW](https://kfw.de)", "KfW"), ("2 * 3 * 4", "2 * 3 * 4"),
     ("__init__", "init"), ("", "")],
)  # fmt: skip
def test_markdown_loses_its_marks(markdown, text):
    assert plain(markdown) == text


def test_what_is_asked_of_a_case_goes_by_its_usual_name(shipped):
    for entry in shipped.of_kind(EntryKind.CASE):
        assert asked_of(entry) == facets_of(entry) - {Facet.AMOUNT, Facet.FUNDS}
