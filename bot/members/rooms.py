"""All rules of this capability, put together once: for the application, other rooms and tests."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.database import Database
from bot.members.dialogues import Dialogues
from bot.members.exchange import Exchange
from bot.members.joining import Joining
from bot.members.listing import Listing
from bot.members.logbook import Logbook
from bot.members.preferences import PushTimes
from bot.members.profiles import Profile, Profiles
from bot.members.service import Members
from bot.members.towns import Towns
from bot.settings import Settings


@dataclass(frozen=True)
class MembersRooms:
    """The services of this capability."""

    profiles: Profiles
    members: Members
    listing: Listing
    towns: Towns
    joining: Joining
    push_times: PushTimes
    dialogues: Dialogues
    exchange: Exchange
    logbook: Logbook

    @classmethod
    def build(cls, database: Database, clock: Clock, settings: Settings) -> "MembersRooms":
        """Put them together."""
        profiles = Profiles(settings.admins)
        members = Members(database, clock, profiles, access=settings.access)
        listing = Listing(database, profiles)
        towns = Towns(database, clock, profiles)
        joining = Joining(database, clock, profiles, members)
        return cls(
            profiles=profiles,
            members=members,
            listing=listing,
            towns=towns,
            joining=joining,
            push_times=PushTimes(database, clock, profiles, settings.timezone),
            dialogues=Dialogues(database, clock),
            exchange=Exchange(database, profiles, members, listing, towns, joining),
            logbook=Logbook(database, profiles, settings.zone),
        )

    async def is_office(self, person_id: int) -> bool:
        """Whether somebody works for the office, for rooms that only want to know that."""
        return (await self.members.profile(person_id)).is_office

    async def special(self) -> list[Profile]:
        """Those whose commands are more than everybody's, for the start."""
        return await self.listing.special()
