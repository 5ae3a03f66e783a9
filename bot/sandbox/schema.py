"""Checks the parameters of every method against the machine-readable Bot API reference.

The reference is compiled once into nested checkers; a call then costs a few dictionary look-ups. Stricter than
Telegram in one point on purpose: a field that the reference does not know is refused, so that typing errors show.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any

from bot.sandbox.errors import ApiError, bad_request

Checker = Callable[[Any], Any]
"""Takes a value, returns it in its proper type, raises `Mismatch` or `ApiError`."""

_MISSING = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "chat_id is empty",
    "user_id": "invalid user_id specified",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "url": "URL is not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "voice": "there is no voice in the request",
    "video": "there is no video in the request",
    "audio": "there is no audio in the request",
    "animation": "there is no animation in the request",
    "sticker": "there is no sticker in the request",
}
_TYPE_FAMILIES = [
    "BotCommandScope",
    "InlineQueryResultCached",
    "InlineQueryResult",
    "InputMedia",
    "InputPaidMedia",
    "InputProfilePhoto",
    "InputStoryContent",
    "MenuButton",
    "ReactionType",
    "StoryAreaType",
    "ChatMember",
    "MessageOrigin",
]


class Mismatch(Exception):  # noqa: N818 - never leaves this module
    """A value of the wrong type; the text names the type that is wanted."""


class Upload:
    """A file that came with a multipart request."""

    __slots__ = ("content", "mime_type", "name")

    def __init__(self, name: str, content: bytes, mime_type: str | None) -> None:
        self.name = name
        self.content = content
        self.mime_type = mime_type


class Schema:
    """All methods and types of the reference, compiled on first use."""

    def __init__(self, reference: Mapping[str, Any]) -> None:
        self._types: Mapping[str, Any] = reference["types"]
        self._checkers: dict[str, Checker] = {}
        self._methods = {name.lower(): _Method(name, spec, self) for name, spec in reference["methods"].items()}
        self._returns = {name: spec["returns"] for name, spec in reference["methods"].items()}

    def method_name(self, name: str) -> str | None:
        """Return the reference's spelling of a method, None if there is no such method."""
        method = self._methods.get(name.lower())
        return method.name if method else None

    def check(self, method: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters in their proper types.

        Args:
            method: The method as the reference spells it.
            parameters: Values as they came: text from a form, anything from JSON, `Upload` for a file.

        Raises:
            ApiError: With Telegram's words for what is wrong.
        """
        return self._methods[method.lower()](parameters)

    def check_result(self, method: str, result: Any) -> None:
        """Raise unless `result` is what the reference says that `method` returns."""
        self.checker(self._returns[method])(result)

    def check_type(self, name: str, value: Any) -> None:
        """Raise unless `value` is a valid object of the type `name`."""
        self.checker([name])(value)

    def checker(self, names: list[str]) -> Checker:
        """Return the checker for a field that may have one of the types `names`."""
        key = "|".join(names)
        if key not in self._checkers:
            self._checkers[key] = self._compile(names)
        return self._checkers[key]

    def _compile(self, names: list[str]) -> Checker:
        if names in (["InputFile"], ["InputFile", "String"]):
            return _file
        if set(names) == {"Integer", "String"}:
            return _identifier
        if all(name.startswith("Array of ") for name in names):
            return _Array(self.checker([name.removeprefix("Array of ") for name in names]))
        if len(names) > 1 and all(map(_tags, names)):
            return _Family(_family(names[0]), names, self)
        if len(names) > 1:
            return _Union(" or ".join(names), [self.checker([name]) for name in names])
        name = names[0]
        if name in _SCALARS:
            return _SCALARS[name]
        spec = self._types[name]
        if "subtypes" in spec:
            return _Family(name, spec["subtypes"], self)
        return _Object(name, spec, self)


class _Method:
    """The parameters of one method."""

    def __init__(self, name: str, spec: Mapping[str, Any], schema: Schema) -> None:
        self.name = name
        self._spec = spec["fields"]
        self._schema = schema
        self._required = [key for key, field in self._spec.items() if field["required"]]

    @cached_property
    def _fields(self) -> dict[str, tuple[Checker, bool]]:
        fields = {}
        for key, field in self._spec.items():
            checker = self._schema.checker(field["types"])
            fields[key] = (checker, isinstance(checker, _Array | _Object | _Family | _Union))
        return fields

    def __call__(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        fields = self._fields
        checked: dict[str, Any] = {}
        for key, value in parameters.items():
            if key not in fields:
                if isinstance(value, Upload):
                    continue  # referred to by attach://
                raise bad_request(f'unknown parameter "{key}" of {self.name}')
            if value is None:
                continue
            checker, nested = fields[key]
            native = _from_json(key, value) if nested and type(value) is str else value
            try:
                checked[key] = checker(native)
            except Mismatch as error:
                raise bad_request(f'can\'t parse parameter "{key}": it must be of type {error}') from None
        for key in self._required:
            if key not in checked:
                raise bad_request(_MISSING.get(key, f'parameter "{key}" is required'))
        return checked


class _Object:
    """One type of the reference that has fields."""

    def __init__(self, name: str, spec: Mapping[str, Any], schema: Schema) -> None:
        self.name = name
        self.label = _words(name)
        self.field_names = set(spec["fields"])
        self.required = [key for key, field in spec["fields"].items() if field["required"]]
        self._spec = spec["fields"]
        self._schema = schema

    @cached_property
    def _fields(self) -> dict[str, Checker]:
        return {key: self._schema.checker(field["types"]) for key, field in self._spec.items()}

    def __call__(self, value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Mismatch(self.name)
        fields = self._fields
        checked: dict[str, Any] = {}
        for key, item in value.items():
            if item is None:
                continue
            checker = fields.get(key)
            if checker is None:
                raise bad_request(f'can\'t parse {self.label}: Unknown field "{key}"')
            try:
                checked[key] = checker(item)
            except Mismatch as error:
                reason = f'can\'t parse {self.label}: Field "{key}" must be of type {error}'
                raise bad_request(reason) from None
        for key in self.required:
            if key not in checked:
                raise bad_request(f"can't parse {self.label}: Can't find field \"{key}\"")
        return checked


class _Array:
    """A list of values of one type."""

    def __init__(self, item: Checker) -> None:
        self._item = item

    def __call__(self, value: Any) -> list[Any]:
        if type(value) is not list:
            raise Mismatch("Array")
        item = self._item
        return [item(element) for element in value]


class _Union:
    """A value of any of several types; the refusal is that of the type whose fields fit best."""

    def __init__(self, name: str, members: list[Checker]) -> None:
        self._name = name
        self._members = members

    def __call__(self, value: Any) -> Any:
        if type(value) is dict:
            return self._best(value)(value)
        for member in self._members:
            try:
                return member(value)
            except (Mismatch, ApiError):
                continue
        raise Mismatch(self._name)

    def _best(self, value: dict[str, Any]) -> Checker:
        def fit(member: Checker) -> tuple[int, int]:
            if not isinstance(member, _Object):
                return (-1000, 0)
            unknown = sum(key not in member.field_names for key in value)
            return (-unknown, -sum(key not in value for key in member.required))

        return max(self._members, key=fit)


class _Family:
    """A type with subtypes, told apart by `type` (or `status`) where they have one."""

    def __init__(self, name: str, subtypes: list[str], schema: Schema) -> None:
        self._name = name
        self._subtypes = subtypes
        self._schema = schema

    @cached_property
    def _by_tag(self) -> dict[str, _Union]:
        tagged: dict[str, list[Checker]] = {}
        for subtype in self._subtypes:
            for tag in _tags(subtype):
                tagged.setdefault(tag, []).append(self._schema.checker([subtype]))
        return {tag: _Union(self._name, members) for tag, members in tagged.items()}

    @cached_property
    def _any(self) -> _Union:
        return _Union(self._name, [self._schema.checker([subtype]) for subtype in self._subtypes])

    def __call__(self, value: Any) -> Any:
        if type(value) is not dict:
            return self._any(value)
        if self._by_tag:
            tag = value.get("type", value.get("status"))
            if tag is None:
                raise bad_request(f"can't parse {_words(self._name)}: Can't find field \"type\"")
            if tag not in self._by_tag:
                raise bad_request(f"can't parse {_words(self._name)}: type must be one of the known types")
            return self._by_tag[tag](value)
        return self._any(value)


def _family(subtype: str) -> str:
    return next((family for family in _TYPE_FAMILIES if subtype.startswith(family) and subtype != family), "")


def _tags(subtype: str) -> list[str]:
    family = _family(subtype)
    if not family:
        return []
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", subtype.removeprefix(family)).lower()
    return [{"owner": "creator", "banned": "kicked"}.get(name, name)]


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def _from_json(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise bad_request(f"can't parse {key.replace('_', ' ')} JSON object") from None


def _string(value: Any) -> str:
    if type(value) is not str:
        raise Mismatch("String")
    return value


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is str and re.fullmatch(r"-?\d{1,19}", value):
        return int(value)
    raise Mismatch("Integer")


def _number(value: Any) -> float:
    if type(value) in (int, float):
        return float(value)
    try:
        return float(_string(value))
    except ValueError:
        raise Mismatch("Float") from None


_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _boolean(value: Any) -> bool:
    if type(value) is bool:
        return value
    if type(value) is str and value.lower() in _BOOLEANS:
        return _BOOLEANS[value.lower()]
    raise Mismatch("Boolean")


def _identifier(value: Any) -> int | str:
    try:
        return _integer(value)
    except Mismatch:
        return _string(value)


def _file(value: Any) -> str | Upload:
    if isinstance(value, str | Upload):
        return value
    raise Mismatch("InputFile or String")


_SCALARS: dict[str, Checker] = {
    "String": _string,
    "Integer": _integer,
    "Float": _number,
    "Boolean": _boolean,
    "True": _boolean,
    "InputFile": _file,
}


def load() -> Schema:
    """Read the reference that is shipped beside this module."""
    text = files("bot.sandbox").joinpath("bot_api_10_1.json").read_text(encoding="utf-8")
    return Schema(json.loads(text))
