"""After a release: pause, stop, try again, correct, take back, report, and what recipients press."""

import datetime as dt

import pytest

from bot.announcements.charts import Bar, draw
from bot.announcements.errors import AnnouncementGoneError, NotRecipientError, StateError
from bot.announcements.kinds import By, State
from bot.announcements.models import Announcement
from bot.announcements.own_data import OwnData
from bot.announcements.report_chat import draw_report
from bot.announcements.spec import Criterion, read_link_buttons, read_question
from bot.content.kept import Content, Item
from bot.delivery.kinds import State as Sent
from bot.groups.models import LinkedChat
from tests.questions.conversation import PIXEL


async def picture(office, person):
    number = await person.uploads(PIXEL, kind="photo", name="bild.png", mime_type="image/png")
    return Item(
        type="photo",
        file_id=office.sandbox.world.chats[person.id].messages[number].data["photo"][-1]["file_id"],
    )


async def correct(office, actor, item, html, **more):
    await office.rooms.following.correct(actor.id, item.id, Content(html=html, **more))
    await office.work()
    await office.work()


async def test_pause_holds_and_stop_spares_the_rest(office):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.write(miriam)
    await office.release(miriam, item)
    await office.rooms.outgoing.work()
    assert await office.rooms.following.pause(miriam.id, item.id)
    assert not await office.rooms.following.pause(miriam.id, item.id)
    await office.dispatcher.drain()
    assert office.texts(anna) == []
    assert await office.rooms.following.resume(miriam.id, item.id)
    await office.dispatcher.drain()
    assert office.texts(anna) == ["Guten Tag"]
    other = await office.write(miriam, "Zweite")
    await office.release(miriam, other)
    await office.rooms.outgoing.work()
    stopped, spared = await office.rooms.following.stop(miriam.id, other.id)
    assert (stopped.state, spared) == (State.STOPPED, 2)
    await office.work()
    assert office.texts(anna) == ["Guten Tag"]
    report = await office.report(miriam, other)
    assert (report.sent, report.count(Sent.CANCELLED)) == (0, 2)
    with pytest.raises(StateError):
        await office.rooms.following.resume(miriam.id, other.id)


async def test_only_what_failed_is_sent_again(office):
    miriam, anna, ben = await office.coordinator(), await office.member("Anna"), await office.member("Ben")
    carla = await office.member("Carla")
    await carla.blocks_bot()
    item = await office.write(miriam)
    original = office.rooms.making._wording.payload
    broken = {anna.id}

    def payload(said, number, reader, **more):
        if reader.name == "Anna" and broken:
            raise RuntimeError("no way")
        return original(said, number, reader, **more)

    office.rooms.making._wording.payload = payload
    item = await office.rooms.drafts.write(miriam.id, item.id, Content(html="Guten Tag {name}"))
    await office.release(miriam, item)
    await office.work()
    report = await office.report(miriam, item)
    assert (report.sent, report.count(Sent.FAILED), report.count(Sent.BLOCKED)) == (2, 1, 1)
    assert report.reasons["hat den Bot blockiert"] == 1
    broken.clear()
    assert await office.rooms.following.retry(miriam.id, item.id) == 1
    await office.work()
    assert office.texts(anna) == ["Guten Tag Anna"]
    assert office.texts(ben) == ["Guten Tag Ben"]
    assert await office.rooms.following.retry(miriam.id, item.id) == 0


