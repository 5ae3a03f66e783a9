import asyncio
import datetime as dt

import pytest
from sqlalchemy import select

from bot.questions.chat import EXAMPLES
from bot.questions.models import Question
from knowledge.brief import name
from tests.questions.conversation import asks, bold, labels, presses


async def test_start_says_in_four_lines_what_it_does_and_offers_three_examples(lotse):
    anna = await lotse.person()
    await anna.starts()
    welcome = await anna.receives(containing="Guten Tag. Ich bin Lotse")
    assert len(welcome["text"].splitlines()) == 4
    assert labels(welcome)[:3] == list(EXAMPLES)


async def test_an_example_is_asked_by_its_button_and_a_double_press_asks_once(lotse):
    anna = await lotse.person()
    await anna.starts()
    welcome = await anna.receives()
    await anna.presses("Was heißt ISEK?", message=welcome)
    await anna.receives(containing="ISEK")
    await anna.presses("Was heißt ISEK?", message=welcome)
    await anna.receives_nothing()


async def test_a_fact_comes_first_and_bold_with_key_facts_source_and_date(lotse):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    lines = card["text"].splitlines()
    assert "432" in lines[0]
    assert "75 %" in bold(card)[1]
    assert "75 %" in lines[1]
    assert lines[-1].startswith("Stand ")
    assert "Quelle: " in lines[-1]
    shown = [label for label in labels(card) if label != "🔔 Frist merken"]  # only while a deadline lies ahead
    assert shown == ["Details", "So beantragen", "Passende Beispiele", "Quelle", "👍", "👎"]


async def test_it_shows_that_it_is_writing(lotse):
    anna = await lotse.person()
    await asks(anna, "kfw 432 wieviel prozent")
    assert await lotse.sandbox.client.record(method="sendChatAction")


async def test_each_part_of_a_card_has_a_way_back_in_the_same_message(lotse):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    for part in ("Details", "So beantragen", "Passende Beispiele", "Quelle"):
        screen = await presses(anna, part)
        assert screen["message_id"] == card["message_id"]
        assert screen["text"] != card["text"]
        back = await presses(anna, "Zurück")
        assert back["text"] == card["text"]
        assert labels(back) == labels(card)


async def test_an_example_of_a_programme_leads_back_step_by_step(lotse):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    others = await presses(anna, "Passende Beispiele")
    case = await presses(anna, "1")
    assert "Passende Förderung" in labels(case)
    assert (await presses(anna, "Zurück"))["text"] == others["text"]
    assert (await presses(anna, "Zurück"))["text"] == card["text"]


async def test_a_double_press_is_silent(lotse):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    answers = await asyncio.gather(*(anna.presses("Details", message=card) for _ in range(3)))
    assert [answer["text"] for answer in answers] == [None, None, None]
    await lotse.sandbox.client.settles()
    assert len(await anna.chat_history()) == 2


async def test_a_closed_programme_says_so_first_and_names_what_serves_instead(lotse):
    anna = await lotse.person()
    card = await asks(anna, "klima invest noch offen")
    assert "Beendet" in card["text"].splitlines()[1]
    assert "So beantragen" not in labels(card)
    instead = lotse.rooms.questions.knowledge.get(
        lotse.rooms.questions.knowledge.get("klima-invest-thueringen").instead[0]
    )
    assert labels(card)[0] == name(instead)
    successor = await presses(anna, name(instead))
    assert successor["text"].startswith(name(instead))
    assert (await presses(anna, "Zurück"))["text"] == card["text"]


async def test_a_follow_up_needs_no_name(lotse):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    more = await asks(anna, "und bis wann?")
    assert more["text"].splitlines()[0] == card["text"].splitlines()[0]
    assert bold(more)[1].startswith("Frist")


async def test_another_of_the_same_is_shown_until_there_is_none(lotse):
    anna = await lotse.person()
    seen = [(await asks(anna, "Gibt es Geld für leere Läden?"))["text"].splitlines()[0]]
    while not (more := (await asks(anna, "noch eins"))["text"]).startswith("Mehr finde ich dazu nicht."):
        seen.append(more.splitlines()[0])
    assert len(seen) == len(set(seen)) > 2


async def test_after_one_of_a_list_another_is_the_next_of_that_list(lotse):
    anna = await lotse.person()
    found = await asks(anna, "beispiele aus hessen")
    titles = [line.partition(" ")[2].split(" · ")[0].rstrip("…") for line in found["text"].splitlines()[2:]]
    assert (await asks(anna, "das zweite"))["text"].startswith(titles[1])
    assert (await asks(anna, "noch eins"))["text"].startswith(titles[2])
    await presses(anna, "4", found)
    assert (await asks(anna, "noch eins"))["text"].startswith(titles[4])
    assert (await asks(anna, "noch eins"))["text"].startswith("Mehr finde ich dazu nicht.")


