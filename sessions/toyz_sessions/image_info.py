"""The description of an open image, as clients get it."""

import math
from typing import Literal

import msgspec

from toyz.errors import ToyzError
from toyz.protocol import TILE_SIZE
from toyz.readers import Card, HduInfo
from toyz_sessions.display import Display
from toyz_sessions.opening import Opened
from toyz_tiles.wcs import MosaicSky, SkyMap


class Cuts(msgspec.Struct, frozen=True):
    """The values shown as the first and the last colour, and how they were found."""

    low: float
    high: float
    method: Literal["minmax", "percentile", "zscale"]


class HeaderInfo(msgspec.Struct):
    """All cards of one HDU."""

    hdu: int
    cards: list[Card]


class Ccd(msgspec.Struct, frozen=True):
    """A CCD of a mosaic: its name and HDU, and its box in display pixels, from the top left."""

    name: str
    hdu: int
    x: int
    y: int
    width: int
    height: int


class WcsInfo(msgspec.Struct, frozen=True):
    """Where the image lies on the sky.

    Attributes
    ----------
    projection : str
        Such as ``TPV``.
    frame : str
        Of the header: ``ICRS``, ``FK5``, ...
    equinox : float or None
    centre : tuple of float
        ICRS right ascension and declination of the middle of the image, degrees.
    pixel_scale : float
        Arcseconds, at the centre.
    north, east : float
        Directions on the screen at the centre, degrees clockwise from up.
    """

    projection: str
    frame: str
    equinox: float | None
    centre: tuple[float, float]
    pixel_scale: float
    north: float
    east: float


class ImageInfo(msgspec.Struct, kw_only=True):
    """An open image; see docs/architecture.md for the meaning of each field."""

    image: str
    path: str
    name: str
    hdu: int | str
    plane: int
    planes: int
    width: int
    height: int
    levels: int
    tile_size: int = TILE_SIZE
    dtype: str
    unit: str
    channels: int
    bottom_up: bool
    reader: str
    hdus: list[HduInfo]
    layout: Literal["detsec", "wcs", "grid", "single"]
    ccds: list[Ccd]
    wcs: WcsInfo | None
    wcs_problem: str
    cuts: Cuts
    minimum: float | None
    maximum: float | None
    pyramid: Literal["none", "building", "ready"]
    complete: bool
    progress: float
    warnings: list[str]
    modified: float


def ccds_of(display: Display) -> list[Ccd]:
    """The CCDs of a mosaic; none for a single image."""
    placements = display.layout.placements if display.layout is not None else ()
    return [Ccd(p.name, p.hdu, p.x, p.y, p.width, p.height) for p in placements]


def describe_wcs(sky: SkyMap | MosaicSky, width: int, height: int) -> tuple[WcsInfo | None, str]:
    """Describe the WCS at the middle of the image, or say why there is none.

    Parameters
    ----------
    sky : SkyMap or MosaicSky
    width, height : int
        Of the image, pixels.
    """
    if sky.problem:
        return None, sky.problem
    x, y = (width + 1) / 2, (height + 1) / 2
    try:
        ra, dec = sky.sky(x, y)
        north, east = sky.orientation(x, y)
        info = WcsInfo(
            sky.projection, sky.frame, sky.equinox, (float(ra), float(dec)), float(sky.pixel_scale(x, y)), north, east
        )
    except (ToyzError, ValueError, ArithmeticError) as error:
        return None, f"The WCS gives no position at the centre of the image ({type(error).__name__})."
    if not all(math.isfinite(value) for value in (*info.centre, info.north, info.east)):
        return None, "The WCS gives no position at the centre of the image."
    return info, ""


def image_name(opened: Opened) -> str:
    """The last part of the path."""
    return opened.path.rpartition("/")[2]
