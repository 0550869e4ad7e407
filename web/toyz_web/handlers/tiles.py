"""``/api/images/…/tiles/{z}/{x}/{y}``: tiles for any viewer that fills in a template."""

import hashlib
import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from toyz.errors import InvalidParameter, NotFound
from toyz.protocol import Stretch, Style, TileAddress
from toyz_web.desk import Desk
from toyz_web.handlers.images import ERRORS, ImageHandler, ImageQuery
from toyz_web.operations import Operation, operation

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_CUTS = re.compile(rf"(?:zscale|minmax|(\d{{1,3}}(?:\.\d+)?)%|({_NUMBER}),({_NUMBER}))")
_MEDIA = {"jpeg": "image/jpeg", "png": "image/png"}
_FRESH = "private, max-age=300"
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
    bad: Annotated[str, Meta(pattern="^(transparent|#[0-9a-f]{6})$")] = "#000000"
    quality: Annotated[int, Meta(ge=1, le=100)] = 90


class TileHandler(ImageHandler):
    """One tile."""

    @operation(
        Operation(summary="Render a tile", query=TileQuery, media=("image/jpeg", "image/png"), errors=(*ERRORS, 304))
    )
    async def get(self, query: TileQuery, path: str, z: str, x: str, y: str) -> None:
        """Render it, unless the client has it."""
        desk, info = await self.open_image(path, query)
        level = info["levels"] - 1 - int(z)
        if level < 0:
            raise NotFound(f"The image has levels 0 to {info['levels'] - 1}.")
        low, high = await find_cuts(desk, info, query.cuts)
        asked = [field for field in Style.__struct_fields__ if field not in ("low", "high", "channel_cuts")]
        fields = {field: getattr(query, field) for field in asked}
        address = TileAddress(info["image"], level, int(x), int(y), Style(low=low, high=high, **fields))
        etag = f'"{hashlib.sha256(msgspec.json.encode(address)).hexdigest()[:32]}"'
        settled = info["pyramid"] == "ready" and info["complete"]
        if settled and self._client_has(etag):
            return
        done, data = await desk.tile(address)
        if done.cacheable and self._client_has(etag):
            return
        self.set_header("Content-Type", _MEDIA[done.format])
        self.set_header("Cache-Control", _FRESH if done.cacheable else "no-store")
        await self.finish(data)

    def _client_has(self, etag: str) -> bool:
        self.set_header("Etag", etag)
        if not self.check_etag_header():
            return False
        self.set_header("Cache-Control", _FRESH)
        self.set_status(304)
        self.finish()
        return True


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
