"""Data tiles: pixel values on their way to a client that stretches and colours them itself.

::

    head     32 bytes, little-endian: magic, encoding, packing, bands, flags, width, height,
             number of escapes, zero, quantum
    body     packed as the head says: the samples band by band and row by row, then the escapes
             of `quantise`. The bytes of the samples are sorted by their place in the sample
             (all lowest bytes first), because equal ones then lie together.

Values that are whole numbers travel exactly, others with a rounding step of a quarter of the
local noise, which adds less than 0.3 % to it, or finer if the client asks for that.
"""

import struct
import threading
import zlib
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from toyz.protocol import Packing
from toyz.readers import Pixels
from toyz_tiles import quantise
from toyz_tiles.quantise import EncodedTile, Encoding

MAGIC = b"TZT1"
HEAD = struct.Struct("<4s4B2HI2d")
NOISE_STEPS = 4
"""The rounding step is the noise divided by this."""
MOST = 1 << 20
"""Values that a tile has at most; what promises more would only fill the memory."""
EXACT = 1
"""Flag: the tile holds the pixels as they are."""
_ITEMSIZE = {Encoding.EMPTY: 1, Encoding.CODES: 2, Encoding.FLOATS: 4}
_PACKINGS: dict[Packing, int] = {"zstd": 1, "gzip": 2}
_local = threading.local()


def pack(pixels: Pixels, *, quantum: float = 0.0, exact: bool = False, packing: Packing = "zstd") -> bytes:
    """Make a data tile.

    Parameters
    ----------
    pixels : ndarray
        ``(ny, nx)`` or ``(ny, nx, 3)``; NaN is a pixel without a value.
    quantum : float
        The largest rounding step that is wanted; 0 leaves it to the noise.
    exact : bool
        Whether values must not be rounded at all (beyond float32).
    packing : str
    """
    values = _values(pixels)
    tile, kept = _encode(pixels, values, quantum, exact)
    size = values.size
    width, height = pixels.shape[1], pixels.shape[0]
    bands = 1 if pixels.ndim == 2 else pixels.shape[2]
    head = HEAD.pack(
        MAGIC,
        tile.encoding,
        _PACKINGS[packing],
        bands,
        EXACT * kept,
        width,
        height,
        tile.escapes(size),
        tile.zero,
        tile.quantum,
    )
    return head + _compress(_shuffled(tile, size), packing)


def _values(pixels: Pixels) -> quantise.Values:
    """Flat and band by band, in the smaller float type that holds the pixels."""
    dtype = np.float32 if pixels.dtype.itemsize <= 2 or pixels.dtype == np.float32 else np.float64
    planar = pixels if pixels.ndim == 2 else np.moveaxis(pixels, 2, 0)
    return np.ascontiguousarray(planar, dtype).reshape(-1)


def _encode(pixels: Pixels, values: quantise.Values, quantum: float, exact: bool) -> tuple[EncodedTile, bool]:
    """Encode, and say whether every value is kept."""
    extent = quantise.extent_of(values)
    if extent.whole:
        tile = quantise.encode(values, extent, 1.0)
    elif exact:
        tile = quantise.floats(values, extent)
    else:
        tile = quantise.encode(values, extent, _step(pixels, extent, quantum))
    kept = tile.quantum == 1.0 and extent.whole if tile.encoding is Encoding.CODES else values.dtype == np.float32
    return tile, bool(kept or tile.encoding is Encoding.EMPTY)


def _step(pixels: Pixels, extent: quantise.Extent, quantum: float) -> float:
    # One step serves all bands: that of the one with the least noise.
    bands = (pixels,) if pixels.ndim == 2 else np.moveaxis(pixels, 2, 0)
    noise = min((sigma for sigma in map(quantise.noise_of, bands) if sigma), default=0.0)
    step = noise / NOISE_STEPS or extent.finest or 1.0
    return min(step, quantum) if quantum > 0.0 else step


def _shuffled(tile: EncodedTile, size: int) -> bytes:
    itemsize = _ITEMSIZE[tile.encoding]
    samples = np.frombuffer(tile.data, np.uint8, min(len(tile.data), size * itemsize))
    return samples.reshape(-1, itemsize).T.tobytes() + tile.data[samples.size :]


def _compress(body: bytes, packing: Packing) -> bytes:
    if packing == "gzip":
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        return packer.compress(body) + packer.flush()
    # A compressor keeps its tables from one tile to the next, and serves one thread.
    if not hasattr(_local, "zstd"):
        _local.zstd = zstandard.ZstdCompressor(level=1)
    packed: bytes = _local.zstd.compress(body)
    return packed


def unpack(data: bytes) -> tuple[NDArray[Any], float, bool]:
    """Read a data tile.

    Returns
    -------
    pixels : ndarray of float64
        ``(ny, nx)`` or ``(ny, nx, 3)``; NaN is a pixel without a value.
    quantum : float
        The rounding step; 0 for float32.
    exact : bool
        Whether the pixels are as they are in the image.

    Raises
    ------
    CorruptFile
        If it is not a data tile.
    """
    if len(data) < HEAD.size:
        raise quantise.damaged()
    magic, encoding, packing, bands, flags, width, height, escapes, zero, quantum = HEAD.unpack_from(data)
    if magic != MAGIC or encoding not in set(Encoding) or bands not in (1, 3):
        raise quantise.damaged()
    size = bands * width * height
    if size > MOST or escapes > size:
        raise quantise.damaged()
    itemsize = _ITEMSIZE[Encoding(encoding)] if encoding else 0
    body = _expand(data[HEAD.size :], packing, size * itemsize + escapes * quantise.ESCAPE.itemsize)
    samples = np.frombuffer(body, np.uint8, size * itemsize).reshape(itemsize, size).T.tobytes() if itemsize else b""
    tile = EncodedTile(Encoding(encoding), zero, quantum, samples + body[len(samples) :])
    planar = quantise.decode_tile(tile, (bands, height, width), np.float64)
    return planar[0] if bands == 1 else np.moveaxis(planar, 0, 2), quantum, bool(flags & EXACT)


def _expand(packed: bytes, packing: int, length: int) -> bytes:
    """Undo the compression, to a length that is known."""
    try:
        if packing == _PACKINGS["gzip"]:
            body = zlib.decompressobj(31).decompress(packed, length + 1)
        elif packing == _PACKINGS["zstd"]:
            with zstandard.ZstdDecompressor().stream_reader(packed) as stream:
                body = stream.read(length + 1)
        else:
            raise quantise.damaged()
    except (zlib.error, zstandard.ZstdError):
        raise quantise.damaged() from None
    if len(body) != length:
        raise quantise.damaged()
    return body