async def test_a_correction_changes_every_copy_and_keeps_what_was_pressed(office):
    miriam, anna, ben = await office.coordinator(), await office.member("Anna"), await office.member("Ben")
    item = await office.write(miriam, "Am {stadt} Freitag")
    await office.rooms.drafts.toggle_read_button(miriam.id, item.id)
    await office.rooms.drafts.set_question(miriam.id, item.id, read_question("Kommen Sie?\nJa\nNein"))
    await office.rooms.drafts.set_links(miriam.id, item.id, read_link_buttons("Anmeldung https://www.stadt.de"))
    await office.release(miriam, item)
    await office.work()
    assert office.buttons(anna) == ["Anmeldung", "Ja", "Nein", "Gelesen"]
    pressed = await office.rooms.following.answer(anna.id, item.id, 1)
    assert (pressed.fresh, pressed.reader.answer) == (True, 1)
    assert not (await office.rooms.following.answer(anna.id, item.id, 1)).fresh
    await office.rooms.following.answer(anna.id, item.id, 0)
    await office.rooms.following.read(ben.id, item.id)
    await correct(office, miriam, item, "Am Samstag")
    assert office.texts(anna) == ["Am Samstag\n\nKommen Sie?"]
    assert office.buttons(anna) == ["Anmeldung", "✓ Ja", "Nein", "Gelesen ✓"]
    assert office.buttons(ben) == ["Anmeldung", "Ja", "Nein", "Gelesen ✓"]
    report = await office.report(miriam, item)
    assert (report.read, report.answers) == (2, [1, 0])
    assert (report.changed.counts[Sent.SENT], report.corrections) == (3, 0)
    with pytest.raises(NotRecipientError):
        await office.rooms.following.read((await office.member("Carla")).id, item.id)
    with pytest.raises(AnnouncementGoneError):
        await office.rooms.following.answer(anna.id, item.id, 7)


async def test_where_a_message_cannot_be_changed_a_correction_comes(office):
    miriam, anna, ben = await office.coordinator(), await office.member("Anna"), await office.member("Ben")
    item = await office.send(miriam, "Falsch")
    world = office.sandbox.world
    world.chats[anna.id].messages.clear()
    await correct(office, miriam, item, "Richtig")
    assert office.texts(ben) == ["Richtig"]
    assert office.texts(anna) == ["Berichtigung\nRichtig"]
    report = await office.report(miriam, item)
    assert (report.changed.counts[Sent.FAILED], report.corrections) == (1, 1)
    await correct(office, miriam, item, "Ganz richtig")
    assert (office.texts(anna), office.texts(ben)) == (["Ganz richtig"], ["Ganz richtig"])
    await office.rooms.following.withdraw(miriam.id, item.id)
    await office.work()
    assert (office.texts(anna), office.texts(ben)) == ([], [])


async def test_other_pictures_are_sent_anew(office):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.send(miriam, "Ohne Bild")
    await correct(office, miriam, item, "Mit Bild", items=(await picture(office, miriam),))
    assert office.texts(anna) == ["Ohne Bild", "Berichtigung\nMit Bild"]
    await correct(office, miriam, item, "Mit besserem Text")
    assert office.texts(anna) == ["Ohne Bild", "Mit besserem Text"]
    for words in ({"html": "Neu", "items": (await picture(office, miriam),)}, {"html": "Ganz neu"}):
        await office.rooms.following.correct(miriam.id, item.id, Content(**words))  # the second before the first is out
    for _ in range(2):
        await office.work()
    assert office.texts(anna) == ["Ohne Bild", "Mit besserem Text", "Berichtigung\nGanz neu"]


async def test_a_correction_of_its_own_keeps_peoples_hours_and_comes_once_unless_it_is_urgent(office, clock):
    miriam, anna, ben = await office.coordinator(), await office.member("Anna"), await office.member("Ben")
    item = await office.send(miriam, "Falsch")
    office.sandbox.world.chats[anna.id].messages.clear()
    clock.move(hours=13)
    await correct(office, miriam, item, "Richtig")
    await correct(office, miriam, item, "Ganz richtig")
    assert (office.texts(anna), office.texts(ben)) == ([], ["Ganz richtig"])  # what changes in place makes no sound
    report = await office.report(miriam, item)
    assert (report.corrections, report.waiting_corrections) == (0, 1)
    clock.move(hours=10)
    await office.work()
    assert office.texts(anna) == ["Berichtigung\nGanz richtig"]
    report = await office.report(miriam, item)
    assert (report.corrections, report.waiting_corrections, report.uncorrected) == (1, 0, 0)
    clock.move(hours=14)
    pictures = {"items": (await picture(office, miriam),)}
    await correct(office, miriam, item, "Mit Bild", **pictures)
    assert office.texts(ben) == ["Ganz richtig"]
    await correct(office, miriam, item, "Mit Bild und Wort")
    clock.move(hours=10)
    await office.work()
    assert office.texts(ben)[1:] == ["Berichtigung\nMit Bild und Wort"]
    urgent = await office.write(miriam, "Eilt")
    await office.rooms.drafts.set_urgent(miriam.id, urgent.id, "Die Frist endet heute")
    await office.release(miriam, urgent)
    await office.work()
    clock.move(hours=14)
    await correct(office, miriam, urgent, "Eilt sehr", **pictures)
    assert "Eilt sehr" in office.texts(ben)[-1]


