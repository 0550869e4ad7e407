"""Windows onto an image that is not compressed: by reads, or from a map that can do no harm."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile
from toyz.readers import OpenFile, Pixels
from toyz_extensions.fits.scaling import Scaling
from toyz_extensions.fits.window import Indices, check_window, mask_missing, taken
from toyz_tiles.codecs.mapped import MappedRows
from toyz_tiles.codecs.rows import read_rows, will_need

_WHOLE_ROWS = 4
"""A window wider than a row over this is read as one piece, with what is between its rows."""
_CHUNK = 4 << 20
"""Bytes read at a time when rows are thinned out, or fill an array that is there."""


class PlainRaster:
    """One plane of an uncompressed image.

    Parameters
    ----------
    file : OpenFile
    offset : int
        Of the plane's first pixel in the file.
    shape : tuple of int
        ``(ny, nx)``.
    scaling : Scaling
        How stored pixels become physical.
    """

    channels = 1

    def __init__(self, file: OpenFile, offset: int, shape: tuple[int, int], scaling: Scaling) -> None:
        self.shape = shape
        self.dtype = scaling.dtype
        self._file = file
        self._offset = offset
        self._scaling = scaling
        self._item = scaling.stored.itemsize
        self._big = scaling.stored.newbyteorder(">")
        self._mapped = MappedRows(file, offset, shape[0] * shape[1] * self._item)

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read a window; see `toyz.readers.Raster`. What the file has lost is NaN.

        Raises
        ------
        CorruptFile
            If integers are missing at the file's end, which cannot be NaN.
        """
        check_window(self.shape, y0, y1, x0, x1, step)
        if y0 == y1 or x0 == x1:
            return np.empty((-(-(y1 - y0) // step), -(-(x1 - x0) // step)), self.dtype)
        if step > 1:
            return self._thinned(taken(y0, y1, step), x0, x1, taken(x0, x1, step) - x0)
        if (x1 - x0) * _WHOLE_ROWS > self.shape[1]:
            return self._span(y0, y1, x0, x1)
        rows, length = np.arange(y0, y1, dtype=np.int64), (x1 - x0) * self._item
        mapped = self._mapped.read(self._at(rows, x0), length)
        if mapped is not None:
            return self._physical(mapped.view(self._big))
        return self._pieces(rows, x0, slice(None), np.empty((y1 - y0, length), np.uint8))

    def read_into(self, out: Pixels, y0: int, x0: int) -> None:
        """Fill an array with a window; see `toyz.readers.Filling`. What the file has lost is NaN.

        Raises
        ------
        CorruptFile
            If integers are missing at the file's end, which cannot be NaN.
        """
        ny, nx = out.shape
        many = max(_CHUNK // max(nx * self._item, 1), 1)
        for first in range(0, ny, many):
            last = min(first + many, ny)
            out[first:last] = self.read(y0 + first, y0 + last, x0, x0 + nx)

    def _at(self, rows: Indices, x: int) -> Indices:
        return self._offset + (rows * self.shape[1] + x) * self._item

    def _span(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Read rows whole, from the first pixel wanted to the last, and cut the columns out."""
        width = self.shape[1]
        first, last = y0 * width + x0, (y1 - 1) * width + x1
        raw = np.empty(((y1 - y0) * width + width) * self._item, np.uint8)
        wanted = (last - first) * self._item
        begin = x0 * self._item
        offset = self._offset + first * self._item
        if wanted > _CHUNK // 8:
            self._file.will_need(offset, wanted)
        got = self._fill(raw[begin : begin + wanted], offset)
        pixels = raw[: (y1 - y0) * width * self._item].view(self._big).reshape(y1 - y0, width)[:, x0:x1]
        out = self._physical(pixels)
        if got < wanted:
            place = np.arange(y1 - y0)[:, None] * width + np.arange(x0, x1) - x0
            self._lose(out, place >= got // self._item)
        return out

    def _fill(self, target: NDArray[np.uint8], offset: int) -> int:
        """Fill an array from the file; gives how many bytes there were."""
        done = 0
        while done < target.size:
            got = os.preadv(self._file.fd, [target[done : done + (1 << 30)].data], offset + done)
            if not got:
                break
            done += got
        return done

    def _pieces(self, rows: Indices, x0: int, columns: Any, raw: NDArray[np.uint8]) -> Pixels:
        """Read one piece of each row into `raw`, and give of it the given columns."""
        offsets = self._at(rows, x0)
        complete = int(read_rows(self._file.fd, offsets, raw))
        out = self._physical(raw.view(self._big)[:, columns])
        if complete < rows.size:
            self._lose(out, self._missing(raw, offsets, complete, columns, out))
        return out

    def _missing(self, raw: NDArray[np.uint8], offsets: Indices, complete: int, columns: Any, out: Pixels) -> Any:
        """Read again what a short read left out; gives the mask of what is not in the file."""
        missing = np.zeros((raw.shape[0], raw.shape[1] // self._item), bool)
        for row in range(complete, raw.shape[0]):
            missing[row, self._fill(raw[row], int(offsets[row])) // self._item :] = True
        out[complete:] = self._physical(raw[complete:].view(self._big)[:, columns])
        return missing[:, columns]

    def _thinned(self, rows: Indices, x0: int, x1: int, columns: Indices) -> Pixels:
        """Read some rows, a few megabytes at a time, and of each some columns."""
        out = np.empty((rows.size, columns.size), self.dtype)
        length = (x1 - x0) * self._item
        many = max(_CHUNK // length, 1)
        # One buffer for all: fresh memory would cost more than what is read into it.
        raw = np.empty((min(many, rows.size), length), np.uint8)
        will_need(self._file.fd, self._at(rows[: 2 * many], x0), length)
        for first in range(0, rows.size, many):
            will_need(self._file.fd, self._at(rows[first + many : first + 2 * many], x0), length)
            some = rows[first : first + many]
            out[first : first + many] = self._pieces(some, x0, columns, raw[: some.size])
        return out

    def _physical(self, stored: NDArray[Any]) -> Pixels:
        with np.errstate(invalid="ignore"):
            return self._scaling.apply(stored.astype(self._scaling.stored))

    def _lose(self, out: Pixels, part: Any) -> None:
        if not mask_missing(out, part):
            raise CorruptFile("the file ends before its data do")
