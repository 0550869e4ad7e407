"""Means over areas that are no whole blocks of pixels: what any size but a half, a quarter, … is made of.

A pixel counts with the share of its area that lies inside; a pixel that is NaN has no part in
the mean, as in `toyz_tiles.reduce`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.readers import Pixels
from toyz_tiles.kernel import kernel, plain

Edges = NDArray[np.float64]
_STEPS = 1 << 20
"""Edges lie on this fraction of a pixel, so that rounding gives no pixel a share of nearly nothing."""


@kernel
def _add_row(pixels: Any, y: Any, share: Any, totals: Any, weights: Any) -> Any:
    for x in range(totals.size):
        value = np.float64(pixels[y, x])
        if not np.isnan(value):
            totals[x] += share * value
            weights[x] += share


@kernel
def _area_means(pixels: Any, rows: Any, columns: Any, out: Any) -> Any:
    ny, nx = pixels.shape
    totals = np.empty(nx, np.float64)
    weights = np.empty(nx, np.float64)
    for i in range(out.shape[0]):
        totals[:] = 0.0
        weights[:] = 0.0
        for y in range(int(np.floor(rows[i])), min(int(np.ceil(rows[i + 1])), ny)):
            _add_row(pixels, y, min(rows[i + 1], y + 1.0) - max(rows[i], np.float64(y)), totals, weights)
        for j in range(out.shape[1]):
            total = 0.0
            weight = 0.0
            for x in range(int(np.floor(columns[j])), min(int(np.ceil(columns[j + 1])), nx)):
                share = min(columns[j + 1], x + 1.0) - max(columns[j], np.float64(x))
                total += share * totals[x]
                weight += share * weights[x]
            # 0 / 0 is NaN here: the kernels follow numpy's division.
            out[i, j] = total / weight


def edges(start: float, stop: float, count: int) -> Edges:
    """Divide an interval into `count` equal parts; gives their ``count + 1`` edges.

    >>> edges(1, 2.5, 3).tolist()
    [1.0, 1.5, 2.0, 2.5]
    """
    found: Edges = np.round(np.linspace(start, stop, count + 1) * _STEPS) / _STEPS
    return found


def area_means(pixels: Pixels, rows: Edges, columns: Edges) -> NDArray[np.float32]:
    """Average the valid pixels of each cell of a grid, weighted by the area that they have in it.

    Parameters
    ----------
    pixels : ndarray
        ``(ny, nx)`` or ``(ny, nx, channels)`` of any real dtype.
    rows, columns : ndarray of float64
        Ascending edges of the cells, in pixels: pixel i reaches from i to i + 1. Inside the array.

    Returns
    -------
    ndarray of float32
        ``(rows.size − 1, columns.size − 1)``, with the same channels; NaN where no pixel is valid.
    """
    if pixels.ndim == 3:
        channels = [area_means(pixels[:, :, channel], rows, columns) for channel in range(pixels.shape[2])]
        return np.stack(channels, axis=2)
    out = np.empty((rows.size - 1, columns.size - 1), np.float32)
    _area_means(plain(pixels), plain(rows), plain(columns), out)
    return out
