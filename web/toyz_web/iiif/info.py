"""``info.json``: what a IIIF viewer is told of an image."""

import msgspec

from toyz.protocol import MAX_PICTURE, TILE_SIZE
from toyz_web.iiif.request import MAX_SIDE, Size, largest, level_sizes

CONTEXT = "http://iiif.io/api/image/3/context.json"
PROFILE = "http://iiif.io/api/image/3/level2.json"
"""Of the ``Link`` header."""


class ImageSize(msgspec.Struct, frozen=True):
    """A size of the whole image that costs little."""

    width: int
    height: int


class Tiles(msgspec.Struct, frozen=True, rename="camel"):
    """Which tiles cost little: their size, and the factors by which they are reduced."""

    width: int
    height: int
    scale_factors: list[int]


class ImageInformation(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The Image Information document of the IIIF Image API 3.0."""

    context: str = msgspec.field(default=CONTEXT, name="@context")
    id: str
    type: str = "ImageService3"
    protocol: str = "http://iiif.io/api/image"
    profile: str = "level2"
    width: int
    height: int
    max_width: int = MAX_SIDE
    max_height: int = MAX_SIDE
    max_area: int = MAX_PICTURE
    sizes: list[ImageSize]
    tiles: list[Tiles]
    preferred_formats: tuple[str, ...] = ("jpg",)
    extra_qualities: tuple[str, ...] = ("color", "gray", "bitonal")
    extra_features: tuple[str, ...] = ("canonicalLinkHeader", "mirroring", "profileLinkHeader")


def image_information(service: str, image: Size) -> ImageInformation:
    """Describe an image.

    Parameters
    ----------
    service : str
        Its base URL.
    image : Size
    """
    levels = level_sizes(image)
    sizes = [ImageSize(*size) for size in reversed(levels) if largest(size) == size]
    return ImageInformation(
        id=service,
        width=image.width,
        height=image.height,
        sizes=sizes,
        tiles=[Tiles(TILE_SIZE, TILE_SIZE, [1 << level for level in range(len(levels))])],
    )
