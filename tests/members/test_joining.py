import asyncio
import datetime as dt

import pytest

from bot.members.errors import (
    InvitationError,
    InvitationProblem,
    NotAllowedError,
    OddValueError,
    RequestGoneError,
    SuspendedError,
    UnknownTownError,
)
from bot.members.joining import Newcomer
from bot.members.roles import Role
from tests.members.conftest import ADMIN

PAUL = Newcomer(50, "Paul Lindner", "paul")


async def problem(house, token, newcomer=PAUL):
    with pytest.raises(InvitationError) as caught:
        await house.rooms.joining.accept(token, newcomer)
    return caught.value.problem


async def test_an_invitation_makes_a_member_of_the_town(house):
    town = (await house.rooms.towns.search("Pößneck"))[0]
    invitation, fresh = await house.rooms.joining.invite(ADMIN, town_id=town.id)
    assert fresh
    joined = await house.rooms.joining.accept(invitation.token, PAUL)
    assert joined.fresh
    assert (joined.profile.role, joined.profile.town, joined.profile.name) == (Role.MEMBER, "Pößneck", "Paul Lindner")
    assert joined.profile.joined_at == house.clock.now()


async def test_opening_it_twice_uses_it_once(house):
    invitation, _ = await house.rooms.joining.invite(ADMIN, most_uses=2)
    assert (await house.rooms.joining.accept(invitation.token, PAUL)).fresh
    assert not (await house.rooms.joining.accept(invitation.token, PAUL)).fresh
    assert (await house.rooms.joining.accept(invitation.token, Newcomer(51, "Eva"))).fresh
    assert await problem(house, invitation.token, Newcomer(52, "Max")) is InvitationProblem.USED_UP


async def test_many_at_once_use_it_no_more_often_than_it_says(house):
    invitation, _ = await house.rooms.joining.invite(ADMIN, most_uses=3)
    results = await asyncio.gather(
        *(house.rooms.joining.accept(invitation.token, Newcomer(60 + n, f"P{n}")) for n in range(8)),
        return_exceptions=True,
    )
    assert sum(not isinstance(result, Exception) for result in results) == 3
    assert (await house.rooms.listing.people(ADMIN)).total == 3


async def test_the_same_person_twice_at_once_is_one_person(house):
    invitation, _ = await house.rooms.joining.invite(ADMIN, most_uses=5)
    results = await asyncio.gather(*(house.rooms.joining.accept(invitation.token, PAUL) for _ in range(4)))
    assert sorted(result.fresh for result in results) == [False, False, False, True]


async def test_an_invitation_that_does_not_hold_says_why(house):
    assert await problem(house, "x" * 22) is InvitationProblem.UNKNOWN
    expired, _ = await house.rooms.joining.invite(ADMIN, valid=dt.timedelta(days=1))
    revoked, _ = await house.rooms.joining.invite(ADMIN)
    assert await house.rooms.joining.revoke(ADMIN, revoked.id)
    assert not await house.rooms.joining.revoke(ADMIN, revoked.id)
    assert await problem(house, revoked.token) is InvitationProblem.REVOKED
    house.clock.move(days=1)
    assert await problem(house, expired.token) is InvitationProblem.EXPIRED
    assert not (await house.rooms.members.profile(PAUL.id)).known


async def test_one_press_makes_one_invitation(house):
    one, fresh = await house.rooms.joining.invite(ADMIN, occasion="1:77")
    other, again = await house.rooms.joining.invite(ADMIN, occasion="1:77")
    assert (one.token, fresh, again) == (other.token, True, False)
    assert len(await house.rooms.joining.invitations(ADMIN)) == 1


async def test_only_the_office_invites_and_only_administrators_invite_the_office(house):
    anna = await house.person()
    with pytest.raises(NotAllowedError):
        await house.rooms.joining.invite(anna)
    miriam = await house.person("Miriam", Role.COORDINATOR)
    await house.rooms.joining.invite(miriam)
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR):
        with pytest.raises(NotAllowedError):
            await house.rooms.joining.invite(miriam, role=role)
        await house.rooms.joining.invite(ADMIN, role=role)


@pytest.mark.parametrize(
    "odd",
    [
        {"most_uses": 0},
        {"most_uses": 10**6},
        {"valid": dt.timedelta(0)},
        {"valid": dt.timedelta(days=9999)},
        {"role": Role.NEWCOMER},
        {"role": Role.LEAD},
    ],
)
async def test_odd_invitations_are_refused(house, odd):
    with pytest.raises(OddValueError):
        await house.rooms.joining.invite(ADMIN, **odd)


