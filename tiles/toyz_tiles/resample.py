"""Nearest-pixel sampling of a CCD through the map that places it on a mosaic.

What is shown is always a value of the file: nothing is interpolated, so that a value under the
cursor is one that was measured and the noise is that of the pixels. The price is that a star's
middle is true to half a pixel.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toyz.readers import Pixels
from toyz_tiles.kernel import kernel, plain
from toyz_tiles.raster import Run
from toyz_tiles.warp import Warp


class Places(NamedTuple):
    """Which blocks of a CCD the pixels of a lattice on the display show.

    Attributes
    ----------
    rows, columns : ndarray of int32
        ``(rows, columns)`` of the lattice; −1 where there is no CCD.
    y0, y1, x0, x1 : int
        The blocks that are needed: ``y0 ≤ row < y1`` and so on; all 0 where there are none.
    whole : bool
        Whether the CCD lies under every pixel.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    y0: int
    y1: int
    x0: int
    x1: int
    whole: bool


@kernel
def _locate(warp: Any, u0: Any, v0: Any, step: Any, shape: Any, block: Any, rows: Any, columns: Any, found: Any) -> Any:
    # found: least and greatest row, least and greatest column, how many pixels.
    ny, nx = shape
    a, b = warp[0], warp[1]
    least_y, most_y, least_x, most_x, count = ny, -1, nx, -1, 0
    for i in range(rows.shape[0]):
        v = v0 + i * step
        a0 = a[0] + v * (a[2] + v * (a[5] + v * a[9])) + 0.5
        a1 = a[1] + v * (a[4] + v * a[8])
        a2 = a[3] + v * a[7]
        a3 = a[6]
        b0 = b[0] + v * (b[2] + v * (b[5] + v * b[9])) + 0.5
        b1 = b[1] + v * (b[4] + v * b[8])
        b2 = b[3] + v * b[7]
        b3 = b[6]
        for j in range(rows.shape[1]):
            u = u0 + j * step
            x = a0 + u * (a1 + u * (a2 + u * a3))
            y = b0 + u * (b1 + u * (b2 + u * b3))
            # Written so that NaN is outside.
            if x >= 0.0 and y >= 0.0 and x < nx and y < ny:
                row, column = int(y), int(x)
                least_y, most_y = min(least_y, row), max(most_y, row)
                least_x, most_x = min(least_x, column), max(most_x, column)
                count += 1
                if block > 1:
                    row //= block
                    column //= block
                rows[i, j] = row
                columns[i, j] = column
            else:
                rows[i, j] = -1
                columns[i, j] = -1
    found[0], found[1], found[2], found[3], found[4] = least_y, most_y, least_x, most_x, count


@kernel
def _gather(source: Any, rows: Any, columns: Any, y0: Any, x0: Any, out: Any) -> Any:
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            if rows[i, j] >= 0:
                out[i, j] = source[rows[i, j] - y0, columns[i, j] - x0]


def locate(warp: Warp, shape: tuple[int, int], rows: Run, columns: Run, block: int) -> Places:
    """Find the block of a CCD under each pixel of a lattice: the one that holds the nearest pixel.

    Parameters
    ----------
    warp : Warp
    shape : tuple of int
        ``(ny, nx)`` of the CCD, as far as it is shown.
    rows, columns : Run
        Of the display.
    block : int
        Pixels of the CCD in the side of a block; the blocks begin at its first pixel.
    """
    lattice = (rows.length, columns.length)
    found_rows, found_columns = np.empty(lattice, np.int32), np.empty(lattice, np.int32)
    found = np.zeros(5, np.int64)
    u0, v0 = columns.first - warp.column, rows.first - warp.row
    _locate(warp.coefficients, u0, v0, float(rows.step), shape, block, found_rows, found_columns, found)
    y0, last_y, x0, last_x, count = found.tolist()
    if not count:
        return Places(found_rows, found_columns, 0, 0, 0, 0, False)
    whole = count == found_rows.size
    return Places(found_rows, found_columns, y0 // block, last_y // block + 1, x0 // block, last_x // block + 1, whole)


def gather(source: Pixels, places: Places) -> Pixels:
    """Take the pixels that were located.

    Parameters
    ----------
    source : ndarray of float32 or float64
        The blocks ``y0 ≤ row < y1``, ``x0 ≤ column < x1`` of the CCD, one value each.
    places : Places

    Returns
    -------
    ndarray
        Of the lattice's shape; NaN where there is no CCD.
    """
    shape = (places.y1 - places.y0, places.x1 - places.x0)
    if source.shape != shape:
        raise ValueError(f"blocks of shape {shape} are needed, not {source.shape}")
    out = (
        np.empty(places.rows.shape, source.dtype) if places.whole else np.full(places.rows.shape, np.nan, source.dtype)
    )
    _gather(plain(source), places.rows, places.columns, places.y0, places.x0, out)
    return out
