"""The pixels of a mass map: a disc of squares about the lens centre, the central one split where that is asked for."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.errors import BadInput

Array = NDArray[np.float64]
Index = NDArray[np.intp]
LARGEST = 25
"""Pixels from the centre to the edge, at most: 1,961 of them."""
FINEST = 9
"""Into how many times as many the central pixel is split, at most."""


@dataclass(frozen=True)
class Grid:
    """Pixels of a mass map, in arcsec about the lens centre, x and y as on the sky's picture.

    Parameters
    ----------
    pixrad : int
        Pixels from the central one to the edge, from 2; those within ``pixrad + ½`` of the centre are kept.
    maprad : float
        How far the outermost ring's middle is from the centre, arcsec.
    split : int
        The central pixel is split into as many by as many; odd.
    symmetric : bool
        Whether pixels that mirror each other in the centre have one convergence.

    Raises
    ------
    BadInput
    """

    pixrad: int
    maprad: float
    split: int = 1
    symmetric: bool = False

    def __post_init__(self) -> None:
        if not 2 <= self.pixrad <= LARGEST:
            raise BadInput(f"the radius of the map is {self.pixrad} pixels; it has 2 to {LARGEST}", "pixrad")
        if not (np.isfinite(self.maprad) and self.maprad > 0):
            raise BadInput(f"the radius of the map is {self.maprad} arcsec; it is positive", "maprad")
        if self.split % 2 == 0 or not 1 <= self.split <= FINEST:
            raise BadInput(f"the central pixel is split {self.split} times; it is an odd number to {FINEST}", "split")

    @property
    def side(self) -> float:
        """Of a whole pixel, arcsec."""
        return self.maprad / self.pixrad

    @cached_property
    def cells(self) -> NDArray[np.int64]:
        """Whole pixels from the centre, (cells, 2), row by row from the lowest y; also the central one."""
        span = np.arange(-self.pixrad, self.pixrad + 1)
        y, x = (each.ravel() for each in np.meshgrid(span, span, indexing="ij"))
        kept = np.hypot(x, y) < self.pixrad + 0.5
        return np.column_stack([x[kept], y[kept]])

    @cached_property
    def positions(self) -> Array:
        """Centres of the pixels, (pixels, 2), arcsec: the whole ones, then those of the central one if it is split."""
        cells = np.asarray(self.cells * self.side, float)
        if self.split == 1:
            return cells
        whole = cells[np.any(self.cells != 0, axis=1)]
        span = (np.arange(self.split) - self.split // 2) * self.side / self.split
        y, x = np.meshgrid(span, span, indexing="ij")
        return np.vstack([whole, np.column_stack([x.ravel(), y.ravel()])])

    @cached_property
    def sides(self) -> Array:
        """Of each pixel, (pixels,), arcsec."""
        parts = 0 if self.split == 1 else self.split**2
        sides = np.full(len(self), self.side)
        sides[len(self) - parts :] = self.side / self.split
        return sides

    def __len__(self) -> int:
        """How many pixels there are."""
        return len(self.positions)

    @cached_property
    def radii(self) -> Array:
        """Distances of the pixels from the centre, (pixels,), arcsec."""
        x, y = self.positions.T
        return np.asarray(np.hypot(x, y), float)

    @property
    def centre(self) -> int:
        """The pixel at the centre."""
        return int(np.argmin(self.radii))

    @cached_property
    def rings(self) -> list[Index]:
        """The pixels of each ring, from the centre out: those whose distances round to the same number of sides."""
        order = np.where(self.sides == self.side, self.split * np.rint(self.radii / self.side), 0.0)
        fine = self.sides < self.side
        order[fine] = np.rint(self.radii[fine] / self.sides[fine])
        if self.split > 1:
            # A corner of the central pixel belongs to it, whatever its distance rounds to.
            order[fine] = np.minimum(order[fine], self.split // 2)
        return [np.flatnonzero(order == each) for each in np.unique(order)]

    @cached_property
    def ring_radii(self) -> Array:
        """Mean distances of the rings from the centre, (rings,), arcsec, over their area."""
        means = np.array([self.radii[ring].mean() for ring in self.rings])
        inner = self.sides[self.centre]
        means[0] = inner * (np.sqrt(2) + np.log(1 + np.sqrt(2))) / 6  # of a square from its own centre
        return means

    def means_at(self, positions: Array, sides: Array) -> Array:
        """Give by which weights of the pixels the mean convergences over squares are found; all 0 off the map.

        Parameters
        ----------
        positions : array, (squares, 2)
            Their centres, arcsec.
        sides : array, (squares,)
            Each that of a whole pixel, or of one of the parts of the central one, arcsec.

        Returns
        -------
        array, (squares, pixels)
        """
        reach = np.maximum(self.sides, sides[:, None]) / 2 * (1 - 1e-6)
        apart = np.abs(positions[:, None, :] - self.positions)
        near = (apart[..., 0] < reach) & (apart[..., 1] < reach)
        return np.asarray(near / np.maximum(near.sum(axis=1, keepdims=True), 1), float)

    def _beside(self, dx: int, dy: int) -> Array:
        """Give the weights of what lies so many sides from each pixel, (pixels, pixels)."""
        steps = self.sides[:, None] * (dx, dy)
        return self.means_at(self.positions + steps, self.sides)

    @cached_property
    def neighbours(self) -> tuple[Array, Array, Array, Array]:
        """The weights (`means_at`) of what lies east (+x), west, north (+y) and south of each pixel."""
        return self._beside(1, 0), self._beside(-1, 0), self._beside(0, 1), self._beside(0, -1)

    @cached_property
    def around(self) -> Array:
        """By which weights the mean of the (up to eight) neighbours of each pixel is found, (pixels, pixels)."""
        sides = [self._beside(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]
        total = np.sum(sides, axis=0)
        # Each that is there has weights that add up to 1.
        weights: Array = total / total.sum(axis=1, keepdims=True)
        return weights

    @cached_property
    def fold(self) -> Array:
        """The convergence of every pixel from the unknown ones, (pixels, unknowns): ones and zeros."""
        if not self.symmetric:
            return np.eye(len(self))
        scale = self.side / self.split / 2
        keys = np.rint(self.positions / scale).astype(int)
        unknowns: dict[tuple[int, ...], int] = {}
        columns = [unknowns.setdefault(max(tuple(key), tuple(-key)), len(unknowns)) for key in keys]
        folded = np.zeros((len(self), len(unknowns)))
        folded[np.arange(len(self)), columns] = 1
        return folded

    def raster(self, kappa: Array, per_pixel: int | None = None) -> Array:
        """Lay a mass map out as an image.

        Parameters
        ----------
        kappa : array, (..., pixels)
        per_pixel : int, optional
            Into how many pixels of the image the side of a whole pixel is divided: a multiple of `split`, which it is
            by default.

        Returns
        -------
        array, (..., n, n)
            Row 0 has the lowest y; NaN where there is no pixel. n = (2 pixrad + 1) × per_pixel.
        """
        per_pixel = per_pixel or self.split
        if per_pixel % self.split:
            raise BadInput(f"it is {per_pixel}, and no multiple of the {self.split} of the centre", "per_pixel")
        step = self.side / per_pixel
        middles = (np.arange((2 * self.pixrad + 1) * per_pixel) + 0.5) * step - (self.pixrad + 0.5) * self.side
        owner = np.full((len(middles), len(middles)), -1)
        for number, ((x, y), side) in enumerate(zip(self.positions, self.sides, strict=True)):
            columns, rows = (np.flatnonzero(np.abs(middles - at) < side / 2) for at in (x, y))
            owner[np.ix_(rows, columns)] = number
        return np.where(owner >= 0, kappa[..., owner], np.nan)
