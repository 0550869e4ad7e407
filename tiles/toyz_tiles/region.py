"""Any region of an image at any smaller size, from the level that is just fine enough.

Windows are in display order; a region is one of level 0, ``size`` is ``(ny, nx)`` of the result.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np

from toyz.readers import Pixels
from toyz_tiles.area import Edges, area_means, edges
from toyz_tiles.geometry import Window, level_count, level_shape

Read = Callable[[int, Window], Pixels]
"""Gives the pixels of a window of a level, in pixels of that level."""
Size = tuple[int, int]
MAX_SOURCE = 40 << 20
"""Pixels that are averaged for one region; beyond, a coarser level is taken (only where x and y shrink unlike)."""
_BAND = 4 << 20
"""Pixels read at once."""


def source_level(shape: Size, region: Window, size: Size) -> int:
    """Choose the level that a region is made of.

    It is the one whose pixels are just those of the result, if there is one; else the coarsest
    that is still finer than the result in both directions.
    """
    levels = level_count(shape[1], shape[0])
    for level in range(levels):
        if _is_of_level(shape, region, level) and level_window(shape, region, level).shape == size:
            return level
    (ny, nx), (rows, columns) = region.shape, size
    level = min(max(0, int(math.log2(min(ny / rows, nx / columns)))), levels - 1)
    while level < levels - 1 and (ny >> level) * (nx >> level) > MAX_SOURCE:
        level += 1
    return level


def _is_of_level(shape: Size, region: Window, level: int) -> bool:
    """Whether a region consists of whole pixels of a level."""
    step = (1 << level) - 1
    ends = ((region.y1, shape[0]), (region.x1, shape[1]))
    return not (region.y0 & step or region.x0 & step) and all(not end & step or end == last for end, last in ends)


def level_window(shape: Size, region: Window, level: int) -> Window:
    """Give the pixels of a level that a region touches.

    >>> level_window((100, 100), Window(0, 10, 5, 100), 3)
    Window(y0=0, y1=2, x0=0, x1=13)
    """
    ny, nx = level_shape(shape, level)
    y1, x1 = -(-region.y1 >> level), -(-region.x1 >> level)
    return Window(region.y0 >> level, min(y1, ny), region.x0 >> level, min(x1, nx))


def region_pixels(
    read: Read, shape: Size, level: int, region: Window, size: Size, check: Callable[[], None] = lambda: None
) -> Pixels:
    """Read a region and reduce it to a size by the mean over areas.

    Parameters
    ----------
    read : callable
    shape : tuple of int
        ``(ny, nx)`` of the image.
    level : int
        From `source_level`.
    region : Window
        Inside the image.
    size : tuple of int
        ``(ny, nx)`` of the result, nowhere larger than the region.
    check : callable
        Called before each part is read; it may raise.

    Raises
    ------
    CorruptFile
        From reading.
    """
    window = level_window(shape, region, level)
    if window.shape == size and _is_of_level(shape, region, level):
        return read(level, window)
    scale = 1 << level
    rows = edges(region.y0 / scale, region.y1 / scale, size[0])
    columns = edges(region.x0 / scale, region.x1 / scale, size[1]) - window.x0
    parts = []
    for first, last in _bands(rows, window):
        check()
        top, bottom = math.floor(rows[first]), min(math.ceil(rows[last]), window.y1)
        pixels = read(level, Window(top, bottom, window.x0, window.x1))
        parts.append(area_means(pixels, rows[first : last + 1] - top, columns))
    return np.concatenate(parts)


def _bands(rows: Edges, window: Window) -> Iterator[tuple[int, int]]:
    """Divide the rows of the result so that each part is read from a bounded number of pixels."""
    count = rows.size - 1
    source = window.shape[0] * window.shape[1] / count
    step = max(1, int(_BAND / max(source, 1.0)))
    for first in range(0, count, step):
        yield first, min(first + step, count)
