"""The sky level of an image in boxes: arrays in, numbers out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGMA_OF_MAD = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""

Window = tuple[int, int, int, int]
"""Rows ``y0 ≤ y < y1`` and columns ``x0 ≤ x < x1``, as ``(y0, y1, x0, x1)``."""


def boxes(shape: tuple[int, int], size: int) -> list[Window]:
    """Cover an image of ``(ny, nx)`` pixels with boxes; those at the far edges are smaller."""
    ny, nx = shape
    return [(y, min(y + size, ny), x, min(x + size, nx)) for y in range(0, ny, size) for x in range(0, nx, size)]


def measure(pixels: NDArray[Any], window: Window) -> dict[str, float | None]:
    """Find the median and the noise of the pixels that have a value.

    Parameters
    ----------
    pixels : ndarray
        ``(ny, nx)``.
    window : tuple of int
        Where they were taken.

    Returns
    -------
    dict
        ``x`` and ``y`` of the box's centre (FITS pixels, the first is 1), ``level`` and ``noise`` in
        the pixels' unit, or None where no pixel has a value.
    """
    y0, y1, x0, x1 = window
    values = pixels[np.isfinite(pixels)].astype(np.float64)
    level = float(np.median(values)) if values.size else None
    noise = SIGMA_OF_MAD * float(np.median(np.abs(values - level))) if level is not None else None
    return {"x": (x0 + x1 + 1) / 2, "y": (y0 + y1 + 1) / 2, "level": level, "noise": noise}
