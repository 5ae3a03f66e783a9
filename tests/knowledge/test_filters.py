import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entries import Deadline, DeadlineKind, EntryKind, Level, Status, Theme, YearlyDate
from knowledge.filters import (
    APPLICANT_LABELS,
    Applicant,
    Filters,
    Named,
    TownSize,
    applicants_of,
    cost_of,
    euros,
    matches,
    select,
)
from knowledge.library import Knowledge
from tests.knowledge.made import article, case, programme, term

YEARLY = Deadline(kind=DeadlineKind.ANNUAL, yearly=(YearlyDate(day="12-15"),))
KFW = Named("KfW", ("kfw",))
ZIZ = Named("ZIZ", ("ziz",))
JENA = case(population=110_000, started=2020, ended=2022, costs="rund 2,9 Mio. Euro", funding=("Bund (ZIZ)",))


@pytest.mark.parametrize(
    ("constraint", "met_by", "not_met_by"),
    [
        ({"kind": EntryKind.CASE}, case(), programme()),
        ({"kind": EntryKind.TERM}, term(), article()),
        ({"theme": Theme.HANDEL}, programme(themes=(Theme.KLIMA, Theme.HANDEL)), programme()),
        ({"theme": Theme.LEERSTAND}, case(), term()),
        ({"theme": Theme.KLIMA}, article(themes=(Theme.KLIMA,)), article()),
        ({"status": Status.OPEN}, programme(), programme(status=Status.UNKNOWN)),
        ({"status": Status.OPEN}, programme(), case()),
        ({"level": Level.LAND}, programme(), programme(level=Level.EU)),
        ({"applicant": Applicant.ASSOCIATION}, programme(applicants=("eingetragener Verein",)), programme()),
        ({"funder": KFW}, programme(contact="KfW Bankengruppe"), programme()),
        ({"funder": KFW}, programme(title="Zuschuss (KfW 432)"), case(contact="KfW")),
        ({"state": "Thüringen"}, case(), case(state="Hessen")),
        ({"state": "Thüringen"}, case(), programme()),
        ({"state": "Ostdeutschland"}, case(state="Sachsen"), case(state="Hessen")),
        ({"state": "Westdeutschland"}, case(state="Hessen"), case(state="Sachsen")),
        ({"not_state": "Thüringen"}, case(state="Hessen"), case()),
        ({"not_state": "Thüringen"}, case(state="Hessen"), programme()),
        ({"town": "Jena"}, case(), case(town="Gera")),
        ({"size": TownSize.SMALL}, case(population=19_999), case(population=20_000)),
        ({"size": TownSize.MEDIUM}, case(population=20_000), case(population=100_000)),
        ({"size": TownSize.LARGE}, case(population=100_000), case(population=99_999)),
        ({"size": TownSize.SMALL}, case(population=1), case()),
        ({"min_population": 5000}, case(population=5000), case(population=4999)),
        ({"max_population": 5000}, case(population=5000), case(population=5001)),
        ({"max_population": 5000}, case(population=1), case()),
        ({"since": 2020}, JENA, case(started=2019)),
        ({"since": 2020}, JENA, case()),
        ({"until": 2020}, JENA, case(started=2021)),
        ({"ended": 2022}, JENA, case(started=2022)),
        ({"min_cost": 2_900_000}, JENA, case(costs="2,8 Mio. Euro")),
        ({"max_cost": 2_900_000}, JENA, case(costs="3 Mio. Euro")),
        ({"max_cost": 2_900_000}, JENA, case(costs="nicht bekannt")),
        ({"funded_by": ZIZ}, JENA, case(funding=("EFRE",))),
        ({"due_within": 23}, programme(deadline=YEARLY), programme()),
        ({"due_within": 23}, programme(deadline=YEARLY), programme(deadline=YEARLY, status=Status.CLOSED)),
        ({"due_within": 0}, programme(deadline=Deadline(kind="call", date="2026-11-22")), programme(deadline=YEARLY)),
        ({"rolling": True}, programme(), programme(deadline=YEARLY)),
        ({"rolling": True}, programme(), programme(status=Status.CLOSED)),
    ],
)  # fmt: skip
def test_a_constraint_is_met_or_not(day, constraint, met_by, not_met_by):
    filters = Filters(**constraint)
    assert matches(met_by, filters, day)
    assert not matches(not_met_by, filters, day)
    assert filters.active() == list(constraint)
    assert filters.without(*constraint) == Filters()


def test_each_constraint_is_tried_above():
    tried = {
        name
        for mark in test_a_constraint_is_met_or_not.pytestmark
        for row in mark.args[1]
        for name in row[0]
    }  # fmt: skip
    assert tried == {field.name for field in dataclasses.fields(Filters)}


def test_without_constraints_everything_is_met(day):
    assert all(matches(entry, Filters(), day) for entry in (programme(), case(), article(), term()))


def test_constraints_must_all_be_met(day):
    both = Filters(kind=EntryKind.CASE, state="Hessen")
    assert not matches(case(), both, day)
    assert matches(case(state="Hessen"), both, day)


