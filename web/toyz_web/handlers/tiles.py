"""``/api/images/…/tiles/{z}/{x}/{y}``: tiles for any viewer that fills in a template."""

from toyz_web.handlers.images import ERRORS, ImageHandler
from toyz_web.operations import Operation, operation
from toyz_web.tile_wish import FRESH, MEDIA, Place, TileQuery, etag_of, find_style


class TileHandler(ImageHandler):
    """One tile; those that are asked for again and again take the short way of `toyz_web.known_tiles`."""

    @operation(
        Operation(summary="Render a tile", query=TileQuery, media=("image/jpeg", "image/png"), errors=(*ERRORS, 304))
    )
    async def get(self, query: TileQuery, path: str, z: str, x: str, y: str) -> None:
        """Render it, unless the client has it."""
        desk, info = await self.open_image(path, query)
        address = Place(int(z), int(x), int(y)).address(info, await find_style(desk, info, query))
        etag = etag_of(address)
        settled = info["pyramid"] == "ready" and info["complete"]
        if settled and self.client_has(etag, FRESH):
            return
        done, data = await desk.tile(address)
        if done.cacheable and self.client_has(etag, FRESH):
            return
        self.set_header("Content-Type", MEDIA[done.format])
        self.set_header("Cache-Control", FRESH if done.cacheable else "no-store")
        await self.finish(data)
