"""``/dzi/…``: the same images as Deep Zoom Images, for viewers that know those."""

from toyz_web.handlers.images import ERRORS
from toyz_web.handlers.viewer import ViewerHandler
from toyz_web.iiif.deepzoom import descriptor, tile_request
from toyz_web.iiif.request import parse_format
from toyz_web.operations import Operation, operation

XML = "application/xml"


class DescriptorHandler(ViewerHandler):
    """What a viewer must know of an image."""

    @operation(Operation(summary="Describe an image as a Deep Zoom Image", media=(XML,), errors=(*ERRORS, 304)))
    async def get(self, identifier: str) -> None:
        """Open the image and describe it."""
        viewed = await self.show(identifier)
        self.set_header("Content-Type", XML)
        self.set_header("Cache-Control", viewed.kept if viewed.info["complete"] else "no-store")
        await self.finish(descriptor(viewed.size))


class DeepZoomTileHandler(ViewerHandler):
    """One tile."""

    @operation(
        Operation(
            summary="Render a tile of a Deep Zoom Image",
            media=("image/jpeg", "image/png"),
            errors=(*ERRORS, 304, 501),
        )
    )
    async def get(self, identifier: str, level: str, x: str, y: str, format: str) -> None:  # noqa: A002
        """Render it, unless the client has it."""
        viewed = await self.show(identifier)
        request = tile_request(viewed.size, int(level), int(x), int(y), parse_format(format))
        await self.send_picture(viewed, request)
