"""Who may let an announcement go out, when, to whom, and what is asked back."""

import asyncio
import datetime as dt

import pytest

from bot.announcements.errors import (
    ChangedError,
    DoubtError,
    NobodyError,
    OddButtonTextError,
    PastError,
    StateError,
)
from bot.announcements.kinds import By, Doubt, Part, State
from bot.announcements.spec import Criterion, read_link_buttons, read_question
from bot.content.errors import EmptyContentError, TooLongError
from bot.content.kept import Content
from bot.delivery.kinds import State as Sent
from bot.members.errors import NotAllowedError
from bot.members.roles import Role
from tests.announcements.conftest import ALL
from tests.groups.conftest import MONDAY
from tests.members.conftest import ADMIN


def town(office_town):
    return Criterion(by=By.TOWN, value=str(office_town.id))


async def find_town(office, name):
    return (await office.members.towns.search(name))[0]


async def meant(office, actor, any_=(), only=(), without=()):
    """Who would get an announcement, by name."""
    item = await office.rooms.drafts.begin(actor.id, Content(html="x"))
    for part, criteria in zip(Part, (any_, only, without), strict=True):
        for criterion in criteria:
            item = await office.rooms.drafts.toggle(actor.id, item.id, part, criterion)
    async with office.database.reading() as session:
        ids = await office.rooms.ground.audiences.persons(session, item.audience)
    profiles = await office.members.members.profiles(ids)
    words = await office.rooms.drafts.describe(item.audience)
    return sorted(profile.name for profile in profiles.values()), words


async def test_audiences_combine_with_and_without(office):
    miriam = await office.coordinator()
    await office.member("Anna", "ag-klima", town="Gera")
    await office.member("Ben", "ag-klima", town="Suhl")
    await office.member("Carla", "ag-leerstandsbewaeltigung", town="Suhl")
    klima = Criterion(by=By.GROUP, value="ag-klima")
    leerstand = Criterion(by=By.GROUP, value="ag-leerstandsbewaeltigung")
    suhl = town(await find_town(office, "Suhl"))
    assert (await meant(office, miriam, [klima, leerstand]))[0] == ["Anna", "Ben", "Carla"]
    names, words = await meant(office, miriam, [klima, leerstand], only=[suhl], without=[leerstand])
    assert names == ["Ben"]
    assert words == "AG Klima oder AG Leerstand, davon nur Suhl, ohne AG Leerstand"
    assert (await meant(office, miriam, [ALL]))[0] == ["Anna", "Ben", "Carla", "Miriam"]
    assert (await meant(office, miriam, [ALL], without=[Criterion(by=By.ROLE, value="office")]))[0][0] == "Anna"
    assert (await meant(office, miriam, [Criterion(by=By.ROLE, value="office")]))[0] == ["Miriam"]
    district = Criterion(by=By.DISTRICT, value=(await find_town(office, "Suhl")).district)
    assert "Ben" in (await meant(office, miriam, [district]))[0]
    size = Criterion(by=By.SIZE, value=str((await find_town(office, "Gera")).inhabitants_from))
    assert "Anna" in (await meant(office, miriam, [size]))[0]
    assert (await meant(office, miriam))[0] == []


async def test_a_pasted_list_says_what_it_does_not_know(office):
    miriam = await office.coordinator()
    anna = await office.member("Anna Müller", town="Gera")
    await office.member("Ben", town="Suhl")
    second = await office.member("Ben", town="Gera")
    found = await office.rooms.drafts.read_list(miriam.id, f"anna mueller\nBen\nBen, Gera\nXaver\n{miriam.id}\n\n")
    assert found.ids == (anna.id, second.id, miriam.id)
    assert found.ambiguous == ("Ben",)
    assert found.unknown == ("Xaver",)


