"""The map from the display pixels of a mosaic to the pixels of one CCD, fitted to its WCS.

An affine map is the first choice. Where the optics bend a CCD by more than a fraction of a pixel,
terms of the second and third degree are added: those of TPV go no further.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POWERS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))
"""Of column and row, in the order of the coefficients."""
AFFINE = 3
"""Coefficients of an affine map."""
_TERMS = {1: 3, 2: 6, 3: 10}
_STEPS = 12
_CLOSE = 1e-9


@dataclass(frozen=True)
class Residual:
    """How far a map puts pixels from where the WCS has them, in display pixels.

    Attributes
    ----------
    rms, maximum : float
        Over a grid of points on the CCD, edges included.
    """

    rms: float
    maximum: float


@dataclass(frozen=True)
class Warp:
    """Polynomials of a display position that give a CCD's own, from 0, centres at integers.

    Attributes
    ----------
    column, row : float
        Where the polynomials have their origin, in display pixels.
    along, up : tuple of float
        Ten coefficients each, in the order of `POWERS`: of x and of y in file order.
    degree : int
        1 for an affine map; the coefficients above it are 0.
    """

    column: float
    row: float
    along: tuple[float, ...]
    up: tuple[float, ...]
    degree: int = 1

    @cached_property
    def coefficients(self) -> Floats:
        """``(2, 10)``: of x and of y."""
        return np.array((self.along, self.up), np.float64)

    @cached_property
    def linear(self) -> Floats:
        """``(2, 2)``: change of (x, y) per display column and row, at the origin."""
        return np.array((self.along[1:AFFINE], self.up[1:AFFINE]), np.float64)

    @cached_property
    def scale(self) -> float:
        """Display pixels in the side of a pixel of the CCD, at the origin."""
        return 1.0 / math.sqrt(abs(float(np.linalg.det(self.linear))))

    def moved(self, columns: float, rows: float) -> "Warp":
        """The same map with the CCD elsewhere on the display."""
        return replace(self, column=self.column + columns, row=self.row + rows)

    def to_file(self, column: Any, row: Any) -> tuple[Any, Any]:
        """Turn display positions into ``(x, y)`` of the CCD: scalars or arrays."""
        return _polynomials(self.along, self.up, column - self.column, row - self.row)

    def to_display(self, x: float, y: float) -> tuple[float, float]:
        """Find the display position of ``(x, y)``, by Newton's method.

        Far outside the CCD, where the polynomials turn round, the affine part has to do.
        """
        first = self._affine_inverse(x - self.along[0], y - self.up[0])
        u, v = first
        for _ in range(_STEPS):
            found_x, found_y = _polynomials(self.along, self.up, u, v)
            du, dv = _solve(self._slopes(u, v), x - found_x, y - found_y)
            u, v = u + du, v + dv
            if abs(du) + abs(dv) < _CLOSE:
                return self.column + u, self.row + v
        return self.column + first[0], self.row + first[1]

    def _affine_inverse(self, x: float, y: float) -> tuple[float, float]:
        return _solve((self.along[1], self.along[2], self.up[1], self.up[2]), x, y)

    def _slopes(self, u: float, v: float) -> tuple[float, float, float, float]:
        a, b = self.along, self.up
        return (*_slope(a, u, v), *_slope(b, u, v))


def _polynomials(along: tuple[float, ...], up: tuple[float, ...], u: Any, v: Any) -> tuple[Any, Any]:
    uu, uv, vv = u * u, u * v, v * v
    terms = (u, v, uu, uv, vv, uu * u, uu * v, u * vv, vv * v)
    x, y = along[0], up[0]
    for term, a, b in zip(terms, along[1:], up[1:], strict=True):
        x, y = x + a * term, y + b * term
    return x, y


def _slope(c: tuple[float, ...], u: float, v: float) -> tuple[float, float]:
    return (
        c[1] + 2 * c[3] * u + c[4] * v + 3 * c[6] * u * u + 2 * c[7] * u * v + c[8] * v * v,
        c[2] + c[4] * u + 2 * c[5] * v + c[7] * u * u + 2 * c[8] * u * v + 3 * c[9] * v * v,
    )


def _solve(matrix: tuple[float, float, float, float], x: float, y: float) -> tuple[float, float]:
    a, b, c, d = matrix
    determinant = a * d - b * c
    if determinant == 0:
        return math.nan, math.nan
    return (d * x - b * y) / determinant, (a * y - c * x) / determinant


def fit_warp(display: Floats, file: Floats, tolerance: float) -> tuple[Warp, Residual] | None:
    """Fit a map by least squares, of the lowest degree that stays within the tolerance.

    Parameters
    ----------
    display, file : ndarray
        ``(n, 2)``: columns and rows on the display, and x and y of the same points on the CCD.
    tolerance : float
        Display pixels that the affine map may be off anywhere, before terms are added to it.

    Returns
    -------
    tuple or None
        The map and its residual; None if the points do not lie on a plane of two dimensions.
    """
    best: tuple[Warp, Residual] | None = None
    for degree in _TERMS:
        found = _fit(display, file, degree)
        if found is None:
            return best
        if best is None or found[1].maximum < best[1].maximum:
            best = found
        if best[1].maximum <= tolerance:
            break
    return best


def _fit(display: Floats, file: Floats, degree: int) -> tuple[Warp, Residual] | None:
    # Positions are scaled to about one: otherwise the cubes would drown the constants.
    origin = (display.min(axis=0) + display.max(axis=0)) / 2
    half = float(np.abs(display - origin).max())
    if not half > 0 or not math.isfinite(half):
        return None
    u, v = ((display - origin) / half).T
    powers = POWERS[: _TERMS[degree]]
    terms = np.stack([u**i * v**j for i, j in powers], axis=1)
    solution, _, rank, _ = np.linalg.lstsq(terms, file, rcond=None)
    if rank < len(powers):
        return None
    coefficients = np.zeros((2, len(POWERS)))
    coefficients[:, : len(powers)] = solution.T / [half ** (i + j) for i, j in powers]
    along, up = (tuple(float(each) for each in axis) for axis in coefficients)
    warp = Warp(float(origin[0]), float(origin[1]), along, up, degree)
    if abs(np.linalg.det(warp.linear)) < 1e-12:
        return None
    off = np.linalg.solve(warp.linear, (file - terms @ solution).T)
    squares = (off**2).sum(axis=0)
    return warp, Residual(math.sqrt(float(squares.mean())), math.sqrt(float(squares.max())))
