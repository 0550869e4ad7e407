"""Positions as people write them."""

import math
import re
from typing import NamedTuple

from toyz.errors import InvalidParameter
from toyz_tiles.frames import from_galactic


class SkyPosition(NamedTuple):
    """ICRS degrees."""

    ra: float
    dec: float


class PixelPosition(NamedTuple):
    """FITS pixels."""

    x: float
    y: float


_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_PAIR = re.compile(rf"\s*({_NUMBER})°?(\s*,\s*|\s+)({_NUMBER})°?\s*", re.IGNORECASE)
_SUFFIX = re.compile(
    r"(.*?)[\s,]*(?<![a-z])(galactic|gal|icrs|fk5|j2000|deg|px|pixels?|pix)\s*", re.IGNORECASE | re.DOTALL
)
_PARTS = r"(\d{1,3})%s\s*(\d{1,2}(?:\.\d*)?)(?:%s\s*(\d{1,2}(?:\.\d*)?))?%s"
_HOURS = _PARTS % ("(?:[:h ])", "(?:[:m' ])", "[sm'\"]?")
_DEGREES = "([+-]?)" + _PARTS % ("(?:[:d° ])", "(?:[:m′' ])", "[sm″'\"]?")
_SEXAGESIMAL = re.compile(rf"\s*{_HOURS}[\s,]+{_DEGREES}\s*", re.IGNORECASE)


def parse_position(text: str) -> SkyPosition | PixelPosition:
    """Read a position.

    ================================ ==========================================
    ``03:56:21.6 -52:48:40``         hours and degrees; also ``03h56m21.6s …``
    ``59.09 -52.811``                degrees
    ``59.09, -52.811 icrs``          degrees
    ``259.1, -47.3 gal``             Galactic
    ``12045, 8123``                  a FITS pixel, for no such degrees exist
    ``102.4, 20.5 px``               a FITS pixel
    ================================ ==========================================

    Two bare numbers are degrees wherever they can be, with a comma or without.

    Raises
    ------
    InvalidParameter
        If it is none of these, or out of range.
    """
    body, suffix = text.strip()[:200], ""
    match = _SUFFIX.fullmatch(body)
    if match is not None:
        body, suffix = match[1], match[2].lower()
    pair = _PAIR.fullmatch(body)
    if pair is None:
        return _sexagesimal(body)
    first, second = float(pair[1]), float(pair[3])
    if not (math.isfinite(first) and math.isfinite(second)):
        raise _misread(text)
    if suffix.startswith("gal"):
        _check_latitude(second)
        return SkyPosition(*from_galactic(first % 360.0, second))
    possible = 0.0 <= first <= 360.0 and abs(second) <= 90.0
    if suffix.startswith("p") or (not suffix and not possible):
        return PixelPosition(first, second)
    _check_latitude(second)
    return SkyPosition(first % 360.0, second)


def _sexagesimal(text: str) -> SkyPosition:
    match = _SEXAGESIMAL.fullmatch(text)
    if match is None:
        raise _misread(text)
    hours, minutes, seconds, sign, degrees, arcminutes, arcseconds = match.groups()
    values = [float(value or 0) for value in (minutes, seconds, arcminutes, arcseconds)]
    if max(values) >= 60 or float(hours) >= 24:
        raise _misread(text)
    ra = 15 * (float(hours) + values[0] / 60 + values[1] / 3600)
    dec = float(degrees) + values[2] / 60 + values[3] / 3600
    _check_latitude(dec)
    return SkyPosition(ra, -dec if sign == "-" else dec)


def _check_latitude(latitude: float) -> None:
    if abs(latitude) > 90:
        raise InvalidParameter("a declination or latitude is between −90 and 90", field="text")


def _misread(text: str) -> InvalidParameter:
    return InvalidParameter(f"not a position: {text.strip()[:60]!r}", field="text")


def format_sexagesimal(ra: float, dec: float) -> tuple[str, str]:
    """Write degrees as ``hh:mm:ss.sss`` and ``±dd:mm:ss.ss``; NaN gives empty strings.

    >>> format_sexagesimal(59.09, -52.811111111)
    ('03:56:21.600', '-52:48:40.00')
    """
    if not (math.isfinite(ra) and math.isfinite(dec)):
        return "", ""
    hours = _sixties(ra % 360.0 / 15.0, 3)
    if hours.startswith("24"):
        hours = "00" + hours[2:]
    return hours, ("-" if dec < 0 else "+") + _sixties(abs(dec), 2)


def _sixties(value: float, digits: int) -> str:
    # Rounded as a whole first, so that 59.9996 s never shows as 60.000.
    scale = 10**digits
    units = round(value * 3600 * scale)
    seconds, fraction = divmod(units, scale)
    minutes, seconds = divmod(seconds, 60)
    whole, minutes = divmod(minutes, 60)
    return f"{whole:02d}:{minutes:02d}:{seconds:02d}.{fraction:0{digits}d}"
