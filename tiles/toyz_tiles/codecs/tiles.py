"""Many tile streams of one image into one window of pixels.

A *plan* is an ``int64`` table with a row for each tile, made by the caller. It says where the
tile's stream stands in the buffer, and which of the wanted rows and columns fall into it.
"""

from typing import Any

import numpy as np
from numba import types

from toyz_tiles.codecs.jit import kernel
from toyz_tiles.codecs.quantize import RANDOM, READ_ONLY_STARTS, READ_ONLY_TABLE, STARTS, blank, restore
from toyz_tiles.codecs.rice import BYTES, PADDING, decode_pair, decode_stream

__all__ = ["CODER", "COLUMNS", "PADDING", "RANDOM", "STARTS", "decode_floats", "decode_integers"]

COLUMNS = ("start", "stop", "skip", "y", "x", "width", "row0", "row1", "column0", "column1")
"""Of a plan: bytes of the stream in the buffer; pixels of the tile before this plane; the
plane's pixel at the tile's origin; the tile's width; the wanted rows and columns within it,
as ranges of indices into `rows` and `columns`."""

START, STOP, SKIP, Y, X, WIDTH, ROW0, ROW1, COLUMN0, COLUMN1 = range(len(COLUMNS))

CODER = ("bytepix", "blocksize", "dither", "blanked")
"""What all streams of an image share: bytes of a coded pixel; pixels of a block; the dither as in
`toyz_tiles.codecs.quantize`; 1 if an integer stands for NaN, else 0."""

_UNBOUNDED = 1 << 62

BYTEPIX, BLOCKSIZE, DITHER, BLANKED = range(len(CODER))

_PLAN = types.Array(types.int64, 2, "C")
_INDICES = types.Array(types.int64, 1, "C")
_REALS = types.Array(types.float64, 2, "C")
# Of any strides for who goes through an image once; what is contiguous is filled a little quicker.
_WINDOWS = [
    *(types.Array(kind, 2, "C") for kind in (types.float32, types.float64)),
    *(types.Array(kind, 2, "A") for kind in (types.float32, types.float64)),
]


@kernel()
def _needed(tile: Any, rows: Any, columns: Any) -> Any:
    """How many pixels of a tile must be decoded to have all that are wanted."""
    if tile[ROW0] >= tile[ROW1] or tile[COLUMN0] >= tile[COLUMN1]:
        return 0
    last_row = rows[tile[ROW1] - 1] - tile[Y]
    last_column = columns[tile[COLUMN1] - 1] - tile[X]
    return tile[SKIP] + last_row * tile[WIDTH] + last_column + 1


@kernel()
def _ascending(wanted: Any) -> Any:
    """Whether indices are not negative and never fall."""
    for i in range(1, wanted.size):
        if wanted[i] < wanted[i - 1]:
            return False
    return wanted.size == 0 or wanted[0] >= 0


@kernel()
def _within(wanted: Any, first: Any, last: Any, origin: Any, length: Any) -> Any:
    """Whether a range of ascending indices lies in ``origin ≤ index < origin + length``."""
    if not 0 <= first <= last <= wanted.size or length < 0:
        return False
    return first == last or (wanted[first] >= origin and wanted[last - 1] - origin < length)


@kernel()
def _sound_plan(plan: Any, rows: Any, columns: Any, shape: Any) -> Any:
    """Whether the plan keeps every store inside the window, and every load inside its tile."""
    if rows.size != shape[0] or columns.size != shape[1] or plan.shape[1] != 10:
        return False
    if not _ascending(rows) or not _ascending(columns):
        return False
    for t in range(plan.shape[0]):
        tile = plan[t]
        if tile[SKIP] < 0 or not _within(columns, tile[COLUMN0], tile[COLUMN1], tile[X], tile[WIDTH]):
            return False
        if not _within(rows, tile[ROW0], tile[ROW1], tile[Y], _UNBOUNDED):
            return False
    return True


@kernel()
def _counts(plan: Any, rows: Any, columns: Any) -> Any:
    counts = np.empty(plan.shape[0], np.int64)
    for t in range(plan.shape[0]):
        counts[t] = _needed(plan[t], rows, columns)
    return counts


@kernel()
def _longest(counts: Any) -> Any:
    longest = 1
    for count in counts:
        longest = max(longest, count)
    return longest


@kernel()
def _place(values: Any, tile: Any, rows: Any, columns: Any, out: Any) -> None:
    """Copy the wanted pixels of a decoded tile to their places in the window."""
    first, last = tile[COLUMN0], tile[COLUMN1]
    wanted = columns[first:last]
    adjoining = wanted[-1] - wanted[0] == wanted.size - 1
    for i in range(tile[ROW0], tile[ROW1]):
        begin = tile[SKIP] + (rows[i] - tile[Y]) * tile[WIDTH]
        # Slices, so that the inner loops count from nought and the compiler knows it.
        source, target = values[begin : begin + tile[WIDTH]], out[i, first:last]
        if adjoining:
            source = source[wanted[0] - tile[X] :]
            for j in range(target.size):
                target[j] = source[j]
        else:
            for j in range(target.size):
                target[j] = source[wanted[j] - tile[X]]


