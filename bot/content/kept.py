"""What is to be said, kept as it was written, and the message that it becomes."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.content.errors import AlbumFullError, AlbumMixedError, EmptyContentError, TooLongError
from bot.delivery.payloads import ALBUM_SIZE, Album, AlbumItem, Buttons, Document, FileRef, Media, Payload, Photo, Text
from bot.rendering import CAPTION_LIMIT, TEXT_LIMIT, html_length, plain_text


class Item(BaseModel):
    """A picture, film, document or recording, by the id that Telegram gave it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["photo", "video", "document", "animation", "audio", "voice"]
    file_id: str


class Content(BaseModel):
    """What is said: a text, something with a caption, or an album.

    Attributes:
        html: The text or caption as Telegram HTML, formatted as it was written.
        items: Pictures, films, documents, in their order.
        link_preview: Whether an address in the text shows what it leads to.
        album: Telegram's id of the album while its parts come in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    html: str = ""
    items: tuple[Item, ...] = ()
    link_preview: bool = False
    album: str | None = None

    @property
    def plain(self) -> str:
        """The words without formatting."""
        return plain_text(self.html).strip()

    def then(self, new: "Content") -> "Content":
        """What it says after somebody said something else: a part of its album joins, mere words leave the files.

        Raises:
            AlbumFullError: It holds as many as Telegram allows.
            AlbumMixedError: Documents and pictures do not go together.
        """
        if new.items:
            return self.with_part(new) if new.album and new.album == self.album else new
        return self.model_copy(update={"html": new.html, "link_preview": new.link_preview})

    def with_part(self, part: "Content") -> "Content":
        """The album with one more of its parts; the first caption is the album's.

        Raises:
            AlbumFullError: It holds as many as Telegram allows.
            AlbumMixedError: Documents and pictures do not go together.
        """
        items = self.items + part.items
        if len(items) > ALBUM_SIZE:
            raise AlbumFullError
        if len({item.type == "document" for item in items}) > 1:
            raise AlbumMixedError
        return self.model_copy(update={"items": items, "html": self.html or part.html})


def check_fits(content: Content, head: str = "") -> None:
    """Make sure that it becomes one message: so it can be changed and withdrawn as a whole.

    Args:
        content: What it says.
        head: What is put above it, as Telegram HTML.

    Raises:
        EmptyContentError: It says nothing.
        TooLongError: It does not fit.
    """
    if not content.items and not content.plain:
        raise EmptyContentError
    over = html_length(headed(content.html, head)) - (CAPTION_LIMIT if content.items else TEXT_LIMIT)
    if over > 0:
        raise TooLongError(over)


def headed(html: str, head: str) -> str:
    """The text below its head."""
    return f"{head}\n{html}".strip()


def payload_of(content: Content, head: str = "", buttons: Buttons = (), below_album: str = "") -> Payload:
    """The message that something becomes, which `check_fits` has let pass.

    Args:
        content: What it says.
        head: What is put above it, as Telegram HTML.
        buttons: What is below it.
        below_album: What an album's buttons are below, as Telegram HTML: it can have none itself.
    """
    words = headed(content.html, head)
    match content.items:
        case ():
            return Text(html=words, link_preview=content.link_preview, buttons=buttons)
        case (Item(type="photo", file_id=file_id),):
            return Photo(file=FileRef(file_id=file_id), caption=words, buttons=buttons)
        case (Item(type="document", file_id=file_id),):
            return Document(file=FileRef(file_id=file_id), caption=words, buttons=buttons)
        case (Item(type="video" | "animation" | "audio" | "voice" as kind, file_id=file_id),):
            return Media(type=kind, file=FileRef(file_id=file_id), caption=words, buttons=buttons)
        case items:
            files = [
                AlbumItem.model_validate({"type": item.type, "file": FileRef(file_id=item.file_id)}) for item in items
            ]
            foot = Text(html=below_album, buttons=buttons, silent=True) if buttons else None
            return Album(items=(files[0].model_copy(update={"caption": words}), *files[1:]), foot=foot)
