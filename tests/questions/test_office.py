import pytest

from bot.questions.service import NotAllowedError
from tests.questions.conversation import asks, labels, presses


async def test_a_question_is_handed_over_by_its_button_once(lotse):
    anna = await lotse.person()
    answer = await asks(anna, "wer mäht die wiese am bahnhof")
    note = await anna.presses("An die Geschäftsstelle geben", message=answer)
    assert "notiert" in note["text"]
    noted = await anna.receives(containing="„wer mäht die wiese am bahnhof“")
    shown = next(each for each in await anna.chat_history() if each["message_id"] == answer["message_id"])
    assert labels(shown) == [label for label in labels(answer) if label != "An die Geschäftsstelle geben"]
    assert "0361 5603-0" in noted["text"]
    assert await lotse.rooms.questions.hand_over(1, anna.id) == ("wer mäht die wiese am bahnhof", False)


async def test_the_command_hands_over_what_follows_it(lotse):
    anna = await lotse.person()
    noted = await asks(anna, "/frage Wer berät uns zu <Sanierungssatzungen>?")
    assert "„Wer berät uns zu <Sanierungssatzungen>?“" in noted["text"]
    assert "kommt nicht von selbst" in noted["text"]


async def test_the_bare_command_offers_the_last_question(lotse):
    anna = await lotse.person()
    hint = await asks(anna, "/frage")
    assert "zum Beispiel" in hint["text"]
    assert labels(hint) == []
    await asks(anna, "wer mäht die wiese am bahnhof")
    hint = await asks(anna, "/frage")
    assert "wer mäht die wiese" in hint["text"]
    await presses(anna, "An die Geschäftsstelle geben", hint)
    assert "wer mäht die wiese" in (await asks(lotse.office, "/offen"))["text"]


async def test_the_office_sees_what_is_open_and_ticks_it_off(lotse):
    assert "keine Frage" in (await asks(lotse.office, "/offen"))["text"]
    anna = await lotse.person()
    await asks(anna, "/frage Erstens?")
    await asks(anna, "/frage Zweitens?")
    listed = await asks(lotse.office, "/offen")
    assert "2 offene Fragen" in listed["text"]
    assert listed["text"].index("Erstens?") < listed["text"].index("Zweitens?")
    left = await presses(lotse.office, "1 erledigt")
    assert "Erstens?" not in left["text"]
    assert "keine Frage" in (await presses(lotse.office, "1 erledigt"))["text"]


async def test_many_open_questions_come_in_pages(lotse):
    anna = await lotse.person()
    for number in range(9):
        await asks(anna, f"/frage Frage Nummer {number}?")
    listed = await asks(lotse.office, "/offen")
    assert "Nummer 8" not in listed["text"]
    last = await presses(lotse.office, "Weiter")
    assert "Nummer 8" in last["text"]
    first = await presses(lotse.office, "9 erledigt")
    assert "Nummer 0" in first["text"]


async def test_nobody_else_sees_or_ticks_off(lotse):
    anna = await lotse.person()
    await asks(anna, "/frage Erstens?")
    assert "vorbehalten" in (await asks(anna, "/offen"))["text"]
    with pytest.raises(NotAllowedError):
        await lotse.rooms.questions.settle(anna.id, 1)
    assert "Erstens?" in (await asks(lotse.office, "/offen"))["text"]
