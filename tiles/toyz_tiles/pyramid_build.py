"""Build a pyramid from a raster in one pass from top to bottom.

The image is read in bands of rows. Memory is that of two bands and of one row of tiles for
each level, whatever the height of the image.
"""

import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from toyz.errors import Cancelled, CorruptFile
from toyz.readers import Pixels, Raster
from toyz_tiles.geometry import TILE, level_shape
from toyz_tiles.pyramid_codec import encode_tile, noise_of
from toyz_tiles.pyramid_format import FIRST_LEVEL, HEADER_BYTES, INDEX, Header, pack
from toyz_tiles.reduce import Counts, Sums, block_sums, means, pair_sums

BAND_BYTES = 16 << 20
_NOISES = 99


def build(
    raster: Raster,
    file: BinaryIO,
    *,
    key: str = "",
    progress: Callable[[float], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Write the levels ≥ 2 of an image: true means of the valid pixels of each block.

    A band that is damaged counts as pixels without a value.

    Parameters
    ----------
    raster : Raster
        In display order.
    file : binary file
        Empty, writable and seekable.
    key : str
        Identifies the image; kept in the header.
    progress : callable
        Is told the fraction that is done.
    cancelled : callable
        Is asked between bands.

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
    writer = _Writer(file, Header(raster.shape, raster.channels, key))
    reducers = [_Reducer(writer.header) for _ in range(raster.channels)]
    ny = raster.shape[0]
    if writer.header.tiles:
        for bottom, band in _bands(raster, cancelled):
            planes = [band] if band.ndim == 2 else [band[:, :, channel] for channel in range(band.shape[2])]
            reduced = [reducer.push(plane, bottom == ny) for reducer, plane in zip(reducers, planes, strict=True)]
            for number, rows in enumerate(zip(*reduced, strict=True)):
                writer.push(FIRST_LEVEL + number, rows[0] if len(rows) == 1 else np.stack(rows, axis=2))
            progress(bottom / ny)
    return writer.finish()


def band_rows(raster: Raster) -> int:
    """Choose the rows of a band: a multiple of 4, and of a tile where that fits in memory."""
    row_bytes = max(1, raster.shape[1] * raster.dtype.itemsize * raster.channels)
    rows = max(4, BAND_BYTES // row_bytes)
    for unit in (TILE, 64, 4):
        if rows >= unit:
            return rows // unit * unit
    return 4


def _bands(raster: Raster, cancelled: Callable[[], bool]) -> Iterator[tuple[int, Pixels]]:
    # The next band is read while this one is reduced.
    ny, rows = raster.shape[0], band_rows(raster)
    readable, error = False, None
    with ThreadPoolExecutor(1, thread_name_prefix="band") as pool:
        following = pool.submit(_read, raster, 0, min(rows, ny))
        for top in range(0, ny, rows):
            bottom = min(top + rows, ny)
            band = following.result()
            if bottom < ny:
                following = pool.submit(_read, raster, bottom, min(bottom + rows, ny))
            if cancelled():
                raise Cancelled("the pyramid is not wanted any more")
            if isinstance(band, CorruptFile):
                error = band
                shape = (bottom - top, raster.shape[1])
                band = np.full(shape if raster.channels == 1 else (*shape, raster.channels), np.nan, np.float32)
            else:
                readable = True
            if error is not None and not readable and bottom == ny:
                raise error
            yield bottom, band


def _read(raster: Raster, top: int, bottom: int) -> Pixels | CorruptFile:
    try:
        return raster.read(top, bottom, 0, raster.shape[1])
    except CorruptFile as error:
        return error


class _Reducer:
    # One channel: turns bands of level 0 into the rows of means that each stored level gains.

    def __init__(self, header: Header) -> None:
        self._levels = header.levels - FIRST_LEVEL
        self._kept: list[tuple[Sums, Counts] | None] = [None] * self._levels

    def push(self, band: Pixels, last: bool) -> list[NDArray[np.float32]]:
        sums, counts = block_sums(band, 1 << FIRST_LEVEL)
        rows = [means(sums, counts)]
        for number in range(1, self._levels):
            sums, counts = self._join(number, sums, counts, last)
            sums, counts = pair_sums(sums, counts)
            rows.append(means(sums, counts))
        return rows

    def _join(self, number: int, sums: Sums, counts: Counts, last: bool) -> tuple[Sums, Counts]:
        # An odd row waits for its partner, unless there is none to come.
        kept = self._kept[number]
        if kept is not None:
            sums, counts = np.concatenate((kept[0], sums)), np.concatenate((kept[1], counts))
        if last or len(sums) % 2 == 0:
            self._kept[number] = None
            return sums, counts
        self._kept[number] = (sums[-1:], counts[-1:])
        return sums[:-1], counts[:-1]


class _Writer:
    # Gathers rows into tiles, level by level, and writes each row of tiles when it is complete.

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self.header = header
        self._file = file
        self._position = HEADER_BYTES
        self._index = np.zeros(header.tiles, INDEX)
        self._next = header.offsets()
        self._rows: dict[int, list[NDArray[np.float32]]] = {level: [] for level in self._next}
        self._left = {level: level_shape(header.shape, level)[0] for level in self._next}
        self._noises: dict[int, list[float]] = {level: [] for level in self._next}
        file.seek(0)
        file.write(bytes(HEADER_BYTES))

    def push(self, level: int, rows: NDArray[np.float32]) -> None:
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

    def finish(self) -> int:
        index = self._index.tobytes()
        self._file.write(index)
        header = self.header._replace(index_position=self._position, index_crc=zlib.crc32(index))
        self._file.seek(0)
        self._file.write(pack(header))
        self._file.flush()
        return self._position + len(index)
