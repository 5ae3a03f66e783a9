"""Feeds: served by a small HTTP server of the test's own."""

import datetime as dt
from email.utils import format_datetime

import pytest
from aiohttp import web

from bot.groups.errors import FeedExistsError, FeedFaultError, FeedGoneError
from bot.groups.feeds import AT_A_TIME, BROKEN_AFTER, as_content
from bot.groups.fetching import FeedEntry, HttpFetcher, text_of
from bot.groups.own_data import OwnData
from bot.members.errors import NotAllowedError
from tests.groups.conftest import MONDAY
from tests.members.conftest import ADMIN

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Stadt Gotha</title><link>https://gotha.example</link>{items}</channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Atom Gera</title><id>urn:x</id><updated>2027-03-01T00:00:00Z</updated>
<entry><title type="html">Markt &amp;amp; Platz</title><id>urn:1</id><updated>2027-03-01T10:00:00Z</updated>
<link href="https://gera.example/1"/>
<summary type="html">&lt;p&gt;Erster&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</summary>
</entry></feed>"""


def item(number, title=None, **more):
    """An item of an RSS feed."""
    when = format_datetime(MONDAY + dt.timedelta(minutes=number))
    fields = {"title": title or f"Meldung {number}", "guid": f"id-{number}", "pubDate": when}
    fields |= {"link": f"https://gotha.example/{number}", "description": f"&lt;p&gt;Text {number}&lt;/p&gt;"} | more
    return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</item>"


class FeedServer:
    """Serves one feed, with ETag and Last-Modified, and does what a test tells it."""

    def __init__(self):
        self.items = [item(1)]
        self.body = None
        self.status = 200
        self.asked = []
        self.answered = []
        self.url = ""
        self.page = ""

    async def show(self, request):
        return web.Response(text=self.page, content_type="text/html")

    @property
    def text(self):
        return self.body or RSS.format(items="".join(reversed(self.items)))

    async def answer(self, request):
        self.asked.append(dict(request.headers))
        etag = f'"{hash(self.text)}"'
        status = self.status
        if status == 200 and request.headers.get("If-None-Match") == etag:
            status = 304
        self.answered.append(status)
        if status in (301, 302):
            return web.Response(status=status, headers={"Location": str(request.url)})
        headers = {"ETag": etag, "Last-Modified": "Mon, 01 Mar 2027 00:00:00 GMT"}
        text = self.text if status == 200 else ""
        return web.Response(status=status, text=text, headers=headers, content_type="application/rss+xml")


@pytest.fixture
async def server():
    served = FeedServer()
    app = web.Application()
    app.router.add_get("/feed.xml", served.answer)
    app.router.add_get("/", served.show)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    served.url = f"http://127.0.0.1:{port}/feed.xml"
    yield served
    await runner.cleanup()


@pytest.fixture
async def followed(office, server, http_fetcher):
    """A working group that follows the server's feed, and its lead."""
    office.rooms.feeds._fetcher = http_fetcher
    lea = await office.member("Lea", leads=["ag-klima"])
    feed = await office.rooms.feeds.add(lea.id, await office.group(), server.url)
    return lea, feed


async def later(office, minutes=31):
    office.clock.move(minutes=minutes)
    await office.work()


async def feed_row(office, lea):
    return (await office.rooms.feeds.of(lea.id, await office.group()))[0]


async def test_what_a_feed_holds_already_is_taken_as_read(office, server, followed):
    lea, feed = followed
    assert (feed.title, feed.direct) == ("Stadt Gotha", False)
    await later(office)
    assert office.texts(lea) == []


async def test_a_feed_that_has_not_changed_is_asked_conditionally(office, server, followed):
    await later(office)
    await later(office)
    assert server.answered == [200, 304, 304]
    assert server.asked[1]["If-None-Match"]
    assert server.asked[1]["If-Modified-Since"] == "Mon, 01 Mar 2027 00:00:00 GMT"


async def test_a_new_item_comes_to_the_lead_as_a_draft_once(office, server, followed):
    lea, _ = followed
    anna = await office.member("Anna", "ag-klima")
    server.items.append(item(2, "Bäume &amp; &lt;b&gt;Bänke&lt;/b&gt;"))
    await later(office)
    await later(office)
    [draft] = office.texts(lea)
    assert draft == "Entwurf für AG Klima aus „Stadt Gotha“\n\nBäume & Bänke\nText 2\nWeiterlesen"
    assert office.texts(anna) == []
    [waiting], _ = await office.rooms.news.own(lea.id)
    await office.rooms.news.release(lea.id, waiting.id, waiting.news.version)
    await office.work()
    assert office.texts(anna) == ["AG Klima\nBäume & Bänke\nText 2\nWeiterlesen"]