async def test_a_list_says_of_each_entry_what_was_asked(lotse):
    anna = await lotse.person()
    found = await asks(anna, "welche fristen gibts bis ende januar")
    lines = found["text"].splitlines()[2:]
    assert lines
    assert all("noch" in line and "Tage" in line for line in lines)


async def test_details_are_the_text_first_and_all_that_is_held_behind_it(lotse):
    anna = await lotse.person()
    await asks(anna, "städtebauförderung lebendige zentren")
    text = await presses(anna, "Details")
    assert text["text"].startswith("Städtebauförderung – Lebendige Zentren (Erhalt und Entwicklung")
    everything = await presses(anna, "Alle Angaben")
    assert "Nicht gefördert" in everything["text"]
    assert (await presses(anna, "‹ Seite 1"))["text"] == text["text"]
    assert "Details" in labels(await presses(anna, "Zurück"))


async def test_a_term_says_what_it_stands_for_and_what_to_do_about_it(lotse):
    anna = await lotse.person()
    card = await asks(anna, "Was heißt ISEK?")
    first, *rest = card["text"].splitlines()
    assert first == "ISEK · Integriertes Stadtentwicklungskonzept"
    assert "Klären Sie deshalb früh" in rest[1]
    assert "Details" not in labels(card)
    spoken = await presses(anna, "Wo das vorkommt")
    assert "Lebendige Zentren" in spoken["text"]
    assert (await presses(anna, "Zurück"))["text"] == card["text"]


async def test_what_was_shown_is_remembered_over_a_restart(lotse):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    await lotse.restart()
    more = await asks(anna, "und bis wann?")
    assert more["text"].splitlines()[0] == card["text"].splitlines()[0]


async def test_what_was_shown_fades_after_half_an_hour(lotse):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    lotse.move_clock(dt.timedelta(minutes=31))
    more = await asks(anna, "und bis wann?")
    assert more["text"].splitlines()[0] != card["text"].splitlines()[0]


async def test_opening_an_entry_by_button_counts_as_shown(lotse):
    anna = await lotse.person()
    await asks(anna, "/foerderung")
    await presses(anna, "Klima")
    card = await presses(anna, "2")
    more = await asks(anna, "wer kann das beantragen?")
    assert more["text"].splitlines()[0] == card["text"].splitlines()[0]


async def test_old_buttons_work_after_a_restart(lotse):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    await lotse.restart()
    assert "Zurück" in labels(await presses(anna, "Details", card))[-1]


async def test_a_list_shows_its_filters_and_lets_them_be_taken_off_and_put_on(lotse):
    anna = await lotse.person()
    found = await asks(anna, "welche förderprogramme gibt es für vereine im bereich kultur")
    chips = [label for label in labels(found) if label.endswith("✕")]
    assert "für Vereine ✕" in chips
    wider = await presses(anna, "für Vereine ✕")
    assert wider["message_id"] == found["message_id"]
    assert "+ für Vereine" in labels(wider)
    await lotse.restart()
    again = await presses(anna, "+ für Vereine")
    assert again["text"] == found["text"]


async def test_a_list_can_show_only_open_programmes(lotse):
    anna = await lotse.person()
    found = await asks(anna, "alle förderprogramme des bundes")
    assert "nur offene" in labels(found)
    narrowed = await presses(anna, "nur offene")
    assert "nur offene ✓" in labels(narrowed)
    assert "beendet" not in narrowed["text"]


async def test_an_ordinal_picks_from_the_list(lotse):
    anna = await lotse.person()
    found = await asks(anna, "welche förderprogramme gibt es für vereine im bereich kultur")
    second = found["text"].splitlines()[3].removeprefix("2 ").split(" · ")[0]
    card = await asks(anna, "das zweite")
    assert card["text"].startswith(second.rstrip("…"))


async def test_an_entry_of_a_list_opens_in_place_and_leads_back(lotse):
    anna = await lotse.person()
    found = await asks(anna, "welche förderprogramme gibt es für vereine im bereich kultur")
    card = await presses(anna, "2", found)
    assert card["message_id"] == found["message_id"]
    assert (await presses(anna, "Zurück"))["text"] == found["text"]


async def test_several_that_could_be_meant_become_buttons(lotse):
    anna = await lotse.person()
    choice = await asks(anna, "lebendige zentren oder sozialer zusammenhalt")
    assert choice["text"].startswith("Was meinen Sie?")
    card = await presses(anna, labels(choice)[0], choice)
    assert "Details" in labels(card)
    assert (await presses(anna, "Zurück"))["text"] == choice["text"]


