"""Who is meant: answers to meetings, „davon nur“ and „ohne“, linked chats, pasted lists."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from bot.announcements.kinds import By, Part
from bot.announcements.options import COMING, PAST, option, options
from bot.announcements.spec import Criterion
from bot.content.kept import Content
from bot.groups.models import LinkedChat
from bot.meetings.drafting import Draft
from bot.meetings.kinds import Answer
from bot.meetings.replies import Replies
from bot.meetings.service import Planning
from bot.members.roles import Role
from tests.announcements.conftest import ALL
from tests.announcements.test_release import find_town, meant, town
from tests.groups.conftest import MONDAY
from tests.members.conftest import ADMIN

BERLIN = ZoneInfo("Europe/Berlin")


def answered(meeting, answer):
    return Criterion(by=By.MEETING, value=f"{meeting.id}:{answer}")


async def planned(office, day=12, title="AG Klima: Bäume"):
    """A meeting of the AG Klima in March 2027."""
    planning = Planning(office.rooms.ground.audiences._calendar)
    start = dt.datetime(2027, 3, 1, 10, tzinfo=BERLIN) + dt.timedelta(days=day - 1)
    end = start + dt.timedelta(hours=2)
    item = await planning.draft(ADMIN, Draft(title, start, end, ("ag-klima",), place="Gera"))
    return (await planning.publish(ADMIN, item.id))[0]


@pytest.fixture
async def invited(office):
    """Miriam of the office, and five who are invited to a meeting; four of them have answered. Frida is not invited."""
    miriam = await office.coordinator()
    people = {
        name: await office.member(name, "ag-klima", town=home)
        for name, home in (("Anna", "Gera"), ("Ben", "Suhl"), ("Carla", "Suhl"), ("Dora", "Jena"), ("Emil", "Gera"))
    }
    await office.member("Frida", town="Gera")
    meeting = await planned(office)
    replies = Replies(office.rooms.ground.audiences._calendar)
    for name, answer in (("Anna", Answer.YES), ("Ben", Answer.NO), ("Carla", Answer.MAYBE), ("Dora", Answer.YES)):
        await replies.answer(people[name].id, meeting.id, answer)
    return miriam, meeting, people, replies


async def test_who_answered_a_meeting_how_and_who_not(office, invited):
    miriam, meeting, people, replies = invited
    for answer, names, words in (
        ("yes", ["Anna", "Dora"], "Zusagen"),
        ("no", ["Ben"], "Absagen"),
        ("maybe", ["Carla"], "Vielleicht"),
        ("replied", ["Anna", "Ben", "Carla", "Dora"], "mit Antwort"),
        ("none", ["Emil"], "ohne Antwort"),
        ("invited", ["Anna", "Ben", "Carla", "Dora", "Emil"], "alle Eingeladenen"),
    ):
        assert await meant(office, miriam, [answered(meeting, answer)]) == (names, f"{words} zu „AG Klima: Bäume“")
    await replies.answer(people["Anna"].id, meeting.id, Answer.NO)
    assert (await meant(office, miriam, [answered(meeting, "no")]))[0] == ["Anna", "Ben"]
    await office.members.members.suspend(ADMIN, people["Ben"].id, suspended=True)
    assert (await meant(office, miriam, [answered(meeting, "no")]))[0] == ["Anna"]
    assert (await meant(office, miriam, [Criterion(by=By.MEETING, value="999:yes")]))[0] == []


async def test_answers_combine_with_towns_groups_and_lists(office, invited):
    miriam, meeting, people, _ = invited
    gera, suhl = [town(await find_town(office, name)) for name in ("Gera", "Suhl")]
    klima = Criterion(by=By.GROUP, value="ag-klima")
    names, words = await meant(office, miriam, [klima], without=[answered(meeting, "no")])
    assert names == ["Anna", "Carla", "Dora", "Emil"]
    assert words == "AG Klima, ohne Absagen zu „AG Klima: Bäume“"
    names, _ = await meant(office, miriam, [answered(meeting, "yes"), answered(meeting, "maybe")], only=[gera, suhl])
    assert names == ["Anna", "Carla"]
    names, _ = await meant(office, miriam, [klima], only=[gera, answered(meeting, "none"), answered(meeting, "yes")])
    assert names == ["Anna", "Emil"]
    listed = Criterion(by=By.LIST, ids=(people["Emil"].id, people["Ben"].id))
    assert (await meant(office, miriam, [gera], without=[answered(meeting, "yes"), listed]))[0] == ["Frida"]
    assert (await meant(office, miriam, [listed], only=[answered(meeting, "replied")]))[0] == ["Ben"]
    assert (await meant(office, miriam, [], without=[listed]))[0] == []


async def test_the_next_and_the_last_meetings_are_offered_also_beside_a_long_series(office):
    await office.member("Anna", "ag-klima")
    meetings = [await planned(office, day, f"Treffen {day}") for day in range(9, 17)]
    now = MONDAY + dt.timedelta(days=6, hours=1)
    async with office.database.reading() as session:
        offered = await options(session, By.MEETING, now)
        labels = [each.label for each in offered if "Zusagen" in each.label]
        far = await option(session, By.MEETING, meetings[0].id * 6, now)
        assert await option(session, By.MEETING, 10**15, now) is None
    assert labels[0] == "Zusagen: Treffen 15 (15.3.)"
    assert labels[2] == "Zusagen: Treffen 14 (14.3.)"
    assert len(labels) == 2 + PAST
    assert COMING >= 2
    assert far.criterion == answered(meetings[0], "yes")


async def linked(office, chat_id, title, thread=0, key="ag-klima"):
    async with office.database.writing() as session:
        group = await office.groups.groups.by_key(key)
        chat = LinkedChat(
            chat_id=chat_id, thread_id=thread, title=title, state="linked", group_id=group.id,
            added_at=office.clock.now(),
        )  # fmt: skip
        session.add(chat)
        await session.flush()
        return chat.id


async def test_a_forum_gets_it_once_and_an_unlinked_group_not_at_all(office):
    miriam = await office.coordinator()
    forum, other = [await office.sandbox.client.group(name, miriam) for name in ("Forum", "Andere")]
    chats = [
        await linked(office, forum, "Forum: Klima"),
        await linked(office, forum, "Forum: Leerstand", 7, "ag-leerstandsbewaeltigung"),
        await linked(office, other, "Andere"),
    ]
    item = await office.rooms.drafts.begin(miriam.id, Content(html="Hallo {name}"))
    for chat in chats:
        item = await office.rooms.drafts.toggle_chat(miriam.id, item.id, chat)
    async with office.database.writing() as session:
        (await session.get(LinkedChat, chats[2])).state = "gone"
    await office.release(miriam, item)
    await office.work()
    assert office.texts(forum) == ["Hallo zusammen"]
    assert office.texts(other) == []
    report = await office.report(miriam, item)
    assert (report.meant, report.sent) == (1, 1)


async def test_a_group_that_got_another_number_does_not_get_it_twice(office):
    miriam = await office.coordinator()
    group = await office.sandbox.client.group("Klima-Runde", miriam)
    chat = await linked(office, group, "Klima-Runde")
    item = await office.rooms.drafts.begin(miriam.id, Content(html="Hallo"))
    item = await office.rooms.drafts.toggle_chat(miriam.id, item.id, chat)
    moved = await office.sandbox.client.migrate(group)
    await office.release(miriam, item)
    await office.work()
    async with office.database.writing() as session:
        (await session.get(LinkedChat, chat)).chat_id = moved
    assert (await office.report(miriam, item)).sent == 1
    assert await office.rooms.following.send_late(miriam.id, item.id) == 0


async def test_a_pasted_list_is_read_as_people_write_lists(office):
    miriam = await office.coordinator()
    anna = await office.member("Anna Müller", town="Gera")
    ben = await office.member("Ben Groß", town="Suhl")
    carla = await office.member("Carla Meißner", town="Jena")
    gone = await office.member("Dora Gesperrt", town="Jena")
    await office.members.members.suspend(ADMIN, gone.id, suspended=True)
    text = (
        "1. Anna Müller\n• Müller, Anna\n- Ben Gross (Suhl)\nCarla Meißner\tJena\tcarla@stadt.de\n"
        "Anna Mueler\nBen Groß, Gera\nDora Gesperrt\nBen Groß, Gera\n999999\n@niemand\n"
    )
    found = await office.rooms.drafts.read_list(miriam.id, text)
    assert found.ids == (anna.id, ben.id, carla.id)
    assert found.again == 1
    assert found.unknown == ("Anna Mueler", "Ben Groß, Gera", "Dora Gesperrt", "999999", "@niemand")
    assert found.near == {"Anna Mueler": "Anna Müller", "Ben Groß, Gera": "Ben Groß"}


async def test_a_list_in_several_parts_is_one_and_the_same_part_twice_is_no_undoing(office):
    miriam = await office.coordinator()
    anna, ben = await office.member("Anna"), await office.member("Ben")
    item = await office.rooms.drafts.begin(miriam.id, Content(html="x"))
    for ids in ((anna.id,), (anna.id,), (ben.id, anna.id)):
        item = await office.rooms.drafts.add_list(miriam.id, item.id, Part.ANY, ids)
    assert item.audience.any == (Criterion(by=By.LIST, ids=(anna.id, ben.id)),)
    item = await office.rooms.drafts.toggle(miriam.id, item.id, Part.ANY, ALL)
    item = await office.rooms.drafts.drop_lists(miriam.id, item.id, Part.ANY)
    assert item.audience.any == (ALL,)


async def test_leads_and_partners_are_found(office):
    miriam = await office.coordinator()
    lea = await office.member("Lea")
    await office.member("Anna")
    await office.members.members.set_lead(ADMIN, lea.id, "ag-klima", leads=True)
    assert (await meant(office, miriam, [Criterion(by=By.ROLE, value="lead")]))[0] == ["Lea"]
    assert (await meant(office, miriam, [Criterion(by=By.SIZE, value="-1")]))[0] == []
    await office.members.members.set_role(ADMIN, lea.id, Role.COORDINATOR)
    assert (await meant(office, miriam, [Criterion(by=By.ROLE, value="office")]))[0] == ["Lea", "Miriam"]