async def test_those_who_cannot_be_reached_are_counted_before_and_not_written_to(office):
    miriam, anna = await office.coordinator(), await office.member("Anna", town="Gera")
    await office.member("Ben", town="Suhl")
    await office.members.members.mark_unreachable(anna.id, "blocked")
    item = await office.write(miriam)
    outlook = await office.rooms.drafts.outlook(miriam.id, item)
    assert (outlook.people, outlook.unreachable, list(outlook.towns)) == (2, 1, ["Suhl"])
    assert outlook.unreachable_names == ["Anna (Gera)"]
    item = await office.send(miriam)
    assert office.texts(anna) == []
    report = await office.report(miriam, item)
    assert (report.meant, report.sent) == (3, 2)
    assert "Gera" in report.without_contact


async def test_quiet_hours_are_kept_unless_it_is_urgent_and_says_why(office, clock):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    clock.moment = MONDAY.replace(hour=20)
    item = await office.write(miriam)
    outlook = await office.rooms.drafts.outlook(miriam.id, item)
    assert outlook.later == 2
    assert outlook.next_at == dt.datetime(2027, 3, 9, 6, tzinfo=dt.UTC)
    await office.release(miriam, item)
    await office.work()
    assert office.texts(anna) == []
    clock.moment = outlook.next_at
    await office.work()
    assert office.texts(anna) == ["Guten Tag"]
    clock.moment = MONDAY.replace(hour=21)
    item = await office.write(miriam, "Schnell")
    await office.rooms.drafts.set_urgent(miriam.id, item.id, "Die Frist endet heute")
    await office.release(miriam, item)
    await office.work()
    assert office.texts(anna)[-1] == "❗ Dringend: Die Frist endet heute\nSchnell"


async def test_what_comes_too_late_does_not_come(office, clock):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    clock.moment = MONDAY.replace(hour=20)
    item = await office.write(miriam)
    await office.rooms.drafts.set_not_after(miriam.id, item.id, clock.moment + dt.timedelta(hours=2))
    with pytest.raises(NobodyError):
        await office.release(miriam, item)
    item = await office.write(miriam)
    await office.rooms.drafts.set_not_after(miriam.id, item.id, clock.moment + dt.timedelta(hours=12))
    await office.release(miriam, item)
    await office.work()
    clock.move(hours=13)
    await office.work()
    assert office.texts(anna) == []
    report = await office.report(miriam, item)
    assert report.count(Sent.EXPIRED) == 2
    with pytest.raises(PastError):
        await office.rooms.drafts.set_not_after(miriam.id, (await office.write(miriam)).id, MONDAY)


async def test_a_planned_one_waits_for_its_time_and_its_audience_is_fixed_then(office, clock):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.write(miriam)
    at = MONDAY + dt.timedelta(hours=1)
    released = await office.release(miriam, item, at)
    assert released.item.state is State.SCHEDULED
    assert not (await office.release(miriam, item, at)).fresh
    ben = await office.member("Ben")
    await office.work()
    assert office.texts(anna) == []
    clock.moment = at
    await office.work()
    carla = await office.member("Carla")
    await office.work()
    assert (office.texts(anna), office.texts(ben), office.texts(carla)) == (["Guten Tag"], ["Guten Tag"], [])
    assert await office.rooms.following.send_late(miriam.id, item.id) == 1
    await office.work()
    assert (office.texts(anna), office.texts(carla)) == (["Guten Tag"], ["Guten Tag"])
    assert await office.rooms.following.send_late(miriam.id, item.id) == 0


async def test_a_change_asks_for_a_new_release(office):
    miriam = await office.coordinator()
    item = await office.write(miriam)
    version = item.row.version
    await office.release(miriam, item, MONDAY + dt.timedelta(hours=1))
    item = await office.rooms.drafts.write(miriam.id, item.id, Content(html="Anders"))
    assert item.state is State.DRAFT
    with pytest.raises(ChangedError):
        await office.rooms.releasing.release(miriam.id, item.id, version)


