"""The profile of mass maps: over rings, and within them. Convergences are for a source at infinity unless said."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.grid import Grid

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """Means over rings; radii are those of circles with the area of the pixels within, arcsec.

    Parameters
    ----------
    edges : array, (rings,)
        Outer radius of each ring.
    kappa : array, (models, rings)
        Mean convergence of each ring.
    mass : array, (models, rings)
        Convergence times area within the outer radius, arcsec².
    """

    edges: Array
    kappa: Array
    mass: Array

    @property
    def middles(self) -> Array:
        """For each ring the radius that halves its area, arcsec."""
        inner = np.append(0.0, self.edges[:-1])
        middles: Array = np.sqrt((inner**2 + self.edges**2) / 2)
        return middles

    @property
    def mean_within(self) -> Array:
        """Mean convergence within the outer radius of each ring, (models, rings)."""
        return self.mass / (np.pi * self.edges**2)

    def einstein_radius(self, z_cap: float) -> Array:
        """Give the radius within which the mean convergence for a source is 1, (models,), arcsec.

        Within a ring the mass grows with the area, so that the radius does not jump from ring to ring. NaN where
        the mean is below 1 already in the innermost ring, or still above at the edge of the map.

        Parameters
        ----------
        z_cap : float
            d(0, source) / d(lens, source).
        """
        area = np.pi * self.edges**2
        excess = self.mass - z_cap * area
        # The mean falls outwards but for noise: the outermost ring at whose beginning it is still above counts.
        above = excess[:, :-1] >= 0
        ring = np.where(above.any(axis=1), above.shape[1] - np.argmax(above[:, ::-1], axis=1), 0)
        model = np.arange(len(excess))
        falls = z_cap - self.kappa[model, ring]
        inside = np.maximum(ring - 1, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            square = area[inside] + excess[model, inside] / falls
        found = np.sqrt(np.where(square > 0, square, np.nan) / np.pi)
        return np.where(above.any(axis=1) & (found <= self.edges[ring] * (1 + 1e-9)), found, np.nan)


def profile_of(kappa: Array, grid: Grid) -> Profile:
    """Average mass maps over rings.

    Parameters
    ----------
    kappa : array, (models, pixels)
    grid : Grid
    """
    areas = np.array([np.sum(grid.sides[ring] ** 2) for ring in grid.rings])
    masses = np.stack([kappa[:, ring] @ grid.sides[ring] ** 2 for ring in grid.rings], axis=-1)
    edges = np.sqrt(np.cumsum(areas) / np.pi)
    return Profile(edges, masses / areas, np.cumsum(masses, axis=1))