async def test_a_lead_may_let_new_items_go_straight_out(office, server, followed):
    lea, feed = followed
    anna = await office.member("Anna", "ag-klima")
    await office.rooms.feeds.set_direct(lea.id, feed.id, direct=True)
    server.items.append(item(2))
    await later(office)
    assert office.texts(anna) == ["AG Klima\nMeldung 2\nText 2\nWeiterlesen"]
    assert office.texts(lea) == []


async def test_what_looks_personal_waits_for_a_tap_all_the_same(office, server, followed):
    lea, feed = followed
    anna = await office.member("Anna", "ag-klima")
    await office.rooms.feeds.set_direct(lea.id, feed.id, direct=True)
    server.items.append(item(2, description="Fragen an anna@example.org"))
    await later(office)
    assert office.texts(anna) == []
    assert "E-Mail-Adresse" in office.texts(lea)[0]


async def test_many_new_items_come_a_few_at_a_time_oldest_first_and_all_of_them(office, server, followed):
    lea, _ = followed
    server.items += [item(number) for number in range(2, 2 + AT_A_TIME + 2)]
    await later(office)
    assert [text.split("\n")[2] for text in office.texts(lea)] == [f"Meldung {n}" for n in range(2, 2 + AT_A_TIME)]
    await later(office)
    await later(office)
    assert len(office.texts(lea)) == AT_A_TIME + 2


async def test_an_item_whose_title_changes_or_that_comes_back_comes_once(office, server, followed):
    lea, _ = followed
    server.items = [item(2)]
    await later(office)
    server.items = [item(1), item(2, "Anderer Titel")]
    await later(office)
    assert len(office.texts(lea)) == 1


async def test_a_website_that_gives_all_its_items_other_ids_sends_nothing_twice(office, server, followed):
    lea, _ = followed
    server.items = [item(1), item(2)]
    await later(office)
    moved = [item(n, guid=f"https://neu.example/?p={n}", link=f"https://www.gotha.example/{n}/") for n in (1, 2)]
    server.items = [*moved, item(3, guid="https://neu.example/?p=3")]
    await later(office)
    assert [text.split("\n")[2] for text in office.texts(lea)] == ["Meldung 2", "Meldung 3"]


async def test_one_id_for_all_items_hides_none_and_an_item_that_is_there_twice_comes_once(office, server, followed):
    lea, _ = followed
    server.items = [item(number, guid="https://gotha.example/") for number in (2, 3)]
    await later(office)
    await later(office)
    assert [text.split("\n")[2] for text in office.texts(lea)] == ["Meldung 2", "Meldung 3"]
    server.items += [item(4), item(4, "Meldung 4, ergänzt", pubDate=format_datetime(MONDAY + dt.timedelta(hours=2)))]
    await later(office)
    await later(office)
    assert [text.split("\n")[2] for text in office.texts(lea)[2:]] == ["Meldung 4, ergänzt"]


async def test_much_at_once_waits_for_a_lead_even_where_items_go_straight_out(office, server, followed):
    lea, feed = followed
    anna = await office.member("Anna", "ag-klima")
    await office.rooms.feeds.set_direct(lea.id, feed.id, direct=True)
    server.items += [item(number) for number in range(2, 2 + AT_A_TIME + 1)]
    await later(office)
    await later(office)
    assert office.texts(anna) == []
    drafts = office.texts(lea)
    [told] = [text for text in drafts if text.startswith("Sehr viel auf einmal: Stadt Gotha")]
    drafts.remove(told)
    assert f"{AT_A_TIME + 1} neue Meldungen für AG Klima" in told
    assert [text.split("\n")[2] for text in drafts] == [f"Meldung {n}" for n in range(2, 2 + AT_A_TIME + 1)]
    server.items.append(item(99))
    await later(office)
    assert office.texts(anna) == []
    await office.rooms.feeds.set_direct(lea.id, feed.id, direct=True)
    server.items.append(item(100))
    await later(office)
    assert [text.split("\n")[1] for text in office.texts(anna)] == ["Meldung 100"]