async def test_what_waits_gets_the_newest_words(office, clock):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    clock.move(hours=12)
    item = await office.write(miriam, "Falsch")
    await office.release(miriam, item)
    await office.work()
    await correct(office, miriam, item, "Richtig")
    clock.move(hours=12)
    await office.work()
    assert office.texts(anna) == ["Richtig"]


async def test_a_withdrawal_says_what_it_could_not_remove(office, clock):
    miriam, anna, ben = await office.coordinator(), await office.member("Anna"), await office.member("Ben")
    item = await office.send(miriam, "Zu früh", items=(await picture(office, miriam),))
    clock.move(days=3)
    late = await office.member("Carla")
    await office.rooms.following.send_late(miriam.id, item.id)
    await office.work()
    await ben.blocks_bot()
    _, fresh = await office.rooms.following.withdraw(miriam.id, item.id)
    assert fresh
    assert not (await office.rooms.following.withdraw(miriam.id, item.id))[1]
    await office.work()
    assert office.texts(late) == []
    assert office.texts(anna) == ["Diese Ankündigung wurde zurückgezogen."]
    undone = (await office.report(miriam, item)).undone
    assert (undone.deleted, undone.replaced, undone.failed, undone.waiting) == (1, 2, 1, 0)
    for press in (office.rooms.following.read(anna.id, item.id), office.rooms.following.answer(anna.id, item.id, 0)):
        with pytest.raises(StateError):
            await press


async def test_a_withdrawal_treats_a_message_and_its_later_correction_each_by_its_age(office, clock):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.send(miriam, "Falsches Bild", items=(await picture(office, miriam),))
    clock.move(days=3)
    await correct(office, miriam, item, "Richtiges Bild", items=(await picture(office, miriam),))
    assert office.texts(anna) == ["Falsches Bild", "Berichtigung\nRichtiges Bild"]
    await office.rooms.following.withdraw(miriam.id, item.id)
    await office.work()
    assert office.texts(anna) == ["Diese Ankündigung wurde zurückgezogen."]
    undone = (await office.report(miriam, item)).undone
    assert (undone.deleted, undone.replaced, undone.failed, undone.waiting) == (0, 2, 0, 0)


async def test_many_corrections_that_cannot_be_sent_hold_up_no_other(office, clock):
    miriam = await office.coordinator()
    people = [await office.member(f"Mitglied {number}") for number in range(12)]
    item = await office.send(miriam, "Falsch")
    for person in people:
        office.sandbox.world.chats[person.id].messages.clear()
    original = office.rooms.making._wording.payload

    def payload(said, number, reader, **more):
        if reader.name != "Mitglied 11":
            raise RuntimeError("no way")
        return original(said, number, reader, **more)

    office.rooms.making._wording.payload = payload
    await correct(office, miriam, item, "Richtig")
    assert office.texts(people[11]) == ["Berichtigung\nRichtig"]
    report = await office.report(miriam, item)
    assert (report.corrections, report.uncorrected) == (1, 11)


async def test_an_album_has_its_buttons_below(office):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    first, second = await picture(office, miriam), await picture(office, miriam)
    item = await office.write(miriam, "Zwei Bilder", items=(first, second))
    await office.rooms.drafts.toggle_read_button(miriam.id, item.id)
    await office.release(miriam, item)
    await office.work()
    assert office.texts(anna) == ["Zwei Bilder", "", "Zur Nachricht oben:"]
    assert office.buttons(anna) == ["Gelesen"]
    await correct(office, miriam, item, "Zwei andere Worte")
    assert office.texts(anna) == ["Zwei andere Worte", "", "Zur Nachricht oben:"]
    await office.rooms.following.withdraw(miriam.id, item.id)
    await office.work()
    assert office.texts(anna) == []


