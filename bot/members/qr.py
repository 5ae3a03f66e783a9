"""Links as QR code pictures."""

from io import BytesIO

import segno

SCALE, BORDER = 12, 4
"""Pixels a module; quiet zone in modules, as the standard asks for."""


def qr_png(link: str) -> bytes:
    """A link as a PNG, with error correction for a print that has been folded."""
    out = BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="png", scale=SCALE, border=BORDER)
    return out.getvalue()
