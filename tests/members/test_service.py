import asyncio

import pytest

from bot.members.errors import (
    ConfiguredAdministratorError,
    LastAdministratorError,
    MembersError,
    NotAllowedError,
    OddValueError,
    SuspendedError,
    UnknownPersonError,
    UnknownTownError,
)
from bot.members.joining import Newcomer
from bot.members.listing import Which
from bot.members.roles import Role
from tests.members.conftest import ADMIN, build_house


async def names(house, *args, **kwargs):
    return [person.name for person in (await house.rooms.listing.people(ADMIN, *args, **kwargs)).people]


async def test_access_is_decided_in_one_place(house, database):
    anna = await house.rooms.members.profile(await house.person())
    stranger = await house.rooms.members.profile(99)
    assert house.rooms.members.may_ask(anna)
    assert not house.rooms.members.may_ask(stranger)
    assert build_house(database, access="open").rooms.members.may_ask(stranger)
    suspended = await house.rooms.members.suspend(ADMIN, anna.id)
    assert not build_house(database, access="open").rooms.members.may_ask(suspended)


async def test_the_operators_administrators_need_no_row_and_cannot_be_changed(house):
    admin = await house.rooms.members.profile(ADMIN)
    assert (admin.role, admin.known, admin.is_office) == (Role.ADMINISTRATOR, False, True)
    other = await house.person("Other", Role.ADMINISTRATOR)
    await house.rooms.joining.accept((await house.rooms.joining.invite(other))[0].token, Newcomer(ADMIN, "Chef"))
    with pytest.raises(UnknownPersonError):
        await house.rooms.members.set_role(other, 987, Role.MEMBER)
    with pytest.raises(ConfiguredAdministratorError):
        await house.rooms.members.set_role(other, ADMIN, Role.MEMBER)
    with pytest.raises(ConfiguredAdministratorError):
        await house.rooms.members.suspend(other, ADMIN)


async def test_the_last_administrator_keeps_the_role(house, database):
    one = await house.person("Eins", Role.ADMINISTRATOR)
    two = await house.person("Zwei", Role.ADMINISTRATOR)
    later = build_house(database, admins="")  # the operator has taken LOTSE_ADMINS away
    with pytest.raises(NotAllowedError):
        await later.rooms.members.set_role(ADMIN, one, Role.MEMBER)
    await later.rooms.members.suspend(one, two)
    for change in (
        later.rooms.members.set_role(one, one, Role.MEMBER),
        later.rooms.members.suspend(one, one),
        later.privacy.erase(one),
    ):
        with pytest.raises(LastAdministratorError):
            await change
    await later.rooms.members.suspend(one, two, suspended=False)
    await later.rooms.members.set_role(one, one, Role.MEMBER)


async def test_two_administrators_cannot_take_the_role_from_each_other_at_once(house, database):
    one = await house.person("Eins", Role.ADMINISTRATOR)
    two = await house.person("Zwei", Role.ADMINISTRATOR)
    later = build_house(database, admins="")
    results = await asyncio.gather(
        later.rooms.members.set_role(one, two, Role.MEMBER),
        later.rooms.members.set_role(two, one, Role.MEMBER),
        return_exceptions=True,
    )
    assert sum(isinstance(result, MembersError) for result in results) == 1


async def test_default_is_no(house):
    member = await house.person("Mitglied")
    lead = await house.person("Leitung")
    await house.rooms.members.set_lead(ADMIN, lead, "ag-klima", leads=True)
    coordinator = await house.person("Koordination", Role.COORDINATOR)
    suspended = await house.person("Gesperrt", Role.COORDINATOR)
    await house.rooms.members.suspend(ADMIN, suspended)
    members, listing = house.rooms.members, house.rooms.listing
    for actor in (member, lead, suspended, 99, None, -5, 10**20):
        for wish in (
            lambda actor=actor: members.set_town(actor, coordinator, 1),
            lambda actor=actor: members.set_role(actor, member, Role.ADMINISTRATOR),
            lambda actor=actor: members.set_lead(actor, member, "ag-klima", leads=True),
            lambda actor=actor: members.suspend(actor, coordinator),
            lambda actor=actor: listing.people(actor),
            lambda actor=actor: listing.card(actor, member),
        ):
            with pytest.raises(NotAllowedError):
                await wish()
    with pytest.raises(NotAllowedError):
        await members.set_role(coordinator, member, Role.COORDINATOR)
    chief = await house.person("Chefin", Role.ADMINISTRATOR)
    with pytest.raises(NotAllowedError):
        await members.suspend(coordinator, chief)
    with pytest.raises(SuspendedError):
        await members.actor(suspended)


async def test_a_lead_leads_named_groups_only(house):
    anna = await house.person()
    profile = await house.rooms.members.set_lead(ADMIN, anna, "ag-klima", leads=True)
    assert (profile.role, profile.may_lead("ag-klima"), profile.may_lead("ag-wulis")) == (Role.LEAD, True, False)
    assert (await house.rooms.members.profile(ADMIN)).may_lead("ag-wulis")
    assert (await house.rooms.members.suspend(ADMIN, anna)).may_lead("ag-klima") is False
    await house.rooms.members.suspend(ADMIN, anna, suspended=False)
    assert (await house.rooms.members.set_lead(ADMIN, anna, "ag-klima", leads=False)).role is Role.MEMBER


