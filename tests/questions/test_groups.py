from tests.questions.conversation import PIXEL, asks, labels


async def group_of(lotse, *people):
    return await lotse.sandbox.client.group("AG Leerstand", *people)


async def test_talk_among_people_is_left_alone(lotse):
    anna, ben = await lotse.person(), await lotse.person("Ben")
    chat = await group_of(lotse, anna, ben)
    await anna.sends("Gibt es Geld für leere Läden?", chat=chat)
    await anna.receives_nothing(chat=chat)
    await ben.uploads(PIXEL, kind="photo", chat=chat)
    await ben.receives_nothing(chat=chat)


async def test_a_mention_is_answered_as_a_reply(lotse):
    anna = await lotse.person()
    chat = await group_of(lotse, anna)
    name = lotse.rooms.application.bot.username
    number = await anna.sends(f"@{name} was heißt ISEK?", chat=chat)
    answer = await anna.receives(containing="ISEK", chat=chat)
    assert answer["reply_to_message"]["message_id"] == number


async def test_a_reply_to_it_is_answered(lotse):
    anna = await lotse.person()
    chat = await group_of(lotse, anna)
    name = lotse.rooms.application.bot.username
    first = await asks(anna, f"@{name} kfw 432 wieviel prozent", chat=chat)
    await anna.sends("und bis wann?", chat=chat, reply_to=first["message_id"])
    more = await anna.receives(containing="Frist", chat=chat)
    assert more["text"].splitlines()[0] == first["text"].splitlines()[0]


async def test_a_command_is_answered_and_an_unknown_one_is_not(lotse):
    anna = await lotse.person()
    chat = await group_of(lotse, anna)
    name = lotse.rooms.application.bot.username
    assert "nach Thema" in (await asks(anna, f"/foerderung@{name}", chat=chat))["text"]
    assert "nach Thema" in (await asks(anna, "/beispiele", chat=chat))["text"]
    await anna.sends("/wetter", chat=chat)
    await anna.receives_nothing(chat=chat)
    await anna.sends("/foerderung@other_bot", chat=chat)
    await anna.receives_nothing(chat=chat)


async def test_what_lies_with_the_office_is_not_shown_in_a_group(lotse):
    chat = await group_of(lotse, lotse.office)
    answer = await asks(lotse.office, "/offen", chat=chat)
    assert "nur im privaten Chat" in answer["text"]
    assert labels(answer) == []
