"""The table of methods that have an effect, and what a call carries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.schema import Upload
from bot.sandbox.world import World


@dataclass(slots=True)
class Call:
    """A checked call.

    Attributes:
        method: As the reference spells it.
        given: The parameters in their proper types.
        uploads: The files of a multipart request by part name.
    """

    method: str
    given: dict[str, Any]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.given[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Return a parameter, or the default where it was left out."""
        return self.given.get(key, default)

    def one_of(self, *keys: str) -> dict[str, Any]:
        """Return those of the named parameters that were given."""
        return {key: self.given[key] for key in keys if key in self.given}

    def need(self, key: str) -> Any:
        """Return a parameter that the reference calls optional but this call needs."""
        if key not in self.given:
            names = {"chat_id": "chat_id is empty", "message_id": "message identifier is not specified"}
            raise bad_request(names.get(key, f'parameter "{key}" is required'))
        return self.given[key]


Handler = Callable[[World, Call], Any]
HANDLERS: dict[str, Handler] = {}


def method(name: str) -> Callable[[Handler], Handler]:
    """Enter a function into the table under the method's name."""

    def enter(handler: Handler) -> Handler:
        HANDLERS[name] = handler
        return handler

    return enter


def run(world: World, call: Call) -> Any:
    """Carry out a call and return its result.

    Raises:
        ApiError: Telegram would refuse it; 501 for a method without effect here.
    """
    handler = HANDLERS.get(call.method)
    if handler is None:
        raise ApiError(501, f"Not Implemented: the sandbox does not do {call.method}")
    return handler(world, call)
