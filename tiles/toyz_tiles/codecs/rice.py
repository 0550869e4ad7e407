"""The RICE_1 decoder (FITS standard 4.0, §10.4.1; Rice, Yeh & Miller 1993).

A stream is the first pixel in full, then for each block of ``blocksize`` pixels a code of a
few bits: 0 for "all differences are nought", the highest for "differences in full", else the
number of low bits of each difference plus one; the high bits stand before them in unary.

A stream is hostile until proven otherwise. Each load of eight bytes begins at or before the
stream's end and the buffer has `PADDING` bytes after it, so no load leaves the buffer; the
position is checked after each pixel, so no pixel is made of bytes beyond the end.
"""

import sys
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from toyz_tiles.codecs.jit import kernel

assert sys.byteorder == "little", "the loads below turn little-endian words over"

PADDING = 8
"""Bytes that must follow the last stream in the buffer."""

BYTES = types.Array(types.uint8, 1, "C", readonly=True)
PIXELS = types.Array(types.int32, 1, "C")

_0, _1, _3, _7 = np.uint64(0), np.uint64(1), np.uint64(3), np.uint64(7)
_56, _63, _64 = np.uint64(56), np.uint64(63), np.uint64(64)
_LOW32 = np.uint64(0xFFFFFFFF)
BROKEN = np.uint64(0xFFFFFFFFFFFFFFFF)
"""The position after a block that cannot be decoded."""


def _count_leading_zeros(_typing_context: Any, _word: Any) -> Any:
    """The number of zeros above the highest one of a 64-bit word; 64 for nought."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


_leading_zeros: Any = intrinsic(_count_leading_zeros)


def _load_big_endian(_typing_context: Any, _address: Any) -> Any:
    """Eight bytes at an address, aligned or not, the first at the top (on a little-endian machine)."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        word = builder.load(builder.inttoptr(arguments[0], ir.IntType(64).as_pointer()))
        word.align = 1
        return builder.bswap(word)

    return types.uint64(types.uint64), generate


_load: Any = intrinsic(_load_big_endian)


@kernel(inline=True)
def _word_at(base: Any, position: Any) -> Any:
    """Load at least 57 valid bits from bit `position` of the bytes at `base`, the first at the top."""
    return _load(base + (position >> _3)) << (position & _7)


@kernel(inline=True)
def _address(buffer: Any) -> Any:
    """Where the bytes of an array are; without the array, loads need not count references."""
    return np.uint64(buffer.ctypes.data)


@kernel(inline=True)
def _unfold(folded: Any) -> Any:
    """Turn 0, 1, 2, 3, 4, … into 0, −1, 1, −2, 2, … (modulo 2³²)."""
    return np.uint32(folded >> _1) ^ (np.uint32(0) - np.uint32(folded & _1))


@kernel(inline=True)
def _give_type(out: Any, count: Any, bytepix: Any) -> None:
    """Give pixels their type, once for all: unsigned for one byte, signed for two and four."""
    if bytepix == 2:
        for k in range(count):
            out[k] = np.int16(out[k])
    elif bytepix == 1:
        for k in range(count):
            out[k] = np.uint8(out[k])


@kernel()
def _long_code(base: Any, position: Any, end: Any, low: Any) -> Any:
    """Decode a difference whose unary part is too long for one word; gives (position, folded)."""
    high = _0
    while True:
        if position > end:
            return BROKEN, _0
        word = _word_at(base, position)
        zeros = _leading_zeros(word)
        if zeros < _56:
            break
        high += _56
        position += _56
    high += zeros
    position += zeros + _1
    if position > end:
        return BROKEN, _0
    word = _word_at(base, position)
    return position + low, ((high << low) | ((word >> _1) >> (_63 - low))) & _LOW32


@kernel(inline=True)
def _next_code(base: Any, position: Any, end: Any, low: Any) -> Any:
    """Decode one difference; gives (position, folded). The position may be past the end."""
    word = _word_at(base, position)
    used = _leading_zeros(word) + _1
    if used + low > _56:
        return _long_code(base, position, end, low)
    folded = ((used - _1) << low) | (((word << used) >> _1) >> (_63 - low))
    return position + used + low, folded


@kernel()
def _block(
    base: Any, position: Any, end: Any, code: Any, top: Any, bytepix: Any, last: Any, out: Any, i: Any, stop: Any
) -> Any:
    """Decode pixels ``i ≤ k < stop`` of one stream, whose block has the given code; gives (position, last)."""
    if code < 0:
        for k in range(i, stop):
            out[k] = np.int32(last)
    elif code == top:
        bits = np.uint64(8 * bytepix)
        for k in range(i, stop):
            if position > end:
                return BROKEN, last
            last += _unfold(_word_at(base, position) >> (_64 - bits))
            position += bits
            out[k] = np.int32(last)
    else:
        low = np.uint64(code)
        for k in range(i, stop):
            position, folded = _next_code(base, position, end, low)
            if position > end:
                return BROKEN, last
            last += _unfold(folded)
            out[k] = np.int32(last)
    return position, last


