"""Which part of an image a IIIF or DZI request asks for, how large, and how turned."""

import re
from typing import Literal, NamedTuple

import msgspec

from toyz.errors import InvalidParameter, NotFound, NotImplementedHere
from toyz.protocol import MAX_PICTURE, TILE_SIZE

MAX_SIDE = 8192
"""Pixels of a picture's longer side."""
Format = Literal["jpg", "png"]
Quality = Literal["default", "color", "gray", "bitonal"]
FORMATS: tuple[Format, ...] = ("jpg", "png")
QUALITIES: tuple[Quality, ...] = ("default", "color", "gray", "bitonal")
_OTHER_FORMATS = ("tif", "gif", "jp2", "pdf", "webp")
"""Formats of the standard that are not made here."""
_WHOLE = r"\d{1,10}"
_DECIMAL = r"\d{1,10}(?:\.\d{1,10})?"
_REGION = re.compile(rf"({_WHOLE}),({_WHOLE}),({_WHOLE}),({_WHOLE})", re.ASCII)
_SHARES = re.compile(rf"pct:({_DECIMAL}),({_DECIMAL}),({_DECIMAL}),({_DECIMAL})", re.ASCII)
_SIZE = re.compile(rf"(?:(max)|(!)?({_WHOLE})?,({_WHOLE})?|pct:({_DECIMAL}))", re.ASCII)
_ROTATION = re.compile(r"(!)?((?:0|[1-9]\d{0,2})(?:\.\d{1,10})?)", re.ASCII)


class Box(NamedTuple):
    """A rectangle of display pixels: its top left corner, and how wide and high it is."""

    x: int
    y: int
    width: int
    height: int


class Size(NamedTuple):
    """How wide and high something is, in pixels."""

    width: int
    height: int


class PlacedTile(NamedTuple):
    """Which tile of which level; level 0 is the full resolution."""

    level: int
    x: int
    y: int


