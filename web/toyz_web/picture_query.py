"""Which image is meant, and how its values become colours: the query parameters of pictures."""

import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from toyz.errors import InvalidParameter
from toyz.protocol import Stretch, Style
from toyz_web.desk import Desk, ImageKey

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_CUTS = re.compile(rf"(?:zscale|minmax|(\d{{1,3}}(?:\.\d+)?)%|({_NUMBER}),({_NUMBER}))")
Hdu = Annotated[str, Meta(pattern="^(auto|mosaic|[0-9]{1,6})$", description="a number, mosaic or auto")]
Plane = Annotated[int, Meta(ge=0, le=10**9)]
Cuts = Annotated[str, Meta(max_length=64, description="zscale, minmax, 99.5% or low,high")]


class ImageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which image of a file."""

    hdu: Hdu = "auto"
    plane: Plane = 0


class TileQuery(ImageQuery, frozen=True, kw_only=True):
    """Which image, and how its values become colours."""

    cuts: Cuts = "zscale"
    stretch: Stretch = "linear"
    colormap: Annotated[str, Meta(max_length=64)] = "gray"
    invert: bool = False
    contrast: Annotated[float, Meta(ge=0, le=20)] = 1.0
    bias: Annotated[float, Meta(ge=-1, le=2)] = 0.5
    bad: Annotated[str, Meta(pattern="^(transparent|#[0-9a-f]{6})$")] = "#000000"
    quality: Annotated[int, Meta(ge=1, le=100)] = 90


def key_of(path: str, query: ImageQuery) -> ImageKey:
    """Give the key under which a desk knows an image."""
    return ImageKey(path, int(query.hdu) if query.hdu.isdigit() else query.hdu, query.plane)


def is_coloured(query: TileQuery, channels: int) -> bool:
    """Whether each picture has three channels."""
    return channels > 1 or query.colormap != "gray"


def is_grey(query: TileQuery, channels: int) -> bool:
    """Whether each picture is grey, pixels without a value included."""
    red, green, blue = query.bad[1:3], query.bad[3:5], query.bad[5:7]
    return not is_coloured(query, channels) and (query.bad == "transparent" or red == green == blue)


async def find_style(desk: Desk, info: dict[str, Any], query: TileQuery) -> Style:
    """Give the style that a query describes, for an image that is open at the desk.

    Raises
    ------
    InvalidParameter
    """
    low, high = await find_cuts(desk, info, query.cuts)
    fields = {field: getattr(query, field) for field in Style.__struct_fields__ if field not in ("low", "high")}
    return Style(low=low, high=high, **fields)


async def find_cuts(desk: Desk, info: dict[str, Any], text: str) -> tuple[float, float]:
    """Resolve the ``cuts`` of a tile query.

    Raises
    ------
    InvalidParameter
    """
    match = _CUTS.fullmatch(text)
    if match is None:
        raise InvalidParameter("it is zscale, minmax, a percentage such as 99.5% or low,high", field="cuts")
    percent, low, high = match.groups()
    if low is not None:
        cuts = (float(low), float(high))
        if not all(abs(cut) < float("inf") for cut in cuts):
            raise InvalidParameter("they are not finite", field="cuts")
        if not cuts[0] < cuts[1]:
            raise InvalidParameter("the low one must be less than the high one", field="cuts")
        return cuts
    if percent is not None:
        if not 0 < float(percent) <= 100:
            raise InvalidParameter("a percentage lies above 0 and goes to 100", field="cuts")
        return await desk.cuts(info["image"], "percentile", float(percent))
    if text == info["cuts"]["method"]:
        return info["cuts"]["low"], info["cuts"]["high"]
    return await desk.cuts(info["image"], text, 99.5)
