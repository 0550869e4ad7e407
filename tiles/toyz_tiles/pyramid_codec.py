"""One tile of a pyramid as bytes: 16-bit codes, exact escapes, or plain floats.

A value is ``zero + quantum · code``. The quantum is at most a sixteenth of the noise, so the
rounding error is at most 1/32 σ; where the range of a tile allows, it is finer. Values outside
the range of the codes (saturated stars, infinities) follow exactly in a list of index and float32.
A tile of which much would have to be escaped is stored as float32, and one without a value not
at all.
"""

import math
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile
from toyz_tiles.kernel import kernel

Pixels32 = NDArray[np.float32]
_TOP, _ESCAPED, _BAD = 65533, 65534, 65535
_ESCAPE = np.dtype([("index", "<u4"), ("value", "<f4")])
_QUARTILE = 0.31863936396437514
"""The lower quartile of |x| of a normal deviate of σ = 1."""
_MEDIAN = 0.6744897501960817
_SAMPLED = 2048
"""Values from which a noise or a middle is estimated: to some three hundredths."""


class Encoding(IntEnum):
    """How the pixels of a tile are stored."""

    EMPTY = 0
    CODES = 1
    FLOATS = 2


class EncodedTile(NamedTuple):
    """A tile as it is stored."""

    encoding: Encoding
    zero: float
    quantum: float
    data: bytes


@kernel
def _to_codes(values: Any, zero: Any, scale: Any, codes: Any) -> Any:
    escaped = 0
    for i in range(values.size):
        value = np.float64(values[i])
        if np.isnan(value):
            codes[i] = 65535
            continue
        code = (value - zero) * scale + 0.5
        if code >= 0.0 and code < 65534.0:
            codes[i] = np.uint16(np.int64(code))
        else:
            codes[i] = 65534
            escaped += 1
    return escaped


@kernel
def _from_codes(codes: Any, zero: Any, quantum: Any, values: Any) -> Any:
    # Two plain loops are vectorised; few tiles need the third.
    for i in range(codes.size):
        values[i] = zero + quantum * np.float64(np.int32(codes[i]))
    top = np.uint16(0)
    for i in range(codes.size):
        top = max(top, codes[i])
    if top >= 65534:
        for i in range(codes.size):
            if codes[i] >= 65534:
                values[i] = np.nan


@kernel
def _extent(values: Any) -> Any:
    low, high = np.inf, -np.inf
    finite, bad = 0, 0
    for i in range(values.size):
        value = np.float64(values[i])
        if np.isfinite(value):
            finite += 1
            low = min(low, value)
            high = max(high, value)
        elif np.isnan(value):
            bad += 1
    return low, high, finite, bad


def noise_of(pixels: Pixels32) -> float:
    """Estimate the noise of a tile from the differences of neighbours in some of its rows.

    The lower quartile of the differences is used, because stars, galaxies and edges only
    raise the upper ones.

    Returns
    -------
    float
        σ, or 0 where most neighbours are equal or there are none.
    """
    rows = pixels[:: max(1, pixels.size // _SAMPLED)]
    differences = np.abs(np.diff(rows, axis=1)).ravel()
    differences = differences[np.isfinite(differences)]
    if differences.size < 8:
        return 0.0
    quarter, half = differences.size // 4, differences.size // 2
    ordered = np.partition(differences, (quarter, half))
    sigma = float(ordered[quarter]) / _QUARTILE or float(ordered[half]) / _MEDIAN
    return sigma / math.sqrt(2.0)


def encode_tile(pixels: Pixels32, noise: float) -> EncodedTile:
    """Encode a tile.

    Parameters
    ----------
    pixels : ndarray of float32
        ``(ny, nx)`` or ``(ny, nx, 3)``.
    noise : float
        σ of the level; 0 if it is not known.
    """
    values = np.ascontiguousarray(pixels).reshape(-1)
    low, high, finite, bad = _extent(values)
    if bad == values.size:
        return EncodedTile(Encoding.EMPTY, 0.0, 0.0, b"")
    if not finite:
        return _floats(values)
    zero, quantum = _range_of(values, low, high, noise)
    codes = np.empty(values.size, np.uint16)
    escaped = _to_codes(values, zero, 1.0 / quantum, codes)
    if escaped > values.size // 8:
        return _floats(values)
    escapes = np.empty(escaped, _ESCAPE)
    if escaped:
        escapes["index"] = np.flatnonzero(codes == _ESCAPED)
        escapes["value"] = values[escapes["index"]]
    return EncodedTile(Encoding.CODES, zero, quantum, codes.astype("<u2").tobytes() + escapes.tobytes())


def _range_of(values: Pixels32, low: float, high: float, noise: float) -> tuple[float, float]:
    finest = (high - low) / _TOP
    if not finest > 0.0:
        return low, 1.0
    if noise <= 0.0 or finest <= noise / 16:
        return low, finest
    quantum = noise / 16
    # The sky stays within the codes, with most of the room above it, where the sources are.
    some = values[:: max(1, values.size // _SAMPLED)]
    some = some[np.isfinite(some)]
    middle = float(np.median(some)) if some.size else low
    return max(low, middle - quantum * _TOP / 4), quantum


def _floats(values: Pixels32) -> EncodedTile:
    return EncodedTile(Encoding.FLOATS, 0.0, 0.0, values.astype("<f4").tobytes())


def decode_tile(tile: EncodedTile, shape: tuple[int, ...]) -> Pixels32:
    """Decode a tile of a shape that is known from elsewhere.

    Raises
    ------
    CorruptFile
        If the bytes do not make a tile of this shape.
    """
    size = math.prod(shape)
    values = np.empty(size, np.float32)
    if tile.encoding is Encoding.EMPTY:
        values[:] = np.nan
    elif tile.encoding is Encoding.FLOATS:
        if len(tile.data) != 4 * size:
            raise damaged()
        values[:] = np.frombuffer(tile.data, "<f4")
    else:
        rest = len(tile.data) - 2 * size
        if rest < 0 or rest % _ESCAPE.itemsize:
            raise damaged()
        codes = np.frombuffer(tile.data, "<u2", size).astype(np.uint16)
        _from_codes(codes, tile.zero, tile.quantum, values)
        escapes = np.frombuffer(tile.data, _ESCAPE, offset=2 * size)
        if escapes.size and int(escapes["index"].max()) >= size:
            raise damaged()
        values[escapes["index"]] = escapes["value"]
    return values.reshape(shape)


def largest(shape: tuple[int, ...]) -> int:
    """Give the most bytes that an encoded tile of a shape has."""
    return 4 * math.prod(shape) + _ESCAPE.itemsize


def damaged() -> CorruptFile:
    """Make the error that a pyramid which breaks its own rules raises."""
    return CorruptFile("the pyramid of this image is damaged")
