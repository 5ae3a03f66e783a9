import pytest

from bot.delivery.kinds import State
from bot.groups.errors import LinkGoneError, LinkTakenError
from bot.groups.models import NO_TOPIC
from bot.members.errors import NotAllowedError
from tests.members.conftest import ADMIN


async def linked(office, lead, title="Klima-Runde", **flags):
    chat = await office.sandbox.client.group(title, lead, **flags)
    link = await office.rooms.links.offer(lead.id, chat, title)
    await office.rooms.links.confirm(lead.id, link.chat.id, await office.group())
    return chat


async def test_news_appear_in_a_linked_chat_alone_and_whole(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    chat = await linked(office, lea)
    await office.send(lea, "Erstens")
    await office.send(lea, "Zweitens")
    assert office.texts(chat) == ["AG Klima\nErstens", "AG Klima\nZweitens"]


async def test_a_change_and_a_withdrawal_reach_it_too(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    chat = await linked(office, lea)
    item = await office.send(lea, "Falsch")
    await office.edit(lea, item, "Richtig")
    assert office.texts(chat) == ["AG Klima\nRichtig"]
    await office.withdraw(lea, item)
    assert office.texts(chat) == []


async def test_a_lead_confirms_for_their_own_group_only(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    anna = await office.member()
    chat = await office.sandbox.client.group("Runde", lea)
    with pytest.raises(NotAllowedError):
        await office.rooms.links.offer(anna.id, chat, "Runde")
    link = await office.rooms.links.offer(lea.id, chat, "Runde")
    for actor, key in ((anna.id, "ag-klima"), (lea.id, "ag-leerstandsbewaeltigung")):
        with pytest.raises(NotAllowedError):
            await office.rooms.links.confirm(actor, link.chat.id, await office.group(key))
    _, fresh = await office.rooms.links.confirm(lea.id, link.chat.id, await office.group())
    assert fresh
    _, fresh = await office.rooms.links.confirm(lea.id, link.chat.id, await office.group())
    assert not fresh
    with pytest.raises(LinkTakenError):
        await office.rooms.links.confirm(ADMIN, link.chat.id, await office.group("ag-leerstandsbewaeltigung"))
    with pytest.raises(NotAllowedError):
        await office.rooms.links.end(anna.id, link.chat.id)


async def test_where_the_bot_is_no_more_nothing_can_be_linked(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    link = await office.rooms.links.offer(lea.id, -5, "Runde")
    await office.rooms.links.lost(-5)
    with pytest.raises(LinkGoneError):
        await office.rooms.links.confirm(lea.id, link.chat.id, await office.group())
    with pytest.raises(LinkGoneError):
        await office.rooms.links.confirm(lea.id, 999, await office.group())


async def test_a_link_that_was_ended_can_be_made_again(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    chat = await linked(office, lea)
    [row] = await office.rooms.links.of(lea.id, await office.group())
    await office.rooms.links.end(lea.id, row.id)
    await office.send(lea, "Niemandem")
    assert office.texts(chat) == []
    link = await office.rooms.links.offer(lea.id, chat, "Runde")
    await office.rooms.links.confirm(lea.id, link.chat.id, await office.group())
    await office.send(lea, "Allen")
    assert office.texts(chat) == ["AG Klima\nAllen"]


async def test_a_group_that_becomes_a_supergroup_keeps_its_link(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    chat = await linked(office, lea)
    moved = await office.sandbox.client.migrate(chat)
    await office.send(lea, "Erstens")
    await office.send(lea, "Zweitens")
    assert office.texts(moved) == ["AG Klima\nErstens", "AG Klima\nZweitens"]
    [row] = await office.rooms.links.of(lea.id, await office.group())
    assert (row.chat_id, row.thread_id) == (moved, NO_TOPIC)


async def test_changes_and_withdrawals_reach_a_channel_too(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    channel = await office.sandbox.client.channel("Klima aktuell", lea)
    link = await office.rooms.links.offer(lea.id, channel, "Klima aktuell")
    await office.rooms.links.confirm(lea.id, link.chat.id, await office.group())
    item = await office.send(lea, "Falsch")
    await office.edit(lea, item, "Richtig")
    assert office.texts(channel) == ["AG Klima\nRichtig"]
    await office.withdraw(lea, item)
    assert office.texts(channel) == []


async def test_a_channel_in_which_the_bot_may_not_write_is_named_as_failed(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    anna = await office.member("Anna", "ag-klima")
    channel = await office.sandbox.client.channel("Klima aktuell", lea)
    link = await office.rooms.links.offer(lea.id, channel, "Klima aktuell")
    await office.rooms.links.confirm(lea.id, link.chat.id, await office.group())
    await office.sandbox.client.member(channel, None, "administrator", may_post=False)
    item = await office.send(lea, "Neues")
    assert office.texts(anna) == ["AG Klima\nNeues"]
    progress = await office.rooms.outgoing.progress(item.id)
    assert progress.counts[State.FAILED] == 1
    await office.sandbox.client.member(channel, None, "administrator")
    await office.rooms.outgoing.retry(item)
    await office.work()
    assert office.texts(channel) == ["AG Klima\nNeues"]
    assert office.texts(anna) == ["AG Klima\nNeues"]


async def test_what_waits_to_be_linked_is_shown_to_who_brought_it_and_to_the_office(office):
    lea, kim = await office.member("Lea", leads=["ag-klima"]), await office.member("Kim", leads=["ag-klima"])
    await office.rooms.links.offer(lea.id, -7, "Leas Kanal")
    assert [chat.title for chat in await office.rooms.links.waiting(lea.id)] == ["Leas Kanal"]
    assert await office.rooms.links.waiting(kim.id) == []
    assert [chat.title for chat in await office.rooms.links.waiting(ADMIN)] == ["Leas Kanal"]
    with pytest.raises(NotAllowedError):
        await office.rooms.links.waiting((await office.member()).id)
