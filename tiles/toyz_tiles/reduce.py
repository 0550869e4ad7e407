"""Block means of valid pixels: a pixel that is NaN has no part in the mean of its block.

Sums are carried in double precision, so that the mean of 10⁶ pixels is as good as that of
four. A block without any valid pixel is NaN. Blocks cut by the edge are means of what is there.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.readers import Pixels
from toyz_tiles.kernel import kernel, plain

Sums = NDArray[np.float64]
Counts = NDArray[np.int32]


@kernel
def _valid_sum(pixels: Any, y0: Any, y1: Any, x0: Any, x1: Any) -> Any:
    total = 0.0
    count = 0
    for y in range(y0, y1):
        for x in range(x0, x1):
            value = np.float64(pixels[y, x])
            if not np.isnan(value):
                total += value
                count += 1
    return total, count


@kernel
def _valid_sum_of_16(pixels: Any, y0: Any, x0: Any) -> Any:
    # As above for a whole block of 4 × 4, without a branch; four sums, so that no addition waits for the one before.
    t0, t1, t2, t3 = 0.0, 0.0, 0.0, 0.0
    bad = 0
    for y in range(y0, y0 + 4):
        a, b = np.float64(pixels[y, x0]), np.float64(pixels[y, x0 + 1])
        c, d = np.float64(pixels[y, x0 + 2]), np.float64(pixels[y, x0 + 3])
        t0 += 0.0 if np.isnan(a) else a
        t1 += 0.0 if np.isnan(b) else b
        t2 += 0.0 if np.isnan(c) else c
        t3 += 0.0 if np.isnan(d) else d
        bad += int(np.isnan(a)) + int(np.isnan(b)) + int(np.isnan(c)) + int(np.isnan(d))
    return (t0 + t1) + (t2 + t3), 16 - bad


@kernel
def _add_rows(pixels: Any, y0: Any, y1: Any, columns: Any) -> Any:
    # Down the columns first: these loops are over contiguous memory and are vectorised.
    if y1 - y0 == 4:
        a, b, c, d = pixels[y0], pixels[y0 + 1], pixels[y0 + 2], pixels[y0 + 3]
        for x in range(columns.size):
            columns[x] = (np.float64(a[x]) + np.float64(b[x])) + (np.float64(c[x]) + np.float64(d[x]))
        return
    columns[:] = 0.0
    for y in range(y0, y1):
        row = pixels[y]
        for x in range(columns.size):
            columns[x] += row[x]


@kernel
def _add_columns(columns: Any, factor: Any, row: Any) -> Any:
    # Blocks of four are written out: a loop of unknown length inside would cost more than the sum.
    whole = columns.size // factor if factor == 4 else 0
    for bx in range(whole):
        x = 4 * bx
        row[bx] = (columns[x] + columns[x + 1]) + (columns[x + 2] + columns[x + 3])
    for bx in range(whole, row.size):
        total = 0.0
        for x in range(bx * factor, min((bx + 1) * factor, columns.size)):
            total += columns[x]
        row[bx] = total


@kernel
def _block_sums(pixels: Any, factor: Any, sums: Any, counts: Any) -> Any:
    ny, nx = pixels.shape
    whole = nx // factor
    columns = np.empty(nx, np.float64)
    for by in range(sums.shape[0]):
        y0 = by * factor
        y1 = min(y0 + factor, ny)
        _add_rows(pixels, y0, y1, columns)
        _add_columns(columns, factor, sums[by])
        counts[by, :whole] = (y1 - y0) * factor
        counts[by, whole:] = (y1 - y0) * (nx - whole * factor)


@kernel
def _halve(pixels: Any, out: Any) -> Any:
    # The whole blocks only, four pixels at a time; NaN spreads here and is repaired afterwards.
    for by in range(pixels.shape[0] // 2):
        for bx in range(pixels.shape[1] // 2):
            upper = np.float64(pixels[2 * by, 2 * bx]) + np.float64(pixels[2 * by, 2 * bx + 1])
            lower = np.float64(pixels[2 * by + 1, 2 * bx]) + np.float64(pixels[2 * by + 1, 2 * bx + 1])
            out[by, bx] = (upper + lower) * 0.25


@kernel
def _repair_halves(pixels: Any, out: Any) -> Any:
    ny, nx = pixels.shape
    for by in range(out.shape[0]):
        for bx in range(out.shape[1]):
            whole = 2 * by + 1 < ny and 2 * bx + 1 < nx
            if not whole or np.isnan(out[by, bx]):
                total, count = _valid_sum(pixels, 2 * by, min(2 * by + 2, ny), 2 * bx, min(2 * bx + 2, nx))
                out[by, bx] = total / count


@kernel
def _repair(pixels: Any, factor: Any, sums: Any, counts: Any) -> Any:
    # Few blocks hold a NaN: only they are added up again, pixel by pixel.
    ny, nx = pixels.shape
    for by in range(sums.shape[0]):
        for bx in range(sums.shape[1]):
            if np.isnan(sums[by, bx]):
                y0, x0 = by * factor, bx * factor
                if factor == 4 and y0 + 4 <= ny and x0 + 4 <= nx:
                    total, count = _valid_sum_of_16(pixels, y0, x0)
                else:
                    total, count = _valid_sum(pixels, y0, min(y0 + factor, ny), x0, min(x0 + factor, nx))
                sums[by, bx] = total
                counts[by, bx] = count


@kernel
def _pair_sums(sums: Any, counts: Any, halved: Any, halved_counts: Any) -> Any:
    ny, nx = sums.shape
    for by in range(halved.shape[0]):
        y0 = 2 * by
        y1 = min(y0 + 2, ny)
        whole = nx // 2 if y1 - y0 == 2 else 0
        for bx in range(whole):
            x = 2 * bx
            halved[by, bx] = (sums[y0, x] + sums[y0, x + 1]) + (sums[y0 + 1, x] + sums[y0 + 1, x + 1])
            halved_counts[by, bx] = (counts[y0, x] + counts[y0, x + 1]) + (counts[y0 + 1, x] + counts[y0 + 1, x + 1])
        for bx in range(whole, halved.shape[1]):
            total = 0.0
            count = 0
            for y in range(y0, y1):
                for x in range(2 * bx, min(2 * bx + 2, nx)):
                    total += sums[y, x]
                    count += counts[y, x]
            halved[by, bx] = total
            halved_counts[by, bx] = count


@kernel
def _means(sums: Any, counts: Any, out: Any) -> Any:
    for y in range(sums.shape[0]):
        for x in range(sums.shape[1]):
            # 0 / 0 is NaN here: the kernels follow numpy's division.
            out[y, x] = sums[y, x] / counts[y, x]


def block_sums(pixels: Pixels, factor: int) -> tuple[Sums, Counts]:
    """Add up the valid pixels of each ``factor × factor`` block.

    Parameters
    ----------
    pixels : ndarray
        ``(ny, nx)`` of any real dtype.
    factor : int

    Returns
    -------
    sums, counts : ndarray
        ``(ceil(ny / factor), ceil(nx / factor))``: the sum of the valid pixels and how many.
    """
    ny, nx = pixels.shape
    shape = (-(-ny // factor), -(-nx // factor))
    sums, counts = np.empty(shape, np.float64), np.empty(shape, np.int32)
    if sums.size:
        pixels = plain(pixels)
        _block_sums(pixels, factor, sums, counts)
        if pixels.dtype.kind == "f":
            _repair(pixels, factor, sums, counts)
    return sums, counts


def whole_blocks(columns: Sequence[tuple[int, int]], factor: int, nx: int) -> list[tuple[int, int]]:
    """Widen spans of columns ``(start, stop)`` of `nx` to whole blocks, and join those that meet."""
    found: list[tuple[int, int]] = []
    for start, stop in sorted(columns):
        first, last = start // factor * factor, min(-(-stop // factor) * factor, nx)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def pair_sums(sums: Sums, counts: Counts) -> tuple[Sums, Counts]:
    """Join blocks two by two in both directions; an odd last row or column stays alone."""
    shape = (-(-sums.shape[0] // 2), -(-sums.shape[1] // 2))
    halved, halved_counts = np.empty(shape, np.float64), np.empty(shape, np.int32)
    _pair_sums(plain(sums), plain(counts), halved, halved_counts)
    return halved, halved_counts


def means(sums: Sums, counts: Counts) -> NDArray[np.float32]:
    """Divide; a block that counts no pixel is NaN."""
    out = np.empty(sums.shape, np.float32)
    _means(plain(sums), plain(counts), out)
    return out


def halve(pixels: Pixels) -> NDArray[np.float32]:
    """Reduce 2× by the mean of the valid pixels of each 2 × 2 block.

    Parameters
    ----------
    pixels : ndarray
        ``(ny, nx)`` or ``(ny, nx, channels)``.

    Returns
    -------
    ndarray of float32
        ``(ceil(ny / 2), ceil(nx / 2))``, with the same channels.
    """
    if pixels.ndim == 3:
        return np.stack([halve(pixels[:, :, channel]) for channel in range(pixels.shape[2])], axis=2)
    out = np.empty((-(-pixels.shape[0] // 2), -(-pixels.shape[1] // 2)), np.float32)
    pixels = plain(pixels)
    _halve(pixels, out)
    if pixels.dtype.kind == "f" or pixels.shape[0] % 2 or pixels.shape[1] % 2:
        _repair_halves(pixels, out)
    return out
