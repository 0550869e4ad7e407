"""Build a pyramid from a raster in one pass from top to bottom.

The image is read in bands of rows. Memory is that of two bands and of one row of tiles for
each level, whatever the height of the image.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Protocol, runtime_checkable

import numpy as np

from toyz.errors import Cancelled, CorruptFile
from toyz.readers import Pixels, Raster
from toyz_tiles.geometry import TILE
from toyz_tiles.pyramid_format import FIRST_LEVEL, Header
from toyz_tiles.pyramid_journal import EVERY, Journal, State
from toyz_tiles.pyramid_reducer import Reducer
from toyz_tiles.pyramid_writer import Writer

BAND_BYTES = 16 << 20


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
                for bottom, band in self._bands():
                    self._push(bottom, band)
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

    def _push(self, bottom: int, band: Pixels) -> None:
        last = bottom == self._raster.shape[0]
        planes = [band] if band.ndim == 2 else [band[:, :, channel] for channel in range(band.shape[2])]
        columns = self._raster.columns(self._bottom, bottom) if isinstance(self._raster, Sparse) else None
        reduced = [reducer.push(plane, last, columns) for reducer, plane in zip(self._reducers, planes, strict=True)]
        for number, rows in enumerate(zip(*reduced, strict=True)):
            self._writer.push(FIRST_LEVEL + number, rows[0] if len(rows) == 1 else np.stack(rows, axis=2))
        self._bottom = bottom

    def _bands(self) -> Iterator[tuple[int, Pixels]]:
        # The next band is read while this one is reduced.
        raster, error = self._raster, None
        ny, rows = raster.shape[0], band_rows(raster)
        with ThreadPoolExecutor(1, thread_name_prefix="band") as pool:
            following = pool.submit(_read, raster, self._bottom, min(self._bottom + rows, ny))
            for top in range(self._bottom, ny, rows):
                bottom = min(top + rows, ny)
                band = following.result()
                if bottom < ny:
                    following = pool.submit(_read, raster, bottom, min(bottom + rows, ny))
                if self._cancelled():
                    raise Cancelled("the pyramid is not wanted any more")
                if isinstance(band, CorruptFile):
                    error, band = band, _nothing(raster, bottom - top)
                else:
                    self._readable = True
                if error is not None and not self._readable and bottom == ny:
                    raise error
                yield bottom, band


def band_rows(raster: Raster) -> int:
    """Choose the rows of a band: a multiple of 4, and of a tile where that fits in memory."""
    row_bytes = max(1, raster.shape[1] * raster.dtype.itemsize * raster.channels)
    rows = max(4, BAND_BYTES // row_bytes)
    for unit in (TILE, 64, 4):
        if rows >= unit:
            return rows // unit * unit
    return 4


def _nothing(raster: Raster, rows: int) -> Pixels:
    shape = (rows, raster.shape[1])
    return np.full(shape if raster.channels == 1 else (*shape, raster.channels), np.nan, np.float32)


def _read(raster: Raster, top: int, bottom: int) -> Pixels | CorruptFile:
    try:
        return raster.read(top, bottom, 0, raster.shape[1])
    except CorruptFile as error:
        return error