async def test_the_same_text_to_the_same_people_is_questioned_for_a_day(office, clock):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    await office.send(miriam)
    again = await office.write(miriam)
    with pytest.raises(DoubtError) as caught:
        await office.release(miriam, again)
    assert (caught.value.doubts, caught.value.again) == (Doubt.AGAIN, 2)
    await office.release(miriam, again, answered=Doubt.AGAIN)
    await office.work()
    assert office.texts(anna) == ["Guten Tag"] * 2
    clock.move(days=1, hours=1)
    assert (await office.release(miriam, await office.write(miriam))).fresh


async def test_personal_data_is_questioned(office):
    miriam = await office.coordinator()
    item = await office.write(miriam, "Rufen Sie 0361 1234567 an")
    with pytest.raises(DoubtError) as caught:
        await office.release(miriam, item)
    assert caught.value.personal == ("Telefonnummer",)
    assert (await office.release(miriam, item, answered=int(Doubt.PERSONAL))).fresh


async def test_only_the_office_may_do_anything(office):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.write(miriam)
    rooms = office.rooms
    wishes = [
        rooms.drafts.begin(anna.id, Content(html="x")),
        rooms.drafts.item(anna.id, item.id),
        rooms.drafts.all(anna.id),
        rooms.drafts.write(anna.id, item.id, Content(html="x")),
        rooms.drafts.toggle(anna.id, item.id, Part.ANY, ALL),
        rooms.drafts.copy(anna.id, item.id),
        rooms.drafts.discard(anna.id, item.id),
        rooms.drafts.read_list(anna.id, "Anna"),
        rooms.releasing.release(anna.id, item.id, item.row.version),
        rooms.releasing.hold(anna.id, item.id),
        rooms.following.stop(anna.id, item.id),
        rooms.following.pause(anna.id, item.id),
        rooms.following.withdraw(anna.id, item.id),
        rooms.following.correct(anna.id, item.id, Content(html="x")),
        rooms.reporting.report(anna.id, item.id),
        rooms.reporting.csv(anna.id, item.id),
        rooms.drafts.item(None, item.id),
    ]
    for wish in wishes:
        with pytest.raises(NotAllowedError):
            await wish


async def test_what_cannot_be_said_is_refused(office):
    miriam = await office.coordinator()
    item = await office.rooms.drafts.begin(miriam.id)
    await office.rooms.drafts.toggle(miriam.id, item.id, Part.ANY, ALL)
    with pytest.raises(EmptyContentError):
        await office.release(miriam, item)
    with pytest.raises(TooLongError) as caught:
        await office.rooms.drafts.write(miriam.id, item.id, Content(html="x" * 4090 + "{name}"))
    assert caught.value.over == 4090 + 60 - 4096
    empty = await office.rooms.drafts.begin(miriam.id, Content(html="x"))
    with pytest.raises(NobodyError):
        await office.release(miriam, empty)
    with pytest.raises(PastError):
        await office.release(miriam, await office.write(miriam), MONDAY - dt.timedelta(hours=1))
    for odd in ("", "Anmeldung", "Anmeldung javascript:alert(1)", "a https://a.de\n" * 4):
        with pytest.raises(OddButtonTextError):
            read_link_buttons(odd)
    for odd in ("", "Frage?", "Frage?\nJa", "Frage?\nJa\nJa", "Frage?\n" + "\n".join("abcdefghijk")):
        with pytest.raises(OddButtonTextError):
            read_question(odd)


