"""The Rice code of FITS images: integers to bits.

The encoding is RICE_1 of the FITS standard 4.0 (section 10.4.1) for 4-byte integers: the first
value as it is, then blocks of 32 differences, each with the number of low bits that suits it.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int32]
Bytes = NDArray[np.uint8]

BLOCK = 32
"""Pixels in a block."""
_SELECTOR_BITS = 5
_PLAIN = 25  # low bits from which a block is stored as it is


def longest(length: int) -> int:
    """Give the most bytes that a tile of this many pixels can take."""
    return 4 + 4 * length + -(-_SELECTOR_BITS * -(-length // BLOCK) // 8)


@numba.njit(nogil=True, cache=True)
def _emit(out: Bytes, state: NDArray[np.int64], value: int, bits: int) -> None:
    """Append up to 32 bits; `state` holds the next byte's place, the waiting bits and their number."""
    waiting = (state[1] << bits) | value
    number = state[2] + bits
    while number >= 8:
        number -= 8
        out[state[0]] = (waiting >> number) & 0xFF
        state[0] += 1
    state[1] = waiting & ((1 << number) - 1)
    state[2] = number


@numba.njit(nogil=True, cache=True)
def _emit_code(out: Bytes, state: NDArray[np.int64], value: int, low: int) -> None:
    """Append the high bits as a run of zeros ended by a one, then the low bits."""
    zeros = value >> low
    while zeros + low + 1 > 32:
        run = min(zeros, 24)
        _emit(out, state, 0, run)
        zeros -= run
    _emit(out, state, (1 << low) | (value & ((1 << low) - 1)), zeros + low + 1)


@numba.njit(nogil=True, cache=True)
def _low_bits(differences: NDArray[np.int64]) -> int:
    """Choose how many low bits of a block are stored plainly: about log2 of half its mean."""
    mean = (differences.sum() - differences.size // 2 - 1) / differences.size
    rest = np.int64(max(mean, 0.0)) >> 1
    low = 0
    while rest > 0:
        rest >>= 1
        low += 1
    return low


@numba.njit(nogil=True, cache=True)
def _emit_block(out: Bytes, state: NDArray[np.int64], differences: NDArray[np.int64]) -> None:
    low = _low_bits(differences)
    if low >= _PLAIN:
        _emit(out, state, _PLAIN + 1, _SELECTOR_BITS)
        for difference in differences:
            _emit(out, state, difference, 32)
    elif low == 0 and differences.sum() == 0:
        _emit(out, state, 0, _SELECTOR_BITS)
    else:
        _emit(out, state, low + 1, _SELECTOR_BITS)
        for difference in differences:
            _emit_code(out, state, difference, low)


@numba.njit(nogil=True, cache=True)
def encode_tile(values: Integers, out: Bytes, start: int) -> int:
    """Encode a tile of pixels.

    Parameters
    ----------
    values : ndarray of int32
    out : ndarray of uint8
        With at least `longest` bytes from `start` on.
    start : int

    Returns
    -------
    int
        Where the tile ends in `out`.
    """
    state = np.array([start, 0, 0], dtype=np.int64)
    _emit(out, state, int(values[0]) & 0xFFFFFFFF, 32)
    previous = np.int64(values[0])
    differences = np.empty(BLOCK, dtype=np.int64)
    for first in range(0, values.size, BLOCK):
        number = min(BLOCK, values.size - first)
        for index in range(number):
            value = np.int64(values[first + index])
            # Differences wrap as 32-bit integers; small ones of either sign become small numbers.
            step = np.int64(np.int32(value - previous))
            differences[index] = step << 1 if step >= 0 else ~(step << 1)
            previous = value
        _emit_block(out, state, differences[:number])
    if state[2] > 0:
        _emit(out, state, 0, 8 - state[2])
    return int(state[0])
