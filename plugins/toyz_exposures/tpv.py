"""The TPV projection between the pixels of a CCD and the tangent plane, in both directions.

A TPV world coordinate system is a linear map of the pixels, a polynomial in its result, and a
gnomonic projection (the registry of FITS WCS conventions, `TPV`,
https://fits.gsfc.nasa.gov/registry/tpvwcs.html). All CCDs of an exposure share the tangent
point, so that an object has one place in the tangent plane and a pixel on each CCD.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TERMS = (0, 1, 2, 4, 5, 6, 7, 8, 9, 10)
"""Numbers of the PV coefficients in use; number 3, the radius, is zero for DECam."""
_STEPS = 20
_TOLERANCE = 1e-13  # degrees: a millionth of a thousandth of a pixel


def _terms(x: Floats, y: Floats) -> tuple[Floats, ...]:
    return np.ones_like(x), x, y, x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3


def _slopes(x: Floats, y: Floats) -> tuple[tuple[Floats, ...], tuple[Floats, ...]]:
    zero, one = np.zeros_like(x), np.ones_like(x)
    along_x = (zero, one, zero, 2 * x, y, zero, 3 * x * x, 2 * x * y, y * y, zero)
    along_y = (zero, zero, one, zero, x, 2 * y, zero, x * x, 2 * x * y, 3 * y * y)
    return along_x, along_y


def _sum(coefficients: tuple[float, ...], values: tuple[Floats, ...]) -> Floats:
    total = coefficients[0] * values[0]
    for coefficient, value in zip(coefficients[1:], values[1:], strict=True):
        total = total + coefficient * value
    return total


@dataclass(frozen=True)
class Tpv:
    """The map of one CCD.

    Attributes
    ----------
    crpix : tuple of float
        Reference pixel (x, y), 1-based as in FITS.
    cd : tuple of float
        ``CD1_1, CD1_2, CD2_1, CD2_2`` in degrees a pixel.
    pv1, pv2 : tuple of float
        Coefficients numbered as in `TERMS`. The second axis takes its terms with x and y exchanged.
    """

    crpix: tuple[float, float]
    cd: tuple[float, float, float, float]
    pv1: tuple[float, ...]
    pv2: tuple[float, ...]

    def to_plane(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Map pixels (1-based) to the tangent plane: (xi, eta) in degrees, xi to the east."""
        dx, dy = np.asarray(x, float) - self.crpix[0], np.asarray(y, float) - self.crpix[1]
        first = self.cd[0] * dx + self.cd[1] * dy
        second = self.cd[2] * dx + self.cd[3] * dy
        return _sum(self.pv1, _terms(first, second)), _sum(self.pv2, _terms(second, first))

    def from_plane(self, xi: Floats, eta: Floats) -> tuple[Floats, Floats]:
        """Map the tangent plane (degrees) to pixels (1-based) by Newton's method.

        Far from the CCD, where the polynomial was never fitted, the answer means nothing beyond
        "not here".
        """
        first, second = self._undistort(np.asarray(xi, float), np.asarray(eta, float))
        c11, c12, c21, c22 = self.cd
        determinant = c11 * c22 - c12 * c21
        x = (c22 * first - c12 * second) / determinant + self.crpix[0]
        y = (c11 * second - c21 * first) / determinant + self.crpix[1]
        return x, y

    def footprint(self, shape: tuple[int, int]) -> tuple[float, float, float, float]:
        """Give the ends in xi and in eta (degrees) of what an image of ``(ny, nx)`` pixels sees."""
        ny, nx = shape
        x, y = np.linspace(0.5, nx + 0.5, 9), np.linspace(0.5, ny + 0.5, 9)
        low, high = np.full(9, 0.5), np.full(9, 1.0)
        edge_x = np.concatenate((x, x, low, high * (nx + 0.5)))
        edge_y = np.concatenate((low, high * (ny + 0.5), y, y))
        xi, eta = self.to_plane(edge_x, edge_y)
        return float(xi.min()), float(xi.max()), float(eta.min()), float(eta.max())

    def _undistort(self, xi: Floats, eta: Floats) -> tuple[Floats, Floats]:
        first, second = xi.copy(), eta.copy()
        for _ in range(_STEPS):
            miss1 = _sum(self.pv1, _terms(first, second)) - xi
            miss2 = _sum(self.pv2, _terms(second, first)) - eta
            by_first, by_second = _slopes(first, second)
            j11, j12 = _sum(self.pv1, by_first), _sum(self.pv1, by_second)
            swapped_first, swapped_second = _slopes(second, first)
            j22, j21 = _sum(self.pv2, swapped_first), _sum(self.pv2, swapped_second)
            determinant = j11 * j22 - j12 * j21
            step1 = (j22 * miss1 - j12 * miss2) / determinant
            step2 = (j11 * miss2 - j21 * miss1) / determinant
            first, second = first - step1, second - step2
            if first.size == 0 or max(np.abs(step1).max(), np.abs(step2).max()) < _TOLERANCE:
                break
        return first, second


def plane_to_sky(xi: Floats, eta: Floats, ra: float, dec: float) -> tuple[Floats, Floats]:
    """Map the tangent plane (degrees) at ``(ra, dec)`` to the sky, in degrees.

    The inverse of the gnomonic projection, with Cartesian vectors (Calabretta & Greisen 2002,
    A&A 395, 1077, section 5.1.3), exact at the pole as well.
    """
    x, y = np.deg2rad(xi), np.deg2rad(eta)
    sine, cosine = np.sin(np.deg2rad(dec)), np.cos(np.deg2rad(dec))
    inward = cosine - y * sine
    longitude = np.rad2deg(np.arctan2(x, inward)) + ra
    latitude = np.rad2deg(np.arctan2(sine + y * cosine, np.hypot(x, inward)))
    return longitude % 360.0, latitude
