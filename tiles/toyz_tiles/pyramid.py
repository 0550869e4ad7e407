"""The levels ≥ 2 of an image, read from the file that `build` wrote beside it."""

import os
import zlib

import numpy as np
from numpy.typing import NDArray

from toyz.errors import NotFound
from toyz_tiles.geometry import TILE, Window, level_shape, tile_counts, tile_window
from toyz_tiles.pyramid_build import build
from toyz_tiles.pyramid_codec import EncodedTile, Encoding, damaged, decode_tile, largest
from toyz_tiles.pyramid_format import FIRST_LEVEL, HEADER_BYTES, INDEX, unpack

__all__ = ["Pyramid", "build"]


class Pyramid:
    """A pyramid that is open for reading, from several threads at once.

    Parameters
    ----------
    fd : int
        A descriptor; it is owned, and closed by `close`, at the latest when nothing refers to the
        pyramid any more.
    key : str, optional
        Of the image; a pyramid of another one is refused.
    shape : tuple of int, optional
        ``(ny, nx)`` of the image; likewise.

    Raises
    ------
    CorruptFile
        If the file is not a complete pyramid, or one of another image.
    """

    first_level = FIRST_LEVEL

    def __init__(self, fd: int, key: str = "", shape: tuple[int, int] | None = None) -> None:
        self._fd = fd
        header = unpack(os.pread(fd, HEADER_BYTES, 0))
        if (key and header.key != key) or (shape is not None and header.shape != tuple(shape)):
            raise damaged()
        self.shape = header.shape
        self.channels = header.channels
        self.levels = header.levels
        self.key = header.key
        self._offsets = header.offsets()
        self._index = self._read_index(header.index_position, header.index_crc, header.tiles)

    def _read_index(self, position: int, crc: int, tiles: int) -> NDArray[np.void]:
        size = os.fstat(self._fd).st_size
        length = tiles * INDEX.itemsize
        if position < HEADER_BYTES or position + length != size:
            raise damaged()
        data = self._pread(length, position)
        index = np.frombuffer(data, INDEX)
        # Added up in unsigned arithmetic a hostile position could wrap: compare one by one.
        if zlib.crc32(data) != crc or (index["position"] > position).any():
            raise damaged()
        if (index["position"] + index["length"] > position).any() or (index["encoding"] > max(Encoding)).any():
            raise damaged()
        return index

    def _pread(self, length: int, position: int) -> bytes:
        data = os.pread(self._fd, length, position)
        if len(data) != length:
            raise damaged()
        return data

    def tile(self, level: int, x: int, y: int) -> NDArray[np.float32]:
        """Read one tile.

        Returns
        -------
        ndarray of float32
            At most ``(256, 256)`` (and 3 channels for colour); NaN where no pixel has a value.

        Raises
        ------
        NotFound
            If there is no such tile, or the level is not stored.
        CorruptFile
        """
        window = tile_window(self.shape, level, x, y)
        return self._decode(level, x, y, window)

    def _decode(self, level: int, x: int, y: int, window: Window) -> NDArray[np.float32]:
        entry = self._index[self._number(level, x, y)]
        shape = window.shape if self.channels == 1 else (*window.shape, self.channels)
        length = int(entry["length"])
        if length > largest(shape):
            raise damaged()
        data = self._pread(length, int(entry["position"])) if length else b""
        encoded = EncodedTile(Encoding(int(entry["encoding"])), float(entry["zero"]), float(entry["quantum"]), data)
        return decode_tile(encoded, shape)

    def _number(self, level: int, x: int, y: int) -> int:
        if level not in self._offsets:
            raise NotFound(f"level {level} is not in the pyramid")
        return self._offsets[level] + y * tile_counts(self.shape, level)[1] + x

    def window(self, level: int, y0: int, y1: int, x0: int, x1: int) -> NDArray[np.float32]:
        """Read rows ``y0 ≤ y < y1`` and columns ``x0 ≤ x < x1`` of a level, inside its shape.

        Raises
        ------
        NotFound, CorruptFile
        """
        ny, nx = level_shape(self.shape, level)
        if not (0 <= y0 < y1 <= ny and 0 <= x0 < x1 <= nx):
            raise NotFound(f"level {level} does not reach that far")
        first_x, first_y = x0 // TILE, y0 // TILE
        if (x1 - 1) // TILE == first_x and (y1 - 1) // TILE == first_y:
            tile = self.tile(level, first_x, first_y)
            part = tile[y0 - first_y * TILE : y1 - first_y * TILE, x0 - first_x * TILE : x1 - first_x * TILE]
            return np.ascontiguousarray(part)
        shape = (y1 - y0, x1 - x0)
        pixels = np.empty(shape if self.channels == 1 else (*shape, self.channels), np.float32)
        for y in range(first_y, (y1 - 1) // TILE + 1):
            for x in range(first_x, (x1 - 1) // TILE + 1):
                top, left = max(y0, y * TILE), max(x0, x * TILE)
                part = self.tile(level, x, y)[top - y * TILE : y1 - y * TILE, left - x * TILE : x1 - x * TILE]
                pixels[top - y0 : top - y0 + part.shape[0], left - x0 : left - x0 + part.shape[1]] = part
        return pixels

    def __del__(self) -> None:
        if getattr(self, "_fd", -1) >= 0:
            self.close()

    def close(self) -> None:
        """Close the descriptor; a second call does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
