"""Figures for Prometheus."""

from prometheus_client.parser import text_string_to_metric_families

from bot.delivery.payloads import Text
from bot.delivery.pushes import Content, Push


async def figures(lotse):
    status, text = await lotse.get("/metrics")
    assert status == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_questions_updates_sends_and_the_outbox_are_counted(open_lotse):
    async with open_lotse() as lotse:
        anna = await lotse.sandbox.client.person("Anna")
        await anna.sends("was heißt isek")
        await anna.receives(containing="ISEK")
        await lotse.rooms.outbox.enqueue(Push("test:1", "test", anna.id, Content(Text(html="Eine Nachricht"))))
        await anna.receives(containing="Eine Nachricht")
        await lotse.sandbox.client.settles()
        found = await figures(lotse)
        assert found["lotse_questions_total", "fact"] + found.get(("lotse_questions_total", "entry"), 0) == 1
        assert found["lotse_answer_seconds_count",] == 1
        assert found["lotse_updates_total", "message"] >= 1
        assert found["lotse_sends_total", "sendMessage", "ok"] >= 2
        assert found["lotse_sender_leading",] == 1
        states = {key[1]: value for key, value in found.items() if key[0] == "lotse_outbox_messages"}
        assert sum(states.values()) == 1


async def test_what_telegram_refuses_is_counted_by_result(open_lotse):
    async with open_lotse() as lotse:
        anna = await lotse.sandbox.client.person("Anna")
        await anna.sends("Hallo")
        await anna.receives()
        await anna.blocks_bot()
        await lotse.rooms.outbox.enqueue(Push("test:1", "test", anna.id, Content(Text(html="Eine Nachricht"))))
        counted = 0
        while not counted:
            counted = (await figures(lotse)).get(("lotse_sends_total", "sendMessage", "forbidden"), 0)
        assert counted == 1


async def test_no_figure_names_a_person_or_the_token(open_lotse):
    async with open_lotse() as lotse:
        anna = await lotse.sandbox.client.person("Annabella")
        await anna.sends("was heißt isek")
        await anna.receives(containing="ISEK")
        _, text = await lotse.get("/metrics")
        assert not [secret for secret in ("Annabella", str(anna.id), lotse.sandbox.token, "isek") if secret in text]
