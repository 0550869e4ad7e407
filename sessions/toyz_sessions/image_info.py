"""What there is to say of an open image: its CCDs, its name, where it lies on the sky."""

import math

from toyz.errors import ToyzError
from toyz_sessions.answers import Ccd, WcsInfo
from toyz_sessions.display import Display
from toyz_sessions.opening import Opened
from toyz_tiles.wcs import MosaicSky, SkyMap


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