async def test_odd_feeds_are_read_as_far_as_they_go(http_fetcher, server):
    server.items = [
        item(1, "&lt;b&gt;Fett&lt;/b&gt; &amp;amp; &lt;script&gt;x()&lt;/script&gt;schräg", link="/news/1?a=1"),
        item(2, "x" * 5000, description="&lt;p&gt;" + "sehr lang &lt;br&gt;" * 9_000),
        item(3, " ", link="javascript:alert(1)", guid="", description="Nur Text", pubDate="gestern"),
    ]
    entries = (await http_fetcher.fetch(server.url)).entries
    first, huge, bare = entries
    assert (first.title, first.link) == ("Fett & schräg", server.url.replace("/feed.xml", "/news/1?a=1"))
    assert 500 < len(as_content(huge).plain) < 1100
    assert (bare.title, bare.summary, bare.link, bare.published) == ("", "Nur Text", None, None)
    server.body = server.text[: server.text.index("</item>", server.text.index("Fett"))]  # cut off in the middle
    assert "Fett & schräg" in [each.title for each in (await http_fetcher.fetch(server.url)).entries]
    bomb = '<!DOCTYPE r [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {one} "{f"&{other};" * 50}">' for one, other in zip("bcdefg", "abcdef", strict=True)
    )
    server.body = bomb + "]>" + server.text[server.text.index("<rss") :].replace("Stadt Gotha", "&g;")
    assert len((await http_fetcher.fetch(server.url)).title) <= 200


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, None, "Fehler 500"),
        (404, None, "Fehler 404"),
        (302, None, "leitet im Kreis"),
        (200, "<html><p>Willkommen", "kein RSS- oder Atom-Feed"),
        (200, "\x00\x01", "kein RSS- oder Atom-Feed"),
    ],
)
async def test_a_broken_feed_is_reported_once_and_again_when_it_is_mended(
    office, server, followed, status, body, words
):
    lea, _ = followed
    server.status, server.body = status, body
    for _ in range(BROKEN_AFTER + 2):
        await later(office, minutes=60 * 13)
        office.clock.moment = office.clock.moment.replace(hour=10)
    while office.clock.moment.weekday() != 1:
        office.clock.move(days=1)
    await office.work()
    [told] = office.texts(lea)
    assert words in told
    assert (await feed_row(office, lea)).failures >= BROKEN_AFTER
    server.status, server.body = 200, None
    server.items.append(item(2))
    await later(office, minutes=60 * 24)
    texts = office.texts(lea)
    assert any(text.startswith("Feed geht wieder") for text in texts)
    assert any("Meldung 2" in text for text in texts)


async def test_a_broken_feed_does_not_stop_the_others(office, server, followed, http_fetcher):
    lea, _ = followed

    class Half:
        async def fetch(self, url, etag=None, last_modified=None):
            if "broken" in url and asked:
                raise RuntimeError("boom")
            asked.append(url)
            return await http_fetcher.fetch(server.url, etag, last_modified)

    asked = []
    office.rooms.feeds._fetcher = Half()
    await office.rooms.feeds.add(lea.id, await office.group(), "https://broken.example/")
    server.items.append(item(2))
    await later(office)
    assert len(office.texts(lea)) == 1
    broken = (await office.rooms.feeds.of(lea.id, await office.group()))[1]
    assert broken.failures == 1


async def test_a_failed_check_waits_longer_each_time(office, server, followed):
    server.status = 500
    for _ in range(10):
        await later(office)
    assert len(server.asked) <= 1 + 5


async def test_only_leads_of_the_group_manage_its_feeds(office, server, followed):
    _, feed = followed
    other = await office.member("Otto", leads=["ag-leerstandsbewaeltigung"])
    group = await office.group()
    with pytest.raises(NotAllowedError):
        await office.rooms.feeds.add(other.id, group, server.url)
    with pytest.raises(NotAllowedError):
        await office.rooms.feeds.set_direct(other.id, feed.id, direct=True)
    with pytest.raises(NotAllowedError):
        await office.rooms.feeds.remove(other.id, feed.id)
    with pytest.raises(NotAllowedError):
        await office.rooms.feeds.of(other.id, group)


