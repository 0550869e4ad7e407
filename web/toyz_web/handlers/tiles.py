"""``/api/images/…/tiles/{z}/{x}/{y}``: tiles for any viewer that fills in a template."""

from toyz.errors import NotFound
from toyz.protocol import TileAddress
from toyz_web.handlers.images import ERRORS, MEDIA, ImageHandler
from toyz_web.operations import Operation, operation
from toyz_web.picture_query import TileQuery, find_style

_FRESH = "private, max-age=300"
"""A settled tile; the file may be replaced, so it is not kept for ever."""


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
        address = TileAddress(info["image"], level, int(x), int(y), await find_style(desk, info, query))
        settled = info["pyramid"] == "ready" and info["complete"]
        if settled and self.client_has(address, _FRESH):
            return
        done, data = await desk.tile(address)
        if done.cacheable and self.client_has(address, _FRESH):
            return
        self.set_header("Content-Type", MEDIA[done.format])
        self.set_header("Cache-Control", _FRESH if done.cacheable else "no-store")
        await self.finish(data)
