"""Where the CCDs of an exposure lie on the mosaic, in display pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from toyz_tiles.raster import Run

Kind = Literal["detsec", "wcs", "grid"]


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

    def holds(self, column: float, row: float) -> bool:
        """Whether a display position lies on the CCD (pixel centres at integers)."""
        return self.x - 0.5 <= column < self.x + self.width - 0.5 and self.y - 0.5 <= row < self.y + self.height - 0.5

    def distance(self, column: float, row: float) -> float:
        """Pixels from a display position to the CCD's nearest edge; 0 inside."""
        dx = max(self.x - 0.5 - column, column - (self.x + self.width - 0.5), 0.0)
        dy = max(self.y - 0.5 - row, row - (self.y + self.height - 0.5), 0.0)
        return float((dx * dx + dy * dy) ** 0.5)

    def to_file(self, column: float, row: float) -> tuple[float, float]:
        """Turn a display position into ``(x, y)`` of the raster in file order, from 0.

        Positions outside the CCD are continued evenly.
        """
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


@dataclass(frozen=True)
class Layout:
    """The mosaic: its size and its CCDs; of two that overlap the later is on top.

    Attributes
    ----------
    kind : str
        ``detsec``, ``wcs`` or ``grid``: where the positions come from.
    width, height : int
    placements : sequence of Placement
    """

    kind: Kind
    width: int
    height: int
    placements: Sequence[Placement] = field(default_factory=tuple)

    def at(self, column: float, row: float) -> Placement | None:
        """Find the CCD under a display position: the topmost."""
        for placement in reversed(self.placements):
            if placement.holds(column, row):
                return placement
        return None

    def nearest(self, column: float, row: float) -> Placement:
        """Find the CCD under a display position, or the nearest one."""
        return self.at(column, row) or min(self.placements, key=lambda placement: placement.distance(column, row))
