"""What the doctor finds."""

import datetime as dt

import pytest
from sqlalchemy import update
from telegram import WebhookInfo

from bot.clock import SystemClock
from bot.delivery.lease import make_lease
from bot.delivery.models import Batch, Delivery
from bot.delivery.payloads import Text
from bot.delivery.pushes import Content, Push
from bot.delivery.service import Outbox
from bot.doctor.basics import check_web
from bot.doctor.schedule import check_schedule
from bot.doctor.telegram import _check_webhook
from bot.members.privacy import Privacy
from bot.settings import Settings

HOOK = {"webhook_url": "https://lotse.example/telegram", "webhook_secret": "geheim", "listen": "127.0.0.1:8000"}


async def found(database, **settings):
    """Whether each thing is well, by the first words of its sentence."""
    return {each.sentence: each.well async for each in check_schedule(Settings(**settings), database)}


def sentence_with(findings, words):
    (sentence,) = [each for each in findings if words in each]
    return sentence, findings[sentence]


async def test_an_idle_house_is_well_but_for_somebody_to_admit_members(database):
    findings = await found(database)
    assert False not in findings.values()
    assert sentence_with(findings, "nobody can admit members")[1] is None
    findings = await found(database, admins="7")
    assert sentence_with(findings, "somebody who can admit")[1] is True


async def test_late_pushes_are_wrong_and_say_whether_lotse_runs(database):
    await Outbox(database, SystemClock()).enqueue(Push("x", "y", 7, Content(Text(html="Hallo"))))
    assert sentence_with(await found(database), "1 pushes wait")[1] is True
    async with database.writing() as session:
        await session.execute(update(Delivery).values(due_at=SystemClock().now() - dt.timedelta(hours=1)))
    sentence, well = sentence_with(await found(database), "1 pushes are late")
    assert well is False
    assert "start `lotse run`" in sentence
    lease = make_lease(database)
    assert await lease.acquire()
    sentence, well = sentence_with(await found(database), "1 pushes are late")
    assert (well, "Lotse is running" in sentence) == (False, True)
    await lease.release()


async def test_paused_sendings_are_named(database):
    async with database.writing() as session:
        session.add(
            Batch(key="announcement:1", created_at=SystemClock().now(), complete=True, errors=10, error_limit=10)
        )
    async with database.writing() as session:
        await session.execute(update(Batch).values(paused_at=SystemClock().now(), pause_reason="10 failed"))
    assert sentence_with(await found(database), "announcement:1 is paused (10 failed)")[1] is False


async def test_it_says_when_things_were_last_forgotten(database):
    assert sentence_with(await found(database), "never been forgotten")[1] is None
    await Privacy(database, SystemClock(), []).forget()
    assert sentence_with(await found(database), "last forgotten on")[1] is True


@pytest.mark.parametrize(
    ("settings", "words", "well"),
    [
        ({"public_url": "https://lotse.example"}, "nothing listens", False),
        ({"public_url": "http://lotse.example", "listen": "0.0.0.0:8000"}, "begin with https://", False),
        ({"public_url": "https://lotse.example", "listen": "0.0.0.0:8000"}, "links begin with", True),
        (HOOK, "the webhook is", True),
        (HOOK | {"webhook_url": "http://lotse.example/telegram"}, "wants TLS", False),
        (HOOK | {"webhook_url": "https://lotse.example:8444/telegram"}, "calls only 443", False),
        (HOOK | {"webhook_url": "http://localhost:8000/telegram"}, "on this machine", True),
        ({"clock_file": "/tmp/clock"}, "for the demo only", False),
    ],
)
def test_addresses_that_cannot_work_are_named(settings, words, well):
    (finding,) = check_web(Settings(**settings))
    assert words in finding.sentence
    assert finding.well is well


@pytest.mark.parametrize(
    ("settings", "hook", "words", "well"),
    [
        ({}, {"url": "https://other.example"}, "polling gets nothing", False),
        (HOOK, {"url": ""}, "not set, not https://lotse.example/telegram", False),
        (HOOK, {"url": HOOK["webhook_url"]}, "the webhook is set", True),
        ({}, {"url": "", "pending_update_count": 500}, "500 updates wait", False),
    ],
)
def test_the_webhook_is_compared_with_the_settings(settings, hook, words, well):
    info = WebhookInfo(**{"has_custom_certificate": False, "pending_update_count": 0} | hook)
    (finding,) = _check_webhook(Settings(**settings), info)
    assert words in finding.sentence
    assert finding.well is well


@pytest.mark.parametrize(("ago", "well"), [(dt.timedelta(minutes=5), False), (dt.timedelta(days=2), None)])
def test_a_webhooks_last_error_is_wrong_while_it_is_fresh(ago, well):
    at = SystemClock().now() - ago
    info = WebhookInfo(HOOK["webhook_url"], False, 0, last_error_date=at, last_error_message="SSL error")
    _, finding = _check_webhook(Settings(**HOOK), info)
    assert "SSL error" in finding.sentence
    assert finding.well is well
