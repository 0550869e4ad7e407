"""Between the pixels of an image and a system of the sky: places, directions and lengths of regions.

Shapes on the sky are as in astropy's `regions`: lengths are angles along great circles at the
scale of the image where the shape is centred, and an angle is 90° more than the position angle
(from the system's north towards east), so that 0 is along the rows of an image with north up and
east to the left.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from astropy.coordinates import SkyCoord
from numpy.typing import NDArray

from toyz.errors import InvalidParameter
from toyz.regions import Vertex
from toyz_tiles.wcs import MosaicSky, SkyMap

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Compass:
    """How an image lies at one place.

    Attributes
    ----------
    scale : float
        Arcseconds of a pixel: the root of its area.
    north : float
        Pixel direction of ICRS north, degrees from +x towards +y.
    mirrored : bool
        Whether east is to the right where north is up.
    """

    scale: float
    north: float
    mirrored: bool

    def to_sky(self, angle: float, pole: float) -> float:
        """Give the angle on the sky of a pixel direction.

        Parameters
        ----------
        angle : float
            Degrees from +x towards +y.
        pole : float
            Position angle of the system's north (degrees from ICRS north towards east).
        """
        ahead = self.north - angle if self.mirrored else angle - self.north
        return (ahead + 90.0 - pole) % 360.0

    def to_pixel(self, angle: float, pole: float) -> float:
        """Give the pixel direction of an angle on the sky; see `to_sky`."""
        ahead = angle - 90.0 + pole
        return (self.north - ahead if self.mirrored else self.north + ahead) % 360.0


class PixelSky:
    """Places and directions of one image; pixels count from 0.

    Parameters
    ----------
    sky : SkyMap or MosaicSky

    Raises
    ------
    InvalidParameter
        If the image has no usable WCS.
    """

    def __init__(self, sky: SkyMap | MosaicSky) -> None:
        if sky.problem:
            raise InvalidParameter(f"This image has no usable WCS: {sky.problem}")
        self._sky = sky

    def to_sky(self, x: float, y: float) -> tuple[float, float]:
        """Give ICRS degrees; NaN where there is no sky."""
        ra, dec = self._sky.sky(x + 1, y + 1)
        return float(ra), float(dec)

    def to_pixel(self, ra: float, dec: float) -> Vertex:
        """Give the pixel of an ICRS position; NaN where it has none."""
        x, y = self._sky.pixel(ra, dec)
        return x - 1, y - 1

    def compass(self, x: float, y: float) -> Compass:
        """Tell how the image lies at a pixel; NaN where there is no sky."""
        north, east = self._sky.orientation(x + 1, y + 1)
        mirrored = math.sin(math.radians(east - north)) > 0
        return Compass(self._sky.pixel_scale(x + 1, y + 1), 90.0 - north, mirrored)


@lru_cache(maxsize=64)
def _pole(frame: str, equinox: str) -> tuple[float, float]:
    attributes = {"equinox": equinox} if equinox else {}
    north = SkyCoord(0.0, 90.0, unit="deg", frame=frame, **attributes).icrs
    return float(north.ra.deg), float(north.dec.deg)


def pole_angle(ra: float, dec: float, frame: str, equinox: str = "") -> float:
    """Give the position angle (degrees, ICRS north towards east) of a system's north at an ICRS position."""
    if frame == "icrs":
        return 0.0
    pole_ra, pole_dec = (math.radians(value) for value in _pole(frame, equinox))
    here = math.radians(dec)
    apart = pole_ra - math.radians(ra)
    east = math.sin(apart) * math.cos(pole_dec)
    north = math.sin(pole_dec) * math.cos(here) - math.cos(pole_dec) * math.sin(here) * math.cos(apart)
    return math.degrees(math.atan2(east, north))


def from_icrs(places: Sequence[tuple[float, float]], frame: str) -> Any:
    """Turn ICRS positions into one `SkyCoord` of all in another system."""
    ra, dec = np.array(places, np.float64).reshape(-1, 2).T
    return SkyCoord(ra, dec, unit="deg", frame="icrs").transform_to(frame)


def to_icrs(places: Sequence[Any]) -> Floats:
    """Turn `SkyCoord`s, each of one or more positions, into ICRS degrees ``(all, 2)``, those of one system together."""
    found: list[Floats] = [np.empty((0, 2))] * len(places)
    systems: dict[tuple[str, str], list[int]] = {}
    for number, place in enumerate(places):
        systems.setdefault(system_of(place), []).append(number)
    for members in systems.values():
        parts = [places[number] for number in members]
        longitudes, latitudes = (
            np.concatenate([np.atleast_1d(getattr(part.data, axis).deg) for part in parts]) for axis in ("lon", "lat")
        )
        frame = parts[0].frame.replicate_without_data()
        icrs = SkyCoord(longitudes, latitudes, unit="deg", frame=frame).icrs
        ends = np.cumsum([part.size for part in parts])
        split = np.split(np.stack((icrs.ra.deg, icrs.dec.deg), axis=1), ends[:-1].tolist())
        for number, positions in zip(members, split, strict=True):
            found[number] = positions
    return np.concatenate(found) if found else np.empty((0, 2))


def system_of(place: Any) -> tuple[str, str]:
    """Name the system of a `SkyCoord`, and its equinox if it has one."""
    equinox = getattr(place.frame, "equinox", None)
    return place.frame.name, "" if equinox is None else str(equinox.value)
