"""What a header claims, checked in plain Python before any library sees the file.

Everything a header says is taken for a claim. A claim that cannot be true, or that would
make a library allocate, loop or overflow, makes the HDU one that cannot be shown, and says why.
"""

import math
import re
from dataclasses import dataclass

from toyz_extensions.fits.cards import Header

BITPIX = (8, 16, 32, 64, -32, -64)
MAX_AXES = 16
MAX_LENGTH = 1 << 40
MAX_BYTES = 1 << 60
MAX_GROUPS = 1 << 24
MAX_PLANE = 1 << 36
"""Pixels of one plane: 262144 × 262144."""
MAX_TILE = 1 << 26
"""Pixels of one tile of a compressed image."""
MAX_TILES = 1 << 25
MAX_FIELDS = 999

RICE = ("RICE_1", "RICE_ONE")
CODECS = (*RICE, "GZIP_1", "GZIP_2", "PLIO_1", "HCOMPRESS_1", "NOCOMPRESS")

_TFORM = re.compile(r"(\d{0,9})([LXBIJKAEDCMPQ])(.*)")
_WIDTHS = {"L": 1, "B": 1, "I": 2, "J": 4, "K": 8, "A": 1, "E": 4, "D": 8, "C": 8, "M": 16, "P": 8, "Q": 16}


