"""Three rasters of one shape, as one raster of three channels."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from toyz.readers import Pixels, Raster


def stack(channels: Sequence[Pixels], dtype: "np.dtype[Any]") -> Pixels:
    """Put arrays ``(ny, nx)`` side by side: ``(ny, nx, channels)``."""
    return np.stack(channels, axis=-1, dtype=dtype, casting="same_kind")


class Stacked:
    """Several rasters of one channel and one shape, as the channels of one raster.

    The pixels are float32 where it holds those of all channels, else float64.
    """

    def __init__(self, channels: Sequence[Raster]) -> None:
        self._channels = tuple(channels)
        self._dtype = np.result_type(np.float32, *(raster.dtype for raster in self._channels))

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)``."""
        return self._channels[0].shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        """``float32`` or ``float64``."""
        return self._dtype

    @property
    def channels(self) -> int:
        """How many."""
        return len(self._channels)

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read a window of every channel; see `toyz.readers.Raster.read`.

        Raises
        ------
        CorruptFile
        """
        return stack([raster.read(y0, y1, x0, x1, step) for raster in self._channels], self._dtype)
