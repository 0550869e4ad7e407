"""Which parts of CCDs lie in each block of a level of a mosaic, and what value they have together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz_tiles.geometry import Window
from toyz_tiles.kernel import kernel
from toyz_tiles.layout import Layout, Place
from toyz_tiles.matching import SkyMatch

_FULL = 1.0 - 1e-3
"""Share of a block from which on a CCD is taken to fill it, and to hide those below it."""
_TRACE = 1e-6
"""Weight of a CCD that passes a block by two pixels at most: one that is turned may reach into it."""


@kernel
def _share(middle: Any, reach: Any, first: Any, end: Any) -> Any:
    # Of an interval about a middle, as far as pixels first ≤ i < end cover it.
    if first - 0.5 <= middle - reach / 2 and middle + reach / 2 <= end - 0.5:
        return 1.0
    overlap = min(middle + reach / 2, end - 0.5) - max(middle - reach / 2, first - 0.5)
    return max(overlap, 0.0) / reach


@kernel
def _add(warp: Any, u0: Any, v0: Any, side: Any, reach: Any, boxes: Any, values: Any, where: Any, out: Any) -> Any:
    # out: sums and areas of the window's blocks; where: those to be looked at.
    sums, areas = out[0], out[1]
    y0, y1, x0, x1 = where
    a, b = warp[0], warp[1]
    for i in range(y0, y1):
        v = v0 + (i - y0) * side
        a0 = a[0] + v * (a[2] + v * (a[5] + v * a[9]))
        a1 = a[1] + v * (a[4] + v * a[8])
        a2 = a[3] + v * a[7]
        b0 = b[0] + v * (b[2] + v * (b[5] + v * b[9]))
        b1 = b[1] + v * (b[4] + v * b[8])
        b2 = b[3] + v * b[7]
        for j in range(x0, x1):
            u = u0 + (j - x0) * side
            x = a0 + u * (a1 + u * (a2 + u * a[6]))
            y = b0 + u * (b1 + u * (b2 + u * b[6]))
            total = 0.0
            area = 0.0
            for k in range(values.size):
                # The x of a part decide for most blocks that it has nothing there.
                own = _share(x, reach, boxes[k, 0], boxes[k, 1])
                if own > 0.0:
                    own *= _share(y, reach, boxes[k, 2], boxes[k, 3])
                    total += own * values[k]
                    area += own
                    if area >= _FULL:
                        break
            if area == 0.0:
                for k in range(values.size):
                    near = _share(x, reach + 4.0, boxes[k, 0], boxes[k, 1])
                    near *= _TRACE * _share(y, reach + 4.0, boxes[k, 2], boxes[k, 3])
                    total += near * values[k]
                    area += near
            if area >= _FULL:
                sums[i, j], areas[i, j] = 0.0, 0.0
            sums[i, j] += total
            areas[i, j] += area


def mean_values(layout: Layout, match: SkyMatch, level: int, window: Window) -> NDArray[np.float32]:
    """Give the mean value of the parts in each block, by the area that each has in it.

    Exact for CCDs whose axes run along the mosaic's, and nearly so for those that are turned a little.

    Parameters
    ----------
    layout : Layout
    match : SkyMatch
    level : int
    window : Window
        In pixels of the level.

    Returns
    -------
    ndarray of float32
        Of the window's shape; the value that changes nothing where there is no CCD.
    """
    out = np.zeros((2, *window.shape))
    for place in layout.placements:
        box = _box(place, level, window)
        if box is not None:
            _add_place(place, match, level, box, window, out)
    sums, areas = out
    found = areas > 0
    return np.where(found, sums / np.where(found, areas, 1.0), match.neutral).astype(np.float32)


def _box(place: Place, level: int, window: Window) -> Window | None:
    # The blocks of the window that the box around a CCD touches.
    y0, y1 = max(window.y0, place.y >> level), min(window.y1, ((place.y + place.height) >> level) + 1)
    x0, x1 = max(window.x0, place.x >> level), min(window.x1, ((place.x + place.width) >> level) + 1)
    return Window(y0, y1, x0, x1) if y0 < y1 and x0 < x1 else None


def _add_place(
    place: Place, match: SkyMatch, level: int, box: Window, window: Window, out: NDArray[np.float64]
) -> None:
    parts, side, warp = match.of(place.hdu), float(1 << level), place.warp
    # Relative to what is shown of the CCD, as its map is.
    boxes = [(p.x0 - place.crop_x, p.x1 - place.crop_x, p.y0 - place.crop_y, p.y1 - place.crop_y) for p, _ in parts]
    middle = (side - 1) / 2
    _add(
        warp.coefficients,
        box.x0 * side + middle - warp.column,
        box.y0 * side + middle - warp.row,
        side,
        side / warp.scale,
        np.array(boxes, np.float64).reshape(-1, 4),
        np.array([value for _, value in parts], np.float64),
        (box.y0 - window.y0, box.y1 - window.y0, box.x0 - window.x0, box.x1 - window.x0),
        out,
    )