@kernel(inline=True)
def _layout(bytepix: Any) -> Any:
    """Width of a block's code in bits, and the code that says "in full"."""
    if bytepix == 4:
        return np.uint64(5), 25
    if bytepix == 2:
        return np.uint64(4), 14
    return np.uint64(3), 6


@kernel(inline=True)
def _first(base: Any, start: Any, bytepix: Any) -> Any:
    """Read the first pixel, which stands in full."""
    return np.uint32(_word_at(base, np.uint64(start) << _3) >> (_64 - np.uint64(8 * bytepix)))


@kernel(inline=True)
def _sound(buffer: Any, start: Any, stop: Any, bytepix: Any, blocksize: Any, count: Any, out: Any) -> Any:
    """Whether the arguments keep every load and store inside the arrays."""
    known = bytepix in (1, 2, 4)
    inside = start >= 0 and stop <= buffer.size - PADDING and start <= stop - bytepix
    return known and inside and blocksize >= 1 and 0 <= count <= out.size


@kernel(types.int64(BYTES, *[types.int64] * 5, PIXELS))
def decode_stream(buffer: Any, start: Any, stop: Any, bytepix: Any, blocksize: Any, count: Any, out: Any) -> Any:
    """Decode the first `count` pixels of one stream.

    Parameters
    ----------
    buffer : ndarray of uint8
        At least `PADDING` bytes longer than `stop`; may be read-only.
    start, stop : int
        Where the stream stands in the buffer.
    bytepix : {1, 2, 4}
        Bytes of a pixel: one is unsigned, the others are signed.
    blocksize : int
        Pixels in a block.
    count : int
        Pixels wanted.
    out : ndarray of int32, at least `count` long
        Takes the pixels.

    Returns
    -------
    int
        How many pixels are sound: less than `count` if the stream is damaged, or the
        arguments are out of range.
    """
    if not _sound(buffer, start, stop, bytepix, blocksize, count, out):
        return 0
    base = _address(buffer)
    width, top = _layout(bytepix)
    end = np.uint64(stop) << _3
    last = _first(base, start, bytepix)
    position = (np.uint64(start) + np.uint64(bytepix)) << _3
    i = 0
    while i < count:
        if position + width > end:
            break
        code = np.int64(_word_at(base, position) >> (_64 - width)) - 1
        following = min(i + blocksize, count)
        position, last = _block(base, position + width, end, code, top, bytepix, last, out, i, following)
        if position > end:
            break
        i = following
    _give_type(out, i, bytepix)
    return i


@kernel(types.boolean(BYTES, *[types.int64] * 7, PIXELS, PIXELS))
def decode_pair(
    buffer: Any,
    start_a: Any,
    stop_a: Any,
    start_b: Any,
    stop_b: Any,
    bytepix: Any,
    blocksize: Any,
    count: Any,
    out_a: Any,
    out_b: Any,
) -> Any:
    """Decode two streams of equal length side by side; parameters as in `decode_stream`.

    Each pixel of a stream waits for the one before it, so two streams in turn keep the
    processor busy where one leaves it idle.

    Returns
    -------
    bool
        Whether both are sound. If not, decode each by itself to learn how far it is.
    """
    if not _sound(buffer, start_a, stop_a, bytepix, blocksize, count, out_a):
        return False
    if not _sound(buffer, start_b, stop_b, bytepix, blocksize, count, out_b):
        return False
    base = _address(buffer)
    width, top = _layout(bytepix)
    end_a, end_b = np.uint64(stop_a) << _3, np.uint64(stop_b) << _3
    last_a, last_b = _first(base, start_a, bytepix), _first(base, start_b, bytepix)
    a = (np.uint64(start_a) + np.uint64(bytepix)) << _3
    b = (np.uint64(start_b) + np.uint64(bytepix)) << _3
    i = 0
    while i < count:
        if a + width > end_a or b + width > end_b:
            return False
        code_a = np.int64(_word_at(base, a) >> (_64 - width)) - 1
        code_b = np.int64(_word_at(base, b) >> (_64 - width)) - 1
        a += width
        b += width
        following = min(i + blocksize, count)
        if 0 <= code_a < top and 0 <= code_b < top:
            low_a, low_b = np.uint64(code_a), np.uint64(code_b)
            for k in range(i, following):
                a, folded_a = _next_code(base, a, end_a, low_a)
                b, folded_b = _next_code(base, b, end_b, low_b)
                if a > end_a or b > end_b:
                    return False
                last_a += _unfold(folded_a)
                last_b += _unfold(folded_b)
                out_a[k] = np.int32(last_a)
                out_b[k] = np.int32(last_b)
        else:
            a, last_a = _block(base, a, end_a, code_a, top, bytepix, last_a, out_a, i, following)
            b, last_b = _block(base, b, end_b, code_b, top, bytepix, last_b, out_b, i, following)
            if a > end_a or b > end_b:
                return False
        i = following
    _give_type(out_a, count, bytepix)
    _give_type(out_b, count, bytepix)
    return True
