"""What the conversation tests share: reading a message's buttons."""

import base64

PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
"""The smallest picture."""


def labels(message):
    """All button labels of a message, row by row."""
    return [button["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


async def asks(person, text, chat=None):
    """Send a text and return what comes back."""
    await person.sends(text, chat=chat)
    return await person.receives(chat=chat)


async def presses(person, label, message=None):
    """Press a button and return the screen that it leads to."""
    await person.presses(label, message=message)
    return await person.receives()


def bold(message):
    """The bold parts of a message, as the person sees them."""
    return [
        message["text"]
        .encode("utf-16-le")[2 * part["offset"] : 2 * (part["offset"] + part["length"])]
        .decode("utf-16-le")
        for part in message.get("entities", [])
        if part["type"] == "bold"
    ]
