"""Which rows and columns a window asks for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.errors import InvalidParameter

Indices = NDArray[np.int64]


def check_window(shape: tuple[int, int], y0: int, y1: int, x0: int, x1: int, step: int) -> None:
    """Refuse a window that is not inside the image.

    Raises
    ------
    InvalidParameter
    """
    if not (0 <= y0 <= y1 <= shape[0] and 0 <= x0 <= x1 <= shape[1] and step >= 1):
        raise InvalidParameter(f"the window {y0}:{y1}, {x0}:{x1}, step {step} is not inside {shape[0]} × {shape[1]}")


def taken(start: int, stop: int, step: int) -> Indices:
    """Pixels taken of ``start ≤ i < stop``: the centre of each block of `step`, the last one clamped."""
    if step == 1:
        return np.arange(start, stop, dtype=np.int64)
    return np.minimum(np.arange(start, stop, step, dtype=np.int64) + step // 2, stop - 1)


def mask_missing(pixels: NDArray[Any], part: Any) -> bool:
    """Make NaN of the part of a window that has no value; False if the pixels are integers."""
    if pixels.dtype.kind != "f":
        return False
    pixels[part] = np.nan
    return True
