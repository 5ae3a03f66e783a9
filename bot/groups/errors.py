"""What can be wrong with a wish about working groups and news: a type for each thing that a caller can do about it."""

from bot.members.errors import MembersError, NotAllowedError


class MembersOnlyError(NotAllowedError):
    """Who acts is no member."""

    code = "members_only"


class GroupExistsError(MembersError):
    """A working group of that name is there already."""

    code = "group_exists"


class NewsGoneError(MembersError, LookupError):
    """There is no such item of news, or not any more."""

    code = "news_gone"


class NewsStateError(MembersError):
    """The item is in a state in which this cannot be done; `state` says which."""

    code = "news_state"

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class NewsChangedError(MembersError):
    """The item was changed since it was shown; it has to be looked at again."""

    code = "news_changed"


class OnlyTextError(MembersError):
    """What was delivered can get other words, not other pictures."""

    code = "only_text"


class PastError(MembersError):
    """The time lies in the past, or too far ahead."""

    code = "past"


class FeedGoneError(MembersError, LookupError):
    """There is no such feed any more."""

    code = "feed_gone"


class FeedExistsError(MembersError):
    """The working group follows this feed already."""

    code = "feed_exists"


class FeedFaultError(MembersError):
    """The feed cannot be read; `reason` says why, in German, as the end of a sentence.

    `instead` is the address of a feed that the page names which was found in its place.
    """

    code = "feed_fault"

    def __init__(self, reason: str, instead: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.instead = instead


class LinkGoneError(MembersError, LookupError):
    """The bot is not in that chat any more, or was never."""

    code = "link_gone"


class LinkTakenError(MembersError):
    """The chat or topic shows another working group's news; `group` names it."""

    code = "link_taken"

    def __init__(self, group: str) -> None:
        super().__init__(group)
        self.group = group
