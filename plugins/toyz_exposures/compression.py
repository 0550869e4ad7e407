"""Tile-compressed images, as the Community Pipeline packs its products.

Rows are quantised in units of a fraction of their noise, with a dither that is subtracted again
when they are read (SUBTRACTIVE_DITHER_1, FITS standard 4.0, section 10.2), and Rice-coded. It is
done here and not by CFITSIO because two CCDs can then be packed at once: fitsio holds the
interpreter's lock for the whole call, and one CCD takes it 0.7 s.
"""

from functools import cache

import numba
import numpy as np
from astropy.io.fits import Header
from numpy.typing import NDArray

from toyz_exposures.rice import BLOCK, encode_tile, longest

Floats = NDArray[np.float64]
Image = NDArray[np.float32]
Bytes = NDArray[np.uint8]

QUANTISATION = 4.0
"""Steps in a standard deviation of the noise: FZQVALUE of the pipeline."""
_DITHERS = 10000
_FINEST = 1e-3  # adu: the step where a row has no noise at all


@cache
def dither_values() -> Floats:
    """Give the 10,000 numbers between 0 and 1 that the standard prescribes (its appendix I)."""
    multiplier, modulus, seed = 16807, 2147483647, 1
    values = np.empty(_DITHERS)
    for index in range(_DITHERS):
        seed = multiplier * seed % modulus
        values[index] = seed / modulus
    return values


@numba.njit(nogil=True, cache=True)
def _noise(row: Image) -> float:
    """Estimate the noise of a row from third differences (Stoehr et al. 2008, ASPC 394, 505), every other one."""
    differences = np.abs(2.0 * row[2:-2:2] - row[:-4:2] - row[4::2])
    return float(0.6052697 * np.median(differences))


@numba.njit(nogil=True, cache=True)
def _quantise(row: Image, zero: float, step: float, dither: Floats, start: int, out: NDArray[np.int32]) -> None:
    which = start % _DITHERS
    place = int(dither[which] * 500)
    for column in range(row.size):
        # Rounded half away from zero.
        value = (row[column] - zero) / step + dither[place] - 0.5
        out[column] = int(value + 0.5) if value >= 0 else int(value - 0.5)
        place += 1
        if place == _DITHERS:
            which = (which + 1) % _DITHERS
            place = int(dither[which] * 500)


@numba.njit(nogil=True, cache=True)
def _pack(image: Image, dither: Floats, seed: int, scales: Floats, ends: NDArray[np.int64], heap: Bytes) -> None:
    ny, nx = image.shape
    values = np.empty(nx, dtype=np.int32)
    end = 0
    for row in range(ny):
        line = image[row]
        step = max(_noise(line) / QUANTISATION, _FINEST)
        zero = float(line.min())
        scales[row, 0], scales[row, 1] = step, zero
        _quantise(line, zero, step, dither, row + seed - 1, values)
        end = encode_tile(values, heap, end)
        ends[row] = end


def _structure(shape: tuple[int, int], heap: int, tile: int, seed: int) -> list[tuple[str, bool | int | str, str]]:
    ny, nx = shape
    return [
        ("XTENSION", "BINTABLE", "binary table"),
        ("BITPIX", 8, "bytes"),
        ("NAXIS", 2, "rows and bytes"),
        ("NAXIS1", 24, "bytes in a row"),
        ("NAXIS2", ny, "rows"),
        ("PCOUNT", heap, "bytes of the heap"),
        ("GCOUNT", 1, "one group"),
        ("TFIELDS", 3, "columns"),
        ("TTYPE1", "COMPRESSED_DATA", "one row of the image"),
        ("TFORM1", f"1PB({tile})", "bytes in the heap"),
        ("TTYPE2", "ZSCALE", "step of the quantisation"),
        ("TFORM2", "1D", ""),
        ("TTYPE3", "ZZERO", "zero of the quantisation"),
        ("TFORM3", "1D", ""),
        ("ZIMAGE", True, "a compressed image"),
        ("ZTENSION", "IMAGE", "what the image was"),
        ("ZBITPIX", -32, "single precision"),
        ("ZNAXIS", 2, "number of axes"),
        ("ZNAXIS1", nx, "columns"),
        ("ZNAXIS2", ny, "rows"),
        ("ZPCOUNT", 0, "no parameters"),
        ("ZGCOUNT", 1, "one group"),
        ("ZTILE1", nx, "a tile is one row"),
        ("ZTILE2", 1, "a tile is one row"),
        ("ZCMPTYPE", "RICE_1", "how tiles are compressed"),
        ("ZNAME1", "BLOCKSIZE", "pixels in a block"),
        ("ZVAL1", BLOCK, ""),
        ("ZNAME2", "BYTEPIX", "bytes in a pixel"),
        ("ZVAL2", 4, ""),
        ("ZQUANTIZ", "SUBTRACTIVE_DITHER_1", "how pixels are quantised"),
        ("ZDITHER0", seed, "seed of the dither"),
    ]


def compress(image: Image, seed: int) -> tuple[Header, list[bytes]]:
    """Compress an image into the parts of a binary table extension.

    Parameters
    ----------
    image : ndarray of float32, ``(ny, nx)``
        Without NaN.
    seed : int
        Of the dither, 1 to 10000.

    Returns
    -------
    header : Header
        The cards of the structure.
    data : list of bytes
        Rows of the table, then the heap; without padding.
    """
    ny, nx = image.shape
    scales, ends = np.empty((ny, 2)), np.empty(ny, dtype=np.int64)
    heap = np.empty(ny * longest(nx), dtype=np.uint8)  # the system gives memory for what is used of it
    _pack(image, dither_values(), seed, scales, ends, heap)
    starts = np.concatenate(([0], ends[:-1]))
    rows = np.empty(ny, dtype=[("length", ">i4"), ("start", ">i4"), ("scale", ">f8"), ("zero", ">f8")])
    rows["length"], rows["start"] = ends - starts, starts
    rows["scale"], rows["zero"] = scales[:, 0], scales[:, 1]
    cards = _structure(image.shape, int(ends[-1]), int((ends - starts).max()), seed)
    return Header(cards), [rows.tobytes(), heap[: ends[-1]].tobytes()]
