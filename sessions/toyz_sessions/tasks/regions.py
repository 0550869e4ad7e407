"""``regions``: what lies in a region of an open image, where it is on the sky, and files of regions."""

import math
from typing import Annotated

import numpy as np
from msgspec import Meta

from toyz.errors import InvalidParameter, TooLarge
from toyz.plugin import Plugin
from toyz.readers import OpenFile
from toyz.regions import Box, Circle, Ellipse, Line, Marked, Point, Polygon, Shape
from toyz_sessions import region_files
from toyz_sessions.answers import ReadRegions, RegionSky, RegionStatistics, ValueStatistics
from toyz_sessions.region_files import MAX_TEXT
from toyz_sessions.region_objects import System, places_of
from toyz_sessions.region_sky import PixelSky
from toyz_sessions.shown import ShownImage
from toyz_sessions.task_context import TaskContext
from toyz_sessions.tasks.images import ImageId, Path
from toyz_tiles.masks import area
from toyz_tiles.measure import Measured, measure
from toyz_tiles.wcs import format_sexagesimal

plugin = Plugin("regions", title="Regions", description="Regions of images: statistics, places on the sky, files.")

MAX_WRITTEN = 1000
_PHYSICAL = ("LTM", "LTV", "ATM", "ATV")
"""What keywords begin with that make physical coordinates others than those of the image."""


@plugin.task(title="Statistics of a region")
def statistics(
    context: TaskContext, image: ImageId, shape: Point | Circle | Ellipse | Box | Polygon
) -> RegionStatistics:
    """Statistics of all pixels whose centres lie in a shape: the values of the file, whatever is shown of them."""
    raster = context.images.get(image).display.raster
    return RegionStatistics(area(shape), [_values(one) for one in measure(raster, shape, context.progress)])


def _values(measured: Measured) -> ValueStatistics:
    return ValueStatistics(
        count=measured.count,
        bad=measured.bad,
        sum=_number(measured.total) if measured.count else None,
        mean=_number(measured.mean),
        median=_number(measured.median),
        std=_number(measured.std),
        minimum=_number(measured.minimum),
        maximum=_number(measured.maximum),
    )


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


@plugin.task(title="Place of a region on the sky")
def sky(context: TaskContext, image: ImageId, shape: Shape) -> RegionSky:
    """Where a shape lies on the sky, how large a pixel is there and how the image is turned."""
    pixels = PixelSky(context.images.get(image).sky)
    places = [_position(pixels, x, y) for x, y in places_of(shape)]
    compass = pixels.compass(*places_of(shape)[0])
    first = places[0]
    length, position_angle = _ruler(places) if isinstance(shape, Line) else (None, None)
    return RegionSky(
        ra=None if first is None else first[0],
        dec=None if first is None else first[1],
        sexagesimal=None if first is None else format_sexagesimal(*first),
        scale=_number(compass.scale),
        north=_number(compass.north),
        mirrored=compass.mirrored,
        vertices=places if isinstance(shape, Polygon | Line) else [],
        length=length,
        position_angle=position_angle,
    )


def _position(pixels: PixelSky, x: float, y: float) -> tuple[float, float] | None:
    ra, dec = pixels.to_sky(x, y)
    return (ra, dec) if math.isfinite(ra) and math.isfinite(dec) else None


def _ruler(places: list[tuple[float, float] | None]) -> tuple[float | None, float | None]:
    """Give the length (arcseconds) and the position angle (degrees) of a great circle between two positions."""
    start, end = places
    if start is None or end is None:
        return None, None
    (ra0, dec0), (ra1, dec1) = np.radians(start), np.radians(end)
    apart = ra1 - ra0
    east = math.cos(dec1) * math.sin(apart)
    # Of small differences, so that a line of a few pixels is as exact as a long one.
    north = math.sin(dec1 - dec0) + 2 * math.sin(dec0) * math.cos(dec1) * math.sin(apart / 2) ** 2
    along = math.sin(dec0) * math.sin(dec1) + math.cos(dec0) * math.cos(dec1) * math.cos(apart)
    length = math.degrees(math.atan2(math.hypot(east, north), along)) * 3600
    return length, math.degrees(math.atan2(east, north)) % 360


@plugin.task(title="Read regions")
def read(
    context: TaskContext,
    image: ImageId,
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)] | None = None,
    path: Path | None = None,
) -> ReadRegions:
    """Read the regions of a DS9 or CASA file, of a share or sent along, onto the pixels of an image."""
    opened = context.images.get(image)
    if (text is None) == (path is None):
        raise InvalidParameter("Either a text or a path is read.", field="parameters.text")
    content = text if text is not None else _content(context.open(path or ""))
    return region_files.read(content, _sky_of(opened), physical=_is_physical(opened), check=context.check)


def _content(file: OpenFile) -> str:
    try:
        if file.size > MAX_TEXT:
            raise TooLarge(f"A file of regions has at most {MAX_TEXT >> 20} MB.")
        return file.pread(MAX_TEXT, 0).decode("utf-8", "replace")
    finally:
        file.close()


def _sky_of(image: ShownImage) -> PixelSky | None:
    return None if image.sky.problem else PixelSky(image.sky)


def _is_physical(image: ShownImage) -> bool:
    """Whether physical coordinates, which DS9 writes unless it is told otherwise, are those of the pixels."""
    hdu = image.display.hdu
    if not isinstance(hdu, int):
        return False
    return not any(card.keyword.startswith(_PHYSICAL) for card in image.opened.source.cards(hdu))


@plugin.task(title="Write regions")
def write(
    context: TaskContext,
    image: ImageId,
    regions: Annotated[list[Marked], Meta(min_length=1, max_length=MAX_WRITTEN)],
    system: System = "image",
) -> str:
    """Write regions as a DS9 file, in pixels of the image or on the sky."""
    return region_files.write(regions, _sky_of(context.images.get(image)), system)
