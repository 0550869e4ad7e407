"""Quantised integers back to floats (FITS standard 4.0, §10.2 and appendix I).

The dither of a tile is a walk through one fixed table of 10,000 random numbers; where it
starts depends on the number of the tile. The table and the start points are single precision,
as in CFITSIO, so the results agree with it to the last bit.
"""

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from toyz_tiles.codecs.jit import kernel
from toyz_tiles.codecs.rice import PIXELS

NO_DITHER, DITHER_1, DITHER_2 = 0, 1, 2
ZERO = -2147483646
"""The integer that stands for exactly 0.0 with `DITHER_2`."""

LENGTH = 10_000


def random_table() -> NDArray[np.float32]:
    """Make the table: Park & Miller's minimal standard generator, seed 1 (appendix I of the standard)."""
    multiplier, modulus = 16807, 2147483647
    seed = 1
    table = np.empty(LENGTH, np.float32)
    for index in range(LENGTH):
        seed = seed * multiplier % modulus
        table[index] = seed / modulus
    return table


RANDOM = random_table()
STARTS = (RANDOM * np.float32(500)).astype(np.int64)
"""Where in the table the walk begins, for each seed."""

READ_ONLY_TABLE = types.Array(types.float32, 1, "C", readonly=True)
READ_ONLY_STARTS = types.Array(types.int64, 1, "C", readonly=True)
RANDOM.flags.writeable = STARTS.flags.writeable = False

_SIGNATURES = [
    types.void(
        PIXELS,
        types.int64,
        types.int64,
        types.float64,
        types.float64,
        types.int64,
        READ_ONLY_TABLE,
        READ_ONLY_STARTS,
        types.Array(real, 1, "C"),
    )
    for real in (types.float32, types.float64)
]


@kernel(*_SIGNATURES)
def restore(
    values: Any, count: Any, dither: Any, scale: Any, zero: Any, seed: Any, random: Any, starts: Any, out: Any
) -> None:
    """Restore the first `count` quantised pixels of a tile.

    Parameters
    ----------
    values : ndarray of int32
        The integers, in the order of the tile.
    count : int
    dither : int
        `NO_DITHER`, `DITHER_1` or `DITHER_2`.
    scale, zero : float
        ZSCALE and ZZERO of the tile.
    seed : int
        Number of the tile (from 0) plus ZDITHER0 less 1.
    random, starts : ndarray
        `RANDOM` and `STARTS`.
    out : ndarray of float32 or float64, at least `count` long
    """
    if dither == NO_DITHER:
        for k in range(count):
            out[k] = values[k] * scale + zero
        return
    seed %= LENGTH
    k = 0
    at = starts[seed]
    while k < count:
        run = min(LENGTH - at, count - k)
        # Slices, so that the loops count from nought and the compiler makes vectors of them.
        source, walk, target = values[k : k + run], random[at : at + run], out[k : k + run]
        for j in range(run):
            target[j] = (np.float64(source[j]) - walk[j] + 0.5) * scale + zero
        if dither == DITHER_2:
            for j in range(run):
                if source[j] == ZERO:
                    target[j] = 0.0
        k += run
        seed = (seed + 1) % LENGTH
        at = starts[seed]


@kernel(
    *(
        types.void(PIXELS, types.int64, types.int64, types.Array(real, 1, "C"))
        for real in (types.float32, types.float64)
    )
)
def blank(values: Any, count: Any, marker: Any, out: Any) -> None:
    """Make NaN of the pixels whose integer is ZBLANK."""
    for k in range(count):
        if values[k] == marker:
            out[k] = np.nan
