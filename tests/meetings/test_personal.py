"""Personal data is pointed out before a meeting's words go to other people."""

from tests.questions.conversation import asks, presses

WARNS = "Darin steht anscheinend: {}. Soll das wirklich alle erreichen?"


async def test_it_is_pointed_out_in_the_invitation_its_change_and_its_cancellation(town):
    preview = await asks(town.lea, "/termin AG Klima: Bäume 12.03.2027 10 Uhr Gera, Rathaus, Tel. 0365 838-0")
    assert WARNS.format("Telefonnummer") in preview["text"]
    sent = await presses(town.lea, "Senden", preview)
    await town.lea.receives(containing="Ihre Antwort: noch keine")
    overview = await presses(town.lea, "Antworten ansehen", sent)
    menu = await presses(town.lea, "Ändern", overview)
    await presses(town.lea, "Ort", menu)
    assert WARNS.format("E-Mail-Adresse") in (await asks(town.lea, "Gera, Schlüssel bei a.muster@gera.de"))["text"]
    overview = await presses(town.lea, "Antworten ansehen", sent)
    menu = await presses(town.lea, "Ändern", overview)
    await presses(town.lea, "Absagen", menu)
    reason = await asks(town.lea, "Bitte an DE89 3704 0044 0532 0130 00 überweisen")
    assert WARNS.format("IBAN") in reason["text"]
    assert "anscheinend" not in (await asks(town.lea, "Saal nicht frei"))["text"]