async def test_an_unknown_town_is_refused(house):
    with pytest.raises(UnknownTownError):
        await house.rooms.joining.invite(ADMIN, town_id=10**6)


async def test_a_suspended_person_does_not_get_back_in_by_a_link_or_a_request(house):
    anna = await house.person()
    await house.rooms.members.suspend(ADMIN, anna)
    invitation, _ = await house.rooms.joining.invite(ADMIN, role=Role.COORDINATOR)
    with pytest.raises(SuspendedError):
        await house.rooms.joining.accept(invitation.token, Newcomer(anna, "Anna"))
    with pytest.raises(SuspendedError):
        await house.rooms.joining.request(Newcomer(anna, "Anna"))


async def test_what_somebody_handed_out_ends_with_their_office(house):
    miriam = await house.person("Miriam", Role.COORDINATOR)
    first, _ = await house.rooms.joining.invite(miriam)
    await house.rooms.members.set_role(ADMIN, miriam, Role.MEMBER)
    assert await problem(house, first.token) is InvitationProblem.REVOKED


async def test_a_higher_invitation_raises_a_member_and_a_lower_one_takes_nothing(house):
    anna = await house.person()
    higher, _ = await house.rooms.joining.invite(ADMIN, role=Role.COORDINATOR)
    lower, _ = await house.rooms.joining.invite(ADMIN)
    assert (await house.rooms.joining.accept(higher.token, Newcomer(anna, "Anna"))).profile.role is Role.COORDINATOR
    joined = await house.rooms.joining.accept(lower.token, Newcomer(anna, "Anna"))
    assert (joined.fresh, joined.profile.role) == (False, Role.COORDINATOR)


async def test_a_request_waits_until_the_office_decides(house):
    town = (await house.rooms.towns.search("Schmölln"))[0]
    request, fresh = await house.rooms.joining.request(PAUL, town.id)
    assert fresh
    assert not (await house.rooms.joining.request(PAUL, town.id))[1]
    assert [(each.id, each.town) for each in await house.rooms.joining.requests(ADMIN)] == [(request.id, "Schmölln")]
    assert not (await house.rooms.members.profile(PAUL.id)).is_member
    decided, fresh = await house.rooms.joining.decide(ADMIN, request.id, admit=True)
    assert (fresh, decided.person.role, decided.person.town) == (True, Role.MEMBER, "Schmölln")
    again, fresh = await house.rooms.joining.decide(ADMIN, request.id, admit=False)
    assert (fresh, again.state, again.person.role) == (False, "admitted", Role.MEMBER)
    assert await house.rooms.joining.requests(ADMIN) == []


async def test_two_of_the_office_decide_once(house):
    request, _ = await house.rooms.joining.request(PAUL)
    results = await asyncio.gather(
        *(house.rooms.joining.decide(ADMIN, request.id, admit=admit) for admit in (True, False, True))
    )
    assert sorted(fresh for _, fresh in results) == [False, False, True]


async def test_a_declined_person_may_ask_again_after_a_week(house):
    request, _ = await house.rooms.joining.request(PAUL)
    await house.rooms.joining.decide(ADMIN, request.id, admit=False)
    again, fresh = await house.rooms.joining.request(PAUL)
    assert (again.state, fresh) == ("declined", False)
    house.clock.move(days=8)
    assert (await house.rooms.joining.request(PAUL))[1]


async def test_a_town_that_the_list_lacks_is_kept_as_typed(house):
    request, _ = await house.rooms.joining.request(PAUL, town_text="  Bad   Nirgendwo ")
    assert (request.town, request.typed) == ("Bad Nirgendwo", True)


async def test_nobody_else_sees_or_decides_requests(house):
    request, _ = await house.rooms.joining.request(PAUL)
    anna = await house.person()
    for actor in (anna, PAUL.id, None, 10**18):
        with pytest.raises(NotAllowedError):
            await house.rooms.joining.decide(actor, request.id, admit=True)
        with pytest.raises(NotAllowedError):
            await house.rooms.joining.requests(actor)
    with pytest.raises(RequestGoneError):
        await house.rooms.joining.decide(ADMIN, 999, admit=True)


async def test_joining_by_link_settles_the_request(house):
    await house.rooms.joining.request(PAUL)
    invitation, _ = await house.rooms.joining.invite(ADMIN)
    await house.rooms.joining.accept(invitation.token, PAUL)
    assert await house.rooms.joining.requests(ADMIN) == []
