"""Where the CCDs of an exposure lie on the mosaic, in display pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from toyz.readers import Pixels, Raster
from toyz_tiles.raster import Run, read_into, read_lattice
from toyz_tiles.warp import Residual, Warp

Kind = Literal["detsec", "wcs", "grid"]
Point = tuple[float, float]


class Sample(NamedTuple):
    """What a CCD gives to a lattice of the mosaic.

    Attributes
    ----------
    values : ndarray or None
        None where the CCD lies under no pixel of the lattice.
    inside : ndarray of bool or None
        Where it lies under the lattice; None for everywhere.
    """

    values: Pixels | None
    inside: NDArray[np.bool_] | None = None


class Place(Protocol):
    """Where one CCD lies on the mosaic, and how its pixels get there.

    `x`, `y`, `width` and `height` are the box around it, in display pixels from the top left.
    """

    @property
    def name(self) -> str:
        """What to call the CCD."""

    @property
    def hdu(self) -> int:
        """Where its pixels are."""

    @property
    def x(self) -> int:
        """First display column."""

    @property
    def y(self) -> int:
        """First display row."""

    @property
    def width(self) -> int:
        """Display columns."""

    @property
    def height(self) -> int:
        """Display rows."""

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)`` of the part of the raster that is shown, in file order."""

    @property
    def crop_x(self) -> int:
        """First column of the raster that is shown."""

    @property
    def crop_y(self) -> int:
        """First row of the raster that is shown."""

    @property
    def warp(self) -> Warp:
        """From display positions to the pixels that are shown, counted from the first of them."""

    @property
    def residual(self) -> Residual | None:
        """How far pixels lie from where the WCS has them; None where that was not asked."""

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Its outer corners, going round, in display pixels whose centres are at integers."""

    def holds(self, column: float, row: float) -> bool:
        """Whether a display position lies on the CCD (pixel centres at integers)."""

    def distance(self, column: float, row: float) -> float:
        """Pixels from a display position to the CCD's nearest edge; 0 inside."""

    def to_file(self, column: Any, row: Any) -> tuple[Any, Any]:
        """Turn display positions, scalars or arrays, into ``(x, y)`` of the raster in file order, from 0.

        Positions outside the CCD are continued evenly.
        """

    def to_display(self, x: float, y: float) -> tuple[float, float]:
        """Turn ``(x, y)`` of the raster in file order, from 0, into display column and row."""

    def moved(self, columns: int, rows: int) -> "Place":
        """The same CCD elsewhere on the mosaic."""

    def sample(self, raster: Raster, rows: Run, columns: Run) -> Sample:
        """Give the pixels under a lattice of the mosaic that lies in the box.

        Raises
        ------
        CorruptFile
        """

    def fill(self, raster: Raster, out: Pixels, y0: int, x0: int) -> None:
        """Put the pixels of the CCD into a window of the mosaic that lies in the box.

        Parameters
        ----------
        raster : Raster
        out : ndarray
            ``(ny, nx)`` of a float type; where the CCD does not lie, it stays as it is.
        y0, x0 : int
            Display row and column of its first pixel.

        Raises
        ------
        CorruptFile
        """


