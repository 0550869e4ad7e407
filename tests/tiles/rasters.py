"""Rasters for the tests, and the contract of `read` by brute force."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile
from toyz.readers import Filling, Pixels


def expected(array: NDArray[Any], y0: int, y1: int, x0: int, x1: int, step: int) -> NDArray[Any]:
    """The words of `toyz.readers.Raster.read`, one pixel at a time."""
    rows = [min(y + step // 2, y1 - 1) for y in range(y0, y1, step)] if step > 1 else list(range(y0, y1))
    columns = [min(x + step // 2, x1 - 1) for x in range(x0, x1, step)] if step > 1 else list(range(x0, x1))
    return np.array([[array[y, x] for x in columns] for y in rows], array.dtype)


class Watched:
    """An array whose every read is checked to lie inside, and noted."""

    def __init__(self, array: NDArray[Any], *, corrupt: bool = False) -> None:
        self.array = array
        self.corrupt = corrupt
        self.reads: list[tuple[int, int, int, int, int]] = []

    @property
    def shape(self) -> tuple[int, int]:
        return self.array.shape[0], self.array.shape[1]

    @property
    def dtype(self) -> "np.dtype[Any]":
        return self.array.dtype

    @property
    def channels(self) -> int:
        return 1 if self.array.ndim == 2 else 3

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        ny, nx = self.shape
        assert 0 <= y0 < y1 <= ny
        assert 0 <= x0 < x1 <= nx
        assert step >= 1
        self.reads.append((y0, y1, x0, x1, step))
        if self.corrupt:
            raise CorruptFile("the file ends before its data do")
        return expected(self.array, y0, y1, x0, x1, step)


class Filled(Watched):
    """The same, of which windows also go straight into another array."""

    def read_into(self, out: Pixels, y0: int, x0: int) -> None:
        assert out.dtype == self.dtype
        out[...] = self.read(y0, y0 + out.shape[0], x0, x0 + out.shape[1])


def fill(raster: Filling, shape: tuple[int, ...], dtype: "np.dtype[Any]", y0: int, x0: int) -> NDArray[Any]:
    """Let a raster fill an array whose rows and columns are neither next to each other nor in order."""
    out = np.empty((2 * shape[1], *shape[:1], *shape[2:]), dtype)[::-2].swapaxes(0, 1)
    raster.read_into(out, y0, x0)
    return out


def numbered(ny: int, nx: int, dtype: str = "float32", start: int = 0) -> NDArray[Any]:
    """An array whose pixels all differ."""
    return np.arange(start, start + ny * nx, dtype=dtype).reshape(ny, nx)
