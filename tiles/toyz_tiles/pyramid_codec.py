"""One tile of a pyramid as bytes: see `quantise` for the codes.

The quantum is at most a sixteenth of the noise, so the rounding error is at most 1/32 σ; where
the range of a tile allows, it is finer.
"""

import math

import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile
from toyz_tiles.quantise import (
    EMPTY,
    ESCAPE,
    EncodedTile,
    Encoding,
    decode_tile,
    encode,
    extent_of,
    floats,
    noise_of,
)

__all__ = ["EncodedTile", "Encoding", "damaged", "decode_tile", "encode_tile", "largest", "noise_of"]
_OF_NOISE = 16


def encode_tile(pixels: NDArray[np.float32], noise: float) -> EncodedTile:
    """Encode a tile.

    Parameters
    ----------
    pixels : ndarray of float32
        ``(ny, nx)`` or ``(ny, nx, 3)``.
    noise : float
        σ of the level; 0 if it is not known.
    """
    values = np.ascontiguousarray(pixels).reshape(-1)
    extent = extent_of(values)
    if extent.bad == values.size:
        return EMPTY
    if not extent.finite:
        return floats(values, extent)
    finest = extent.finest
    quantum = min(finest, noise / _OF_NOISE) if noise > 0.0 else finest
    return encode(values, extent, quantum or 1.0)


def largest(shape: tuple[int, ...]) -> int:
    """Give the most bytes that an encoded tile of a shape has."""
    return 4 * math.prod(shape) + ESCAPE.itemsize


def damaged() -> CorruptFile:
    """Make the error that a pyramid which breaks its own rules raises."""
    return CorruptFile("the pyramid of this image is damaged")
