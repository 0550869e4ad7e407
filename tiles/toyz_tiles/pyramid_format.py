"""The file of a pyramid: a header, the tiles as they were finished, an index.

::

    header   220 bytes, little-endian: magic, version, ny, nx, channels, first level, levels,
             number of tiles, position of the index, CRC-32 of the index, length of the key,
             the key (128 bytes, zero-filled), CRC-32 of all that
    tiles    see `pyramid_codec`
    index    for each level from `first level` on, row by row: position, length, encoding,
             zero, quantum

Nothing that is read is trusted: shapes follow from `geometry`, and every position and length
is checked against the size of the file before it is used.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from toyz_tiles.geometry import level_count, tile_counts
from toyz_tiles.pyramid_codec import damaged

VERSION = 1
FIRST_LEVEL = 2
KEY_BYTES = 128
_MAGIC = b"TOYZPYR\n"
_HEADER = struct.Struct(f"<8sIQQIIIQQII{KEY_BYTES}s")
_CRC = struct.Struct("<I")
HEADER_BYTES = _HEADER.size + _CRC.size
INDEX = np.dtype(
    [("position", "<u8"), ("length", "<u4"), ("encoding", "<u4"), ("zero", "<f8"), ("quantum", "<f8")],
)
_LONGEST = 1 << 31


class Header(NamedTuple):
    """What a pyramid says of itself.

    Attributes
    ----------
    shape : tuple of int
        ``(ny, nx)`` of level 0.
    channels : int
    key : str
        Of the image it was made from.
    index_position, index_crc : int
    """

    shape: tuple[int, int]
    channels: int
    key: str
    index_position: int = 0
    index_crc: int = 0

    @property
    def levels(self) -> int:
        """Levels of the image, those that are not stored included."""
        return level_count(self.shape[1], self.shape[0])

    @property
    def tiles(self) -> int:
        """How many tiles are stored."""
        return sum(rows * columns for _, rows, columns in self.grids())

    def grids(self) -> Iterator[tuple[int, int, int]]:
        """Give level, rows and columns of tiles for each level that is stored."""
        for level in range(FIRST_LEVEL, self.levels):
            yield level, *tile_counts(self.shape, level)

    def offsets(self) -> dict[int, int]:
        """Give the number in the index of the first tile of each level."""
        found, total = {}, 0
        for level, rows, columns in self.grids():
            found[level] = total
            total += rows * columns
        return found


def pack(header: Header) -> bytes:
    """Encode a header.

    Raises
    ------
    ValueError
        If the key is longer than 128 bytes.
    """
    key = header.key.encode()
    if len(key) > KEY_BYTES:
        raise ValueError("a key has at most 128 bytes")
    body = _HEADER.pack(
        _MAGIC,
        VERSION,
        *header.shape,
        header.channels,
        FIRST_LEVEL,
        header.levels,
        header.tiles,
        header.index_position,
        header.index_crc,
        len(key),
        key,
    )
    return body + _CRC.pack(zlib.crc32(body))


def unpack(data: bytes) -> Header:
    """Decode a header.

    Raises
    ------
    CorruptFile
        If it is not one of this version, or contradicts itself.
    """
    if len(data) != HEADER_BYTES:
        raise damaged()
    body, (crc,) = data[: _HEADER.size], _CRC.unpack(data[_HEADER.size :])
    if zlib.crc32(body) != crc:
        raise damaged()
    magic, version, ny, nx, channels, first, levels, tiles, position, index_crc, length, key = _HEADER.unpack(body)
    if magic != _MAGIC or version != VERSION or first != FIRST_LEVEL or length > KEY_BYTES:
        raise damaged()
    if not (0 < ny < _LONGEST and 0 < nx < _LONGEST) or channels not in (1, 3):
        raise damaged()
    header = Header((ny, nx), channels, key[:length].decode(errors="replace"), position, index_crc)
    if header.levels != levels or header.tiles != tiles:
        raise damaged()
    return header
