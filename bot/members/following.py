"""Which working groups people follow, as the office sees and changes it; the room of working groups knows how."""

from collections.abc import Collection, Mapping
from typing import Protocol


class Following(Protocol):
    """The office's way to who follows what."""

    async def of_many(self, person_ids: Collection[int]) -> Mapping[int, Mapping[str, str]]:
        """For each person who follows any: how often each group writes, in German, by the group's key."""
        ...

    async def change(self, actor_id: int | None, person_id: int, group_key: str, *, follows: bool) -> bool:
        """Let somebody follow a working group, or no more; they are told.

        Returns:
            Whether that changed anything.

        Raises:
            NotAllowedError: The actor is not of the office.
            UnknownPersonError: The person is no member.
            UnknownGroupError: There is no such group.
        """
        ...


class NoFollowing:
    """Where there are no working groups."""

    async def of_many(self, person_ids: Collection[int]) -> Mapping[int, Mapping[str, str]]:
        """Nobody follows any."""
        del person_ids
        return {}

    async def change(self, actor_id: int | None, person_id: int, group_key: str, *, follows: bool) -> bool:
        """There is nothing to follow."""
        del actor_id, person_id, group_key, follows
        return False


NOBODY = NoFollowing()
