"""Celestial frames: from that of a header to ICRS, and from ICRS to Galactic.

Most frames differ from ICRS by a fixed matrix; `astropy.coordinates` is asked for it once, and
a position under the cursor then costs microseconds instead of the millisecond of a `SkyCoord`.
FK4 with its E-terms is not linear and takes the long way.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from astropy.coordinates import (
    FK5,
    ICRS,
    BarycentricMeanEcliptic,
    CartesianRepresentation,
    FK4NoETerms,
    Galactic,
    SkyCoord,
    Supergalactic,
)
from astropy.time import Time
from astropy.utils.iers import conf as iers_conf
from astropy.wcs import WCS
from astropy.wcs.utils import wcs_to_celestial_frame
from numpy.typing import NDArray

iers_conf.auto_download = False
"""A session has no network: Earth orientation comes from the tables that astropy ships."""

Floats = NDArray[np.float64]
_LINEAR = (FK5, FK4NoETerms, Galactic, Supergalactic, BarycentricMeanEcliptic)


def to_vectors(longitude: Floats, latitude: Floats) -> Floats:
    """Turn degrees into unit vectors ``(3, …)``."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    return np.stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def from_vectors(vectors: Floats) -> tuple[Floats, Floats]:
    """Turn vectors ``(3, …)`` of any length into degrees; longitudes are from 0 to 360."""
    x, y, z = vectors
    return np.degrees(np.arctan2(y, x)) % 360.0, np.degrees(np.arctan2(z, np.hypot(x, y)))


def _turn(matrix: Floats, longitude: Any, latitude: Any) -> tuple[Any, Any]:
    if isinstance(longitude, float):
        return _turn_one(matrix, longitude, latitude)
    vectors = to_vectors(np.asarray(longitude, np.float64), np.asarray(latitude, np.float64))
    return from_vectors(np.tensordot(matrix, vectors, axes=1))


def _turn_one(matrix: Floats, longitude: float, latitude: float) -> tuple[float, float]:
    lon, lat = math.radians(longitude), math.radians(latitude)
    vector = (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
    rows = matrix.tolist()
    x, y, z = (row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2] for row in rows)
    return math.degrees(math.atan2(y, x)) % 360.0, math.degrees(math.atan2(z, math.hypot(x, y)))


class Frame:
    """The frame of a WCS, and the way to ICRS and back.

    Parameters
    ----------
    frame : astropy frame
    """

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.name = str(frame.name).upper().replace("BARYCENTRICMEANECLIPTIC", "ECLIPTIC")
        equinox = getattr(frame, "equinox", None)
        self.equinox: float | None = None
        if equinox is not None:
            year = equinox.byear if self.name.startswith("FK4") else equinox.jyear
            self.equinox = round(float(year), 6)
        self._matrix: Floats | None = None
        if isinstance(frame, ICRS):
            self._matrix = np.eye(3)
        elif isinstance(frame, _LINEAR):
            self._matrix = _matrix(frame)
        self._same = isinstance(frame, ICRS)

    def to_icrs(self, longitude: Any, latitude: Any) -> tuple[Any, Any]:
        """Turn degrees of the frame into ICRS degrees: scalars or arrays."""
        if self._same:
            return longitude, latitude
        if self._matrix is not None:
            return _turn(self._matrix, longitude, latitude)
        return self._transform(longitude, latitude, self._frame, ICRS())

    def from_icrs(self, ra: Any, dec: Any) -> tuple[Any, Any]:
        """Turn ICRS degrees into degrees of the frame."""
        if self._same:
            return ra, dec
        if self._matrix is not None:
            return _turn(_inverse(self._matrix), ra, dec)
        return self._transform(ra, dec, ICRS(), self._frame)

    @staticmethod
    def _transform(longitude: Any, latitude: Any, source: Any, target: Any) -> tuple[Any, Any]:
        scalar = isinstance(longitude, float)
        position = SkyCoord(longitude, latitude, unit="deg", frame=source).transform_to(target).spherical
        lon, lat = position.lon.deg, position.lat.deg
        return (float(lon), float(lat)) if scalar else (np.asarray(lon), np.asarray(lat))


def _matrix(frame: Any) -> Floats:
    axes = SkyCoord(frame.realize_frame(CartesianRepresentation(np.eye(3))))
    return np.asarray(axes.transform_to(ICRS()).cartesian.xyz.value, np.float64)


def _inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.inv(matrix), np.float64)


@lru_cache(maxsize=1)
def _to_galactic() -> Floats:
    return _inverse(_matrix(Galactic()))


def to_galactic(ra: Any, dec: Any) -> tuple[Any, Any]:
    """Turn ICRS degrees into Galactic l, b in degrees: scalars or arrays."""
    return _turn(_to_galactic(), ra, dec)


def from_galactic(longitude: Any, latitude: Any) -> tuple[Any, Any]:
    """Turn Galactic l, b into ICRS degrees."""
    return _turn(_inverse(_to_galactic()), longitude, latitude)


def frame_of(wcs: WCS) -> Frame:
    """Find the frame of a WCS, as astropy does; ecliptic and supergalactic ones too.

    Raises
    ------
    ValueError
        If it is not known how to get from it to ICRS.
    """
    kind = str(wcs.wcs.ctype[wcs.wcs.lng])[:4]
    if kind == "ELON":
        equinox = wcs.wcs.equinox if math.isfinite(wcs.wcs.equinox) else 2000.0
        return Frame(BarycentricMeanEcliptic(equinox=Time(equinox, format="jyear")))
    if kind == "SLON":
        return Frame(Supergalactic())
    return Frame(wcs_to_celestial_frame(wcs))
