"""Rasters over pixels that were decoded once and lie in a file, or are still on their way."""

import io
import threading
from typing import Any

import numpy as np

from toyz.errors import CorruptFile
from toyz.readers import OpenFile, Pixels, Raster

HEAD = 4096
"""Bytes in which the header of an ``.npy`` file of ours ends."""


class _Plane:
    """What the header of a plane says."""

    def __init__(self, shape: tuple[int, int], dtype: "np.dtype[Any]", channels: int) -> None:
        self._shape, self._dtype, self._channels = shape, dtype, channels

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)``."""
        return self._shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Of the pixels; floats where some may be without a value."""
        return self._dtype

    @property
    def channels(self) -> int:
        """1 or 3."""
        return self._channels


class SpooledRaster(_Plane):
    """Windows onto an ``.npy`` file: ``(ny, nx)`` or ``(ny, nx, 3)``, C order.

    Parameters
    ----------
    file : OpenFile
        Owned by the raster.

    Raises
    ------
    CorruptFile
        If it is not such a file.
    """

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        head = io.BytesIO(file.pread(HEAD, 0))
        try:
            version = np.lib.format.read_magic(head)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(head)
        except ValueError as error:
            raise CorruptFile("A decoded image in the cache is damaged; remove it and open the file again.") from error
        if fortran or dtype.hasobject or len(shape) not in {2, 3} or (len(shape) == 3 and shape[2] != 3):
            raise CorruptFile("A decoded image in the cache is not one of ours.")
        self._offset = head.tell()
        super().__init__((int(shape[0]), int(shape[1])), dtype, 3 if len(shape) == 3 else 1)

    def _rows(self, y0: int, y1: int) -> Pixels:
        width = self._shape[1] * self._channels * self._dtype.itemsize
        data = self._file.read_exactly(width * (y1 - y0), self._offset + width * y0)
        rows = np.frombuffer(data, self._dtype)
        ending = (self._channels,) if self._channels > 1 else ()
        return rows.reshape(y1 - y0, self._shape[1], *ending)

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read a window; see `toyz.readers.Raster.read`."""
        if step == 1:
            return self._rows(y0, y1)[:, x0:x1].copy()
        columns = np.minimum(np.arange(x0, x1, step) + step // 2, x1 - 1)
        rows = [min(y + step // 2, y1 - 1) for y in range(y0, y1, step)]
        return np.stack([self._rows(row, row + 1)[0][columns] for row in rows])


class PendingRaster(_Plane):
    """A raster whose pixels are still being decoded: without values until they arrive.

    Parameters
    ----------
    shape : tuple of int
        ``(ny, nx)``.
    dtype : numpy dtype
        Of the pixels to come; it must be able to hold NaN or is promoted so that it can.
    """

    def __init__(self, shape: tuple[int, int], dtype: "np.dtype[Any]", channels: int = 1) -> None:
        super().__init__(shape, dtype if channels > 1 else np.promote_types(dtype, np.float32), channels)
        self._arrived: Raster | None = None
        self._lock = threading.Lock()

    @property
    def arrived(self) -> bool:
        """Whether the pixels are there."""
        return self._arrived is not None

    def arrive(self, raster: Raster) -> None:
        """Take the decoded pixels.

        Raises
        ------
        CorruptFile
            If they have another shape than the header said.
        """
        if raster.shape != self._shape or raster.channels != self._channels:
            raise CorruptFile("The decoded image has another shape than its header says.")
        with self._lock:
            self._arrived = raster

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read a window; NaN (colour: 0) while the pixels are not there."""
        with self._lock:
            arrived = self._arrived
        if arrived is not None:
            return arrived.read(y0, y1, x0, x1, step).astype(self._dtype, copy=False)
        shape = (-((y0 - y1) // step), -((x0 - x1) // step), self._channels)
        return np.zeros(shape, self._dtype) if self._channels > 1 else np.full(shape[:2], np.nan, self._dtype)
