"""Levels, tiles and windows, in display order: row 0 and column 0 are the top left corner.

Level 0 is the full resolution. A pixel of level n stands for a block of 2ⁿ × 2ⁿ pixels of
level 0; the blocks are aligned to the top left, and those at the right and bottom edges may
be partial.
"""

from typing import NamedTuple

from toyz.errors import NotFound
from toyz.protocol import TILE_SIZE

TILE = TILE_SIZE
"""Side of a tile in pixels."""


class Window(NamedTuple):
    """Rows ``y0 ≤ y < y1`` and columns ``x0 ≤ x < x1``."""

    y0: int
    y1: int
    x0: int
    x1: int

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)``."""
        return self.y1 - self.y0, self.x1 - self.x0


def level_count(width: int, height: int) -> int:
    """Count the levels: the coarsest is the first that fits in one tile.

    >>> level_count(256, 256), level_count(257, 1), level_count(30000, 28000)
    (1, 2, 8)
    """
    longest = max(width, height, 1)
    return max(0, (-(-longest // TILE) - 1).bit_length()) + 1


def level_shape(shape: tuple[int, int], level: int) -> tuple[int, int]:
    """Give ``(ny, nx)`` of a level of an image of `shape`.

    >>> level_shape((1001, 600), 2)
    (251, 150)
    """
    return -(-shape[0] >> level), -(-shape[1] >> level)


def tile_counts(shape: tuple[int, int], level: int) -> tuple[int, int]:
    """Count the rows and columns of tiles of a level."""
    ny, nx = level_shape(shape, level)
    return -(-ny // TILE), -(-nx // TILE)


def tile_window(shape: tuple[int, int], level: int, x: int, y: int) -> Window:
    """Give the window of tile column `x`, row `y`, in pixels of the level.

    Raises
    ------
    NotFound
        If the image (of `shape` at level 0) has no such level or tile.
    """
    levels = level_count(shape[1], shape[0])
    if not 0 <= level < levels:
        raise NotFound(f"the image has levels 0 to {levels - 1}, not {level}")
    ny, nx = level_shape(shape, level)
    if not (0 <= x * TILE < nx and 0 <= y * TILE < ny):
        raise NotFound(f"level {level} has no tile {x}, {y}")
    return Window(y * TILE, min((y + 1) * TILE, ny), x * TILE, min((x + 1) * TILE, nx))


def to_full(window: Window, level: int, shape: tuple[int, int]) -> Window:
    """Give the pixels of level 0 that a window of a level stands for, cut at the image's edge."""
    ny, nx = shape
    return Window(
        min(window.y0 << level, ny),
        min(window.y1 << level, ny),
        min(window.x0 << level, nx),
        min(window.x1 << level, nx),
    )


def fits_to_display(x: float, y: float, height: int) -> tuple[float, float]:
    """Turn FITS pixel coordinates (1-based, y up) into display ``(column, row)``."""
    return x - 1, height - y


def display_to_fits(column: float, row: float, height: int) -> tuple[float, float]:
    """Turn display column and row of a pixel's centre into FITS ``(x, y)`` (1-based, y up)."""
    return column + 1, height - row
