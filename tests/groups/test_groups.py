import datetime as dt

import pytest
from sqlalchemy import delete

from bot.delivery.payloads import Text
from bot.delivery.pushes import Content as Says
from bot.delivery.pushes import Push
from bot.delivery.quiet import Mode
from bot.groups.errors import GroupExistsError
from bot.groups.founding import make_key
from bot.groups.own_data import OwnData
from bot.groups.service import shipped_groups
from bot.members.errors import NotAllowedError, OddValueError, UnknownGroupError, UnknownPersonError
from bot.members.exchange import plan_from_json, plan_to_json
from bot.members.models import Person
from bot.members.roles import Role
from knowledge.files import load_knowledge
from tests.members.conftest import ADMIN


async def test_the_alliances_groups_are_there_from_the_start_and_shipped_once(office):
    groups = await office.rooms.groups.all()
    assert [group.short for group in groups] == ["AG Leerstand", "AG WULIS", "AG Klima"]
    assert await office.rooms.groups.ship() == 0


def test_each_shipped_group_has_its_entry():
    knowledge = load_knowledge()
    for group in shipped_groups():
        assert knowledge.get(group["entry_id"]) is not None
        assert len(group["short"]) <= 24


async def test_following_and_leaving_are_one_step_each_and_harmless_twice(office):
    anna, group = await office.member(), await office.group()
    assert await office.rooms.groups.follow(anna.id, group)
    assert not await office.rooms.groups.follow(anna.id, group)
    card = await office.rooms.groups.card(anna.id, group)
    assert (card.mode, card.followers) == (Mode.AT_ONCE, 1)
    assert await office.rooms.groups.leave(anna.id, group)
    assert not await office.rooms.groups.leave(anna.id, group)
    assert (await office.rooms.groups.card(anna.id, group)).mode is None


async def test_how_often_a_group_writes_is_its_own_matter(office):
    anna = await office.member("Anna", "ag-klima", "ag-leerstandsbewaeltigung")
    group = await office.group()
    assert await office.rooms.groups.follow(anna.id, group, Mode.WEEKLY)
    modes = await office.rooms.groups.followed(anna.id)
    assert sorted(modes.values()) == [Mode.AT_ONCE, Mode.WEEKLY]
    assert not await office.rooms.groups.follow(anna.id, group)
    assert (await office.rooms.groups.followed(anna.id))[group] is Mode.WEEKLY


async def test_outsiders_and_the_suspended_follow_nothing(office):
    with pytest.raises(NotAllowedError):
        await office.rooms.groups.follow(4711, await office.group())
    anna = await office.member()
    await office.members.members.suspend(ADMIN, anna.id)
    with pytest.raises(NotAllowedError):
        await office.rooms.groups.follow(anna.id, await office.group())


@pytest.mark.parametrize("number", [0, 99, 2**60, -1])
async def test_a_group_that_there_is_not_is_said(office, number):
    anna = await office.member()
    with pytest.raises(UnknownGroupError):
        await office.rooms.groups.follow(anna.id, number)


async def test_the_office_founds_groups_and_members_do_not(office):
    anna = await office.member()
    with pytest.raises(NotAllowedError):
        await office.rooms.founding.add(anna.id, "AG Handel", "Läden")
    miriam = await office.member("Miriam", role=Role.COORDINATOR)
    group = await office.rooms.founding.add(miriam.id, "  AG  Handel & Märkte ", "Läden")
    assert (group.key, group.name) == ("ag-handel-markte", "AG Handel & Märkte")
    with pytest.raises(GroupExistsError):
        await office.rooms.founding.add(miriam.id, "AG Handel Märkte", "Läden")
    with pytest.raises(OddValueError):
        await office.rooms.founding.add(miriam.id, " ", "Läden")


def test_a_key_fits_a_link():
    assert make_key("ÄÖÜ ß — 100 % " * 9).isascii()
    assert len("g_" + make_key("x" * 300)) <= 64
    with pytest.raises(OddValueError):
        make_key("—")


