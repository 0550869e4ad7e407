"""Which image of a file a request is about."""

from typing import Annotated

import msgspec
from msgspec import Meta

from toyz.protocol import LayoutChoice, Match
from toyz_sessions.image_key import ImageKey

Hdu = Annotated[str, Meta(pattern=r"^(auto|mosaic|[0-9]{1,6})(?!\n)$", description="a number, mosaic or auto")]
Plane = Annotated[int, Meta(ge=0, le=10**9)]


class ImageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which image of a file."""

    hdu: Hdu = "auto"
    plane: Plane = 0
    layout: LayoutChoice = "auto"
    match: Match = "none"


def key_of(path: str, query: ImageQuery) -> ImageKey:
    """Name the image of a request."""
    hdu = int(query.hdu) if query.hdu.isdigit() else query.hdu
    return ImageKey(path, hdu, query.plane, query.layout, query.match)
