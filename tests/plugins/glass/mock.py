"""A lens whose mass is known: an isothermal ellipsoid in external shear, and the images of one source.

Its convergence is κ = θ_E √q / (2 √(q² x² + y²)) in its own axes (Kormann, Schneider & Bartelmann 1994, A&A 284, 285).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad

from toyz_glass.core.lens import Delay, Image, LensSystem, Source
from toyz_glass.core.standard import standard_lens

Array = NDArray[np.float64]
Z_LENS, HUBBLE = 0.5, 70.0
EINSTEIN, AXIS_RATIO, ANGLE = 1.25, 0.75, np.radians(35.0)
GAMMA = (0.03, -0.04)
BETA = (0.09, 0.05)
SOURCE = Source(
    1.5,
    (
        Image(1.23768, -0.66481, "min"),
        Image(-0.55437, 1.19848, "min"),
        Image(0.79044, 0.94583, "saddle"),
        Image(-0.8084, -0.66582, "saddle"),
    ),
    (Delay(7.039), Delay(6.3964), Delay(21.1643)),
)
"""Positions and delays worked out by lenstronomy."""


def mock(**options: object) -> LensSystem:
    """Give the marks of the mock as a lens."""
    return standard_lens(Z_LENS, (SOURCE,), name="mock", **options)  # type: ignore[arg-type]


def deflection(points: Array) -> Array:
    """Give what the lens deflects, (points, 2), arcsec, for its source."""
    q, cos, sin = AXIS_RATIO, np.cos(ANGLE), np.sin(ANGLE)
    x, y = points @ np.array([[cos, -sin], [sin, cos]])[:, 0], points @ np.array([[cos, -sin], [sin, cos]])[:, 1]
    flat, radius = np.sqrt(1 - q**2), np.sqrt(q**2 * x**2 + y**2)
    own_x = EINSTEIN * np.sqrt(q) / flat * np.arctan(flat * x / radius)
    own_y = EINSTEIN * np.sqrt(q) / flat * np.arctanh(flat * y / radius)
    shear = points @ np.array([[GAMMA[0], GAMMA[1]], [GAMMA[1], -GAMMA[0]]])
    return np.asarray(np.column_stack([own_x * cos - own_y * sin, own_x * sin + own_y * cos]) + shear, float)


def einstein_radius() -> float:
    """Give the radius of the circle within which the mean convergence is 1, arcsec."""
    q = AXIS_RATIO
    around, _ = quad(lambda angle: 1 / np.sqrt(q**2 * np.cos(angle) ** 2 + np.sin(angle) ** 2), 0, 2 * np.pi)
    return float(EINSTEIN * np.sqrt(q) * around / (2 * np.pi))
