"""Statistics of the pixels in a region, band by band: of any size, in bounded memory."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.readers import Raster
from toyz_tiles.masks import Area, extent, inside

BAND = 1 << 20
"""Pixels that are read at once."""
KEPT = 1 << 22
"""Values that are kept for the median; where there are more, the pixels are read again."""
_DIGIT = 16
_SIGN = np.uint64(63)

Values = NDArray[Any]
Keys = NDArray[np.uint64]
Progress = Callable[[float], None]
"""Told the share that is done; it may raise `Cancelled`."""


@dataclass
class Measured:
    """Statistics of one channel.

    Attributes
    ----------
    count, bad : int
        Pixels with a finite value, and without.
    total, mean, std, median, minimum, maximum : float
        `total` is the sum; `std` that of all values (divided by their number). NaN where there are none.
    """

    count: int = 0
    bad: int = 0
    total: float = 0.0
    mean: float = math.nan
    std: float = math.nan
    median: float = math.nan
    minimum: float = math.nan
    maximum: float = math.nan


@dataclass
class _Sums:
    """Moments of what has come so far, merged as Chan, Golub & LeVeque (1979) do."""

    measured: Measured = field(default_factory=Measured)
    squares: float = 0.0
    kept: list[Values] | None = field(default_factory=list)

    def add(self, values: Values) -> None:
        finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
        self.measured.bad += values.size - finite.size
        if finite.size:
            self._merge(finite)

    def _merge(self, values: Values) -> None:
        here, before = self.measured, self.measured.count
        exact = values.astype(np.float64)
        mean = float(exact.mean())
        squares = float(np.square(exact - mean).sum())
        here.count += values.size
        here.total += float(exact.sum())
        low, high = float(exact.min()), float(exact.max())
        if before:
            apart = mean - here.mean
            self.squares += squares + apart * apart * before * values.size / here.count
            here.mean += apart * values.size / here.count
            here.minimum, here.maximum = min(low, here.minimum), max(high, here.maximum)
        else:
            here.mean, self.squares, here.minimum, here.maximum = mean, squares, low, high
        if self.kept is not None:
            self.kept = [*self.kept, values] if here.count <= KEPT else None

    def finish(self) -> None:
        if self.measured.count:
            self.measured.std = math.sqrt(self.squares / self.measured.count)
        if self.measured.count and self.kept is not None:
            self.measured.median = float(np.median(np.concatenate(self.kept).astype(np.float64)))


def measure(raster: Raster, shape: Area, progress: Progress = lambda share: None) -> list[Measured]:
    """Measure the pixels whose centres lie in a shape.

    Parameters
    ----------
    raster : Raster
        In display order: its last row is row 0 of the shape.
    shape : Area
    progress : callable, optional

    Returns
    -------
    list of Measured
        One for each channel.

    Raises
    ------
    CorruptFile
    """
    sums = [_Sums() for _ in range(raster.channels)]
    for values in _bands(raster, shape, progress):
        for channel, one in enumerate(sums):
            one.add(values[:, channel])
    for channel, one in enumerate(sums):
        one.finish()
        if one.kept is None:
            one.measured.median = _median(partial(_keys, raster, shape, progress, channel), one.measured.count)
    return [one.measured for one in sums]


def _bands(raster: Raster, shape: Area, progress: Progress) -> Iterator[Values]:
    """Give the pixels inside, ``(pixels, channels)``, some rows at a time."""
    height, width = raster.shape
    left, right, low, high = extent(shape)
    x0, x1 = max(math.floor(left), 0), min(math.ceil(right) + 1, width)
    y0, y1 = max(math.floor(low), 0), min(math.ceil(high) + 1, height)
    if x0 >= x1 or y0 >= y1:
        return
    columns = np.arange(x0, x1, dtype=np.float64)
    rows_at_once = max(1, BAND // (x1 - x0))
    # From the top, as files are read.
    for top in range(height - y1, height - y0, rows_at_once):
        bottom = min(top + rows_at_once, height - y0)
        progress((top - (height - y1)) / (y1 - y0))
        mask = inside(shape, columns, np.arange(height - 1 - top, height - 1 - bottom, -1, dtype=np.float64))
        if mask.any():
            pixels = raster.read(top, bottom, x0, x1)
            yield pixels[mask].reshape(-1, raster.channels)


def _keys(raster: Raster, shape: Area, progress: Progress, channel: int) -> Iterator[Keys]:
    """Give the finite values of a channel as numbers that have the same order."""
    for values in _bands(raster, shape, progress):
        one = values[:, channel].astype(np.float64)
        bits = one[np.isfinite(one)].view(np.uint64)
        # A positive double is ordered as its bits are, a negative one the other way round.
        yield np.where(bits >> _SIGN, ~bits, bits | np.uint64(1) << _SIGN)


def _value(key: int) -> float:
    bits = key ^ (1 << 63) if key >> 63 else ~key & ((1 << 64) - 1)
    return float(np.uint64(bits).view(np.float64))


def _median(again: Callable[[], Iterator[Keys]], count: int) -> float:
    """Find the median of more values than are kept, reading them again for each of four digits."""
    key, upto = _ranked(again, (count - 1) // 2)
    if upto > count // 2:
        return _value(key)
    following = min(int(above.min()) for keys in again() if (above := keys[keys > np.uint64(key)]).size)
    return (_value(key) + _value(following)) / 2


def _ranked(again: Callable[[], Iterator[Keys]], rank: int) -> tuple[int, int]:
    """Give the key of a rank (from 0), and how many keys are no larger."""
    prefix, below, upto = 0, 0, 0
    for shift in range(64 - _DIGIT, -1, -_DIGIT):
        counts = np.zeros(1 << _DIGIT, np.int64)
        for keys in again():
            digits = keys >> np.uint64(shift)
            digits = digits[digits >> np.uint64(_DIGIT) == np.uint64(prefix)] & np.uint64((1 << _DIGIT) - 1)
            counts += np.bincount(digits.astype(np.int64), minlength=1 << _DIGIT)
        ends = below + np.cumsum(counts)
        digit = int(np.searchsorted(ends, rank, side="right"))
        prefix, upto = prefix << _DIGIT | digit, int(ends[digit])
        below = upto - int(counts[digit])
    return prefix, upto
