"""The trail of a satellite that crossed the field during the exposure."""

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from toyz_exposures.tpv import Tpv

Floats = NDArray[np.float64]
Image = NDArray[np.float32]

_HALF_WIDTH = 14  # pixels that a trail is painted on either side


@dataclass(frozen=True)
class Trail:
    """A straight line ``xi = offset + slope · eta`` of the tangent plane (degrees).

    Attributes
    ----------
    offset, slope : float
    brightness : float
        Adu a pixel on the ridge.
    glints : float
        How often a degree it brightens, as a tumbling satellite does.
    """

    offset: float
    slope: float
    brightness: float
    glints: float


def draw_trail(rng: np.random.Generator) -> Trail:
    """Draw a trail that crosses the middle half of the field."""
    return Trail(
        offset=float(rng.uniform(-0.5, 0.5)),
        slope=float(rng.uniform(-0.7, 0.7)),
        brightness=float(rng.uniform(40.0, 90.0)),
        glints=float(rng.uniform(2.0, 6.0)),
    )


@numba.njit(nogil=True, cache=True)
def _paint(image: Image, ridge: Floats, slope: Floats, brightness: Floats, sigma: float) -> None:
    ny, nx = image.shape
    for column in range(nx):
        flat = 1.0 / math.sqrt(1.0 + slope[column] ** 2)  # from a step along y to a distance from the line
        first = max(0, math.ceil(ridge[column] - _HALF_WIDTH))
        for row in range(first, min(ny - 1, math.floor(ridge[column] + _HALF_WIDTH)) + 1):
            distance = (row - ridge[column]) * flat / sigma
            image[row, column] += brightness[column] * math.exp(-0.5 * distance * distance)


def add_trail(image: Image, tpv: Tpv, trail: Trail, sigma: float) -> None:
    """Add the part of a trail that falls on a CCD, in place.

    Parameters
    ----------
    image : ndarray of float32, ``(ny, nx)``
    tpv : Tpv
        Of the CCD.
    trail : Trail
    sigma : float
        Width of the trail, pixels.
    """
    ny, nx = image.shape
    x = np.array([1.0, 1.0, nx, nx])
    y = np.array([1.0, ny, 1.0, ny])
    xi, eta = tpv.to_plane(x, y)
    beside = xi - (trail.offset + trail.slope * eta)
    if beside.min() > 0 or beside.max() < 0:
        return
    along = np.linspace(eta.min() - 0.01, eta.max() + 0.01, 64)
    x, y = tpv.from_plane(trail.offset + trail.slope * along, along)
    order = np.argsort(x)
    columns = np.arange(1, nx + 1, dtype=float)
    ridge = np.interp(columns, x[order], y[order]) - 1.0
    place = np.interp(columns, x[order], along[order])
    brightness = trail.brightness * (1.0 + 0.5 * np.sin(2.0 * np.pi * trail.glints * place) ** 5)
    _paint(image, ridge, np.gradient(ridge), brightness, sigma)
