"""What can be wrong with what is to be sent on."""

from bot.members.errors import MembersError


class EmptyContentError(MembersError):
    """Nothing is written yet."""

    code = "news_empty"


class TooLongError(MembersError):
    """The text does not fit into one message; `over` says by how many characters."""

    code = "too_long"

    def __init__(self, over: int) -> None:
        super().__init__(over)
        self.over = over


class AlbumFullError(MembersError):
    """An album takes no more pictures."""

    code = "album_full"


class AlbumMixedError(MembersError):
    """Documents cannot be in one album with pictures."""

    code = "album_mixed"