async def test_a_feed_is_followed_once_and_can_be_left(office, server, followed):
    lea, feed = followed
    with pytest.raises(FeedExistsError):
        await office.rooms.feeds.add(lea.id, await office.group(), server.url)
    await office.rooms.feeds.remove(lea.id, feed.id)
    with pytest.raises(FeedGoneError):
        await office.rooms.feeds.remove(lea.id, feed.id)
    server.items.append(item(2))
    await later(office)
    assert office.texts(lea) == []


async def test_the_address_of_a_page_that_names_its_feed_will_do(office, server, http_fetcher):
    office.rooms.feeds._fetcher = http_fetcher
    lea = await office.member("Lea", leads=["ag-klima"])
    page = server.url.replace("/feed.xml", "/")
    server.page = '<html><head><link rel="alternate" type="application/rss+xml" href="feed.xml"></head><body>Gotha'
    feed = await office.rooms.feeds.add(lea.id, await office.group(), page)
    assert (feed.url, feed.title) == (server.url, "Stadt Gotha")
    with pytest.raises(FeedExistsError):
        await office.rooms.feeds.add(lea.id, await office.group(), page)
    server.page = '<html><link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">'
    with pytest.raises(FeedFaultError):
        await office.rooms.feeds.add(lea.id, await office.group(), page)


@pytest.mark.parametrize("url", ["ftp://x.example/", "javascript:alert(1)", "https://", "https://" + "x" * 2000])
async def test_what_is_no_address_is_refused(office, followed, url):
    lea, _ = followed
    with pytest.raises(FeedFaultError):
        await office.rooms.feeds.add(lea.id, await office.group(), url)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.1", "[::1]", "localhost", "169.254.169.254"),
        *("127.1", "2130706433", "0177.0.0.1", "0x7f.1", "①②⑦.⓪.⓪.①", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"),
    ],
)
async def test_the_operators_own_network_is_out_of_reach(server, host):
    port = server.url.split(":")[2].split("/")[0]
    with pytest.raises(FeedFaultError):
        await HttpFetcher().fetch(f"http://{host}:{port}/feed.xml")
    assert server.asked == []


async def test_atom_is_read_with_its_entities_and_without_its_scripts(server, http_fetcher):
    server.body = ATOM
    fetched = await http_fetcher.fetch(server.url)
    [entry] = fetched.entries
    assert (fetched.title, entry.title, entry.summary, entry.link) == (
        "Atom Gera",
        "Markt & Platz",
        "Erster",
        "https://gera.example/1",
    )


def test_an_item_becomes_news_that_cannot_break_its_message():
    entry = FeedEntry(("d",), "A < B & C", "x < y " * 400, 'https://x.example/?a=1&b="2"', None)
    html = as_content(entry).html
    assert html.startswith("<b>A &lt; B &amp; C</b>\nx &lt; y")
    assert 'href="https://x.example/?a=1&amp;b=&quot;2&quot;"' in html
    assert as_content(FeedEntry(("d",), "", "", None, None)) is None


def test_html_becomes_text():
    assert text_of("<p>Eins<br>Zwei</p><style>p{}</style><ul><li>Drei</ul>") == "Eins\nZwei\n\nDrei"


async def test_what_is_kept_about_a_lead_is_told_and_erased(office, server, followed):
    lea, _ = followed
    await office.rooms.groups.follow(lea.id, await office.group())
    await office.send(lea, "Gesendet")
    await office.write(lea, "Entwurf")
    own = OwnData("")
    async with office.database.reading() as session:
        kept = await own.export(session, lea.id)
    assert kept["abonniert"][0]["gruppe"] == "AG Klima"
    assert [each["text"] for each in kept["nachrichten"]] == ["Gesendet", "Entwurf"]
    assert kept["feeds"][0]["adresse"] == server.url
    async with office.database.writing() as session:
        assert await own.erase(session, lea.id) == 5
    async with office.database.reading() as session:
        assert await own.export(session, lea.id) == {}
    assert [each.content.plain for each in await office.rooms.news.recent(ADMIN, await office.group())] == ["Gesendet"]


async def test_old_drafts_and_withdrawn_words_are_forgotten(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    await office.write(lea, "Entwurf")
    gone = await office.send(lea, "Zurück")
    await office.withdraw(lea, gone)
    async with office.database.writing() as session:
        now = office.clock.now()
        assert sum((await OwnData("").forget(session, now)).values()) == 0
        counts = await OwnData("").forget(session, now + dt.timedelta(days=91))
    assert counts == {"subscriptions": 0, "news_drafts": 1, "news_withdrawn": 1, "linked_chats": 0}
