"""FITS files for tests, made by hand or by astropy and fitsio, and what they should give."""

import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from tests.tiles.rasters import fill
from toyz.readers import Filling, OpenFile, Raster
from toyz_extensions.fits.bands import Bands
from toyz_extensions.fits.source import FitsSource

CARD, BLOCK = 80, 2880


def card(text: str) -> bytes:
    """One line of a header."""
    return text.encode("latin-1").ljust(CARD)[:CARD]


def header(lines: Iterable[str], *, end: bool = True) -> bytes:
    """A header of the given lines, padded to blocks."""
    text = b"".join(card(line) for line in lines) + (card("END") if end else b"")
    return text.ljust(-(-len(text) // BLOCK) * BLOCK)


def lines(first: str = "SIMPLE", /, **values: Any) -> list[str]:
    """Cards of keywords and values; `first` is SIMPLE or the type of an extension."""
    begin = "SIMPLE  =                    T" if first == "SIMPLE" else f"XTENSION= '{first:8}'"
    return [begin, *(f"{keyword:8}= {_value(value):>20}" for keyword, value in values.items())]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    return f"'{value:8}'" if isinstance(value, str) else str(value)


def padded(data: bytes) -> bytes:
    """Data filled up to a whole number of blocks."""
    return data.ljust(-(-len(data) // BLOCK) * BLOCK, b"\0")


def image(pixels: NDArray[Any], first: str = "SIMPLE", **extra: Any) -> bytes:
    """An image HDU of native pixels, byte by byte as the standard has it."""
    bitpix = 8 * pixels.itemsize * (-1 if pixels.dtype.kind == "f" else 1)
    axes = {f"NAXIS{axis}": length for axis, length in enumerate(reversed(pixels.shape), 1)}
    head = header(lines(first, BITPIX=bitpix, NAXIS=pixels.ndim, **axes, **extra))
    return head + padded(pixels.astype(pixels.dtype.newbyteorder(">")).tobytes())


def to_bytes(hdus: fits.HDUList) -> bytes:
    """What astropy writes."""
    buffer = io.BytesIO()
    hdus.writeto(buffer, output_verify="ignore")
    return buffer.getvalue()


def open_source(path: Path, **options: Any) -> FitsSource:
    """Open a file as a session does, with a cache of its own."""
    file = OpenFile(os.open(path, os.O_RDONLY), f"share/{path.name}")
    return FitsSource(file, cache=Bands(), **options)


def whole(source: FitsSource, hdu: int, plane: int = 0) -> NDArray[Any]:
    """A plane read in one window."""
    raster = source.raster(hdu, plane)
    return raster.read(0, raster.shape[0], 0, raster.shape[1])


def expected(pixels: NDArray[Any], y0: int, y1: int, x0: int, x1: int, step: int) -> NDArray[Any]:
    """What a window of a plane is, from the definition in `toyz.readers.Raster`."""
    rows = [min(y + step // 2, y1 - 1) for y in range(y0, y1, step)]
    columns = [min(x + step // 2, x1 - 1) for x in range(x0, x1, step)]
    return pixels[np.ix_(rows, columns)] if rows and columns else np.empty((len(rows), len(columns)), pixels.dtype)


def filled(raster: Raster, pixels: NDArray[Any]) -> None:
    """Assert that a raster also fills an array, whatever its strides, with a part of these pixels."""
    assert isinstance(raster, Filling)
    ny, nx = pixels.shape
    part = pixels[ny // 4 :, nx // 3 : nx - 1]
    np.testing.assert_array_equal(fill(raster, part.shape, part.dtype, ny // 4, nx // 3), part)
    fill(raster, (0, nx), part.dtype, 0, 0)


def planes(pixels: NDArray[Any]) -> NDArray[Any]:
    """An image of any number of axes as a stack of planes, in native byte order."""
    native = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return native.reshape((-1, *((1, *native.shape)[-2:])))


def keywords(values: Mapping[str, Any]) -> fits.Header:
    """An astropy header of some values."""
    return fits.Header(list(values.items()))