async def test_ending_a_membership_ends_what_hung_on_it(house):
    anna = await house.person()
    await house.rooms.members.set_lead(ADMIN, anna, "ag-klima", leads=True)
    profile = await house.rooms.members.set_role(ADMIN, anna, Role.NEWCOMER)
    assert (profile.is_member, profile.leads, profile.joined_at) == (False, frozenset(), None)
    with pytest.raises(UnknownPersonError):
        await house.rooms.members.set_lead(ADMIN, anna, "ag-klima", leads=True)
    with pytest.raises(OddValueError):
        await house.rooms.members.set_role(ADMIN, anna, Role.LEAD)


async def test_members_change_their_own_town_only(house):
    anna, ben = await house.person(), await house.person("Ben")
    gera = (await house.rooms.towns.search("gera"))[0]
    assert (await house.rooms.members.set_town(anna, anna, gera.id)).town == "Gera"
    with pytest.raises(NotAllowedError):
        await house.rooms.members.set_town(anna, ben, gera.id)
    for odd in (10**6, 10**12, -1, 0):
        with pytest.raises(UnknownTownError):
            await house.rooms.members.set_town(anna, anna, odd)
    assert (await house.rooms.members.set_town(ADMIN, anna, None)).town is None


async def test_each_change_is_in_the_audit_log_with_before_and_after(house):
    anna = await house.person(town="Gera")
    jena = (await house.rooms.towns.search("Jena"))[0]
    await house.rooms.members.set_town(ADMIN, anna, jena.id)
    await house.rooms.members.set_town(ADMIN, anna, jena.id)
    house.clock.move(hours=1)
    await house.rooms.members.suspend(ADMIN, anna)
    _, changes = await house.rooms.listing.card(ADMIN, anna)
    told = [(change.action, change.actor_id, change.before, change.after) for change in changes]
    assert told[:2] == [
        ("member.suspended", ADMIN, {"suspended": False}, {"suspended": True}),
        ("member.town", ADMIN, {"town": "Gera"}, {"town": "Jena"}),
    ]
    assert ("member.role", anna, {"role": "newcomer"}, {"role": "member"}) in told
    assert changes[0].at == house.clock.now()


async def test_lists_are_filtered_searched_and_paged(house):
    anna = await house.person("Änne Krüger", town="Schmalkalden")
    await house.person("Bernd Vogt", Role.COORDINATOR, town="Pößneck")
    eva = await house.person("Eva Arndt")
    await house.rooms.members.set_lead(ADMIN, anna, "ag-klima", leads=True)
    await house.rooms.members.mark_unreachable(eva, "blocked")
    assert await names(house) == ["Änne Krüger", "Bernd Vogt", "Eva Arndt"]
    assert await names(house, Which.LEADS) == ["Änne Krüger"]
    assert await names(house, Which.OFFICE) == ["Bernd Vogt"]
    assert await names(house, Which.WITHOUT_TOWN) == ["Eva Arndt"]
    assert await names(house, Which.UNREACHABLE) == ["Eva Arndt"]
    assert await names(house, Which.SUSPENDED) == []
    assert await names(house, query="krueger schmalk") == ["Änne Krüger"]
    assert await names(house, query="saale-orla") == ["Bernd Vogt"]
    assert await names(house, query="%") == ["Änne Krüger", "Bernd Vogt", "Eva Arndt"]
    page = await house.rooms.listing.people(ADMIN, page=9, size=2)
    assert ([person.name for person in page.people], page.total, page.number) == (["Eva Arndt"], 3, 1)


async def test_a_blocked_member_is_kept_and_welcomed_back(house):
    anna = await house.person()
    assert await house.rooms.members.mark_unreachable(anna, "blocked")
    assert not await house.rooms.members.mark_unreachable(anna, "blocked")
    assert (await house.rooms.members.profile(anna)).is_member
    seen = await house.rooms.members.see(anna, "Anna Neu", "anna")
    assert (seen.back, seen.profile.name, seen.profile.unreachable_at) == (True, "Anna Neu", None)
    assert not (await house.rooms.members.see(anna, "Anna Neu", "anna")).back
    assert not await house.rooms.members.mark_unreachable(4711, "blocked")


async def test_strangers_leave_no_trace_by_writing(house):
    seen = await house.rooms.members.see(99, "Fremd", None)
    assert not seen.profile.known
    assert not (await house.rooms.members.profile(99)).known


async def test_the_office_is_told_where_it_can_be_reached(house):
    miriam = await house.person("Miriam", Role.COORDINATOR)
    away = await house.person("Weg", Role.COORDINATOR)
    out = await house.person("Raus", Role.COORDINATOR)
    await house.person("Mitglied")
    await house.rooms.members.mark_unreachable(away, "blocked")
    await house.rooms.members.suspend(ADMIN, out)
    assert await house.rooms.members.office() == [ADMIN, miriam]


async def test_odd_names_are_tamed(house):
    anna = await house.person("A\u202enna\n\x00 " + "x" * 300)
    profile = await house.rooms.members.profile(anna)
    assert profile.name.startswith("Anna x")
    assert len(profile.name) <= 140
