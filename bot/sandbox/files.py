"""The files that were sent, with the sizes that Telegram takes."""

import hashlib
import mimetypes
import struct
from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import ApiError, bad_request

UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024
_PREFIXES = {
    "photo": "AgACAgIAAx",
    "document": "BQACAgIAAx",
    "voice": "AwACAgIAAx",
    "video": "BAACAgIAAx",
    "audio": "CQACAgIAAx",
    "sticker": "CAACAgIAAx",
    "animation": "CgACAgIAAx",
    "video_note": "DQACAgIAAx",
}
KINDS = tuple(_PREFIXES)
_MIME_TYPES = {"voice": "audio/ogg", "photo": "image/jpeg", "sticker": "image/webp", "audio": "audio/mpeg"}


@dataclass(slots=True)
class StoredFile:
    """A file with the id under which the bot knows it."""

    id: str
    unique_id: str
    kind: str
    name: str
    mime_type: str
    content: bytes
    width: int = 0
    height: int = 0

    @property
    def path(self) -> str:
        """The `file_path` for the download."""
        _, dot, extension = self.name.rpartition(".")
        return f"{self.kind}s/{self.unique_id}{dot}{extension if dot else ''}"

    def as_media(self) -> Any:
        """Return the value of the message's field: PhotoSize list, Document, Voice and so on."""
        base = {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": len(self.content)}
        size = {"width": self.width, "height": self.height}
        match self.kind:
            case "photo":
                return [base | size]
            case "document":
                return base | {"file_name": self.name, "mime_type": self.mime_type}
            case "voice":
                return base | {"duration": 1, "mime_type": self.mime_type}
            case "audio":
                return base | {"duration": 1, "file_name": self.name, "mime_type": self.mime_type}
            case "video_note":
                return base | {"duration": 1, "length": 240}
            case "sticker":
                flags = {"type": "regular", "is_animated": False, "is_video": False}
                return base | (size if self.width else {"width": 512, "height": 512}) | flags
        known = {"width": self.width or 640, "height": self.height or 360, "duration": 1}
        return base | known | {"file_name": self.name, "mime_type": self.mime_type}


class Files:
    """All files by their id and by their download path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def add(self, kind: str, name: str, content: bytes, mime_type: str | None = None) -> StoredFile:
        """Keep an upload.

        Raises:
            ApiError: It is empty, too big, or no picture where one is wanted.
        """
        if not content:
            raise bad_request("file must be non-empty")
        if len(content) > (PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT):
            if kind == "photo":
                raise bad_request(f"file is too big for a photo; the maximum size is {PHOTO_LIMIT} bytes")
            raise ApiError(413, "Request Entity Too Large")
        size = image_size(content)
        if kind == "photo":
            _check_photo(size)
        guess = mimetypes.guess_type(name)[0] or _MIME_TYPES.get(kind, "application/octet-stream")
        digest = hashlib.sha256(content + f"{kind}{len(self._by_id)}".encode()).hexdigest()
        unique_id = f"AQAD{digest[:12]}"
        file_id = f"{_PREFIXES[kind]}{digest[12:52]}"
        if not mime_type or mime_type == "application/octet-stream":
            mime_type = guess
        width, height = size or (0, 0)
        stored = StoredFile(file_id, unique_id, kind, name, mime_type, content, width, height)
        self._by_id[stored.id] = stored
        self._by_path[stored.path] = stored
        return stored

    def get(self, file_id: str) -> StoredFile | None:
        """Return a file by its id."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """Return a file by the path that getFile told."""
        return self._by_path.get(path)


def _check_photo(size: tuple[int, int] | None) -> None:
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def image_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels of a PNG, GIF, JPEG or WebP file, None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return int(width), int(height)
    if content.startswith(b"\xff\xd8"):
        return _jpeg_size(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return 512, 512
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None