class ImageRequest(msgspec.Struct, frozen=True):
    """A request, resolved for an image of a known size.

    Attributes
    ----------
    image : Size
    region : Box
        Inside the image.
    size : Size
        Of the picture before it is turned; nowhere larger than the region.
    turn : int
        Degrees clockwise: 0, 90, 180 or 270.
    mirror : bool
    quality, format : str
    """

    image: Size
    region: Box
    size: Size
    turn: int = 0
    mirror: bool = False
    quality: Quality = "default"
    format: Format = "jpg"

    @property
    def canonical(self) -> str:
        """The request in the one form that the standard calls canonical."""
        region = "full" if self.region == Box(0, 0, *self.image) else ",".join(map(str, self.region))
        size = "max" if self.size == largest(Size(*self.region[2:])) else ",".join(map(str, self.size))
        return f"{region}/{size}/{'!' if self.mirror else ''}{self.turn}/{self.quality}.{self.format}"

    @property
    def tile(self) -> PlacedTile | None:
        """The tile that shows just this, if one does."""
        if self.turn or self.mirror or self.quality != "default" or self.format != "jpg":
            return None
        for level in range(level_count(self.image)):
            step = TILE_SIZE << level
            tile = PlacedTile(level, self.region.x // step, self.region.y // step)
            if (self.region, self.size) == tile_box(self.image, tile):
                return tile
        return None


def level_count(image: Size) -> int:
    """Count the levels down to the one that fits in one tile, as `toyz_tiles.geometry.level_count`."""
    return max(0, (-(-max(image) // TILE_SIZE) - 1).bit_length()) + 1


def level_sizes(image: Size) -> list[Size]:
    """Give the sizes of the levels, the finest first."""
    return [Size(*(-(-length >> level) for length in image)) for level in range(level_count(image))]


def tile_box(image: Size, tile: PlacedTile) -> tuple[Box, Size]:
    """Give the region of a tile, and its size as a picture.

    Raises
    ------
    NotFound
        If the image does not reach that far.
    """
    step = TILE_SIZE << tile.level
    x, y = tile.x * step, tile.y * step
    if not (x < image.width and y < image.height):
        raise NotFound(f"The image has no tile {tile.x}, {tile.y} at this level.")
    box = Box(x, y, min(step, image.width - x), min(step, image.height - y))
    return box, Size(-(-box.width >> tile.level), -(-box.height >> tile.level))


def largest(region: Size) -> Size:
    """Give the size of the largest picture of a region: its own, unless that is too large to be made."""
    scale = min(1.0, MAX_SIDE / max(region), (MAX_PICTURE / (region.width * region.height)) ** 0.5)
    return region if scale == 1 else Size(*(max(1, int(length * scale)) for length in region))


def parse(image: Size, region: str, size: str, rotation: str, quality: str, format: str) -> ImageRequest:  # noqa: A002
    """Read a request: the parts of its path, percent-decoded.

    Raises
    ------
    InvalidParameter
        With the part's name, if it is none of the standard's, or cannot be met by this image.
    NotImplementedHere
        If it is one of the standard's that is not supported.
    """
    box = parse_region(image, region)
    turn, mirror = parse_rotation(rotation)
    return ImageRequest(
        image, box, parse_size(Size(*box[2:]), size), turn, mirror, parse_quality(quality), parse_format(format)
    )


def parse_region(image: Size, text: str) -> Box:
    """Read a region; what reaches beyond the image is cut off.

    Raises
    ------
    InvalidParameter
        Also if nothing is left.
    """
    if text == "full":
        return Box(0, 0, *image)
    if text == "square":
        side = min(image)
        return Box((image.width - side) // 2, (image.height - side) // 2, side, side)
    if pixels := _REGION.fullmatch(text):
        x, y, width, height = map(int, pixels.groups())
        right, bottom = x + width, y + height
    elif shares := _SHARES.fullmatch(text):
        left, top, wide, high = map(float, shares.groups())
        x, right = (round(share * image.width / 100) for share in (left, left + wide))
        y, bottom = (round(share * image.height / 100) for share in (top, top + high))
    else:
        raise InvalidParameter("it is full, square, x,y,w,h or pct:x,y,w,h", field="region")
    box = Box(x, y, min(right, image.width) - x, min(bottom, image.height) - y)
    if box.width <= 0 or box.height <= 0:
        raise InvalidParameter("it holds no pixel of the image", field="region")
    return box


def parse_size(region: Size, text: str) -> Size:
    """Read the size of a picture of a region.

    Raises
    ------
    InvalidParameter
        If it is larger than the region without ``^``, or than any picture may be.
    NotImplementedHere
        If it is larger than the region with ``^``: nothing is enlarged here.
    """
    enlarged = text.startswith("^")
    match = _SIZE.fullmatch(text.removeprefix("^"))
    if match is None:
        raise InvalidParameter("it is max, w,h  w,  ,h  pct:n or !w,h, each perhaps after ^", field="size")
    wanted = _wanted(region, match)
    if min(wanted) < 1:
        raise InvalidParameter("a picture has at least one pixel", field="size")
    if wanted.width > region.width or wanted.height > region.height:
        if enlarged:
            raise NotImplementedHere("Pictures are not enlarged beyond the pixels there are.", field="size")
        raise InvalidParameter("it is larger than the region; pictures are not enlarged", field="size")
    if max(wanted) > MAX_SIDE or wanted.width * wanted.height > MAX_PICTURE:
        raise InvalidParameter(f"a picture has at most {MAX_SIDE} pixels a side and {MAX_PICTURE} in all", field="size")
    return wanted


def _wanted(region: Size, match: re.Match[str]) -> Size:
    whole, confined, width, height, percent = match.groups()
    if whole:
        return largest(region)
    if percent:
        return _scaled(region, float(percent) / 100)
    if confined and width and height:
        return _confined(region, Size(int(width), int(height)))
    if confined or not (width or height):
        raise InvalidParameter("w or h is missing", field="size")
    if width and height:
        return Size(int(width), int(height))
    if width:
        return Size(int(width), max(min(1, int(width)), round(int(width) * region.height / region.width)))
    return Size(max(min(1, int(height)), round(int(height) * region.width / region.height)), int(height))


def _scaled(region: Size, scale: float) -> Size:
    return Size(*(max(1 if scale else 0, round(length * scale)) for length in region))


def _confined(region: Size, box: Size) -> Size:
    """Give the largest size of the region's shape inside a box; a box that is larger both ways asks for too much."""
    if box.width > region.width and box.height > region.height:
        return box
    most = largest(region)
    if box.width >= most.width and box.height >= most.height:
        return most
    return _scaled(region, min(box.width / region.width, box.height / region.height))


def parse_rotation(text: str) -> tuple[int, bool]:
    """Read a rotation; gives the degrees clockwise, and whether the picture is mirrored before.

    Raises
    ------
    InvalidParameter
    NotImplementedHere
        For an angle that is no multiple of 90°.
    """
    match = _ROTATION.fullmatch(text)
    if match is None or float(match[2]) > 360:
        raise InvalidParameter("it is a number of degrees from 0 to 360, perhaps after !", field="rotation")
    if float(match[2]) % 90:
        raise NotImplementedHere("Pictures are turned by multiples of 90° only.", field="rotation")
    return int(float(match[2])) % 360, match[1] is not None


def parse_quality(text: str) -> Quality:
    """Read a quality.

    Raises
    ------
    InvalidParameter
    """
    for quality in QUALITIES:
        if text == quality:
            return quality
    raise InvalidParameter(f"it is one of {', '.join(QUALITIES)}", field="quality")


def parse_format(text: str) -> Format:
    """Read a format.

    Raises
    ------
    InvalidParameter
    NotImplementedHere
        For one of the standard's that is not made here.
    """
    for format in FORMATS:  # noqa: A001
        if text == format:
            return format
    if text in _OTHER_FORMATS:
        raise NotImplementedHere(f"Pictures are made as {' and '.join(FORMATS)}.", field="format")
    raise InvalidParameter(f"it is one of {', '.join(FORMATS)}", field="format")