class Implausible(ValueError):
    """A claim of the header that cannot be followed; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How much data an HDU has, and of what kind.

    Attributes
    ----------
    kind : str
        ``image``, ``table``, ``empty`` or ``other``, as in `toyz.readers.HduInfo`.
    bitpix : int
        Of the image; of the uncompressed one if it is compressed.
    shape : tuple of int
        Numpy order, slowest axis first; empty for other kinds than images.
    length : int
        Bytes of data in the file, without the padding.
    compression : str
        ZCMPTYPE, or empty.
    tile : tuple of int
        Shape of a tile of a compressed image, numpy order.
    """

    kind: str
    bitpix: int
    shape: tuple[int, ...]
    length: int
    compression: str = ""
    tile: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a binary table: name, type letter, repeat count, place in the row."""

    name: str
    letter: str
    element: str
    repeat: int
    offset: int


def claim(header: Header, keyword: str, *, default: int | None = None, low: int = 0, high: int = MAX_LENGTH) -> int:
    """Read an integer that must lie in a range.

    Raises
    ------
    Implausible
        If it is missing (without `default`), is no integer, or is out of range.
    """
    if keyword not in header and default is not None:
        return default
    value = header.integer(keyword)
    if value is None:
        raise Implausible(f"{keyword} is missing" if keyword not in header else f"{keyword} is not an integer")
    if not low <= value <= high:
        raise Implausible(f"{keyword} = {_short(value)} is not between {low} and {high}")
    return value


def check(header: Header, *, primary: bool) -> Layout:
    """Check the claims of a header.

    Raises
    ------
    Implausible
        If the size of the data cannot be known.
    """
    bitpix = claim(header, "BITPIX", low=-64, high=64)
    if bitpix not in BITPIX:
        raise Implausible(f"BITPIX = {bitpix} is none of 8, 16, 32, 64, −32, −64")
    axes = _axes(header, "NAXIS")
    groups = bool(axes) and axes[0] == 0 and header.logical("GROUPS")
    count = math.prod(axes[1:] if groups else axes) if axes else 0
    if primary and not groups:
        pcount, gcount = 0, 1
    else:
        pcount = claim(header, "PCOUNT", default=0)
        gcount = claim(header, "GCOUNT", default=1, high=MAX_GROUPS)
    length = abs(bitpix) // 8 * gcount * (pcount + count)
    if length > MAX_BYTES:
        raise Implausible(f"the header claims {_short(length)} bytes of data")
    return Layout(_kind(header, axes, groups=groups, primary=primary), bitpix, tuple(reversed(axes)), length)


def _axes(header: Header, keyword: str, *, low: int = 0) -> list[int]:
    number = claim(header, keyword, high=10**9)
    if number > MAX_AXES:
        raise Implausible(f"{keyword} = {number}, and at most {MAX_AXES} axes can be shown")
    return [claim(header, f"{keyword}{axis}", low=low) for axis in range(1, number + 1)]


def _kind(header: Header, axes: list[int], *, groups: bool, primary: bool) -> str:
    extension = "IMAGE" if primary else header.string("XTENSION").strip()
    if groups:
        return "other"
    if extension in ("BINTABLE", "A3DTABLE", "TABLE"):
        return "table"
    if extension not in ("IMAGE", "IUEIMAGE"):
        return "other"
    return "image" if axes and all(axes) else "empty"


def check_plane(shape: tuple[int, ...]) -> None:
    """Check that a plane is not larger than can be shown.

    Raises
    ------
    Implausible
    """
    if math.prod(shape[-2:]) > MAX_PLANE:
        raise Implausible(f"a plane of {_short(math.prod(shape[-2:]))} pixels is too large to be shown")


def is_compressed(header: Header) -> bool:
    """Whether a binary table holds a tile-compressed image."""
    return header.logical("ZIMAGE") and header.string("XTENSION").strip() in ("BINTABLE", "A3DTABLE")


def check_compressed(header: Header, table: Layout) -> Layout:
    """Check the claims of a tile-compressed image.

    Raises
    ------
    Implausible
    """
    bitpix = claim(header, "ZBITPIX", low=-64, high=64)
    if bitpix not in BITPIX:
        raise Implausible(f"ZBITPIX = {bitpix} is none of 8, 16, 32, 64, −32, −64")
    axes = _axes(header, "ZNAXIS")
    tile = [_tile_length(header, axis, length) for axis, length in enumerate(axes, 1)]
    shape = tuple(reversed(axes))
    codec = header.string("ZCMPTYPE").strip()
    layout = Layout(
        "image" if axes and all(axes) else "empty", bitpix, shape, table.length, codec, tuple(reversed(tile))
    )
    if layout.kind == "empty":
        return layout
    if codec not in CODECS:
        raise Implausible(f"the compression {codec[:20]!r} is not known")
    if codec in RICE and bitpix == 64:
        raise Implausible("64-bit integers cannot be compressed by RICE")
    check_plane(shape)
    if math.prod(tile) > MAX_TILE and codec in RICE:
        raise Implausible(f"tiles of {_short(math.prod(tile))} pixels are too large")
    tiles = math.prod(-(-length // size) for length, size in zip(axes, tile, strict=True))
    rows = claim(header, "NAXIS2")
    if tiles != rows or tiles > MAX_TILES:
        raise Implausible(f"an image of {_short(tiles)} tiles is not in a table of {rows} rows")
    return layout


def _tile_length(header: Header, axis: int, length: int) -> int:
    size = claim(header, f"ZTILE{axis}", default=max(length, 1) if axis == 1 else 1, low=1)
    return min(size, max(length, 1))


def fields(header: Header) -> list[Field]:
    """Read the columns of a binary table.

    Raises
    ------
    Implausible
        If a TFORM cannot be read, or the columns are wider than the row.
    """
    found: list[Field] = []
    offset = 0
    for number in range(1, claim(header, "TFIELDS", high=MAX_FIELDS) + 1):
        match = _TFORM.match(header.string(f"TFORM{number}").strip().upper())
        if match is None:
            raise Implausible(f"TFORM{number} cannot be read")
        repeat = int(match[1] or 1)
        letter = match[2]
        element = match[3][:1] if letter in "PQ" else letter
        found.append(Field(header.string(f"TTYPE{number}").strip().upper(), letter, element, repeat, offset))
        offset += (repeat + 7) // 8 if letter == "X" else repeat * _WIDTHS[letter]
    if offset > claim(header, "NAXIS1"):
        raise Implausible("the columns are wider than the rows of the table")
    return found


def heap_start(header: Header) -> int:
    """Where the heap begins, in bytes from the start of the table.

    Raises
    ------
    Implausible
        If it is inside the rows or after the data.
    """
    rows = claim(header, "NAXIS1") * claim(header, "NAXIS2")
    start = claim(header, "THEAP", default=rows)
    if not rows <= start <= rows + claim(header, "PCOUNT", default=0):
        raise Implausible("THEAP is not between the rows and the end of the table")
    return start


def _short(number: int) -> str:
    return str(number) if number < 10**15 else f"about 10^{len(str(number)) - 1}" if number < 10**4000 else "too many"
