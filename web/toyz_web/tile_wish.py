"""Which tile an address asks for: what the handler and the short way of known tiles have in common."""

import hashlib
import re
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from toyz.errors import InvalidParameter, NotFound
from toyz.protocol import Stretch, Style, TileAddress
from toyz_web.desk import Desk
from toyz_web.image_query import ImageQuery

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_CUTS = re.compile(rf"(?:zscale|minmax|(\d{{1,3}}(?:\.\d+)?)%|({_NUMBER}),({_NUMBER}))")
_PERCENT = 99.5
MEDIA = {"jpeg": "image/jpeg", "png": "image/png"}
FRESH = "private, max-age=300"
"""A settled tile; the file may be replaced, so it is not kept for ever."""
Cuts = Annotated[str, Meta(max_length=64, description="zscale, minmax, 99.5% or low,high")]


class TileQuery(ImageQuery, frozen=True, kw_only=True):
    """Which image, and how its values become colours."""

    cuts: Cuts = "zscale"
    stretch: Stretch = "linear"
    colormap: Annotated[str, Meta(max_length=64)] = "gray"
    invert: bool = False
    contrast: Annotated[float, Meta(ge=0, le=20)] = 1.0
    bias: Annotated[float, Meta(ge=-1, le=2)] = 0.5
    bad: Annotated[str, Meta(pattern=r"^(transparent|#[0-9a-f]{6})(?!\n)$")] = "#000000"
    quality: Annotated[int, Meta(ge=1, le=100)] = 90

    def style(self, low: float, high: float) -> Style:
        """Give the style with these cuts."""
        asked = [field for field in Style.__struct_fields__ if field not in ("low", "high", "channel_cuts")]
        fields = {field: getattr(self, field) for field in asked}
        return Style(low=low, high=high, **fields)


class Place(NamedTuple):
    """A tile as public addresses count it: `z` is 0 for the coarsest level."""

    z: int
    x: int
    y: int

    def address(self, info: dict[str, Any], style: Style) -> TileAddress:
        """Give the tile's address.

        Raises
        ------
        NotFound
            If the image has no such level.
        """
        level = info["levels"] - 1 - self.z
        if level < 0:
            raise NotFound(f"The image has levels 0 to {info['levels'] - 1}.")
        return TileAddress(info["image"], level, self.x, self.y, style)


class CutsWish(NamedTuple):
    """Cuts to be found by a method; or, without one, the cuts themselves."""

    method: str
    percent: float
    low: float = 0.0
    high: float = 0.0

    def known(self, desk: Desk, info: dict[str, Any]) -> tuple[float, float] | None:
        """Give the cuts if nothing needs to be asked for them."""
        if not self.method:
            return self.low, self.high
        if self.method == info["cuts"]["method"]:
            return info["cuts"]["low"], info["cuts"]["high"]
        return desk.known_cuts(info["image"], self.method, self.percent)

    async def find(self, desk: Desk, info: dict[str, Any]) -> tuple[float, float]:
        """Give the cuts."""
        return self.known(desk, info) or await desk.cuts(info["image"], self.method, self.percent)


def parse_cuts(text: str) -> CutsWish:
    """Read the ``cuts`` of a tile query.

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
        return CutsWish("", 0.0, *cuts)
    if percent is None:
        return CutsWish(text, _PERCENT)
    if not 0 < float(percent) <= 100:
        raise InvalidParameter("a percentage lies above 0 and goes to 100", field="cuts")
    return CutsWish("percentile", float(percent))


async def find_style(desk: Desk, info: dict[str, Any], query: TileQuery) -> Style:
    """Give the style that a query describes, for an image that is open at the desk.

    Raises
    ------
    InvalidParameter
    """
    return query.style(*await parse_cuts(query.cuts).find(desk, info))


def etag_of(address: msgspec.Struct) -> str:
    """Name a picture by all that it is made of."""
    return f'"{hashlib.sha256(msgspec.json.encode(address)).hexdigest()[:32]}"'