@kernel()
def _decode_two(buffer: Any, plan: Any, t: Any, counts: Any, coder: Any, one: Any, two: Any, damaged: Any) -> Any:
    """Decode tile `t` and, if it is as long, ``t + 1``; gives how many were taken."""
    bytepix, blocksize, count = coder[BYTEPIX], coder[BLOCKSIZE], counts[t]
    a = plan[t]
    taken = 1
    if t + 1 < plan.shape[0] and counts[t + 1] == count:
        b = plan[t + 1]
        if decode_pair(buffer, a[START], a[STOP], b[START], b[STOP], bytepix, blocksize, count, one, two):
            damaged[t] = damaged[t + 1] = 0
            return 2
        done = decode_stream(buffer, b[START], b[STOP], bytepix, blocksize, count, two)
        damaged[t + 1] = 0 if done == count else 1
        taken = 2
    done = decode_stream(buffer, a[START], a[STOP], bytepix, blocksize, count, one)
    damaged[t] = 0 if done == count else 1
    return taken


@kernel(
    *(
        types.boolean(BYTES, _PLAN, _INDICES, _INDICES, _INDICES, types.Array(kind, 2, "C"), _INDICES)
        for kind in (types.uint8, types.int16, types.int32, types.int64)
    )
)
def decode_integers(buffer: Any, plan: Any, rows: Any, columns: Any, coder: Any, out: Any, damaged: Any) -> Any:
    """Decode the tiles of an integer image into a window.

    Parameters
    ----------
    buffer : ndarray of uint8
        The streams, with `PADDING` bytes after the last; may be read-only.
    plan : ndarray of int64, shape (n, 10)
        See `COLUMNS`.
    rows, columns : ndarray of int64
        The wanted rows and columns of the plane, ascending.
    coder : ndarray of int64, shape (4,)
        See `CODER`.
    out : ndarray of shape (rows, columns)
        The window; a damaged tile leaves its part as it was.
    damaged : ndarray of int64, shape (n,)
        Set to 1 where the stream of a tile is damaged, else to 0.

    Returns
    -------
    bool
        Whether the plan fits the arrays; nothing is decoded if it does not.
    """
    tiles = plan.shape[0]
    if not _sound_plan(plan, rows, columns, out.shape) or damaged.size != tiles or coder.size != 4:
        return False
    counts = _counts(plan, rows, columns)
    one = np.empty(_longest(counts), np.int32)
    two = np.empty_like(one)
    t = 0
    while t < tiles:
        taken = _decode_two(buffer, plan, t, counts, coder, one, two, damaged)
        for k in range(t, t + taken):
            if damaged[k] == 0 and counts[k] > 0:
                _place(one if k == t else two, plan[k], rows, columns, out)
        t += taken
    return True


@kernel(
    *(
        types.boolean(
            BYTES,
            _PLAN,
            _INDICES,
            _INDICES,
            _INDICES,
            _INDICES,
            _REALS,
            _INDICES,
            READ_ONLY_TABLE,
            READ_ONLY_STARTS,
            window,
            _INDICES,
        )
        for window in _WINDOWS
    )
)
def decode_floats(
    buffer: Any,
    plan: Any,
    rows: Any,
    columns: Any,
    coder: Any,
    seeds: Any,
    quanta: Any,
    blanks: Any,
    random: Any,
    starts: Any,
    out: Any,
    damaged: Any,
) -> Any:
    """Decode the tiles of a quantised float image into a window; a damaged tile becomes NaN.

    Parameters are those of `decode_integers`, and for each tile: `seeds` (its number plus
    ZDITHER0 less 1), `quanta` (columns ZSCALE and ZZERO), `blanks` (ZBLANK); `random` and
    `starts` are the tables of `toyz_tiles.codecs.quantize`. `out` may have any strides.
    """
    tiles = plan.shape[0]
    if not _sound_plan(plan, rows, columns, out.shape) or damaged.size != tiles or coder.size != 4:
        return False
    if random.size != starts.size or seeds.size != tiles or blanks.size != tiles or quanta.shape != (tiles, 2):
        return False
    counts = _counts(plan, rows, columns)
    one = np.empty(_longest(counts), np.int32)
    two = np.empty_like(one)
    real = np.empty(one.size, out.dtype)
    t = 0
    while t < tiles:
        taken = _decode_two(buffer, plan, t, counts, coder, one, two, damaged)
        for k in range(t, t + taken):
            count = counts[k]
            values = one if k == t else two
            if damaged[k]:
                real[:count] = np.nan
            else:
                restore(values, count, coder[DITHER], quanta[k, 0], quanta[k, 1], seeds[k], random, starts, real)
                if coder[BLANKED]:
                    blank(values, count, blanks[k], real)
            if count > 0:
                _place(real, plan[k], rows, columns, out)
        t += taken
    return True
