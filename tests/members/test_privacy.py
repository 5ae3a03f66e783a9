import datetime as dt
import html
import json

import markupsafe
import pytest
from sqlalchemy import func, inspect, select, text

from bot.delivery.payloads import Text
from bot.delivery.pushes import Content, Push
from bot.delivery.service import Outbox
from bot.members.errors import NotAllowedError, OddValueError
from bot.members.joining import Newcomer
from bot.members.models import Change, Invitation, JoinRequest, Person
from bot.members.notices import Notices
from bot.members.privacy import Privacy
from bot.members.roles import Role
from bot.rendering import Messages
from tests.members.conftest import ADMIN


async def everything(database):
    """Every row of every table, as text."""
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        rows = [str(row) for table in tables for row in await connection.execute(text(f'SELECT * FROM "{table}"'))]
    return "\n".join(rows)


async def test_a_person_gets_all_that_is_kept_with_readable_keys(house):
    anna = await house.person("Anna Muster", Role.COORDINATOR, town="Gera")
    await house.rooms.joining.invite(anna)
    await house.rooms.push_times.change(anna, weekdays=frozenset({1}), paused_until=dt.date(2027, 4, 1))
    await house.rooms.dialogues.begin(anna, "members.town", {"getippt": "ge"})
    data = json.loads(json.dumps(await house.privacy.export(anna)))
    own = data["mitgliedschaft"]
    assert (own["person"]["name"], own["person"]["stadt"], own["person"]["rolle"]) == (
        "Anna Muster",
        "Gera",
        "Koordination",
    )
    assert own["ruhezeiten"]["pause_bis_vor"] == "2027-04-01"
    assert own["ruhezeiten"]["wochentage"] == ["Di"]
    assert len(own["einladungen_erstellt"]) == 1
    assert own["offener_dialog"]["angaben"] == {"getippt": "ge"}
    [given] = [change for change in own["aenderungen"] if change["was"] == "Rolle" and change["betrifft_sie"]]
    assert given["vorher_und_nachher"] == ["noch kein Mitglied → Koordination"]


async def test_of_a_stranger_nothing_is_kept(house):
    assert (await house.privacy.export(4711))["mitgliedschaft"] is None


async def test_erasing_leaves_no_name_and_no_number_anywhere(house):
    house.last_id = 777_000_110
    anna = await house.person("Anna Einzigartig", Role.COORDINATOR, town="Gera")
    paul = Newcomer(50, "Paul")
    request, _ = await house.rooms.joining.request(paul)
    await house.rooms.joining.decide(anna, request.id, admit=True)
    invitation, _ = await house.rooms.joining.invite(anna, occasion=f"{anna}:5")
    await house.rooms.push_times.change(anna, holidays_off=False)
    await house.rooms.members.set_lead(anna, anna, "ag-klima", leads=True)
    await house.rooms.dialogues.begin(anna, "members.town")
    assert str(anna) in await everything(house.database)
    assert (await house.privacy.erase(anna))["mitgliedschaft"] > 0
    left = await everything(house.database)
    assert "Einzigartig" not in left
    assert str(anna) not in left
    assert (await house.rooms.members.profile(50)).is_member
    assert not (await house.rooms.members.profile(anna)).known
    async with house.database.reading() as session:
        assert (await session.get(Invitation, invitation.id)).revoked_at is not None
    assert (await house.privacy.erase(anna))["mitgliedschaft"] == 0


async def test_what_the_office_was_told_of_a_request_loses_its_words(house):
    paul = Newcomer(777_000_050, "Paul Einzigartig")
    request, _ = await house.rooms.joining.request(paul)
    words = Messages("bot.members", dt.UTC)
    outbox = Outbox(house.database, house.clock)
    notices = Notices(house.rooms, words, outbox, house.clock, [])
    await notices.requested(request)
    assert "Einzigartig" in await everything(house.database)
    assert len((await house.privacy.export(ADMIN))["zustellungen"]) == 1
    await house.privacy.erase(paul.id)
    left = await everything(house.database)
    assert "Einzigartig" not in left
    assert str(paul.id) not in left


async def test_words_of_what_was_sent_are_forgotten_after_a_month(house):
    outbox = Outbox(house.database, house.clock)
    await outbox.enqueue(Push("news:1", "first", 50, Content(Text(html="Hallo"))))
    await outbox.cancel("news:1")
    house.clock.move(days=31)
    assert (await house.privacy.forget())["contents"] == 1
    assert (await house.privacy.export(50))["zustellungen"][0]["wortlaut"] is None


async def test_for_whom_something_was_is_forgotten_after_a_year(house):
    outbox = Outbox(house.database, house.clock)
    await outbox.enqueue(Push("news:1", "first", 777_000_050, Content(Text(html="Hallo"))))
    await outbox.cancel("news:1")
    house.clock.move(days=366)
    assert (await house.privacy.forget())["deliveries"] == 1
    assert (await house.privacy.export(777_000_050))["zustellungen"] is None
    assert "777000050" not in await everything(house.database)
    house.clock.move(days=1)
    assert (await house.privacy.forget())["deliveries"] == 0


async def test_erasing_oneself_is_no_way_around_a_suspension(house):
    anna = await house.person("Anna Einzigartig")
    await house.rooms.members.suspend(ADMIN, anna)
    await house.privacy.erase(anna)
    profile = await house.rooms.members.profile(anna)
    assert (profile.suspended, profile.role, profile.town) == (True, Role.NEWCOMER, None)
    assert "Einzigartig" not in await everything(house.database)


