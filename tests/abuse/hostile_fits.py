"""Hostile FITS and picture files, built in code; the numbers are rows of the abuse corpus.

Every builder returns the bytes of one file. `CORPUS` names them all.
"""

import bz2
import gzip
import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from astropy.io import fits

from tests.extensions.fits_files import BLOCK, header, image, lines, padded, to_bytes


def many_axes(number: int) -> bytes:
    """F1: NAXIS = 104 makes CFITSIO crash."""
    axes = {f"NAXIS{axis}": 1 for axis in range(1, min(number, 999) + 1)}
    return header(lines(BITPIX=16, NAXIS=number, **axes)) + padded(b"\0\0")


def billion_axes() -> bytes:
    """F2: astropy loops over them."""
    return header(lines(BITPIX=16, NAXIS=10**9)) + b"\0" * BLOCK


def long_axis(length: int) -> bytes:
    """F3: an axis longer than any file, or shorter than nothing."""
    return header(lines(BITPIX=16, NAXIS=2, NAXIS1=length, NAXIS2=3)) + b"\0" * BLOCK


def hcompress_overflow() -> bytes:
    """F4: a HCOMPRESS stream that says 65 × 65 for a tile of 64 × 64, which astropy writes past the heap."""
    pixels = np.random.default_rng(0).integers(0, 900, (64, 64), dtype=np.int16)
    hdu = fits.CompImageHDU(pixels, compression_type="HCOMPRESS_1", tile_shape=(64, 64))
    data = bytearray(to_bytes(fits.HDUList([fits.PrimaryHDU(), hdu])))
    stream = data.index(b"\xdd\x99")  # the magic of a HCOMPRESS stream, then nx and ny
    struct.pack_into(">ii", data, stream + 2, 65, 65)
    return bytes(data)


def _noughts() -> bytes:
    return header(lines(BITPIX=8, NAXIS=2, NAXIS1=1 << 15, NAXIS2=1 << 13))


def gzip_bomb() -> bytes:
    """F5: 256 MB of nought in 260 kB; the file reader refuses it, unpacking is bounded elsewhere."""
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    zero = b"\0" * (1 << 20)
    return engine.compress(_noughts()) + b"".join(engine.compress(zero) for _ in range(256)) + engine.flush()


def bzip_bomb() -> bytes:
    """F5, by bzip2: 64 MB in a few bytes."""
    return bz2.compress(_noughts() + b"\0" * (64 << 20))


def gzip_tile_bomb() -> bytes:
    """F5 inside: a gzipped tile of a RICE image that unpacks to 64 MB instead of 120 bytes."""
    bomb = gzip.compress(b"\0" * (64 << 20))
    table = np.zeros((10, 32), np.uint8)
    descriptors = np.zeros((10, 4), ">i4")
    descriptors[:, 2] = len(bomb)
    table[:, :16] = descriptors.view(np.uint8)
    return compressed_table(
        table.tobytes(),
        bomb,
        NAXIS1=32,
        NAXIS2=10,
        TFIELDS=4,
        ZBITPIX=-32,
        ZNAXIS1=30,
        ZNAXIS2=10,
        ZTILE1=30,
        **GZIPPED,
    )


GZIPPED = {
    "TTYPE2": "GZIP_COMPRESSED_DATA",
    "TFORM2": "1PB",
    "TTYPE3": "ZSCALE",
    "TFORM3": "1D",
    "TTYPE4": "ZZERO",
    "TFORM4": "1D",
}


def compressed_table(table: bytes, heap: bytes, **values: object) -> bytes:
    """A file whose first extension claims to be a RICE image."""
    claims: dict[str, object] = {
        "BITPIX": 8,
        "NAXIS": 2,
        "NAXIS1": 8,
        "NAXIS2": 1,
        "PCOUNT": len(heap),
        "GCOUNT": 1,
        "TFIELDS": 1,
        "TTYPE1": "COMPRESSED_DATA",
        "TFORM1": "1PB",
        "ZIMAGE": True,
        "ZCMPTYPE": "RICE_1",
        "ZBITPIX": 16,
        "ZNAXIS": 2,
        "ZNAXIS1": 30,
        "ZNAXIS2": 1,
        "ZTILE1": 30,
        "ZTILE2": 1,
        "ZNAME1": "BLOCKSIZE",
        "ZVAL1": 32,
        "ZNAME2": "BYTEPIX",
        "ZVAL2": 4,
    } | values
    head = header(lines("BINTABLE", **{keyword: value for keyword, value in claims.items() if value is not None}))
    return header(lines(BITPIX=8, NAXIS=0, EXTEND=True)) + head + padded(table + heap)


def endless_header() -> bytes:
    """F6: 58 MB without END."""
    return (header(lines(BITPIX=8, NAXIS=0), end=False) + b"COMMENT x".ljust(80) * (58 << 20 >> 6))[: 58 << 20]


def many_hdus(number: int = 20_001) -> bytes:
    """F7: twenty thousand extensions."""
    one = header(lines("IMAGE", BITPIX=8, NAXIS=0, PCOUNT=0, GCOUNT=1))
    return header(lines(BITPIX=8, NAXIS=0, EXTEND=True)) + one * (number - 1)


def many_cards(number: int = 300_000) -> bytes:
    """F7: a header of that many cards."""
    return header([*lines(BITPIX=8, NAXIS=0), *("COMMENT x" for _ in range(number))])


