import pytest

from knowledge.brief import NAME, brief, long_form, name
from knowledge.describe import facets_of, fact
from knowledge.entries import EntryKind, Facet


def test_every_programme_and_article_has_a_name_for_a_phone(shipped):
    entries = shipped.of_kind(EntryKind.FUNDING) + shipped.of_kind(EntryKind.ARTICLE)
    assert [entry.id for entry in entries if len(name(entry)) > NAME] == []
    names = [name(entry) for entry in entries]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("entry_id", "called"),
    [
        ("energetische-stadtsanierung-kfw-432", "Energetische Stadtsanierung – Zuschuss (KfW 432)"),
        ("natuerlicher-klimaschutz-kommunen-kfw-444", "Natürlicher Klimaschutz (KfW 444)"),
        ("smart-cities-modellprojekte-mpsc", "Modellprojekte Smart Cities"),
        ("staedtebaufoerderung-lebendige-zentren", "Lebendige Zentren"),
        ("ag-leerstandsbewaeltigung", "AG Leerstandsbewältigung"),
        ("term-isek", "ISEK"),
    ],
)
def test_a_long_title_gives_way_to_the_first_short_name(shipped, entry_id, called):
    assert name(shipped.get(entry_id)) == called


@pytest.mark.parametrize(
    ("entry_id", "spelled"),
    [
        ("term-isek", "Integriertes Stadtentwicklungskonzept"),
        ("term-leg", "Landesentwicklungsgesellschaft"),
        ("term-kfw", "Kreditanstalt für Wiederaufbau"),
        ("term-leader", None),
        ("term-lean", None),
        ("term-wanderbaumallee", None),
    ],
)
def test_an_abbreviation_is_spelled_out(shipped, entry_id, spelled):
    assert long_form(shipped.get(entry_id)) == spelled


@pytest.mark.parametrize(
    ("entry_id", "rate"),
    [
        ("energetische-stadtsanierung-kfw-432",
         "Zuschuss 75 %, für finanzschwache Kommunen 90 % der förderfähigen Kosten"),
        ("staedtebaufoerderung-sozialer-zusammenhalt", "Zuschuss; Bund ein Drittel, zwei Drittel Land und Gemeinde"),
        ("kfw-159-altersgerecht-umbauen", "159: zinsgünstiger Kredit"),
        ("kfw-gewerbe-zu-wohnen", "zinsverbilligtes Darlehen (laut Ankündigung) (nicht bestätigt: Zinssatz)"),
        ("denkmalfoerderung-thueringen-tlda",
         "Zuschuss auf den denkmalpflegerischen Mehraufwand (kein fester Prozentsatz genannt)"),
    ],
)  # fmt: skip
def test_of_a_rate_the_part_that_says_most_is_kept_and_so_is_a_doubt(shipped, day, entry_id, rate):
    assert brief(shipped.get(entry_id), Facet.RATE, day).text == rate


def test_a_brief_detail_is_one_line_and_known_exactly_where_the_whole_is(shipped, day):
    for entry in shipped.entries.values():
        for facet in facets_of(entry):
            said, whole = brief(entry, facet, day), fact(entry, facet, day)
            assert len(said.items) == 1
            assert (said.known, said.confirmed, said.label) == (whole.known, whole.confirmed, whole.label)