async def test_it_erases_everywhere_or_nowhere(house):
    class Broken:
        key = "kaputt"
        statement = ""

        async def erase(self, session, person_id):
            raise RuntimeError("no power")

    anna = await house.person()
    rooms = [Broken(), *house.privacy._rooms]
    with pytest.raises(RuntimeError):
        await Privacy(house.database, house.clock, rooms).erase(anna)
    assert (await house.rooms.members.profile(anna)).known


async def test_forgetting_comes_once_a_day_and_counts(house):
    stranger = Newcomer(50, "Paul")
    request, _ = await house.rooms.joining.request(stranger)
    await house.rooms.joining.decide(ADMIN, request.id, admit=False)
    waits, _ = await house.rooms.joining.request(Newcomer(51, "Eva"))
    await house.rooms.joining.invite(ADMIN)
    await house.rooms.dialogues.begin(7, "members.town")
    anna = await house.person()
    assert set((await house.privacy.forget()).values()) == {0}
    assert await house.privacy.forget() is None
    house.clock.move(days=110)
    counts = await house.privacy.forget()
    forgotten = {"requests": 1, "invitations": 2, "newcomers": 1, "dialogues": 1}
    assert counts == forgotten | {"changes": 0, "contents": 0, "deliveries": 0}
    async with house.database.reading() as session:
        assert await session.get(JoinRequest, waits.id) is not None
        assert await session.get(Person, 50) is None
        assert await session.get(Person, anna) is not None
    house.clock.move(days=700)
    assert (await house.privacy.forget())["changes"] > 0
    async with house.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Change)) == 2


async def test_push_times_are_kept_and_odd_ones_refused(house):
    anna = await house.person()
    push_times = house.rooms.push_times
    times = await push_times.of(anna)
    assert (sorted(times.weekdays), times.start, times.end) == ([0, 1, 2, 3, 4], dt.time(7), dt.time(18))
    assert times.holidays_off
    changed = await push_times.change(anna, start=dt.time(8, 30), end=dt.time(), weekdays=frozenset({0, 6}))
    assert await push_times.of(anna) == changed
    assert changed.end == dt.time()
    assert (await push_times.of_many([anna, 5]))[5] == times
    for odd in (
        {"weekdays": frozenset()},
        {"weekdays": frozenset({7})},
        {"start": dt.time(19), "end": dt.time(18)},
        {"zone": "UTC"},
    ):
        with pytest.raises(OddValueError):
            await push_times.change(anna, **odd)
    with pytest.raises(NotAllowedError):
        await push_times.change(5, holidays_off=False)


async def test_a_dialogue_waits_and_is_given_up_after_a_time(house):
    await house.rooms.dialogues.begin(5, "members.town", {"a": 1})
    await house.rooms.dialogues.begin(5, "members.search")
    assert (await house.rooms.dialogues.current(5)).kind == "members.search"
    house.clock.move(days=15)
    assert await house.rooms.dialogues.current(5) is None
    assert await house.rooms.dialogues.end(5)
    assert not await house.rooms.dialogues.end(5)


async def test_whose_membership_ended_is_kept_for_a_while_and_then_forgotten(house):
    anna = await house.person("Anna", town="Gera")
    house.clock.move(days=300)
    await house.rooms.members.set_role(ADMIN, anna, Role.NEWCOMER)
    house.clock.move(days=2)
    assert (await house.privacy.forget())["newcomers"] == 0
    assert (await house.rooms.members.set_role(ADMIN, anna, Role.MEMBER)).town == "Gera"
    await house.rooms.members.set_role(ADMIN, anna, Role.NEWCOMER)
    house.clock.move(days=91)
    assert (await house.privacy.forget())["newcomers"] == 1
    assert not (await house.rooms.members.profile(anna)).known


@pytest.mark.parametrize("escape", [html.escape, markupsafe.escape, lambda name: html.escape(name, quote=False)])
async def test_a_name_with_quotes_is_found_however_it_was_escaped(house, escape):
    name = 'Maeve O\'Brien "Mae" & Söhne'
    maeve = await house.person(name)
    outbox = Outbox(house.database, house.clock)
    said = f"Freigegeben von {escape(name)}"
    await outbox.enqueue(Push("announcement:1", "released", 50, Content(Text(html=said))))
    await house.privacy.erase(maeve)
    assert (await house.privacy.export(50))["zustellungen"][0]["wortlaut"] == "Freigegeben von (gelöscht)"


async def test_a_short_name_ends_nobody_elses_dialogue(house):
    lin = await house.person("Li")
    await house.rooms.dialogues.begin(5, "announcements.correct", {"text": "Link zum Protokoll"})
    await house.privacy.erase(lin)
    assert await house.rooms.dialogues.current(5) is not None


async def test_a_first_name_alone_does_not_spoil_what_others_are_about_to_get(house):
    anna = await house.person("Anna")
    outbox = Outbox(house.database, house.clock)
    library = "Treffen in der Anna-Amalia-Bibliothek"
    await outbox.enqueue(Push("news:1", "first", 50, Content(Text(html=library))))
    await outbox.enqueue(Push("meeting:1", "deputy", 50, Content(renderer="r", context={"for": "Anna", "meeting": 1})))
    await house.privacy.erase(anna)
    first, second = (await house.privacy.export(50))["zustellungen"]
    assert first["wortlaut"] == library
    assert second["angaben"] == {"for": "(gelöscht)", "meeting": 1}