def long_continuation(number: int = 100_000) -> bytes:
    """F8: one string over a hundred thousand cards."""
    return header([*lines(BITPIX=8, NAXIS=0), "LONG    = 'a&'", *("CONTINUE  'b&'" for _ in range(number))])


def shorter_continuation() -> bytes:
    """F8, just short enough to be read: it must not take quadratic time."""
    return long_continuation(49_000)


def table_claims(**claims: object) -> bytes:
    """F9: a compressed image whose table contradicts itself."""
    return compressed_table(b"\0" * 8, b"\0" * 100, **claims)


def truncated() -> bytes:
    """F11: half the data are missing."""
    data = image(np.arange(100 * 200, dtype=np.int16).reshape(100, 200))
    return data[: 2880 + 20_000]


def png_bomb(side: int = 12_000) -> bytes:
    """F12: a PNG of 17 kB that unpacks to 144 MB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * ((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def script_in_header() -> bytes:
    """F18: a value that is HTML."""
    return image(np.zeros((4, 4), np.int16), OBJECT="<script>alert(1)</script>", EXTNAME="<b>x</b>")


def malformed_wcs() -> bytes:
    """F19: coordinates that are none."""
    wrong = ["CTYPE1  = 'RA---TAN'", "CTYPE2  = 17", "CRVAL1  = 'north'", "CD1_1   = 1E999", "CRPIX1  =", "PV1_9999= 3"]
    head = header([*lines(BITPIX=16, NAXIS=2, NAXIS1=4, NAXIS2=4), *wrong])
    return head + b"\0" * BLOCK


def rice_past_its_end() -> bytes:
    """F20: a stream of noughts, whose first unary code never ends."""
    return compressed_table(struct.pack(">ii", 40, 0), b"\0\0\0\0\x08" + b"\0" * 35)


def rice_past_the_heap(count: int, offset: int) -> bytes:
    """F20: a descriptor that points behind the heap, or before it."""
    return compressed_table(struct.pack(">ii", count, offset), b"\x55" * 64)


def overlapping_tiles() -> bytes:
    """F20: every tile claims the whole heap."""
    heap = np.random.default_rng(1).bytes(100_000)
    table = struct.pack(">ii", len(heap), 0) * 5000
    return compressed_table(table, heap, NAXIS2=5000, ZNAXIS2=5000)


def not_fits() -> bytes:
    """A name without the thing."""
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(4))
    return buffer.getvalue()


CORPUS: dict[str, Callable[[], bytes]] = {
    "F1 NAXIS 104": lambda: many_axes(104),
    "F1 NAXIS 999": lambda: many_axes(999),
    "F2 NAXIS 10^9": billion_axes,
    "F3 2 10^62": lambda: long_axis(2 * 10**62),
    "F3 2^323": lambda: long_axis(2**200),
    "F3 negative": lambda: long_axis(-5),
    "F3 2^40": lambda: long_axis(2**40),
    "F4 HCOMPRESS": hcompress_overflow,
    "F5 gz": gzip_bomb,
    "F5 bz2": bzip_bomb,
    "F5 tile": gzip_tile_bomb,
    "F6 no END": endless_header,
    "F7 20,001 HDUs": many_hdus,
    "F7 300k cards": many_cards,
    "F8 CONTINUE": long_continuation,
    "F8 CONTINUE, shorter": shorter_continuation,
    "F9 TFORM": lambda: table_claims(TFORM1="1PX(99999)"),
    "F9 TFORM repeat": lambda: table_claims(TFORM1="999999999PB"),
    "F9 TFORM missing": lambda: table_claims(TFORM1=None),
    "F9 TFIELDS": lambda: table_claims(TFIELDS=10**8),
    "F9 PCOUNT": lambda: table_claims(PCOUNT=2**39),
    "F9 PCOUNT negative": lambda: table_claims(PCOUNT=-8),
    "F9 THEAP": lambda: table_claims(THEAP=10**9),
    "F9 THEAP inside": lambda: table_claims(THEAP=3),
    "F9 NAXIS1": lambda: table_claims(NAXIS1=4),
    "F9 no column": lambda: table_claims(TTYPE1="OTHER"),
    "F9 scalar column": lambda: table_claims(TFORM1="8B"),
    "F10 ZTILE": lambda: table_claims(ZTILE1=10**6),
    "F10 ZTILE nought": lambda: table_claims(ZTILE1=0),
    "F10 ZNAXIS1": lambda: table_claims(ZNAXIS1=10**9, ZTILE1=10**9),
    "F10 ZNAXIS": lambda: table_claims(ZNAXIS=10**6),
    "F10 tiles": lambda: table_claims(ZNAXIS1=10**6, ZNAXIS2=10**6, ZTILE1=1),
    "F10 BYTEPIX": lambda: table_claims(ZVAL2=3),
    "F10 BLOCKSIZE": lambda: table_claims(ZVAL1=0),
    "F10 ZCMPTYPE": lambda: table_claims(ZCMPTYPE="EVIL_9"),
    "F10 float without ZSCALE": lambda: table_claims(ZBITPIX=-32),
    "F11 truncated": truncated,
    "F12 PNG": png_bomb,
    "F18 script": script_in_header,
    "F19 WCS": malformed_wcs,
    "F20 endless code": rice_past_its_end,
    "F20 past the heap": lambda: rice_past_the_heap(64, 63),
    "F20 far past": lambda: rice_past_the_heap(2**31 - 1, 2**31 - 1),
    "F20 before": lambda: rice_past_the_heap(-4, -4),
    "F20 overlapping": overlapping_tiles,
    "not FITS": not_fits,
}