async def test_a_linked_group_gets_it_without_personal_buttons(office):
    miriam = await office.coordinator()
    group = await office.sandbox.client.group("Klima-Runde", miriam)
    async with office.database.writing() as session:
        klima = await office.groups.groups.by_key("ag-klima")
        chat = LinkedChat(
            chat_id=group, thread_id=0, title="Klima-Runde", state="linked", group_id=klima.id,
            added_at=office.clock.now(),
        )  # fmt: skip
        session.add(chat)
    item = await office.write(miriam, "Hallo {name}", Criterion(by=By.LIST, ids=(miriam.id,)))
    await office.rooms.drafts.toggle_read_button(miriam.id, item.id)
    item = await office.rooms.drafts.toggle_chat(miriam.id, item.id, chat.id)
    outlook = await office.rooms.drafts.outlook(miriam.id, item)
    assert (outlook.people, outlook.chats) == (1, ["Klima-Runde"])
    await office.release(miriam, item)
    await office.work()
    assert office.texts(group) == ["Hallo zusammen"]
    assert (await office.report(miriam, item)).sent == 2
    table = (await office.rooms.reporting.csv(miriam.id, item.id)).decode("utf-8-sig")
    assert "Klima-Runde;;zugestellt" in table


async def test_the_report_names_towns_and_persons(office):
    miriam = await office.coordinator()
    await office.member("Anna", town="Gera")
    ben = await office.member("Ben", town="Suhl")
    await ben.blocks_bot()
    towns = [(await office.members.towns.search(name))[0] for name in ("Gera", "Suhl", "Jena")]
    item = await office.send(miriam, "x", *(Criterion(by=By.TOWN, value=str(town.id)) for town in towns))
    report = await office.report(miriam, item)
    assert (report.reached, report.all_towns, report.without_contact) == (1, 3, ["Jena", "Suhl"])
    table = (await office.rooms.reporting.csv(miriam.id, item.id)).decode("utf-8-sig").splitlines()
    assert table[0].startswith("Name;Stadt;Stand;Grund")
    assert table[1].startswith("Anna;Gera;zugestellt;;08.03.2027 10:00")
    assert table[2].startswith("Ben;Suhl;nicht erreichbar;hat den Bot blockiert")
    pictures = await draw_report(report)
    assert [name for name, _ in pictures] == ["zustellung"]
    assert pictures[0][1].startswith(b"\x89PNG")


async def test_a_chart_holds_any_number_of_towns():
    bars = [Bar(f"Stadt {number}", number % 3, 3) for number in range(120)]
    assert (await draw("Zugestellt", bars, "ja", "nein")).startswith(b"\x89PNG")


async def test_who_is_erased_leaves_numbers_only(office):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.send(miriam, "x")
    await office.rooms.drafts.item(miriam.id, item.id)
    data = OwnData("")
    async with office.database.writing() as session:
        exported = await data.export(session, anna.id)
        assert exported["bekommen"][0]["gesendet"]
        assert await data.erase(session, anna.id) == 1
        row = await session.get(Announcement, item.id)
        row.proposal, row.proposed_by = {"html": "<b>Besser</b>"}, miriam.id
        await session.flush()
        assert (await data.export(session, miriam.id))["geschrieben"][0]["korrektur"] == "Besser"
        await data.erase(session, miriam.id)
        await session.refresh(row)
        assert (row.proposal, row.proposed_by, row.author_id, row.released_by) == (None, None, None, None)
        assert await data.export(session, anna.id) == {}
    paul = await office.coordinator("Paul")
    await office.rooms.ground.outbox.forget(anna.id)
    report = await office.report(paul, item)
    assert (report.meant, report.sent) == (2, 2)
    async with office.database.writing() as session:
        await data.forget(session, office.clock.now() + dt.timedelta(days=400))
