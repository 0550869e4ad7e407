"""From rows of means to the tiles in the file of a pyramid."""

import zlib
from statistics import median
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from toyz_tiles.geometry import TILE, level_shape
from toyz_tiles.pyramid_codec import encode_tile, noise_of
from toyz_tiles.pyramid_format import HEADER_BYTES, INDEX, Header, pack
from toyz_tiles.pyramid_journal import LevelState, State

_NOISES = 99


class Writer:
    """Gathers rows into tiles, level by level, and writes each row of tiles when it is complete.

    Parameters
    ----------
    file : binary file
        Writable and seekable.
    header : Header
    """

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self.header = header
        self._file = file
        self._position, self._crc = HEADER_BYTES, 0
        self._index = np.zeros(header.tiles, INDEX)
        self._next = header.offsets()
        self._rows: dict[int, list[NDArray[np.float32]]] = {level: [] for level in self._next}
        self._left = {level: level_shape(header.shape, level)[0] for level in self._next}
        self._noises: dict[int, list[float]] = {level: [] for level in self._next}

    def begin(self) -> None:
        """Begin anew, whatever the file holds."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(bytes(HEADER_BYTES))

    def push(self, level: int, rows: NDArray[np.float32]) -> None:
        """Take the next rows of a level, ``(ny, nx)`` or ``(ny, nx, 3)``."""
        waiting = self._rows[level]
        if len(rows):
            waiting.append(rows)
        while waiting and sum(map(len, waiting)) >= min(TILE, self._left[level]):
            gathered = waiting[0] if len(waiting) == 1 else np.concatenate(waiting)
            complete, rest = gathered[:TILE], gathered[TILE:]
            waiting[:] = [rest] if len(rest) else []
            self._left[level] -= len(complete)
            self._write(level, complete)

    def _write(self, level: int, rows: NDArray[np.float32]) -> None:
        for x in range(0, rows.shape[1], TILE):
            pixels = rows[:, x : x + TILE]
            tile = encode_tile(pixels, self._noise(level, pixels))
            self._file.write(tile.data)
            self._index[self._next[level]] = (
                self._position,
                len(tile.data),
                int(tile.encoding),
                tile.zero,
                tile.quantum,
            )
            self._crc = zlib.crc32(tile.data, self._crc)
            self._position += len(tile.data)
            self._next[level] += 1

    def _noise(self, level: int, pixels: NDArray[np.float32]) -> float:
        # A tile full of stars seems noisier than its level: the lower of the two counts.
        noises = self._noises[level]
        usual = median(noises) if noises else 0.0
        own = noise_of(pixels)
        if own <= 0.0:
            return usual
        noises.append(own)
        del noises[:-_NOISES]
        return min(own, usual) if usual else own

    def state(self, bottom: int, readable: bool, kept: list[list[tuple[bytes, bytes]]]) -> State:
        """Describe how far this is; what was written is with the kernel by then."""
        self._file.flush()
        levels = [
            LevelState(self._next[level], self._left[level], self._noises[level], b"".join(r.tobytes() for r in rows))
            for level, rows in self._rows.items()
        ]
        header = self.header
        return State(
            header.key,
            header.shape,
            header.channels,
            bottom,
            readable,
            self._position,
            self._crc,
            self._index.tobytes(),
            levels,
            kept,
        )

    def restore(self, state: State) -> None:
        """Go on from an earlier state of the same file."""
        self._file.seek(state.position)
        self._position, self._crc = state.position, state.crc
        self._index = np.frombuffer(state.index, INDEX).copy()
        ending = (self.header.channels,) if self.header.channels > 1 else ()
        for level, kept in zip(tuple(self._next), state.levels, strict=True):
            self._next[level], self._left[level], self._noises[level] = kept.next, kept.left, kept.noises
            width = level_shape(self.header.shape, level)[1]
            rows = np.frombuffer(kept.rows, np.float32).reshape(-1, width, *ending)
            self._rows[level] = [rows] if len(rows) else []

    def finish(self) -> int:
        """Write the index and the header; gives the bytes of the file."""
        index = self._index.tobytes()
        self._file.write(index)
        self._file.truncate()
        header = self.header._replace(index_position=self._position, index_crc=zlib.crc32(index))
        self._file.seek(0)
        self._file.write(pack(header))
        self._file.flush()
        return self._position + len(index)
