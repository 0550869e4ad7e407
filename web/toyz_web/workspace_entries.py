"""What the entries of a workspace are: the keys that the page and its tools know, and the shape of their values.

A plugin may keep entries under keys of its own, whose shape is its own matter.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from toyz.errors import InvalidParameter
from toyz.notes import Note
from toyz.protocol import CutsChoice, ImageChoice, Style
from toyz.regions import Region

KEY = r"^[a-z][a-z0-9_]{0,31}(/[A-Za-z0-9_][A-Za-z0-9_.:-]{0,99}){0,2}$"
"""A word, and perhaps ids after slashes."""
_Finite = Annotated[float, Meta(ge=-1e9, le=1e9)]


class ImageEntry(ImageChoice, frozen=True, omit_defaults=True, forbid_unknown_fields=False):
    """``image/ID``: an image that is open; `order` is its place among the others."""

    order: float = 0.0


class StyleEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """``style/ID``: how an image is shown."""

    style: Style
    cuts: CutsChoice = CutsChoice()


class ViewEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """``view/ID``: what is seen of an image: the FITS pixel in the middle, and screen pixels for one of its pixels."""

    x: _Finite
    y: _Finite
    zoom: Annotated[float, Meta(gt=0, le=1e9)]
    turn: _Finite = 0.0
    mirrored: bool = False


class OverlaysEntry(msgspec.Struct, frozen=True):
    """``overlays``: what is drawn over the picture."""

    minimap: bool = True
    compass: bool = True
    scale: bool = True
    ccds: bool = False
    regions: bool = True


ENTRY_TYPES: dict[str, Any] = {
    "image": ImageEntry,
    "style": StyleEntry,
    "view": ViewEntry,
    "shown": Annotated[str, Meta(max_length=100, description="``shown``: the id of the image that is shown.")],
    "overlays": OverlaysEntry,
    "region": Region,
    "note": Note,
    "layout": Annotated[dict[str, Any], Meta(description="``layout``: how the panels lie.")],
}
"""By the first word of the key. Who adds a kind of entry adds its shape here."""
_decoders = {word: msgspec.json.Decoder(kind) for word, kind in ENTRY_TYPES.items()}


def check_shape(key: str, value: bytes) -> None:
    """Refuse a value that is not of the shape that its key says.

    Raises
    ------
    InvalidParameter
    """
    decoder = _decoders.get(key.partition("/")[0])
    if decoder is None:
        return
    try:
        decoder.decode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise InvalidParameter(str(error)[:300], field=f"parameters.entries.{key}") from None
