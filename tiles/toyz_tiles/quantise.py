"""Pixel values as 16-bit codes: what a pyramid stores, and what a data tile carries.

A value is ``zero + quantum · code``. Values outside the range of the codes (saturated stars,
infinities) follow exactly in a list of index and float32. A tile of which much would have to be
escaped is kept as float32, relative to `zero`, and one without a value not at all.
"""

import math
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile
from toyz_tiles.kernel import kernel

Values = NDArray[Any]
"""``float32`` or ``float64``: the two types that the kernels are compiled for."""
TOP = 65533
"""The highest code of a value."""
_ESCAPED, _BAD = 65534, 65535
ESCAPE = np.dtype([("index", "<u4"), ("value", "<f4")])
_QUARTILE = 0.31863936396437514
"""The lower quartile of |x| of a normal deviate of σ = 1."""
_MEDIAN = 0.6744897501960817
_SAMPLED = 2048
"""Values from which a noise or a middle is estimated: to some three hundredths."""


class Encoding(IntEnum):
    """How the pixels of a tile are kept."""

    EMPTY = 0
    CODES = 1
    FLOATS = 2


class EncodedTile(NamedTuple):
    """A tile as it is kept: little-endian codes and then the escapes, or little-endian float32."""

    encoding: Encoding
    zero: float
    quantum: float
    data: bytes

    def escapes(self, size: int) -> int:
        """Count the escapes of a tile of `size` values."""
        return (len(self.data) - 2 * size) // ESCAPE.itemsize if self.encoding is Encoding.CODES else 0


EMPTY = EncodedTile(Encoding.EMPTY, 0.0, 0.0, b"")


class Extent(NamedTuple):
    """The finite values of a tile.

    Attributes
    ----------
    low, high : float
        ±Inf where there is none.
    finite, bad : int
        How many are finite, and how many are NaN.
    whole : bool
        Whether all of them are whole numbers.
    """

    low: float
    high: float
    finite: int
    bad: int
    whole: bool

    @property
    def finest(self) -> float:
        """The quantum with which the values use all codes; 0 where they are equal."""
        return max(0.0, (self.high - self.low) / TOP)


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


@kernel
def _whole(values: Any) -> Any:
    for i in range(values.size):
        value = np.float64(values[i])
        if np.isfinite(value) and value != np.floor(value):
            return False
    return True


def extent_of(values: Values) -> Extent:
    """Look at the values of a tile (flat, C order)."""
    low, high, finite, bad = _extent(values)
    return Extent(low, high, finite, bad, bool(_whole(values)))


def noise_of(pixels: Values) -> float:
    """Estimate the noise of a tile from the differences of neighbours in some of its rows.

    The lower quartile of the differences is used, because stars, galaxies and edges only
    raise the upper ones.

    Parameters
    ----------
    pixels : ndarray
        ``(ny, nx)`` (colours in a last axis).

    Returns
    -------
    float
        σ, or 0 where most neighbours are equal or there are none.
    """
    rows = pixels[:: max(1, pixels.size // _SAMPLED)]
    with np.errstate(invalid="ignore", over="ignore"):  # between infinities, or beyond the largest float
        differences = np.abs(np.diff(rows, axis=1)).ravel()
    differences = differences[np.isfinite(differences)]
    if differences.size < 8:
        return 0.0
    quarter, half = differences.size // 4, differences.size // 2
    ordered = np.partition(differences, (quarter, half))
    sigma = float(ordered[quarter]) / _QUARTILE or float(ordered[half]) / _MEDIAN
    return sigma / math.sqrt(2.0)


def encode(values: Values, extent: Extent, quantum: float) -> EncodedTile:
    """Encode values with a quantum.

    Parameters
    ----------
    values : ndarray of float32 or float64
        Flat.
    extent : Extent
        Theirs.
    quantum : float
        Positive.
    """
    if extent.bad == values.size:
        return EMPTY
    if not extent.finite:
        return floats(values, extent)
    zero = _zero_of(values, extent, quantum)
    codes = np.empty(values.size, np.uint16)
    escaped = _to_codes(values, zero, 1.0 / quantum, codes)
    if escaped > values.size // 8:
        return floats(values, extent)
    escapes = np.empty(escaped, ESCAPE)
    if escaped:
        escapes["index"] = np.flatnonzero(codes == _ESCAPED)
        escapes["value"] = values[escapes["index"]]
    return EncodedTile(Encoding.CODES, zero, quantum, codes.astype("<u2", copy=False).tobytes() + escapes.tobytes())


def _zero_of(values: Values, extent: Extent, quantum: float) -> float:
    if extent.finest <= quantum:
        return extent.low
    # The sky stays within the codes, with most of the room above it, where the sources are.
    some = values[:: max(1, values.size // _SAMPLED)]
    some = some[np.isfinite(some)]
    # One of the values, because the mean of two may overflow.
    middle = float(np.partition(some, some.size // 2)[some.size // 2]) if some.size else extent.low
    zero = max(extent.low, middle - quantum * TOP / 4)
    return float(math.floor(zero)) if extent.whole else zero


def floats(values: Values, extent: Extent) -> EncodedTile:
    """Keep values as float32: those of float64 relative to one in their middle, for what they differ in."""
    zero = 0.0
    if values.dtype == np.float64 and extent.finite:
        zero = extent.low + 0.5 * (extent.high - extent.low)
        values = values - zero
    return EncodedTile(Encoding.FLOATS, zero, 0.0, values.astype("<f4", copy=False).tobytes())


def decode_tile(tile: EncodedTile, shape: tuple[int, ...], dtype: Any = np.float32) -> Values:
    """Decode a tile of a shape that is known from elsewhere.

    Raises
    ------
    CorruptFile
        If the bytes do not make a tile of this shape.
    """
    size = math.prod(shape)
    values = np.empty(size, dtype)
    if tile.encoding is Encoding.EMPTY:
        values[:] = np.nan
    elif tile.encoding is Encoding.FLOATS:
        if len(tile.data) != 4 * size:
            raise damaged()
        values[:] = np.frombuffer(tile.data, "<f4")
        if tile.zero:
            values += tile.zero
    else:
        rest = len(tile.data) - 2 * size
        if rest < 0 or rest % ESCAPE.itemsize:
            raise damaged()
        codes = np.frombuffer(tile.data, "<u2", size).astype(np.uint16)
        _from_codes(codes, tile.zero, tile.quantum, values)
        escapes = np.frombuffer(tile.data, ESCAPE, offset=2 * size)
        if escapes.size and int(escapes["index"].max()) >= size:
            raise damaged()
        values[escapes["index"]] = escapes["value"]
    return values.reshape(shape)


def damaged() -> CorruptFile:
    """Make the error that a tile which breaks its own rules raises."""
    return CorruptFile("a tile of this image is damaged")
