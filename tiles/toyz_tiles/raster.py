"""Rasters made from others: an array in memory, an image turned upside down, a lattice of pixels.

`toyz.readers.Raster.read` takes, with a step, the centre of each block of the window it is
asked for. A raster that is turned, cut or placed in a mosaic has its blocks elsewhere than the
raster below it, so it asks for a lattice: pixels at ``first + i · step``. `read_lattice` gets
any lattice from the contract of `read` in at most four calls, almost always in one.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toyz.readers import Filling, Pixels, Raster


class Run(NamedTuple):
    """Positions ``first + i · step`` for i from 0 to ``length − 1`` on one axis."""

    first: int
    length: int
    step: int

    @property
    def last(self) -> int:
        """The highest position."""
        return self.first + (self.length - 1) * self.step


def centres(start: int, stop: int, step: int) -> NDArray[np.intp]:
    """Positions that `Raster.read` takes of ``start ≤ i < stop``: one of each block, its centre."""
    positions = np.arange(start, stop, step, dtype=np.intp) + step // 2
    return np.minimum(positions, stop - 1)


def runs(start: int, stop: int, step: int) -> list[Run]:
    """Split `centres` into runs of an even step: the last block may be cut, and is then its own."""
    if step == 1:
        return [Run(start, stop - start, 1)]
    half = step // 2
    count = -(-(stop - start) // step)
    whole = count if start + (count - 1) * step + half <= stop - 1 else count - 1
    found = [Run(start + half, whole, step)] if whole else []
    if whole < count:
        found.append(Run(stop - 1, 1, step))
    return found


def _spans(run: Run) -> list[tuple[int, int, int]]:
    # Windows (start, stop, count) whose block centres are the run. A centre closer to 0 than half
    # a step has no block of its own inside the raster: a window of one pixel gives it.
    half = run.step // 2
    if run.first >= half:
        return [(run.first - half, run.last + 1, run.length)]
    spans = [(run.first, run.first + 1, 1)]
    if run.length > 1:
        second = run.first + run.step
        spans.append((second - half, run.last + 1, run.length - 1))
    return spans


def read_lattice(raster: Raster, rows: Run, columns: Run) -> Pixels:
    """Read the pixels at the crossings of two runs of the same step.

    Returns
    -------
    ndarray
        ``(rows.length, columns.length)`` (``… , 3`` for colour), in ascending order.

    Raises
    ------
    CorruptFile
    """
    step = rows.step
    row_spans, column_spans = _spans(rows), _spans(columns)
    if len(row_spans) == len(column_spans) == 1:
        (y0, y1, _), (x0, x1, _) = row_spans[0], column_spans[0]
        return raster.read(y0, y1, x0, x1, step)
    pixels = np.empty(_shape(rows.length, columns.length, raster.channels), raster.dtype)
    i = 0
    for y0, y1, ny in row_spans:
        j = 0
        for x0, x1, nx in column_spans:
            pixels[i : i + ny, j : j + nx] = raster.read(y0, y1, x0, x1, step)
            j += nx
        i += ny
    return pixels


def read_into(raster: Raster, out: Pixels, y0: int, x0: int) -> None:
    """Fill an array of any strides, and of the raster's dtype or a wider one; see `toyz.readers.Filling`.

    Raises
    ------
    CorruptFile
    """
    if isinstance(raster, Filling) and raster.dtype == out.dtype:
        raster.read_into(out, y0, x0)
    else:
        out[...] = raster.read(y0, y0 + out.shape[0], x0, x0 + out.shape[1])


def read_once(raster: Raster, y0: int, y1: int, x0: int, x1: int) -> Pixels:
    """Read a window of which nobody will read the neighbours' rows again.

    Raises
    ------
    CorruptFile
    """
    if not isinstance(raster, Filling):
        return raster.read(y0, y1, x0, x1)
    out = np.empty(_shape(y1 - y0, x1 - x0, raster.channels), raster.dtype)
    raster.read_into(out, y0, x0)
    return out


def _shape(ny: int, nx: int, channels: int) -> tuple[int, ...]:
    return (ny, nx) if channels == 1 else (ny, nx, channels)


class ArrayRaster:
    """An array ``(ny, nx)`` or ``(ny, nx, 3)`` as a raster; its row 0 is row 0."""

    def __init__(self, array: Pixels) -> None:
        self._array = array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)``."""
        return self._array.shape[0], self._array.shape[1]

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Of the array, in native byte order."""
        return self._array.dtype

    @property
    def channels(self) -> int:
        """1, or 3 for colour."""
        return 1 if self._array.ndim == 2 else self._array.shape[2]

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Copy a window; see `toyz.readers.Raster.read`."""
        if step == 1:
            return np.array(self._array[y0:y1, x0:x1], order="C")
        return self._array[centres(y0, y1, step)[:, None], centres(x0, x1, step)]


class Flipped:
    """A raster turned upside down: file order of a bottom-up image ↔ display order.

    The step contract holds in the turned order: blocks start at the top of the screen.
    """

    def __init__(self, raster: Raster) -> None:
        self._raster = raster

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)``."""
        return self._raster.shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Of the raster below."""
        return self._raster.dtype

    @property
    def channels(self) -> int:
        """Of the raster below."""
        return self._raster.channels

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read a window, rows counted from the other end; see `toyz.readers.Raster.read`.

        Raises
        ------
        CorruptFile
        """
        ny = self.shape[0]
        if step == 1:
            return np.ascontiguousarray(self._raster.read(ny - y1, ny - y0, x0, x1)[::-1])
        parts = []
        for run in runs(y0, y1, step):
            turned = Run(ny - 1 - run.last, run.length, step)
            parts.append(self._rows(turned, x0, x1)[::-1])
        return np.ascontiguousarray(parts[0]) if len(parts) == 1 else np.concatenate(parts)

    def read_into(self, out: Pixels, y0: int, x0: int) -> None:
        """Fill an array with a window; see `toyz.readers.Filling`.

        Raises
        ------
        CorruptFile
        """
        read_into(self._raster, out[::-1], self.shape[0] - y0 - out.shape[0], x0)

    def _rows(self, rows: Run, x0: int, x1: int) -> Pixels:
        # The columns keep their blocks, so only the rows need the lattice.
        parts = [self._raster.read(start, stop, x0, x1, rows.step) for start, stop, _ in _spans(rows)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def display_raster(raster: Raster, bottom_up: bool) -> Raster:
    """Turn a raster in file order into display order."""
    return Flipped(raster) if bottom_up else raster
