from bot.members.models import Person
from tests.questions.conversation import asks, bold


async def from_town(lotse, name):
    """A member from a town."""
    anna = await lotse.person()
    [town, *_] = await lotse.rooms.house.members.towns.search(name)
    async with lotse.rooms.database.writing() as session:
        now = lotse.rooms.clock.now()
        session.add(Person(id=anna.id, name="Anna", role="member", town_id=town.id, created_at=now, joined_at=now))
    return anna


async def test_whether_it_fits_is_answered_for_the_persons_own_town(lotse):
    anna = await from_town(lotse, "Altenburg")
    await asks(anna, "wettbewerb land und leute der wüstenrot stiftung")
    answer = await asks(anna, "Passt das zu uns?")
    assert "Das Programm ist beendet." in bold(answer)
    assert "Altenburg hat rund 31." in answer["text"]


async def test_a_card_says_why_a_programme_cannot_fit(lotse):
    anna = await from_town(lotse, "Altenburg")
    answer = await asks(anna, "jung kauft alt zinssatz")
    assert "⚠️ Städte und Gemeinden sind nicht antragsberechtigt, sondern: Familien" in answer["text"]


async def test_without_a_town_nothing_is_said_of_it(lotse):
    anna = await lotse.person()
    assert "⚠️" not in (await asks(anna, "jung kauft alt zinssatz"))["text"]