async def test_what_is_the_same_for_all_that_could_be_meant_is_said_at_once(lotse):
    anna = await lotse.person()
    choice = await asks(anna, "lebendige zentren oder sozialer zusammenhalt frist")
    assert "Bei allen gilt dasselbe: Frist: " in choice["text"]
    assert "1. November" in choice["text"]
    assert labels(choice)[:2] == ["Lebendige Zentren", "Sozialer Zusammenhalt"]
    assert not [label for label in labels(choice) if label.startswith("Begriff")]


async def test_what_is_not_known_is_said_with_the_way_to_the_office(lotse):
    anna = await lotse.person()
    answer = await asks(anna, "wer mäht die wiese am bahnhof")
    assert answer["text"].startswith("Dazu weiß ich nichts.")
    assert "An die Geschäftsstelle geben" in labels(answer)
    themes = await presses(anna, "Themen ansehen")
    assert "Förderprogramme nach Thema" in themes["text"]


@pytest.mark.parametrize(("thumb", "value"), [("👍", 1), ("👎", -1)])
async def test_feedback_is_kept_marked_and_thanked_for_once(lotse, thumb, value):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    note = await anna.presses(thumb, message=card)
    assert note["text"].startswith("Danke")
    marked = await anna.receives()
    assert f"{thumb} ✓" in labels(marked)
    assert ("An die Geschäftsstelle geben" in labels(marked)) is (value == -1)
    assert (await anna.presses(thumb, message=marked))["text"] is None
    async with lotse.rooms.database.reading() as session:
        assert (await session.execute(select(Question.feedback))).scalar_one() == value


async def test_every_question_is_logged_with_what_came_of_it(lotse):
    anna = await lotse.person()
    await asks(anna, "kfw 432 wieviel prozent")
    await asks(anna, "wer mäht die wiese am bahnhof")
    async with lotse.rooms.database.reading() as session:
        known, unknown = (await session.scalars(select(Question).order_by(Question.id))).all()
    assert (known.text, known.kind, known.facet) == ("kfw 432 wieviel prozent", "fact", "rate")
    assert known.hits[0] == "energetische-stadtsanierung-kfw-432"
    assert (known.person_id, known.chat_id) == (anna.id, anna.id)
    assert unknown.kind == "none"
    assert known.confidence > unknown.confidence


async def test_a_button_of_a_question_that_is_not_kept_any_more_says_so(lotse):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    lotse.move_clock(dt.timedelta(days=91))
    assert await lotse.rooms.questions.forget_persons() == 1
    assert "nicht mehr gespeichert" in (await anna.presses("👍", message=card))["text"]


async def test_a_press_that_the_bot_missed_is_answered_after_the_restart(lotse):
    anna = await lotse.person()
    card = await asks(anna, "kfw 432 wieviel prozent")
    async with asyncio.TaskGroup() as group:
        group.create_task(lotse.restart())
        group.create_task(anna.presses("Details", message=card))
    await anna.receives(containing="Themen:")


async def test_an_error_of_ours_is_said_and_the_next_question_is_answered(lotse, monkeypatch):
    anna = await lotse.person()

    async def fail(*_):
        raise RuntimeError("no power")

    with monkeypatch.context() as patch:
        patch.setattr(lotse.rooms.questions, "ask", fail)
        assert (await asks(anna, "kfw 432"))["text"].startswith("Das hat gerade nicht geklappt")
    assert "432" in (await asks(anna, "kfw 432"))["text"]


async def test_a_person_who_blocked_the_bot_stops_nobody_else(lotse):
    anna, ben = await lotse.person(), await lotse.person("Ben")
    await anna.sends("kfw 432")
    await anna.blocks_bot()
    assert "432" in (await asks(ben, "kfw 432"))["text"]


@pytest.mark.parametrize(
    "text", ["<b>offen & böse", "a" * 4000, "😀" * 1000, "' OR 1=1 --", "{{ 7*7 }}", "???", "\u202e\u0007"]
)
async def test_any_text_gets_an_answer(lotse, text):
    anna = await lotse.person()
    assert (await asks(anna, text))["text"]


@pytest.mark.parametrize("text", ["Hallo", "vielen Dank!"])
async def test_a_greeting_or_thanks_is_no_question(lotse, text):
    anna = await lotse.person()
    assert "Dazu weiß ich nichts" not in (await asks(anna, text))["text"]
    async with lotse.rooms.database.reading() as session:
        assert (await session.scalars(select(Question))).all() == []
