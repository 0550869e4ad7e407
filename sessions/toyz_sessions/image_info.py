"""What there is to say of an open image: its CCDs, its name, where it lies on the sky."""

import math

from toyz.errors import ToyzError
from toyz_sessions.answers import Ccd, LayoutResidual, Matching, Residual, WcsInfo
from toyz_sessions.display import Display
from toyz_sessions.opening import Opened
from toyz_tiles.layout import Place
from toyz_tiles.matching import SkyMatch
from toyz_tiles.wcs import MosaicSky, SkyMap


def ccds_of(display: Display) -> list[Ccd]:
    """The CCDs of a mosaic; none for a single image."""
    return [_ccd(place) for place in display.layout.placements] if display.layout is not None else []


def _ccd(place: Place) -> Ccd:
    return Ccd(
        name=place.name,
        hdu=place.hdu,
        x=place.x,
        y=place.y,
        width=place.width,
        height=place.height,
        # A pixel's own corners lie half a pixel from its centre.
        corners=[(round(x + 0.5, 2), round(y + 0.5, 2)) for x, y in place.corners],
        residual=None if place.residual is None else Residual(place.residual.rms, place.residual.maximum),
    )


def residual_of(display: Display) -> LayoutResidual | None:
    """How good a layout by WCS is; None for any other."""
    if display.layout is None or display.layout.residual is None or display.layout.worst is None:
        return None
    residual = display.layout.residual
    return LayoutResidual(residual.rms, residual.maximum, display.layout.worst.name)


def describe_match(match: SkyMatch | None) -> Matching | None:
    """How the CCDs were matched; None if they were not."""
    if match is None:
        return None
    return Matching(match.level, min(match.values), max(match.values), len(match.parts), list(match.unmatched))


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