@dataclass(frozen=True, kw_only=True)
class Placement:
    """One CCD on the mosaic.

    The pixels shown are those of the raster from column `crop_x` and row `crop_y` (file order)
    on. With `transpose` rows and columns are exchanged first; then `flip_x` turns left and
    right, and `flip_y` turns bottom and top. Without any of them file row 0 is at the bottom.

    Attributes
    ----------
    name : str
    hdu : int
    x, y : int
        Display column and row of the top left corner.
    width, height : int
        On the mosaic.
    residual : Residual, optional
        Of a placement by WCS, as the map had it before it was rounded to whole pixels.
    """

    name: str
    hdu: int
    x: int
    y: int
    width: int
    height: int
    flip_x: bool = False
    flip_y: bool = False
    transpose: bool = False
    crop_x: int = 0
    crop_y: int = 0
    residual: Residual | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)`` of the part of the raster that is shown."""
        return (self.width, self.height) if self.transpose else (self.height, self.width)

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Its outer corners; see `Place`."""
        left, top = self.x - 0.5, self.y - 0.5
        right, bottom = left + self.width, top + self.height
        return (left, top), (right, top), (right, bottom), (left, bottom)

    @cached_property
    def warp(self) -> Warp:
        """The same as a map; see `Place.warp`."""
        corner, right, below = (self.to_file(self.x + dx, self.y + dy) for dx, dy in ((0, 0), (1, 0), (0, 1)))
        first = (corner[0] - self.crop_x, corner[1] - self.crop_y)
        along, up = ((first[i], right[i] - corner[i], below[i] - corner[i], *[0.0] * 7) for i in (0, 1))
        return Warp(self.x, self.y, along, up)

    def holds(self, column: float, row: float) -> bool:
        """Whether a display position lies on the CCD (pixel centres at integers)."""
        return self.x - 0.5 <= column < self.x + self.width - 0.5 and self.y - 0.5 <= row < self.y + self.height - 0.5

    def distance(self, column: float, row: float) -> float:
        """Pixels from a display position to the CCD's nearest edge; 0 inside."""
        dx = max(self.x - 0.5 - column, column - (self.x + self.width - 0.5), 0.0)
        dy = max(self.y - 0.5 - row, row - (self.y + self.height - 0.5), 0.0)
        return float((dx * dx + dy * dy) ** 0.5)

    def to_file(self, column: Any, row: Any) -> tuple[Any, Any]:
        """Turn display positions into ``(x, y)`` of the raster; see `Place.to_file`."""
        along = column - self.x
        up = self.height - 1 - (row - self.y)
        along = self.width - 1 - along if self.flip_x else along
        up = self.height - 1 - up if self.flip_y else up
        if self.transpose:
            along, up = up, along
        return self.crop_x + along, self.crop_y + up

    def to_display(self, x: float, y: float) -> tuple[float, float]:
        """Turn ``(x, y)`` of the raster in file order, from 0, into display column and row."""
        along, up = x - self.crop_x, y - self.crop_y
        if self.transpose:
            along, up = up, along
        along = self.width - 1 - along if self.flip_x else along
        up = self.height - 1 - up if self.flip_y else up
        return self.x + along, self.y + self.height - 1 - up

    @property
    def columns_fall(self) -> bool:
        """Whether display columns run against their file axis."""
        return self.flip_x

    @property
    def rows_fall(self) -> bool:
        """Whether display rows run against their file axis, as they do in an unturned FITS image."""
        return not self.flip_y

    def file_runs(self, rows: Run, columns: Run) -> tuple[Run, Run]:
        """Turn runs of display rows and columns on the CCD into runs of file rows and columns."""
        first_row = rows.last if self.rows_fall else rows.first
        first_column = columns.last if self.columns_fall else columns.first
        x, y = self.to_file(first_column, first_row)
        along, up = (rows, columns) if self.transpose else (columns, rows)
        return Run(int(y), up.length, up.step), Run(int(x), along.length, along.step)

    def moved(self, columns: int, rows: int) -> "Placement":
        """The same CCD elsewhere on the mosaic."""
        return replace(self, x=self.x + columns, y=self.y + rows)

    def sample(self, raster: Raster, rows: Run, columns: Run) -> Sample:
        """Give the pixels under a lattice; see `Place.sample`. They are those at its crossings."""
        file_rows, file_columns = self.file_runs(rows, columns)
        pixels = read_lattice(raster, file_rows, file_columns)
        if self.transpose:
            pixels = pixels.T
        return Sample(pixels[:: -1 if self.rows_fall else 1, :: -1 if self.columns_fall else 1])

    def fill(self, raster: Raster, out: Pixels, y0: int, x0: int) -> None:
        """Put the pixels of the CCD into a window; see `Place.fill`."""
        rows, columns = self.file_runs(Run(y0, out.shape[0], 1), Run(x0, out.shape[1], 1))
        turned = out[:: -1 if self.rows_fall else 1, :: -1 if self.columns_fall else 1]
        read_into(raster, turned.T if self.transpose else turned, rows.first, columns.first)


@dataclass(frozen=True)
class Layout:
    """The mosaic: its size and its CCDs; of two that overlap the later is on top.

    Attributes
    ----------
    kind : str
        ``detsec``, ``wcs`` or ``grid``: where the positions come from.
    width, height : int
    placements : sequence of Place
    """

    kind: Kind
    width: int
    height: int
    placements: Sequence[Place] = field(default_factory=tuple)

    def at(self, column: float, row: float) -> Place | None:
        """Find the CCD under a display position: the topmost."""
        for placement in reversed(self.placements):
            if placement.holds(column, row):
                return placement
        return None

    def nearest(self, column: float, row: float) -> Place:
        """Find the CCD under a display position, or the nearest one."""
        return self.at(column, row) or min(self.placements, key=lambda placement: placement.distance(column, row))

    @property
    def residual(self) -> Residual | None:
        """Of all CCDs together; None where the positions are not from a WCS."""
        known = [place.residual for place in self.placements if place.residual is not None]
        if not known:
            return None
        mean_square = sum(each.rms**2 for each in known) / len(known)
        return Residual(mean_square**0.5, max(each.maximum for each in known))

    @property
    def worst(self) -> Place | None:
        """The CCD with the largest residual."""
        known = [place for place in self.placements if place.residual is not None]
        return max(known, key=lambda place: place.residual.maximum if place.residual else 0.0, default=None)
