"""Deep Zoom Images: the same tiles under another numbering.

Level 0 of a DZI is one pixel; each further level is twice as large, and the last is the image itself.
"""

from toyz.errors import NotFound
from toyz.protocol import TILE_SIZE
from toyz_web.iiif.request import Format, ImageRequest, PlacedTile, Size, tile_box

_DESCRIPTOR = """<?xml version="1.0" encoding="UTF-8"?>
<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" TileSize="{tile}" Overlap="0" Format="jpg">
  <Size Width="{size.width}" Height="{size.height}"/>
</Image>
"""


def descriptor(image: Size) -> str:
    """Write the XML that names the tiles' size and the image's."""
    return _DESCRIPTOR.format(tile=TILE_SIZE, size=image)


def tile_request(image: Size, level: int, x: int, y: int, format: Format) -> ImageRequest:  # noqa: A002
    """Give the request of a tile.

    Raises
    ------
    NotFound
        If the image has no such level or tile.
    """
    finest = (max(image) - 1).bit_length()
    if level > finest:
        raise NotFound(f"The image has levels 0 to {finest}.")
    region, size = tile_box(image, PlacedTile(finest - level, x, y))
    return ImageRequest(image, region, size, format=format)
