"""Windows onto an image that is tile-compressed by RICE.

Blocks of whole tiles are decoded once and kept, so that the neighbours of a window cost
nothing: for the usual tiles of one row, a band of rows over the full width.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile
from toyz.readers import OpenFile, Pixels
from toyz_extensions.fits.bands import BandCache
from toyz_extensions.fits.cards import Header
from toyz_extensions.fits.index import Hdu
from toyz_extensions.fits.scaling import Scaling
from toyz_extensions.fits.streams import fetch, pixels_of, unzipped, verbatim
from toyz_extensions.fits.tiling import Grid, TileTable
from toyz_extensions.fits.window import Indices, check_window, mask_missing, taken
from toyz_tiles.codecs.quantize import DITHER_1, DITHER_2, NO_DITHER
from toyz_tiles.codecs.tiles import COLUMNS, RANDOM, STARTS, decode_floats, decode_integers

_BAND = 32
"""Rows of a block at least."""
_BROAD = 256
"""Columns of a block at least."""
_LARGE = 1 << 22
"""Pixels of a block that is too large to be kept."""
_DITHERS = {"SUBTRACTIVE_DITHER_1": DITHER_1, "SUBTRACTIVE_DITHER_2": DITHER_2}

START, STOP, SKIP, Y, X, WIDTH, ROW0, ROW1, COLUMN0, COLUMN1 = range(len(COLUMNS))


@dataclass(frozen=True, slots=True)
class Coder:
    """What the header says of the streams.

    Attributes
    ----------
    bytepix, blocksize : int
        Bytes of a coded pixel, pixels in a block of the code.
    dither : int
        As in `toyz_tiles.codecs.quantize`.
    seed : int
        ZDITHER0.
    """

    bytepix: int
    blocksize: int
    dither: int
    seed: int


def coder_of(header: Header) -> Coder:
    """Read the parameters of RICE and of the quantisation.

    Raises
    ------
    CorruptFile
        If they are none that can be.
    """
    values = {"BLOCKSIZE": 32, "BYTEPIX": 4}
    for number in range(1, 100):
        name = header.string(f"ZNAME{number}").upper()
        if not name:
            break
        if name in values:
            values[name] = header.integer(f"ZVAL{number}") or 0
    if values["BYTEPIX"] not in (1, 2, 4) or not 1 <= values["BLOCKSIZE"] <= 1 << 20:
        raise CorruptFile("BLOCKSIZE or BYTEPIX of the compression is out of range")
    dither = _DITHERS.get(header.string("ZQUANTIZ").strip().upper(), NO_DITHER)
    seed = header.integer("ZDITHER0", 0) or 0
    return Coder(values["BYTEPIX"], values["BLOCKSIZE"], dither, seed if abs(seed) < 1 << 31 else 0)


class RiceRaster:
    """One plane of a RICE-compressed image.

    Parameters
    ----------
    file : OpenFile
    hdu : Hdu
    grid : Grid
    scaling : Scaling
    table : TileTable
    cache : BandCache
    """

    channels = 1

    def __init__(
        self, file: OpenFile, hdu: Hdu, grid: Grid, scaling: Scaling, table: TileTable, cache: BandCache
    ) -> None:
        self.shape = grid.plane_shape
        self.dtype = scaling.dtype
        self._file = file
        self._hdu = hdu
        self._grid = grid
        self._scaling = scaling
        self._table = table
        self._cache = cache
        self._coder = coder_of(hdu.header)
        self._key = (file.identity, hdu.number, grid.plane, scaling.gaps)
        height, width = grid.size
        self._block = (height * -(-_BAND // height), min(width * -(-_BROAD // width), self.shape[1]))
        blanked = int(table.blank is not None)
        self._parameters = np.array([self._coder.bytepix, self._coder.blocksize, self._coder.dither, blanked])
        if scaling.bitpix < 0 and table.quanta is None:
            raise CorruptFile(f"HDU {hdu.number} holds floats, but neither ZSCALE nor ZZERO")

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        """Read a window; see `toyz.readers.Raster`. Damaged tiles are NaN.

        Raises
        ------
        CorruptFile
            If a tile of an integer image is damaged, which cannot be NaN.
        """
        check_window(self.shape, y0, y1, x0, x1, step)
        out = np.empty((-(-(y1 - y0) // step), -(-(x1 - x0) // step)), self.dtype)
        if not out.size:
            return out
        if step > 1 or self._large(y1 - y0, x1 - x0):
            self._decode(taken(y0, y1, step), taken(x0, x1, step), out)
        else:
            self._gather(y0, y1, x0, x1, out)
        return out

    def read_into(self, out: Pixels, y0: int, x0: int) -> None:
        """Fill an array with a window; see `toyz.readers.Filling`. Damaged tiles are NaN.

        Raises
        ------
        CorruptFile
            If a tile of an integer image is damaged, which cannot be NaN.
        """
        y1, x1 = y0 + out.shape[0], x0 + out.shape[1]
        check_window(self.shape, y0, y1, x0, x1, 1)
        if not out.size:
            return
        # Tiles of one row are decoded once, however an image is cut into bands; higher ones are shared by two bands.
        if self._grid.size[0] == 1 or self._large(*out.shape):
            self._decode(taken(y0, y1, 1), taken(x0, x1, 1), out)
        else:
            self._gather(y0, y1, x0, x1, out)

    def _large(self, ny: int, nx: int) -> bool:
        """Whether the blocks of a window are not worth keeping."""
        return self._block[0] * self._block[1] > _LARGE or ny * nx > _LARGE

    def _gather(self, y0: int, y1: int, x0: int, x1: int, out: Pixels) -> None:
        """Put a window together from blocks, kept or decoded now."""
        height, width = self._block
        for right in range(x0 // width, -(-x1 // width)):
            left = right * width
            c, d = max(x0, left), min(x1, left + width)
            for down, block in self._column(y0 // height, -(-y1 // height), right):
                top = down * height
                a, b = max(y0, top), min(y1, top + height)
                out[a - y0 : b - y0, c - x0 : d - x0] = block[a - top : b - top, c - left : d - left]

    def _column(self, first: int, last: int, right: int) -> Iterator[tuple[int, Pixels]]:
        """Blocks above each other; those not kept are decoded together, as far as they adjoin."""
        missing: list[int] = []
        for down in range(first, last):
            block = self._cache.get((*self._key, down, right))
            if block is None:
                missing.append(down)
                continue
            yield from self._decode_blocks(missing, right)
            missing = []
            yield down, block
        yield from self._decode_blocks(missing, right)

    def _decode_blocks(self, adjoining: list[int], right: int) -> Iterator[tuple[int, Pixels]]:
        """Decode some blocks and keep them."""
        if not adjoining:
            return
        height, width = self._block
        top, bottom = adjoining[0] * height, min((adjoining[-1] + 1) * height, self.shape[0])
        columns = np.arange(right * width, min((right + 1) * width, self.shape[1]), dtype=np.int64)
        pixels = np.empty((bottom - top, columns.size), self.dtype)
        self._decode(np.arange(top, bottom, dtype=np.int64), columns, pixels)
        for down in adjoining:
            block = pixels[down * height - top : (down + 1) * height - top].copy()
            block.flags.writeable = False
            self._cache.put((*self._key, down, right), block)
            yield down, block

    def _decode(self, rows: Indices, columns: Indices, out: Pixels) -> None:
        """Decode some rows and columns, straight from the file into an array."""
        plan, numbers = self._plan(rows, columns)
        streams = self._table.streams
        longest = 2 * self._coder.bytepix * self._pixels(plan) + 1024
        buffer, plan[:, START], plan[:, STOP] = fetch(
            self._file, streams.start[numbers], np.minimum(streams.length[numbers], longest)
        )
        damaged = np.ones(len(plan), np.int64)
        # Integers that turn out to be damaged must not be half way in what the caller has.
        direct = out.dtype.kind == "f" and out.dtype == self._scaling.stored
        stored = out if direct else np.zeros(out.shape, self._scaling.stored)
        if self._scaling.bitpix < 0:
            self._decode_floats(buffer, plan, numbers, rows, columns, stored, damaged)
        else:
            decode_integers(buffer, plan, rows, columns, self._parameters, stored, damaged)
        for tile in np.flatnonzero(damaged).tolist():
            if self._other_form(plan[tile], int(numbers[tile]), rows, columns, stored):
                damaged[tile] = 0
        physical = self._scaling.apply(stored)
        for tile in np.flatnonzero(damaged).tolist():
            self._lose(physical, plan[tile], int(numbers[tile]))
        if not direct:
            out[...] = physical

    def _plan(self, rows: Indices, columns: Indices) -> tuple[NDArray[np.int64], Indices]:
        """Say which tiles are needed, and which rows and columns of each."""
        height, width = self._grid.size
        down, row0, row1 = _cut(rows, height)
        right, column0, column1 = _cut(columns, width)
        plan = np.empty((down.size, right.size, len(COLUMNS)), np.int64)
        heights = np.minimum(height, self.shape[0] - down * height)[:, None]
        widths = np.minimum(width, self.shape[1] - right * width)[None, :]
        plan[..., SKIP] = self._grid.skipped(heights, widths)
        plan[..., Y] = (down * height)[:, None]
        plan[..., X] = right * width
        plan[..., WIDTH] = widths
        plan[..., ROW0], plan[..., ROW1] = row0[:, None], row1[:, None]
        plan[..., COLUMN0], plan[..., COLUMN1] = column0, column1
        numbers = self._grid.number(down[:, None], right[None, :])
        return plan.reshape(-1, len(COLUMNS)), np.ascontiguousarray(numbers.reshape(-1))

    def _pixels(self, plan: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many pixels each tile has, all its planes together."""
        heights = np.minimum(self._grid.size[0], self.shape[0] - plan[:, Y])
        pixels: NDArray[np.int64] = heights * plan[:, WIDTH] * self._grid.depth()
        return pixels

    def _decode_floats(
        self,
        buffer: NDArray[np.uint8],
        plan: NDArray[np.int64],
        numbers: Indices,
        rows: Indices,
        columns: Indices,
        out: NDArray[Any],
        damaged: NDArray[np.int64],
    ) -> None:
        table = self._table
        assert table.quanta is not None  # checked when the raster was made
        blanks = table.blank[numbers] if table.blank is not None else numbers
        decode_floats(
            buffer,
            plan,
            rows,
            columns,
            self._parameters,
            numbers + (self._coder.seed - 1),
            table.quanta[numbers],
            blanks,
            RANDOM,
            STARTS,
            out,
            damaged,
        )

    def _other_form(
        self, tile: NDArray[np.int64], number: int, rows: Indices, columns: Indices, out: NDArray[Any]
    ) -> bool:
        """Fill in a tile that has no stream, and is stored gzipped or plain; False if it is neither."""
        if self._table.streams.length[number] != 0:
            return False
        pixels = int(self._pixels(tile[None, :])[0])
        data = unzipped(self._file, self._table.gzipped, number, pixels)
        if data is None:
            data = verbatim(self._file, self._table.stored, number)
        values = pixels_of(data, pixels, real=self._scaling.bitpix < 0)
        if values is None:
            return False
        a, b, c, d = (int(tile[place]) for place in (ROW0, ROW1, COLUMN0, COLUMN1))
        places = int(tile[SKIP]) + (rows[a:b, None] - tile[Y]) * tile[WIDTH] + columns[None, c:d] - tile[X]
        with np.errstate(all="ignore"):
            out[a:b, c:d] = values[places]
        return True

    def _lose(self, out: Pixels, tile: NDArray[np.int64], number: int) -> None:
        part = (slice(tile[ROW0], tile[ROW1]), slice(tile[COLUMN0], tile[COLUMN1]))
        if not mask_missing(out, part):
            raise CorruptFile(f"tile {number + 1} of HDU {self._hdu.number} is damaged")


def _cut(wanted: Indices, size: int) -> tuple[Indices, Indices, Indices]:
    """Share ascending pixels among tiles of `size`; gives the tiles, and the range of indices in each."""
    tiles = np.arange(wanted[0] // size, wanted[-1] // size + 1)
    edges = np.searchsorted(wanted, np.append(tiles, tiles[-1] + 1) * size)
    first, last = edges[:-1], edges[1:]
    used = last > first
    return tiles[used], first[used], last[used]
