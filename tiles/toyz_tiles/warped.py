"""A CCD that lies on a mosaic as its WCS has it: turned, stretched and bent a little."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from toyz.readers import Pixels, Raster
from toyz_tiles.layout import Point, Sample
from toyz_tiles.raster import Run
from toyz_tiles.resample import gather, locate
from toyz_tiles.warp import Residual, Warp


@dataclass(frozen=True, kw_only=True)
class WarpedPlacement:
    """One CCD on the mosaic, sampled through a map; see `toyz_tiles.layout.Place`.

    The pixels shown are ``ny × nx`` of the raster from column `crop_x` and row `crop_y` on.

    Attributes
    ----------
    x, y, width, height : int
        The box around it, in display pixels.
    shape : tuple of int
        ``(ny, nx)`` of the pixels shown.
    warp : Warp
        From display positions to those pixels.
    residual : Residual
        Of the map.
    """

    name: str
    hdu: int
    x: int
    y: int
    width: int
    height: int
    shape: tuple[int, int]
    warp: Warp
    residual: Residual
    crop_x: int = 0
    crop_y: int = 0

    def holds(self, column: float, row: float) -> bool:
        """Whether a display position lies on the CCD (pixel centres at integers)."""
        # The box is the cheaper question, and most CCDs are elsewhere.
        if not (self.x - 1 <= column <= self.x + self.width and self.y - 1 <= row <= self.y + self.height):
            return False
        return self._outside(column, row) == (0.0, 0.0)

    def distance(self, column: float, row: float) -> float:
        """Display pixels from a display position to the CCD's nearest edge; 0 inside."""
        return math.hypot(*self._outside(column, row)) * self.warp.scale

    def _outside(self, column: float, row: float) -> tuple[float, float]:
        # Pixels of the CCD between its edges and a position; the upper edges are outside.
        x, y = self.warp.to_file(column, row)
        ny, nx = self.shape
        return _beyond(x, nx), _beyond(y, ny)

    def to_file(self, column: Any, row: Any) -> tuple[Any, Any]:
        """Turn display positions into ``(x, y)`` of the raster; see `toyz_tiles.layout.Place.to_file`."""
        x, y = self.warp.to_file(column, row)
        return self.crop_x + x, self.crop_y + y

    def to_display(self, x: float, y: float) -> tuple[float, float]:
        """Turn ``(x, y)`` of the raster in file order, from 0, into display column and row."""
        return self.warp.to_display(x - self.crop_x, y - self.crop_y)

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Its outer corners, going round, in display pixels whose centres are at integers."""
        ny, nx = self.shape
        ends = ((-0.5, ny - 0.5), (nx - 0.5, ny - 0.5), (nx - 0.5, -0.5), (-0.5, -0.5))
        first, second, third, fourth = (self.warp.to_display(x, y) for x, y in ends)
        return first, second, third, fourth

    def moved(self, columns: int, rows: int) -> "WarpedPlacement":
        """The same CCD elsewhere on the mosaic."""
        return replace(self, x=self.x + columns, y=self.y + rows, warp=self.warp.moved(columns, rows))

    def sample(self, raster: Raster, rows: Run, columns: Run) -> Sample:
        """Give the pixels under a lattice; see `toyz_tiles.layout.Place.sample`.

        With a step, what is read is one pixel of each block of about that many pixels of the CCD,
        its centre: half a step off at most, and no more rows than a picture of this size needs.
        """
        block = max(1, round(rows.step / self.warp.scale))
        places = locate(self.warp, self.shape, rows, columns, block)
        if not places.y1:
            return Sample(None, np.zeros(places.rows.shape, np.bool_))
        values = gather(self._blocks(raster, places.y0, places.y1, places.x0, places.x1, block), places)
        return Sample(values, None if places.whole else places.rows >= 0)

    def fill(self, raster: Raster, out: Pixels, y0: int, x0: int) -> None:
        """Put the pixels of the CCD into a window; see `toyz_tiles.layout.Place.fill`."""
        values, inside = self.sample(raster, Run(y0, out.shape[0], 1), Run(x0, out.shape[1], 1))
        if values is not None:
            np.copyto(out, values, where=True if inside is None else inside)

    def _blocks(self, raster: Raster, y0: int, y1: int, x0: int, x1: int, block: int) -> Pixels:
        ny, nx = self.shape
        top, bottom = self.crop_y + y0 * block, self.crop_y + min(y1 * block, ny)
        left, right = self.crop_x + x0 * block, self.crop_x + min(x1 * block, nx)
        blocks = raster.read(top, bottom, left, right, block)
        return blocks.astype(np.result_type(np.float32, blocks.dtype), copy=False)


def _beyond(position: float, length: int) -> float:
    if position < -0.5:
        return -0.5 - position
    if position >= length - 0.5:
        # The edge itself is the first position outside.
        return max(position - (length - 0.5), 5e-324)
    return 0.0
