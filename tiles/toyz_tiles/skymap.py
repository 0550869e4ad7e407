"""The sky under a pixel: one image's WCS, on top of `astropy.wcs`."""

import math
import warnings
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from numpy.typing import NDArray

from toyz_tiles.frames import Frame, frame_of, from_vectors, to_galactic, to_vectors

Floats = NDArray[np.float64]
NOWHERE = (math.nan, math.nan)
_COMMENTARY = ("COMMENT ", "HISTORY ", " " * 8)
_MOST_CARDS = 20_000
_MOST = {"WCSAXES": 32, "NAXIS": 32, "A_ORDER": 20, "B_ORDER": 20, "AP_ORDER": 20, "BP_ORDER": 20}
_TABLES = ("CPDIS", "CQDIS", "D2IMDIS", "D2IMARR", "DP1", "DQ1", "-TAB")
# `warnings` keeps its filters in one place for all threads.
_making = Lock()


def needs_tables(header_text: str) -> bool:
    """Whether a WCS keeps a part of itself in other HDUs: look-up distortions, ``-TAB`` axes."""
    return any(mark in header_text for mark in _TABLES)


class SkyMap:
    """Between FITS pixels (1-based) and ICRS degrees.

    A header without a usable celestial WCS makes a map that says why in `problem` and gives NaN
    for every position: the pixels can be looked at all the same.

    Parameters
    ----------
    header_text : str
        80-character cards. Of more than two axes the celestial two are used.
    hdulist : astropy.io.fits.HDUList, optional
        The file, for a WCS that keeps its distortion or its coordinates in tables (`needs_tables`).

    Attributes
    ----------
    problem : str
        Why there is no WCS; empty if there is one.
    projection : str
        Such as ``TAN``, ``TPV`` or ``TAN-SIP``.
    frame : str
        Such as ``ICRS``, ``FK5``, ``GALACTIC``.
    equinox : float or None
    """

    def __init__(self, header_text: str, hdulist: Any = None) -> None:
        self.problem = ""
        self.projection = ""
        self.frame = ""
        self.equinox: float | None = None
        self._lock = Lock()
        self._wcs: Any = None
        self._frame: Frame | None = None
        if not header_text.strip():
            self.problem = "the header has no celestial coordinates"
            return
        try:
            self._open(header_text, hdulist)
        except Exception as error:  # a hostile header can make astropy raise anything
            self._wcs = None
            self.problem = _reason(error)

    def _open(self, header_text: str, hdulist: Any) -> None:
        with _making, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = fits.Header.fromstring(_without_comments(header_text))
            _check_sizes(header)
            wcs = WCS(header, fobj=hdulist)
            if not wcs.has_celestial:
                self.problem = "the header has no celestial coordinates"
                return
            wcs = wcs.celestial
            self._frame = frame_of(wcs)
            longitude = wcs.wcs.lng
            self._order = (longitude, 1 - longitude)
            # The first use makes wcslib check its parameters; better here than under the cursor.
            wcs.all_pix2world(np.asarray([wcs.wcs.crpix], np.float64), 1)
            self._frame.to_icrs(0.0, 0.0)
        self._wcs = wcs
        self.frame, self.equinox = self._frame.name, self._frame.equinox
        self.projection = _projection(header, str(wcs.wcs.ctype[longitude]))
        if side(self.jacobian(*wcs.wcs.crpix)) == 0:
            self._wcs = None
            self.problem = "the WCS cannot be used: all pixels have one position"

    @property
    def wcs(self) -> Any:
        """The `astropy.wcs.WCS` with its two celestial axes, or None."""
        return self._wcs

    def sky(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Give ICRS right ascension and declination in degrees.

        Parameters
        ----------
        x, y : float or ndarray
            FITS pixels.

        Returns
        -------
        ra, dec : float or ndarray
            NaN where the projection has no sky.
        """
        if self._wcs is None or self._frame is None:
            return _nowhere(x)
        longitude, latitude = self._native(x, y)
        return self._frame.to_icrs(longitude, latitude)

    def _native(self, x: Any, y: Any) -> tuple[Any, Any]:
        scalar = np.ndim(x) == 0 and np.ndim(y) == 0
        xs, ys = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
        points = np.stack((xs.ravel(), ys.ravel()), axis=1)
        with self._lock:
            try:
                world = self._wcs.all_pix2world(points, 1)
            except Exception:  # astropy has no common base for its WCS errors
                return _nowhere(x)
        longitude, latitude = world[:, self._order[0]], world[:, self._order[1]]
        if scalar:
            return float(longitude[0]), float(latitude[0])
        return longitude.reshape(xs.shape), latitude.reshape(xs.shape)

    def pixel(self, ra: float, dec: float) -> tuple[float, float]:
        """Give the FITS pixel of an ICRS position, or NaN where it has none.

        The answer is checked on the way back: an iteration that went astray counts as none.
        """
        if self._wcs is None or self._frame is None:
            return NOWHERE
        longitude, latitude = self._frame.from_icrs(float(ra), float(dec))
        world = np.empty((1, 2))
        world[0, self._order[0]], world[0, self._order[1]] = longitude, latitude
        with self._lock, np.errstate(all="ignore"):
            try:
                x, y = (float(value) for value in self._wcs.all_world2pix(world, 1, quiet=True)[0])
            except Exception:  # as above
                return NOWHERE
        if not (math.isfinite(x) and math.isfinite(y)):
            return NOWHERE
        back = self.sky(x, y)
        scale = self.pixel_scale(x, y)
        if not separation(back, (float(ra), float(dec))) < 0.1 * (scale if math.isfinite(scale) else 1.0):
            return NOWHERE
        return x, y

    def galactic(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Give Galactic l and b in degrees."""
        return to_galactic(*self.sky(x, y))

    def jacobian(self, x: float, y: float) -> Floats:
        """Give the change of (east, north), in degrees on the tangent plane, per pixel of (x, y).

        Returns
        -------
        ndarray
            ``(2, 2)``: rows east and north, columns x and y; NaN where there is no sky.
        """
        ra, dec = self.sky(np.array([x, x - 0.5, x + 0.5, x, x]), np.array([y, y, y, y - 0.5, y + 0.5]))
        east, north = tangent_plane(ra[1:], dec[1:], float(ra[0]), float(dec[0]))
        return np.array([[east[1] - east[0], east[3] - east[2]], [north[1] - north[0], north[3] - north[2]]])

    def pixel_scale(self, x: float, y: float) -> float:
        """Give the side of a pixel in arcseconds: the root of its area on the sky."""
        return side(self.jacobian(x, y))

    def orientation(self, x: float, y: float) -> tuple[float, float]:
        """Give the directions of north and east on the screen.

        Returns
        -------
        north, east : float
            Degrees clockwise from screen up, from −180 to 180.
        """
        return directions(self.jacobian(x, y))


def _without_comments(text: str) -> str:
    # Reprocessed images carry thousands of HISTORY cards, which astropy would all take apart.
    cards = [text[start : start + 80] for start in range(0, len(text), 80)]
    kept = [card for card in cards if card[:8] not in _COMMENTARY]
    if len(kept) > _MOST_CARDS:
        raise ValueError("the header has too many cards")
    return "".join(kept)


def _check_sizes(header: fits.Header) -> None:
    # astropy loops over order² coefficients, and wcslib makes matrices of axes².
    for key, most in _MOST.items():
        value = header.get(key, 0)
        if not isinstance(value, int) or not 0 <= value <= most:
            raise ValueError(f"{key} is not a number from 0 to {most}")


def _projection(header: fits.Header, ctype: str) -> str:
    # wcslib turns TPV into TAN with parameters: the header has the name that people know.
    stated = [str(header.get(f"CTYPE{axis}", "")).strip() for axis in range(1, 10)]
    name = next((text for text in stated if text[:4] == ctype[:4]), ctype)
    return name[5:].strip("- ")


def side(jacobian: Floats) -> float:
    """Give the side of a pixel in arcseconds from a Jacobian in degrees; NaN where that is NaN."""
    (a, b), (c, d) = jacobian.tolist()
    return 3600.0 * math.sqrt(abs(a * d - b * c))


def directions(jacobian: Floats) -> tuple[float, float]:
    """Give the directions of north and east, degrees clockwise from +y, from a Jacobian."""
    (a, b), (c, d) = jacobian.tolist()
    determinant = a * d - b * c
    if not math.isfinite(determinant) or determinant == 0:
        return NOWHERE
    # The columns of the inverse are the steps on the screen that lead east and north.
    return _clockwise(-b / determinant, a / determinant), _clockwise(d / determinant, -c / determinant)


def _clockwise(x: float, y: float) -> float:
    return math.degrees(math.atan2(x, y))


def _nowhere(x: Any) -> tuple[Any, Any]:
    if np.ndim(x) == 0:
        return NOWHERE
    return np.full(np.shape(x), np.nan), np.full(np.shape(x), np.nan)


def _reason(error: Exception) -> str:
    # wcslib writes "ERROR 4 in wcs_types() at line 3121 of file ..." above what it has to say.
    # Errors that astropy did not mean to raise say nothing to a user.
    lines = [line.strip(" .:") for line in str(error).splitlines() if " at line " not in line]
    text = next((line for line in lines if line), "")
    if isinstance(error, (TypeError, AttributeError, UnicodeError, LookupError)) or not text:
        text = "its keywords make no sense"
    return f"the WCS cannot be used: {text[:200]}"


def tangent_plane(ra: Any, dec: Any, ra0: float, dec0: float) -> tuple[Floats, Floats]:
    """Project ICRS degrees on the plane that touches the sky at ``(ra0, dec0)``.

    Gnomonic projection (Calabretta & Greisen 2002, §5.1.3).

    Returns
    -------
    east, north : ndarray
        Degrees; NaN more than 90° away.
    """
    vectors = to_vectors(np.asarray(ra, np.float64), np.asarray(dec, np.float64))
    lon, lat = math.radians(ra0), math.radians(dec0)
    centre = np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])
    east = np.array([-math.sin(lon), math.cos(lon), 0.0])
    north = np.cross(centre, east)
    depth = np.tensordot(centre, vectors, axes=1)
    depth = np.where(depth > 1e-9, depth, np.nan)
    return (
        np.degrees(np.tensordot(east, vectors, axes=1) / depth),
        np.degrees(np.tensordot(north, vectors, axes=1) / depth),
    )


def separation(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Give the angle between two positions (degrees) in arcseconds, also where it is tiny."""
    a, b = to_vectors(*np.array([one[0], one[1]]).reshape(2, 1)), to_vectors(*np.array(other).reshape(2, 1))
    a, b = a[:, 0], b[:, 0]
    return 3600.0 * math.degrees(math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b)))


def mean_direction(ra: Floats, dec: Floats) -> tuple[float, float]:
    """Give the direction in the middle of several, in degrees."""
    lon, lat = from_vectors(to_vectors(ra, dec).sum(axis=1)[:, None])
    return float(lon[0]), float(lat[0])


@lru_cache(maxsize=256)
def sky_map(header_text: str) -> SkyMap:
    """Make the map of a header, or give the one made before."""
    return SkyMap(header_text)