async def test_leads_describe_their_own_group_only(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    group = await office.rooms.founding.describe(lea.id, await office.group(), about="Bäume")
    assert group.about == "Bäume"
    with pytest.raises(NotAllowedError):
        await office.rooms.founding.describe(lea.id, await office.group(), name="AG Wetter")
    with pytest.raises(NotAllowedError):
        await office.rooms.founding.describe(lea.id, await office.group("ag-leerstandsbewaeltigung"), about="x")


async def test_a_group_that_ended_is_gone_with_its_followers(office):
    anna = await office.member("Anna", "ag-klima")
    group = await office.group()
    await office.rooms.founding.end(ADMIN, group)
    assert await office.rooms.groups.followed(anna.id) == {}
    with pytest.raises(UnknownGroupError):
        await office.rooms.groups.by_key("ag-klima")


async def test_a_group_that_ended_frees_its_chats_and_its_leads(office):
    lea = await office.member("Lea", leads=["ag-klima", "ag-leerstandsbewaeltigung"])
    link = await office.rooms.links.offer(lea.id, -5, "Runde")
    await office.rooms.links.confirm(lea.id, link.chat.id, await office.group())
    await office.rooms.founding.end(ADMIN, await office.group())
    assert (await office.members.members.profile(lea.id)).leads == {"ag-leerstandsbewaeltigung"}
    other = await office.group("ag-leerstandsbewaeltigung")
    _, fresh = await office.rooms.links.confirm(lea.id, link.chat.id, other)
    assert fresh


async def test_who_led_a_group_is_told_of_its_end_by_somebody_else_when_it_suits_them(office):
    office.clock.move(hours=11)
    lea, ben, eva, miriam = [
        await office.member(name, role=role, leads=["ag-klima"])
        for name, role in (
            ("Lea", Role.MEMBER),
            ("Ben", Role.MEMBER),
            ("Eva", Role.MEMBER),
            ("Miriam", Role.COORDINATOR),
        )
    ]
    await office.members.members.suspend(ADMIN, eva.id)
    pending = Says(Text(html="Sie leiten jetzt <b>AG Klima</b>."))
    await office.outbox.enqueue(
        Push("lead:ag-klima", "on", ben.id, pending, not_before=office.clock.now() + dt.timedelta(hours=10))
    )
    await office.rooms.founding.end(miriam.id, await office.group())
    await office.work()
    assert office.texts(lea) == []
    office.clock.move(hours=11)
    await office.work()
    [told] = office.texts(lea)
    assert told.startswith("Die Geschäftsstelle hat die Arbeitsgruppe AG Klima")
    assert "Sie leiten sie damit nicht mehr" in told
    assert [office.texts(person) for person in (ben, eva, miriam)] == [[], [], []]


async def test_a_group_is_renamed_by_the_office_to_a_name_that_is_free(office):
    group = await office.rooms.founding.describe(ADMIN, await office.group(), name="AG Klima und Grün")
    assert (group.name, group.short, group.key) == ("AG Klima und Grün", "AG Klima und Grün", "ag-klima")
    for name, error in (("ag leerstandsbewältigung", GroupExistsError), ("", OddValueError), ("x" * 81, OddValueError)):
        with pytest.raises(error):
            await office.rooms.founding.describe(ADMIN, group.id, name=name)


async def test_two_groups_never_have_the_same_name_however_it_is_written(office):
    founding = office.rooms.founding
    await founding.add(ADMIN, "AG Ökologie", "Bäume")
    with pytest.raises(GroupExistsError):
        await founding.describe(ADMIN, await office.group(), name="ag ökologie")
    await founding.describe(ADMIN, await office.group(), name="AG Grüne Straße")
    for again in ("AG Grüne Straße", "AG GRÜNE STRASSE"):
        with pytest.raises(GroupExistsError):
            await founding.check_name(ADMIN, again)
        with pytest.raises(GroupExistsError):
            await founding.add(ADMIN, again, "Bäume")
    assert (await founding.describe(ADMIN, await office.group(), name="AG grüne Straße")).name == "AG grüne Straße"


async def test_names_of_leads_are_for_members(office):
    await office.member("Lea", leads=["ag-klima"])
    anna, group = await office.member(), await office.group()
    assert (await office.rooms.groups.card(anna.id, group)).leads == ("Lea",)
    assert (await office.rooms.groups.card(4711, group)).leads == ()


async def test_without_leads_the_office_is_asked(office):
    group = await office.group()
    assert await office.rooms.groups.leads(group) == [ADMIN]
    lea = await office.member("Lea", leads=["ag-klima"])
    assert await office.rooms.groups.leads(group) == [lea.id]


async def test_the_office_lets_members_follow_and_they_are_told(office):
    anna = await office.member()
    enrolling = office.rooms.enrolling
    assert await enrolling.change(ADMIN, anna.id, "ag-klima", follows=True)
    assert not await enrolling.change(ADMIN, anna.id, "ag-klima", follows=True)
    assert await enrolling.of_many([anna.id, 5]) == {anna.id: {"ag-klima": "sofort"}}
    await office.work()
    [told] = office.texts(anna)
    assert "hat AG Klima für Sie abonniert" in told
    _, [change, *_] = await office.members.listing.card(ADMIN, anna.id)
    assert (change.action, change.before, change.after) == ("member.groups", {"groups": []}, {"groups": ["ag-klima"]})
    await enrolling.change(ADMIN, anna.id, "ag-klima", follows=False)
    await office.work()
    assert "abbestellt" in office.texts(anna)[1]


async def test_a_tap_too_many_of_the_office_tells_nobody(office):
    anna = await office.member()
    for follows in (True, False):
        await office.rooms.enrolling.change(ADMIN, anna.id, "ag-klima", follows=follows)
    await office.work()
    assert office.texts(anna) == []
    assert (await office.rooms.groups.followed(anna.id)) == {}


async def test_only_the_office_lets_others_follow_and_only_members(office):
    anna, lea = await office.member(), await office.member("Lea", leads=["ag-klima"])
    enrolling = office.rooms.enrolling
    for actor in (anna.id, lea.id, None, 4711):
        with pytest.raises(NotAllowedError):
            await enrolling.change(actor, anna.id, "ag-klima", follows=True)
    with pytest.raises(UnknownGroupError):
        await enrolling.change(ADMIN, anna.id, "ag-fremd", follows=True)
    await office.members.members.suspend(ADMIN, anna.id)
    for person in (anna.id, 4711):
        with pytest.raises(UnknownPersonError):
            await enrolling.change(ADMIN, person, "ag-klima", follows=True)


async def test_who_left_or_is_suspended_is_not_counted_among_the_followers(office):
    people = [await office.member(name, "ag-klima") for name in ("Anna", "Ben", "Eva")]
    await office.members.members.suspend(ADMIN, people[0].id)
    await office.members.members.set_role(ADMIN, people[1].id, Role.NEWCOMER)
    assert (await office.rooms.groups.card(ADMIN, await office.group())).followers == 1


async def test_who_follows_what_goes_out_as_csv_and_comes_back(office):
    anna = await office.member("Anna", "ag-klima", town="Gera")
    exchange, enrolling = office.members.exchange, office.rooms.enrolling
    groups = await office.rooms.groups.titles()
    content = await exchange.members_csv(ADMIN, enrolling)
    assert b";ag-klima;" in content
    plan = await exchange.plan(ADMIN, content, groups, enrolling)
    assert (plan.problems, plan.members) == ([], [])
    changed = content.replace(b";ag-klima;", b";ag-leerstandsbewaeltigung;")
    plan = plan_from_json(plan_to_json(await exchange.plan(ADMIN, changed, groups, enrolling)))
    assert (await exchange.carry_out(ADMIN, plan, enrolling)).changed == 1
    assert list((await enrolling.of_many([anna.id]))[anna.id]) == ["ag-leerstandsbewaeltigung"]
    without = b"Kennung;Stadt;Rolle\r\n%d;Jena;Mitglied\r\n" % anna.id
    await exchange.carry_out(ADMIN, await exchange.plan(ADMIN, without, groups, enrolling), enrolling)
    assert list((await enrolling.of_many([anna.id]))[anna.id]) == ["ag-leerstandsbewaeltigung"]


async def test_what_former_members_followed_is_forgotten_with_them(office):
    anna = await office.member("Anna", "ag-klima")
    await office.member("Ben", "ag-klima")
    await office.rooms.groups.follow(ADMIN, await office.group())
    async with office.database.writing() as session:
        await session.execute(delete(Person).where(Person.id == anna.id))
        assert (await OwnData("", {ADMIN}).forget(session, office.clock.now()))["subscriptions"] == 1
    assert await office.rooms.groups.followed(anna.id) == {}
    assert await office.rooms.groups.followed(ADMIN)


async def test_members_are_found_by_the_group_that_they_follow(office):
    anna = await office.member("Anna", "ag-klima")
    await office.member("Ben", "ag-leerstandsbewaeltigung")
    groups = await office.rooms.groups.titles()
    page = await office.members.listing.people(ADMIN, query="ag klima", following=office.rooms.enrolling, groups=groups)
    assert [person.id for person in page.people] == [anna.id]
