"""What no program can do without: the reads and the decoding behind a picture, by nothing but these."""

import os
import time
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from astropy.io import fits

from toyz.readers import OpenFile
from toyz_extensions.fits import FitsReader
from toyz_extensions.fits.bands import Bands
from toyz_extensions.fits.source import FitsSource

CHUNK = 4 << 20


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def planes(path: Path) -> list[tuple[int, int, int]]:
    """Offset, rows and bytes of a row of each uncompressed image of a FITS file."""
    found = []
    with fits.open(path) as hdus:
        for hdu in hdus:
            if hdu.header.get("NAXIS", 0) == 2:
                ny, nx = hdu.shape
                found.append((hdu._data_offset, ny, nx * abs(hdu.header["BITPIX"]) // 8))
    return found


def strided_reads(path: Path, images: Iterable[tuple[int, int, int]], step: int) -> None:
    """Ask the kernel for every `step`-th row of the images, then read them."""
    fd = os.open(path, os.O_RDONLY)
    try:
        rows = [(first + y * row, row) for first, ny, row in images for y in range(step // 2, ny, step)]
        for offset, length in rows:
            os.posix_fadvise(fd, offset, length, os.POSIX_FADV_WILLNEED)
        buffer = bytearray(max(length for _, length in rows))
        for offset, length in rows:
            os.preadv(fd, [memoryview(buffer)[:length]], offset)
    finally:
        os.close(fd)


def opened(path: Path) -> FitsSource:
    """Open a FITS file, with no cache for what is decoded."""
    return FitsReader(Bands(0)).open(OpenFile(os.open(path, os.O_RDONLY), path.name))


def decode(source: FitsSource, step: int, threads: int) -> None:
    """Decode every `step`-th row and column of all images of a file, or all of them band by band."""

    def one(hdu: int) -> None:
        raster = source.raster(hdu)
        ny, nx = raster.shape
        if step > 1:
            raster.read(0, ny, 0, nx, step)
            return
        for top in range(0, ny, 256):
            raster.read(top, min(top + 256, ny), 0, nx)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, [info.index for info in source.hdus if info.kind == "image"]))


def sequential_read(path: Path) -> None:
    """Read a file from one end to the other into one buffer."""
    buffer = bytearray(16 << 20)
    with path.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def unzip(path: Path) -> int:
    """Unpack a gzip file by zlib and throw away what it holds; gives how much that was."""
    engine, total = zlib.decompressobj(wbits=31), 0
    with path.open("rb", buffering=0) as file:
        while data := file.read(CHUNK):
            while data:
                total += len(engine.decompress(data, CHUNK))
                data = engine.unconsumed_tail
    return total


def write_noise(path: Path, side: int) -> None:
    """Write a float32 image of the sky, of which every 512 rows are the same."""
    block = np.random.default_rng(1).normal(1000, 30, (512, side)).astype(">f4").tobytes()
    header = fits.Header({"SIMPLE": True, "BITPIX": -32, "NAXIS": 2, "NAXIS1": side, "NAXIS2": side})
    with path.open("wb") as file:
        file.write(header.tostring().encode())
        for top in range(0, side, 512):
            file.write(block[: min(512, side - top) * side * 4])
        file.truncate(-(-file.tell() // 2880) * 2880)