class TestSecondPerson:
    """From so many recipients on, who writes does not release."""

    @pytest.fixture
    def chosen(self):
        return {"second_release_from": 3}

    async def test_somebody_else_releases(self, office):
        miriam, paul = await office.coordinator(), await office.coordinator("Paul")
        anna = await office.member("Anna")
        item = await office.write(miriam)
        released = await office.release(miriam, item)
        assert (released.item.state, released.asked) == (State.WAITING, [paul.id])
        again = await office.release(miriam, item)
        assert (again.fresh, again.item.state) == (False, State.WAITING)
        await office.rooms.notices.asked(released, "Miriam")
        await office.work()
        assert office.texts(anna) == []
        assert office.texts(paul)[-1].startswith("Freigabe erbeten: Miriam möchte eine Ankündigung senden")
        assert (await office.release(paul, item)).item.state is State.SCHEDULED
        await office.work()
        assert office.texts(anna) == ["Guten Tag"]

    async def test_few_recipients_need_nobody_else_and_alone_there_is_nobody(self, office):
        miriam = await office.coordinator()
        await office.member("Anna")
        await office.member("Ben")
        assert not (await office.release(miriam, await office.write(miriam))).asked
        await office.coordinator("Paul")
        few = Criterion(by=By.LIST, ids=(miriam.id,))
        assert not (await office.release(miriam, await office.write(miriam, "Andere Worte", few))).asked

    async def test_a_change_by_the_other_makes_the_first_the_second(self, office):
        miriam, paul = await office.coordinator(), await office.coordinator("Paul")
        await office.member("Anna")
        item = await office.write(miriam)
        await office.release(miriam, item)
        item = await office.rooms.drafts.write(paul.id, item.id, Content(html="Besser"))
        assert (await office.release(paul, item)).asked == [miriam.id]
        assert not (await office.release(miriam, item)).asked

    async def test_two_who_press_at_once_send_once(self, office):
        miriam, paul = await office.coordinator(), await office.coordinator("Paul")
        rita, anna = await office.coordinator("Rita"), await office.member("Anna")
        item = await office.write(miriam)
        await office.release(miriam, item)
        both = await asyncio.gather(office.release(paul, item), office.release(rita, item), return_exceptions=True)
        assert all(each.item.state is not State.WAITING for each in both)
        await asyncio.gather(office.rooms.outgoing.work(), office.rooms.outgoing.work())
        await office.work()
        assert office.texts(anna) == ["Guten Tag"]
        report = await office.report(miriam, item)
        assert (report.meant, report.sent) == (4, 4)


async def test_it_does_not_go_out_when_who_released_it_lost_the_role(office, clock):
    miriam, paul = await office.coordinator(), await office.coordinator("Paul")
    anna = await office.member("Anna")
    item = await office.write(miriam)
    await office.release(miriam, item, MONDAY + dt.timedelta(hours=1))
    await office.members.members.set_role(ADMIN, miriam.id, Role.MEMBER)
    clock.move(hours=2)
    await office.work()
    assert office.texts(anna) == []
    assert (await office.rooms.drafts.item(paul.id, item.id)).state is State.DRAFT
    told = office.texts(paul)[-1]
    assert told.startswith("Angehalten: Die für Mo, 8. März 2027, 11:00 geplante Ankündigung „Guten Tag“")
    assert "gehört nicht mehr zur Koordination" in told
    with pytest.raises(NotAllowedError):
        await office.release(miriam, item)
    await office.release(paul, item)
    await office.work()
    assert office.texts(anna) == ["Guten Tag"]


async def test_drafts_are_kept_copied_and_discarded(office):
    miriam, paul = await office.coordinator(), await office.coordinator("Paul")
    first = await office.send(miriam)
    copy = await office.rooms.drafts.copy(paul.id, first.id)
    assert (copy.body, copy.audience, copy.state) == (first.body, first.audience, State.DRAFT)
    assert [each.id for each in await office.rooms.drafts.all(miriam.id)] == [copy.id, first.id]
    with pytest.raises(StateError):
        await office.rooms.drafts.discard(paul.id, first.id)
    with pytest.raises(StateError):
        await office.rooms.drafts.write(paul.id, first.id, Content(html="x"))
    await office.rooms.drafts.discard(paul.id, copy.id)
    assert [each.id for each in await office.rooms.drafts.all(miriam.id)] == [first.id]
