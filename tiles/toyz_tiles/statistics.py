"""Samples of an image and what is read from them: cuts, histogram, summary.

Every function of values takes an array of any shape and leaves NaN and infinities out. Cuts
are always usable: ``high > low`` also for a constant image, or one without a valid pixel.
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from toyz.errors import InvalidParameter
from toyz.readers import Pixels, Raster

SAMPLE = 1024 * 256
_ROWS = 64


class Summary(msgspec.Struct, frozen=True):
    """Counts and moments of the valid pixels; NaN where there are none.

    Attributes
    ----------
    count, bad : int
        Valid pixels, and those without a finite value.
    minimum, maximum, mean, median : float
    sigma : float
        Robust: 1.4826 × the median absolute deviation, or the standard deviation where more
        than half of the pixels are equal.
    """

    count: int
    bad: int
    minimum: float
    maximum: float
    mean: float
    median: float
    sigma: float


class Histogram(msgspec.Struct, frozen=True):
    """Counts of equal bins between two edges; `outside` lie beyond them."""

    low: float
    high: float
    counts: list[int]
    outside: int


def sample(raster: Raster, target: int = SAMPLE) -> Pixels:
    """Read about `target` pixels spread over an image.

    A small image is read whole. Of a larger one every n-th pixel of a few rows is read, evenly
    spaced: on a cold disk a row costs what a pixel of it costs, and one more row much more.

    Parameters
    ----------
    raster : Raster
    target : int
        At most twice this many pixels are returned.

    Returns
    -------
    ndarray
        ``(rows, columns)``, or ``(rows, columns, 3)`` for colour.

    Raises
    ------
    CorruptFile
        If not even one row can be read.
    """
    ny, nx = raster.shape
    if ny * nx <= target:
        return raster.read(0, ny, 0, nx)
    # A step of at least 2 tells a raster of compressed blocks not to unpack and keep all of each.
    count = min(ny, max(_ROWS, 2 * target // nx))
    step = max(2, count * nx // target)
    rows = ((np.arange(count) + 0.5) * ny / count).astype(int)
    return np.concatenate([raster.read(row, row + 1, 0, nx, step) for row in rows.tolist()])


def finite(values: Pixels) -> NDArray[np.float64]:
    """Give the finite values, flat, in double precision."""
    flat = np.asarray(values).ravel()
    if flat.dtype.kind == "f":
        flat = flat[np.isfinite(flat)]
    return flat.astype(np.float64)


def widen(low: float, high: float) -> tuple[float, float]:
    """Give cuts with ``high > low``: where they are not, half a unit (or 1e-6 of it) to each side."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    if high > low:
        return low, high
    margin = max(0.5, abs(low) * 1e-6)
    return low - margin, low + margin


def extent(values: Pixels) -> tuple[int, float, float]:
    """Count the valid pixels and give the least and the greatest value; NaN where there are none."""
    valid = finite(values)
    if not valid.size:
        return 0, math.nan, math.nan
    return int(valid.size), float(valid.min()), float(valid.max())


def minmax(values: Pixels) -> tuple[float, float]:
    """Cut at the extremes."""
    _, least, greatest = extent(values)
    return widen(least, greatest)


def percentile_cuts(values: Pixels, percent: float = 99.5) -> tuple[float, float]:
    """Cut so that the middle `percent` of the pixels lie inside.

    Raises
    ------
    InvalidParameter
        Unless ``0 < percent ≤ 100``.
    """
    if not 0 < percent <= 100:
        raise InvalidParameter("a percentage is above 0 and at most 100", field="percent")
    valid = finite(values)
    if not valid.size:
        return 0.0, 1.0
    tail = (100.0 - percent) / 2
    low, high = np.percentile(valid, (tail, 100.0 - tail))
    return widen(float(low), float(high))


def zscale(values: Pixels, *, samples: int = 1000, contrast: float = 0.25) -> tuple[float, float]:
    """Cut as IRAF's display task: a line through the sorted sample, steepened by the contrast.

    The line is fitted to the sorted values against their rank; values further than 2.5 σ from
    it are thrown out with their neighbours, up to five times (IRAF ``sys/gio/zscale``, with the
    details of `astropy.visualization.ZScaleInterval`, whose results it equals).

    Parameters
    ----------
    values : ndarray
    samples : int
        How many of the values are used: every n-th.
    contrast : float
    """
    valid = finite(values)
    if not valid.size:
        return 0.0, 1.0
    stride = int(max(1.0, valid.size / samples))
    ordered = np.sort(valid[::stride][:samples])
    low, high = float(ordered[0]), float(ordered[-1])
    slope = _zscale_slope(ordered)
    if slope is not None:
        slope = slope / contrast if contrast > 0 else slope
        middle = (ordered.size - 1) // 2
        median = float(np.median(ordered))
        low = max(low, median - (middle - 1) * slope)
        high = min(high, median + (ordered.size - middle) * slope)
    return widen(low, high)


def _zscale_slope(ordered: NDArray[np.float64]) -> float | None:
    # The slope of the line through the values that were kept, or None where too few were.
    ranks = np.arange(ordered.size, dtype=np.float64)
    kept = np.ones(ordered.size, np.bool_)
    least = max(5, ordered.size // 2)
    width = np.ones(max(1, ordered.size // 100))
    slope = 0.0
    for _ in range(5):
        if kept.sum() < least:
            break
        x, y = ranks[kept], ordered[kept]
        slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
        residual = ordered - (y.mean() + slope * (ranks - x.mean()))
        outlying = ~kept | (np.abs(residual) > 2.5 * residual[kept].std())
        following = np.convolve(outlying, width, mode="same") < 0.5
        if following.sum() >= kept.sum():
            break
        kept = following
    return slope if kept.sum() >= least else None


def histogram(values: Pixels, bins: int = 256, low: float | None = None, high: float | None = None) -> Histogram:
    """Count the valid pixels in equal bins, between the extremes unless edges are given.

    Raises
    ------
    InvalidParameter
        Unless ``1 ≤ bins ≤ 65536``, and if the edges are too near, or too far apart, for numbers to tell the bins.
    """
    if not 1 <= bins <= 65536:
        raise InvalidParameter("a histogram has 1 to 65536 bins", field="bins")
    valid = finite(values)
    least, most = minmax(valid)
    edges = widen(least if low is None else low, most if high is None else high)
    width = edges[1] - edges[0]
    if not math.isfinite(width) or width / bins <= 2 * np.spacing(max(abs(edges[0]), abs(edges[1]))):
        raise InvalidParameter("no number of bins divides the values between these limits", field="low")
    counts, _ = np.histogram(valid, bins=bins, range=edges)
    return Histogram(*edges, counts.tolist(), int(valid.size - counts.sum()))


def summary(values: Pixels) -> Summary:
    """Describe the valid pixels."""
    total = int(np.asarray(values).size)
    valid = finite(values)
    if not valid.size:
        return Summary(0, total, *[math.nan] * 5)
    median = float(np.median(valid))
    sigma = 1.4826 * float(np.median(np.abs(valid - median)))
    return Summary(
        count=int(valid.size),
        bad=total - int(valid.size),
        minimum=float(valid.min()),
        maximum=float(valid.max()),
        mean=float(valid.mean()),
        median=median,
        sigma=sigma if sigma > 0 else float(valid.std()),
    )
