"""The Rice code of FITS images: integers to bits.

The encoding is RICE_1 of the FITS standard 4.0 (section 10.4.1) for 4-byte integers: the first
value as it is, then blocks of 32 differences, each with the number of low bits that suits it.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Bits = tuple[int, int, int]  # where the next byte goes, the bits that wait for it, and their number

BLOCK = 32
"""Pixels in a block."""
_SELECTOR_BITS = 5
_PLAIN = 25  # low bits from which a block is stored as it is


def longest(length: int) -> int:
    """Give the most bytes that a tile of this many pixels can take."""
    return 4 + 4 * length + -(-_SELECTOR_BITS * -(-length // BLOCK) // 8)


@numba.njit(nogil=True, cache=True)
def _emit(out: Bytes, bits: Bits, value: int, number: int) -> Bits:
    """Append up to 32 bits to those that wait, and move four bytes out as soon as they are full."""
    end, waiting, kept = bits
    waiting = (waiting << number) | value
    kept += number
    if kept >= 32:
        kept -= 32
        word = waiting >> kept
        out[end] = (word >> 24) & 0xFF
        out[end + 1] = (word >> 16) & 0xFF
        out[end + 2] = (word >> 8) & 0xFF
        out[end + 3] = word & 0xFF
        end += 4
        waiting &= (1 << kept) - 1
    return end, waiting, kept


@numba.njit(nogil=True, cache=True)
def _finish(out: Bytes, bits: Bits) -> int:
    """Move out what waits, filled up with zeros to a whole byte; return the end."""
    end, waiting, kept = bits
    waiting <<= 32 - kept
    for shift in range(24, 24 - kept, -8):
        out[end] = (waiting >> shift) & 0xFF
        end += 1
    return end


@numba.njit(nogil=True, cache=True)
def _emit_code(out: Bytes, bits: Bits, value: int, low: int) -> Bits:
    """Append the high bits as a run of zeros ended by a one, then the low bits."""
    zeros = value >> low
    while zeros + low + 1 > 32:
        run = min(zeros, 24)
        bits = _emit(out, bits, 0, run)
        zeros -= run
    return _emit(out, bits, (1 << low) | (value & ((1 << low) - 1)), zeros + low + 1)


@numba.njit(nogil=True, cache=True)
def _low_bits(total: int, number: int) -> int:
    """Choose how many low bits of a block are stored plainly: about log2 of half its mean."""
    rest = max(total - number // 2 - 1, 0) // number >> 1
    low = 0
    while rest > 0:
        rest >>= 1
        low += 1
    return low


@numba.njit(nogil=True, cache=True)
def _emit_block(out: Bytes, bits: Bits, differences: NDArray[np.int64]) -> Bits:
    total = differences.sum()
    low = _low_bits(total, differences.size)
    if low >= _PLAIN:
        bits = _emit(out, bits, _PLAIN + 1, _SELECTOR_BITS)
        for difference in differences:
            bits = _emit(out, bits, difference, 32)
    elif total == 0:
        bits = _emit(out, bits, 0, _SELECTOR_BITS)
    else:
        bits = _emit(out, bits, low + 1, _SELECTOR_BITS)
        for difference in differences:
            bits = _emit_code(out, bits, difference, low)
    return bits


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
    bits = _emit(out, (start, 0, 0), int(values[0]) & 0xFFFFFFFF, 32)
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
        bits = _emit_block(out, bits, differences[:number])
    return _finish(out, bits)
