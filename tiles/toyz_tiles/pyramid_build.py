"""Build a pyramid from a raster in one pass from top to bottom.

The image is read in bands of rows, several at a time where there are processors for that. Memory is
`BAND_BYTES` for each of at most `MOST_THREADS` bands (and what its reader needs to make it), and one row
of tiles for each level, whatever the height of the image.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, Protocol, runtime_checkable

import numpy as np

from toyz.errors import Cancelled, CorruptFile
from toyz.readers import Raster
from toyz_tiles.geometry import TILE
from toyz_tiles.pyramid_format import FIRST_LEVEL, Header
from toyz_tiles.pyramid_journal import EVERY, Journal, State
from toyz_tiles.pyramid_reducer import Reducer
from toyz_tiles.pyramid_writer import Writer
from toyz_tiles.raster import read_once
from toyz_tiles.reduce import Counts, Sums, block_sums, whole_blocks

BAND_BYTES = 16 << 20
MOST_THREADS = 4
"""Bands read at once at most."""
_BLOCK = 1 << FIRST_LEVEL

Reduced = list[tuple[Sums, Counts]]
"""The sums of a band's blocks, for each channel."""


def build(
    raster: Raster,
    file: BinaryIO,
    *,
    key: str = "",
    progress: Callable[[float], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    resume: bool = False,
    every: float = EVERY,
) -> int:
    """Write the levels ≥ 2 of an image: true means of the valid pixels of each block.

    A band that is damaged counts as pixels without a value.

    Parameters
    ----------
    raster : Raster
        In display order.
    file : binary file
        Writable and seekable; what it holds is replaced.
    key : str
        Identifies the image; kept in the header.
    progress : callable
        Is told the fraction that is done; it may raise `Cancelled`.
    cancelled : callable
        Is asked between bands.
    resume : bool
        Go on from where an earlier build of the same image into the same file (readable, and with
        a descriptor) was ended, and leave what the next one needs for that. The bytes are the same in the end.
    every : float
        Seconds between two notes of how far it is.

    Returns
    -------
    int
        Bytes written.

    Raises
    ------
    Cancelled
    CorruptFile
        If nothing could be read.
    """
    header = Header(raster.shape, raster.channels, key)
    journal = Journal(file.fileno(), header, every=every) if resume and header.tiles else None
    return _Build(raster, Writer(file, header), journal, cancelled).run(progress)


@runtime_checkable
class Sparse(Protocol):
    """A raster with gaps that it knows: they need not be looked at."""

    def columns(self, y0: int, y1: int) -> Sequence[tuple[int, int]]:
        """Give the columns ``(start, stop)`` outside of which these rows have no values."""


class _Build:
    """A build between its bands.

    Parameters
    ----------
    raster : Raster
    writer : Writer
    journal : Journal or None
    cancelled : callable
    """

    def __init__(self, raster: Raster, writer: Writer, journal: Journal | None, cancelled: Callable[[], bool]) -> None:
        self._raster, self._writer, self._journal, self._cancelled = raster, writer, journal, cancelled
        self._reducers = [Reducer(writer.header) for _ in range(raster.channels)]
        self._bottom, self._readable = 0, False

    def run(self, progress: Callable[[float], None]) -> int:
        self._begin()
        if self._writer.header.tiles:
            try:
                for bottom, reduced in self._bands():
                    self._push(bottom, reduced)
                    if self._journal is not None and self._journal.due():
                        self._journal.save(self._state)
                    progress(bottom / self._raster.shape[0])
            except Cancelled:
                if self._journal is not None and 0 < self._bottom < self._raster.shape[0]:
                    self._journal.save(self._state)
                raise
        return self._writer.finish()

    def _begin(self) -> None:
        state = self._journal.load() if self._journal is not None else None
        if state is None:
            self._writer.begin()
            return
        self._writer.restore(state)
        for reducer, kept in zip(self._reducers, state.kept, strict=True):
            reducer.restore(kept)
        self._bottom, self._readable = state.bottom, state.readable

    def _state(self) -> State:
        return self._writer.state(self._bottom, self._readable, [reducer.state() for reducer in self._reducers])

    def _push(self, bottom: int, reduced: Reduced) -> None:
        last = bottom == self._raster.shape[0]
        levels = [reducer.push(*sums, last) for reducer, sums in zip(self._reducers, reduced, strict=True)]
        for number, rows in enumerate(zip(*levels, strict=True)):
            self._writer.push(FIRST_LEVEL + number, rows[0] if len(rows) == 1 else np.stack(rows, axis=2))
        self._bottom = bottom

    def _bands(self) -> Iterator[tuple[int, Reduced]]:
        raster, error = self._raster, None
        ny, rows = raster.shape[0], band_rows(raster)
        spans = [(top, min(top + rows, ny)) for top in range(self._bottom, ny, rows)]
        for (top, bottom), found in zip(spans, _in_turn(raster, spans), strict=True):
            if self._cancelled():
                raise Cancelled("the pyramid is not wanted any more")
            if isinstance(found, CorruptFile):
                error = found
            else:
                self._readable = True
            if error is not None and not self._readable and bottom == ny:
                raise error
            yield bottom, _nothing(raster, bottom - top) if isinstance(found, CorruptFile) else found


def band_rows(raster: Raster) -> int:
    """Choose the rows of a band: a multiple of 4, and of a tile where that fits in memory.

    A raster with gaps is read piece by piece, so the width of the whole does not count.
    """
    if isinstance(raster, Sparse):
        return TILE
    row_bytes = max(1, raster.shape[1] * raster.dtype.itemsize * raster.channels)
    rows = max(4, BAND_BYTES // row_bytes)
    for unit in (TILE, 64, 4):
        if rows >= unit:
            return rows // unit * unit
    return 4


def _nothing(raster: Raster, rows: int) -> Reduced:
    shape = (-(-rows // _BLOCK), -(-raster.shape[1] // _BLOCK))
    return [(np.zeros(shape, np.float64), np.zeros(shape, np.int32)) for _ in range(raster.channels)]


def _in_turn(raster: Raster, spans: Sequence[tuple[int, int]]) -> Iterator[Reduced | CorruptFile]:
    """Read and reduce bands of rows, the next ones while one is being used."""
    # One more than there are processors, because one may be waiting for the disk.
    threads = min(len(os.sched_getaffinity(0)) + 1, MOST_THREADS)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="band")
    waiting: deque[Future[Reduced | CorruptFile]] = deque()
    try:
        for top, bottom in spans:
            waiting.append(pool.submit(_reduce, raster, top, bottom))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _reduce(raster: Raster, top: int, bottom: int) -> Reduced | CorruptFile:
    reduced = _nothing(raster, bottom - top)
    try:
        for start, stop in _pieces(raster, top, bottom):
            pixels = read_once(raster, top, bottom, start, stop)
            planes = [pixels] if pixels.ndim == 2 else [pixels[:, :, channel] for channel in range(pixels.shape[2])]
            place = slice(start // _BLOCK, -(-stop // _BLOCK))
            for (sums, counts), plane in zip(reduced, planes, strict=True):
                sums[:, place], counts[:, place] = block_sums(plane, _BLOCK)
    except CorruptFile as error:
        return error
    return reduced


def _pieces(raster: Raster, top: int, bottom: int) -> Iterator[tuple[int, int]]:
    """Give the columns of a band that are read together: those with values, in whole blocks, as many as fit."""
    width = raster.shape[1]
    columns = raster.columns(top, bottom) if isinstance(raster, Sparse) else [(0, width)]
    column_bytes = (bottom - top) * raster.dtype.itemsize * raster.channels
    most = max(1, BAND_BYTES // column_bytes // _BLOCK) * _BLOCK
    for first, last in whole_blocks(columns, _BLOCK, width):
        for start in range(first, last, most):
            yield start, min(start + most, last)
