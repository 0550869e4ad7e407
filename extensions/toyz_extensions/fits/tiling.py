"""How a compressed image is cut into tiles, and where the bytes of each tile stand."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile
from toyz.readers import OpenFile
from toyz_extensions.fits.cards import Header
from toyz_extensions.fits.index import Hdu
from toyz_extensions.fits.preflight import Field, Implausible, claim, fields, heap_start

_ELEMENTS = {"B": 1, "L": 1, "A": 1, "I": 2, "J": 4, "E": 4, "K": 8, "D": 8}
_SCALARS = {"B": ">u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}


@dataclass(frozen=True)
class Grid:
    """The tiles of one plane.

    Parameters
    ----------
    shape, tile : tuple of int
        Of the whole image and of one tile, numpy order, of equal length.
    plane : int
        Leading axes flattened in C order.
    """

    shape: tuple[int, ...]
    tile: tuple[int, ...]
    plane: int = 0

    @cached_property
    def plane_shape(self) -> tuple[int, int]:
        """``(ny, nx)``; an image of one axis has one row."""
        ny, nx = (1, *self.shape)[-2:]
        return ny, nx

    @cached_property
    def size(self) -> tuple[int, int]:
        """``(rows, columns)`` of a tile within a plane."""
        height, width = (1, *self.tile)[-2:]
        return height, width

    @cached_property
    def across(self) -> int:
        """Tiles beside each other."""
        return -(-self.plane_shape[1] // self.size[1])

    @cached_property
    def _layer(self) -> tuple[int, int]:
        """Number of the first tile that holds the plane, and planes of that tile before it."""
        number = before = 0
        place = np.unravel_index(self.plane, self.shape[:-2]) if len(self.shape) > 2 else ()
        for index, length, size in zip(place, self.shape, self.tile, strict=False):
            tiles = -(-length // size)
            deep = min(size, length - int(index) // size * size)
            number = number * tiles + int(index) // size
            before = before * deep + int(index) % size
        return number * (-(-self.plane_shape[0] // self.size[0])) * self.across, before

    def number(self, down: Any, right: Any) -> Any:
        """Row in the table of the tile at a place in the plane."""
        return self._layer[0] + down * self.across + right

    def skipped(self, heights: Any, widths: Any) -> Any:
        """Pixels of a tile of that height and width that belong to the planes before."""
        return self._layer[1] * heights * widths

    def depth(self) -> int:
        """Planes in the tile."""
        place = np.unravel_index(self.plane, self.shape[:-2]) if len(self.shape) > 2 else ()
        sizes = zip(place, self.shape, self.tile, strict=False)
        return math.prod(min(size, length - int(index) // size * size) for index, length, size in sizes)


@dataclass(frozen=True, slots=True)
class Streams:
    """Where one kind of stream stands, for each tile: byte offset in the file, and length.

    A descriptor that points outside the heap has length −1.
    """

    start: NDArray[np.int64]
    length: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TileTable:
    """The table behind a compressed image.

    Attributes
    ----------
    streams : Streams
        COMPRESSED_DATA.
    gzipped, stored : Streams or None
        GZIP_COMPRESSED_DATA and UNCOMPRESSED_DATA, for tiles that have no stream.
    quanta : ndarray of float64, shape (n, 2), or None
        ZSCALE and ZZERO; None if the pixels are not quantised.
    blank : ndarray of int64, or None
        ZBLANK.
    """

    streams: Streams
    gzipped: Streams | None
    stored: Streams | None
    quanta: NDArray[np.float64] | None
    blank: NDArray[np.int64] | None


def load(file: OpenFile, hdu: Hdu) -> TileTable:
    """Read the table (not the heap) of a compressed image.

    Raises
    ------
    CorruptFile
        If its columns are not those of a compressed image, or the file ends within them.
    """
    header = hdu.header
    try:
        columns = {column.name: column for column in fields(header)}
        width, rows = claim(header, "NAXIS1"), claim(header, "NAXIS2")
        heap = heap_start(header)
        limit = width * rows + claim(header, "PCOUNT", default=0)
    except Implausible as fault:
        raise CorruptFile(f"HDU {hdu.number}: {fault}") from None
    if "COMPRESSED_DATA" not in columns:
        raise CorruptFile(f"HDU {hdu.number} has no column COMPRESSED_DATA")
    raw = np.frombuffer(file.read_exactly(width * rows, hdu.data), np.uint8).reshape(rows, width)

    def streams(name: str) -> Streams | None:
        column = columns.get(name)
        return _streams(raw, column, hdu.data, heap, limit) if column else None

    found = streams("COMPRESSED_DATA")
    if found is None:
        raise CorruptFile(f"COMPRESSED_DATA of HDU {hdu.number} is not an array of variable length")
    scale, zero = (_scalars(raw, columns, header, name) for name in ("ZSCALE", "ZZERO"))
    quanta = None if scale is None or zero is None else np.stack((scale, zero), axis=1)
    gzipped, stored = streams("GZIP_COMPRESSED_DATA"), streams("UNCOMPRESSED_DATA")
    return TileTable(found, gzipped, stored, quanta, _blanks(raw, columns, header))


def _streams(raw: NDArray[np.uint8], column: Field, data: int, heap: int, limit: int) -> Streams | None:
    """Read a column of descriptors (FITS standard 4.0, §7.3.5)."""
    if column.letter not in "PQ" or column.repeat != 1 or column.element not in _ELEMENTS:
        return None
    size = 8 if column.letter == "P" else 16
    pairs = np.ascontiguousarray(raw[:, column.offset : column.offset + size]).view(f">i{size // 2}").astype(np.int64)
    element = _ELEMENTS[column.element]
    count, offset = pairs[:, 0], pairs[:, 1]
    room = limit - heap
    inside = (count >= 0) & (offset >= 0) & (count <= room // element) & (offset <= room)
    length = np.where(inside, count * element, -1)
    inside &= offset <= room - length
    return Streams(np.where(inside, offset + data + heap, 0), np.where(inside, length, -1))


def _scalars(
    raw: NDArray[np.uint8], columns: dict[str, Field], header: Header, name: str
) -> NDArray[np.float64] | None:
    """Read a column of numbers, or the keyword of the same name."""
    column = columns.get(name)
    if column is not None and column.letter in _SCALARS and column.repeat == 1:
        kind = np.dtype(_SCALARS[column.letter])
        part = np.ascontiguousarray(raw[:, column.offset : column.offset + kind.itemsize])
        return part.view(kind)[:, 0].astype(np.float64)
    try:
        return np.full(len(raw), header.real(name, 0.0)) if name in header else None
    except ValueError:
        return None


def _blanks(raw: NDArray[np.uint8], columns: dict[str, Field], header: Header) -> NDArray[np.int64] | None:
    """Read ZBLANK: the column, the keyword, or the keyword BLANK."""
    if "ZBLANK" in columns:
        values = _scalars(raw, {"ZBLANK": columns["ZBLANK"]}, header, "ZBLANK")
        return None if values is None else values.astype(np.int64)
    value = header.integer("ZBLANK", header.integer("BLANK"))
    return None if value is None or abs(value) >= 1 << 63 else np.full(len(raw), value, np.int64)