def test_open_programmes_come_before_uncertain_before_closed_ones(day):
    library = Knowledge.of([
        programme(id="a", title="A", status=Status.CLOSED), programme(id="b", title="Z"),
        programme(id="c", title="b"), programme(id="d", title="A", status=Status.UNKNOWN),
    ])  # fmt: skip
    assert [entry.id for entry in select(library, Filters(), day)] == ["c", "b", "d", "a"]


@pytest.mark.parametrize(
    ("constraint", "label"),
    [
        ({"kind": EntryKind.FUNDING}, "Förderung"), ({"theme": Theme.FREIRAUM}, "Plätze und Grün"),
        ({"status": Status.OPEN}, "nur offen"), ({"status": Status.UNKNOWN}, "Stand ungewiss"),
        ({"level": Level.BUND}, "Bund"), ({"applicant": Applicant.ASSOCIATION}, "für Vereine"),
        ({"funder": KFW}, "KfW"),
        ({"state": "Hessen"}, "Hessen"), ({"not_state": "Thüringen"}, "ohne Thüringen"),
        ({"size": TownSize.SMALL}, "Kleinstadt (unter 20.000)"), ({"max_population": 20_000}, "bis 20.000 Einw."),
        ({"since": 2020}, "seit 2020"), ({"until": 2019}, "Beginn bis 2019"), ({"ended": 2021}, "beendet 2021"),
        ({"min_cost": 1_000_000}, "ab 1.000.000 €"), ({"funded_by": ZIZ}, "bezahlt aus ZIZ"),
        ({"due_within": 30}, "Frist in 30 Tagen"), ({"due_within": 1}, "Frist bis morgen"),
        ({"due_within": 0}, "Frist heute"), ({"rolling": True}, "laufend"), ({"town": "{Jena}"}, "{Jena}"),
    ],
)  # fmt: skip
def test_a_constraint_has_a_short_german_label(constraint, label):
    assert Filters(**constraint).label(next(iter(constraint))) == label
    assert len(label) <= 30


@pytest.mark.parametrize(
    ("applicants", "groups"),
    [
        (["Kommune"], {"kommune"}),
        (["Gemeinde", "Gemeindeverband", "Landkreis", "Zweckverband"], {"kommune"}),
        (["Gemeindeverbände"], {"kommune"}),
        (["Kirchgemeinde"], {"kirche"}),
        (["Kirchengemeinden", "Stadt"], {"kirche", "kommune"}),
        (["Gemeinden", "Kirchgemeinden"], {"kommune", "kirche"}),
        (["Verein"], {"verein"}), (["Verbände"], {"verein"}), (["KMU", "Einzelhändler"], {"unternehmen"}),
        (["private Eigentümer"], {"privat", "eigentuemer"}), (["Universität Jena"], {"hochschule"}),
        (["Bürgerstiftung"], {"stiftung", "privat", "verein"}),
    ],
)  # fmt: skip
def test_the_groups_of_applicants_follow_from_the_words(applicants, groups):
    assert applicants_of(programme(applicants=tuple(applicants))) == {Applicant(group) for group in groups}


def test_every_shipped_programme_names_a_group_that_has_a_label(shipped):
    without = [entry.id for entry in shipped.of_kind(EntryKind.FUNDING) if not applicants_of(entry)]
    assert without == ["trafo-kultur-im-wandel"]  # for chosen regions only
    assert set(APPLICANT_LABELS) == set(Applicant)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("2,9 Mio. Euro", (2_900_000,)), ("rund 330.000 Euro Bundesförderung", (330_000,)), ("7.500 EUR", (7500,)),
        ("1 Million Euro", (1_000_000,)), ("3 Millionen €", (3_000_000,)), ("1,5 Mrd. Euro", (1.5e9,)),
        ("1 Milliarde Euro", (1e9,)), ("40 Tsd. Euro", (40_000,)), ("12.500,50 Euro", (12_500.5,)),
        ("75 % von 2020 bis 2022", ()), ("", ()), ("10.000 Euro und 2 Mio. Euro", (10_000, 2_000_000)),
    ],
)  # fmt: skip
def test_amounts_are_read_from_german_text(text, amounts):
    assert euros(text) == amounts


def test_a_case_cost_the_largest_amount_that_is_named():
    assert cost_of(case(costs="2 Mio. Euro, davon 100.000 Euro für die Stadt")) == 2_000_000
    assert cost_of(case()) is None


@given(st.integers(1, 10**9))
def test_any_amount_is_read_as_it_is_written(amount):
    written = f"{amount:,}".replace(",", ".")
    assert euros(f"etwa {written} Euro") == (amount,)
    assert euros(f"etwa {amount} Euro") == (amount,)


def test_somebody_is_named_by_whole_words():
    assert KFW.named_in("die KfW-Bankengruppe")
    assert not KFW.named_in("KfWs", "Kfz")
    assert str(KFW) == "KfW"
