"""``/dzi/…``: the same images as Deep Zoom Images, for viewers that know those."""

from toyz_web.handlers.images import ERRORS
from toyz_web.handlers.shown import ShownHandler
from toyz_web.iiif.deepzoom import descriptor, tile_request
from toyz_web.iiif.request import parse_format
from toyz_web.operations import Operation, operation

XML = "application/xml"


class DescriptorHandler(ShownHandler):
    """What a viewer must know of an image."""

    @operation(Operation(summary="Describe an image as a Deep Zoom Image", media=(XML,), errors=(*ERRORS, 304)))
    async def get(self, identifier: str) -> None:
        """Open the image and describe it."""
        shown = await self.show(identifier)
        self.set_header("Content-Type", XML)
        self.set_header("Cache-Control", shown.kept if shown.info["complete"] else "no-store")
        await self.finish(descriptor(shown.size))


class DeepZoomTileHandler(ShownHandler):
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
        shown = await self.show(identifier)
        request = tile_request(shown.size, int(level), int(x), int(y), parse_format(format))
        await self.send_picture(shown, request)
