"""The lensing potential of a square pixel of uniform convergence.

A pixel of side ``a`` and convergence 1 has the potential Q, with ∇²Q = 2 inside and 0 outside. Q and its
derivatives are sums of one function of two variables over the four corners (AbdelSalam, Saha & Williams 1998,
AJ 116, 1541, eqs. A4 to A9; Coles, Read & Saha 2014, MNRAS 445, 2181, appendix A). Lengths may have any unit: Q
has its square, the deflection the unit itself, the second derivatives none.

All functions take arrays that broadcast: ``x`` and ``y`` are where the potential is wanted, from the pixel's centre.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_Corner = Callable[[Array, Array], Array]


def potential(x: ArrayLike, y: ArrayLike, side: ArrayLike) -> Array:
    """Give Q.

    Parameters
    ----------
    x, y : array_like
        From the pixel's centre.
    side : array_like
        Of the pixel, in the same unit.
    """
    corners = _over_corners(_of_potential, x, y, side)
    found: Array = (corners - 3 * np.square(np.asarray(side, float))) / (2 * np.pi)
    return found


def deflection(x: ArrayLike, y: ArrayLike, side: ArrayLike) -> tuple[Array, Array]:
    """Give ∂Q/∂x and ∂Q/∂y; parameters as for `potential`."""
    along_x = _over_corners(_of_deflection, x, y, side)
    along_y = _over_corners(lambda u, v: _of_deflection(v, u), x, y, side)
    return along_x / np.pi, along_y / np.pi


def hessian(x: ArrayLike, y: ArrayLike, side: ArrayLike) -> tuple[Array, Array, Array]:
    """Give ∂²Q/∂x², ∂²Q/∂y² and ∂²Q/∂x∂y; parameters as for `potential`.

    On an edge of the pixel, where they jump, they are the mean of both sides.
    """
    xx = _over_corners(lambda u, v: _angle(v, u), x, y, side)
    yy = _over_corners(_angle, x, y, side)
    xy = _over_corners(_log, x, y, side)
    return xx / np.pi, yy / np.pi, xy / (2 * np.pi)


def _over_corners(function: _Corner, x: ArrayLike, y: ArrayLike, side: ArrayLike) -> Array:
    x, y, half = np.asarray(x, float), np.asarray(y, float), np.asarray(side, float) / 2
    left, right, low, high = x - half, x + half, y - half, y + half
    found: Array = function(left, low) + function(right, high) - function(left, high) - function(right, low)
    return found


def _of_potential(u: Array, v: Array) -> Array:
    return u**2 * _angle(v, u) + v**2 * _angle(u, v) + u * v * _log(u, v)


def _of_deflection(u: Array, v: Array) -> Array:
    return u * _angle(v, u) + v / 2 * _log(u, v)


def _angle(v: Array, u: Array) -> Array:
    """Give arctan(v/u); 0 where u is, which is the mean of both sides."""
    ratio = np.divide(v, u, out=np.zeros(np.broadcast(u, v).shape), where=u != 0)
    found: Array = np.arctan(ratio)
    return found


def _log(u: Array, v: Array) -> Array:
    """Give ln(u² + v²); at a corner of the pixel, where only a product with 0 is wanted of it, something finite."""
    square: Any = np.square(u) + np.square(v)
    found: Array = np.log(np.where(square > 0, square, 1.0))
    return found
