"""How far a build has come, kept in its unfinished file, so that the next one goes on from there.

::

    header            still noughts: `pyramid_format.unpack` takes no unfinished file for a pyramid
    tiles             those that are finished
    two slots         beyond the last byte that the finished file can have, written in turn:
                      magic, number, length and CRC-32 of a state in MessagePack

A state that was being written when the process died has a wrong checksum, and the one before it
counts. A state also has the checksum of the tiles before it, so that what a disk lost when the
machine failed is not taken for pixels. The slots are cut off when the pyramid is finished.
"""

import os
import struct
import time
import zlib
from collections.abc import Callable

import msgspec

from toyz_tiles.geometry import TILE, level_shape, tile_window
from toyz_tiles.pyramid_codec import largest
from toyz_tiles.pyramid_format import HEADER_BYTES, INDEX, Header

EVERY = 0.1
"""Seconds between two states at least: of so much work is done again what is killed."""
_SHARE = 20
"""Times as long as a state took to write: the next one comes no sooner."""
_MAGIC = b"TOYZSTA\n"
_HEAD = struct.Struct("<8sQQI")
_PAGE = 4096
_PIECE = 4 << 20


class LevelState(msgspec.Struct, array_like=True):
    """One stored level: rows of means that wait for the rest of their tiles, and the noise seen so far.

    Attributes
    ----------
    next : int
        Number of its next tile in the index.
    left : int
        Rows that are not in tiles yet.
    noises : list of float
    rows : bytes
        float32, native, whole rows.
    """

    next: int
    left: int
    noises: list[float]
    rows: bytes


class State(msgspec.Struct, array_like=True):
    """A build between two bands.

    Attributes
    ----------
    key, shape, channels
        Of the image, as in `pyramid_format.Header`.
    bottom : int
        The next row of the image.
    readable : bool
        Whether any band could be read.
    position, crc : int
        Where the tiles end, and their CRC-32.
    index : bytes
    levels : list of LevelState
    kept : list of list of (bytes, bytes)
        For each channel and level: the sums and counts of a row without a partner, or nothing.
    """

    key: str
    shape: tuple[int, int]
    channels: int
    bottom: int
    readable: bool
    position: int
    crc: int
    index: bytes
    levels: list[LevelState]
    kept: list[list[tuple[bytes, bytes]]]


class Journal:
    """The states in the file of one build.

    Parameters
    ----------
    fd : int
        Of the unfinished file, open for reading and writing.
    header : Header
        Of the pyramid that it is to be.
    every : float, optional
        Seconds between two states, or more where one takes long to write; 0 for one after each band.
    """

    def __init__(self, fd: int, header: Header, *, every: float = EVERY) -> None:
        self._fd, self._header, self._every = fd, header, every
        self._place, self._room = _slots(header)
        self._number = 0
        self._due = time.monotonic() + every

    def load(self) -> State | None:
        """Give the last state that is whole and of this image; None if there is none."""
        found = [slot for slot in map(self._read, (0, 1)) if slot is not None]
        for number, state in sorted(found, key=lambda slot: slot[0], reverse=True):
            if self._fits(state):
                self._number = number
                return state
        return None

    def due(self) -> bool:
        """Whether enough was done since the last state."""
        return time.monotonic() >= self._due

    def save(self, state: Callable[[], State]) -> None:
        """Write a state into the older slot; where there is no room for it, the one before stays the last."""
        began = time.monotonic()
        payload = msgspec.msgpack.encode(state())
        if _HEAD.size + len(payload) <= self._room:
            self._number += 1
            head = _HEAD.pack(_MAGIC, self._number, len(payload), zlib.crc32(payload))
            self._write(head + payload, self._place + self._number % 2 * self._room)
        now = time.monotonic()
        self._due = now + (max(self._every, _SHARE * (now - began)) if self._every else 0.0)

    def _write(self, data: bytes, position: int) -> None:
        # A journal that a limit or a full disk leaves no room for is missed by nobody but a killed build.
        try:
            while data:
                written = os.pwrite(self._fd, data, position)
                data, position = data[written:], position + written
        except OSError:
            self._every = float("inf")

    def _read(self, slot: int) -> tuple[int, State] | None:
        place = self._place + slot * self._room
        head = os.pread(self._fd, _HEAD.size, place)
        if len(head) != _HEAD.size:
            return None
        magic, number, length, crc = _HEAD.unpack(head)
        if magic != _MAGIC or length > self._room:
            return None
        payload = os.pread(self._fd, length, place + _HEAD.size)
        if zlib.crc32(payload) != crc:
            return None
        try:
            return number, msgspec.msgpack.decode(payload, type=State)
        except msgspec.MsgspecError:
            return None

    def _fits(self, state: State) -> bool:
        header = self._header
        of_this = (state.key, state.shape, state.channels) == (header.key, header.shape, header.channels)
        inside = HEADER_BYTES <= state.position <= self._place and 0 < state.bottom < header.shape[0]
        return of_this and inside and self._sizes_fit(state) and self._crc_to(state.position) == state.crc

    def _sizes_fit(self, state: State) -> bool:
        header = self._header
        offsets = header.offsets()
        if len(state.index) != header.tiles * INDEX.itemsize or len(state.levels) != len(offsets):
            return False
        widths = [level_shape(header.shape, level)[1] for level in offsets]
        for width, first, level in zip(widths, offsets.values(), state.levels, strict=True):
            row = width * header.channels * 4
            if len(level.rows) % row or len(level.rows) >= TILE * row or not first <= level.next <= header.tiles:
                return False
        finer = [0, *widths[:-1]]
        return len(state.kept) == header.channels and all(
            len(kept) == len(finer)
            and all((len(a), len(b)) in {(0, 0), (8 * w, 4 * w)} for (a, b), w in zip(kept, finer, strict=True))
            for kept in state.kept
        )

    def _crc_to(self, end: int) -> int:
        crc, position = 0, HEADER_BYTES
        while position < end:
            data = os.pread(self._fd, min(_PIECE, end - position), position)
            if not data:
                return -1
            crc, position = zlib.crc32(data, crc), position + len(data)
        return crc


def _slots(header: Header) -> tuple[int, int]:
    """Give where the first slot is, and the bytes of each: more than any finished file and any state have."""
    tiles = rows = 0
    for level, down, right in header.grids():
        for y in range(down):
            for x in {0, right - 1}:
                shape = tile_window(header.shape, level, x, y).shape
                tiles += largest((*shape, header.channels)) * (right - 1 if x < right - 1 else 1)
        rows += level_shape(header.shape, level)[1]
    index = header.tiles * INDEX.itemsize
    # Of each column 256 waiting floats, and a sum and a count without a partner; a page of noises for each level.
    state = index + rows * header.channels * (TILE * 4 + 16) + (header.levels + 1) * _PAGE
    return _pages(HEADER_BYTES + tiles + index), _pages(state)


def _pages(size: int) -> int:
    return -(-size // _PAGE) * _PAGE
