"""How fast windows come, against CFITSIO and against the bare read; ``pytest -m benchmark -s``.

Each pair is measured in turn in one run, on the same files, and the ratio of medians printed.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import fitsio
import numpy as np
import pytest

from tests.benchmarks.conftest import Record
from toyz.readers import OpenFile
from toyz_extensions.fits import FitsReader
from toyz_extensions.fits.bands import Bands
from toyz_extensions.fits.source import FitsSource

pytestmark = pytest.mark.benchmark

CCD = (4094, 2046)


def alternate(
    *functions: Callable[[], object], rounds: int, clock: Callable[[], float] = time.thread_time
) -> list[float]:
    """Medians of processor seconds, of calls in turn; all of it is one thread's work."""
    times = np.empty((rounds, len(functions)))
    for index in range(rounds):
        for place, function in enumerate(functions):
            begin = clock()
            function()
            times[index, place] = clock() - begin
    return [float(value) for value in np.median(times, axis=0)]


def ccd(kind: str) -> np.ndarray:
    """A CCD of sky noise with a few thousand saturated pixels."""
    random = np.random.default_rng(1)
    pixels = random.normal(1200, 35, CCD) + np.arange(CCD[1]) / 50
    pixels[random.random(CCD) < 5e-4] = 40_000
    return pixels.astype(kind)


def opened(path: Path, limit: int) -> FitsSource:
    return FitsReader(Bands(limit)).open(OpenFile(os.open(path, os.O_RDONLY), path.name))


@pytest.fixture(scope="module", params=["uint16", "float32"])
def compressed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ccd") / f"{request.param}.fits.fz"
    with fitsio.FITS(str(path), "rw") as file:
        file.write(ccd(request.param), compress="RICE", qlevel=4, qmethod="SUBTRACTIVE_DITHER_1")
    return path


def test_whole_ccd(compressed: Path, record: Record) -> None:
    raster = opened(compressed, 0).raster(1)
    with fitsio.FITS(str(compressed)) as file:
        np.testing.assert_array_equal(raster.read(0, *CCD[:1], 0, CCD[1]), file[1].read())
        ours, theirs = alternate(lambda: raster.read(0, CCD[0], 0, CCD[1]), file[1].read, rounds=9)
    record(f"{compressed.stem} whole CCD", ours * 1e3, "ms", "CFITSIO", theirs * 1e3)


def test_first_touch_of_a_tile(compressed: Path, record: Record) -> None:
    """A 256-px window of rows that nothing has decoded yet, over the whole CCD."""
    raster = opened(compressed, 0).raster(1)
    random = np.random.default_rng(0)

    def place() -> tuple[int, int]:
        return int(random.integers(0, 15)) * 256, int(random.integers(0, 7)) * 256

    with fitsio.FITS(str(compressed)) as file:
        hdu = file[1]

        def ours() -> None:
            y, x = place()
            raster.read(y, y + 256, x, x + 256)

        def theirs() -> None:
            y, x = place()
            hdu[y : y + 256, x : x + 256]

        mine, other = alternate(ours, theirs, rounds=101)
    record(f"{compressed.stem} first touch of 256 px", mine * 1e3, "ms", "CFITSIO", other * 1e3, "≤ 1/4")


def test_tile_of_a_kept_band(compressed: Path, record: Record) -> None:
    raster = opened(compressed, 64 << 20).raster(1)
    raster.read(1000, 1300, 0, CCD[1])
    (mine,) = alternate(lambda: raster.read(1010, 1266, 700, 956), rounds=301)
    copy = raster.read(1000, 1300, 0, CCD[1])
    (floor,) = alternate(copy[10:266, 700:956].copy, rounds=301)
    record(f"{compressed.stem} 256 px of kept bands", mine * 1e6, "µs", "bare copy", floor * 1e6)


def test_every_sixteenth_row(compressed: Path, record: Record) -> None:
    raster = opened(compressed, 0).raster(1)
    with fitsio.FITS(str(compressed)) as file:
        mine, other = alternate(lambda: raster.read(0, CCD[0], 0, CCD[1], 16), lambda: file[1][::16, ::16], rounds=15)
    record(f"{compressed.stem} every 16th pixel", mine * 1e3, "ms", "CFITSIO", other * 1e3)


@pytest.mark.parametrize("size", [256, 512])
def test_plain_window(tmp_path: Path, size: int, record: Record) -> None:
    """A warm window of an 8192² float32 image against bare preads and a byte swap, and CFITSIO."""
    path, side = tmp_path / "plain.fits", 8192
    with fitsio.FITS(str(path), "rw") as file:
        file.write(np.random.default_rng(0).random((side, side), dtype=np.float32))
    source = opened(path, 0)
    raster, file_ = source.raster(0), source._file
    start = source._hdus[0].data
    rows = [np.empty(size, ">f4") for _ in range(size)]

    def bare() -> None:
        for row, buffer in enumerate(rows):
            os.preadv(file_.fd, [buffer.data], start + ((4000 + row) * side + 5000) * 4)
        np.stack(rows).astype(np.float32)

    def ours() -> None:
        raster.read(4000, 4000 + size, 5000, 5000 + size)

    with fitsio.FITS(str(path)) as other:

        def cfitsio() -> None:
            other[0][4000 : 4000 + size, 5000 : 5000 + size]

        mine, floor, theirs = alternate(ours, bare, cfitsio, rounds=101)
    record(f"plain {size} px", mine * 1e6, "µs", "bare reads", floor * 1e6)
    record(f"plain {size} px", mine * 1e6, "µs", "CFITSIO", theirs * 1e6)


def test_headers_of_an_exposure(tmp_path: Path, record: Record) -> None:
    """Sixty-one CCDs, 150 cards each: the index alone, with the headers in the page cache and not."""
    path = tmp_path / "mef.fits"
    header = fitsio.FITSHDR([{"name": f"KEY{number}", "value": number} for number in range(150)])
    with fitsio.FITS(str(path), "rw") as file:
        for number in range(61):
            file.write(np.zeros((512, 512), np.float32), header=header, extname=f"N{number}")
        file[0].read_header()

    def cold() -> FitsSource:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
        return opened(path, 0)

    os.sync()
    assert len(cold().hdus) == 61
    warm, theirs = alternate(lambda: opened(path, 0), lambda: len(fitsio.FITS(str(path))), rounds=9)
    (without,) = alternate(cold, rounds=9, clock=time.perf_counter)
    record("index of 61 HDUs, warm", warm * 1e3, "ms", "CFITSIO", theirs * 1e3)
    record("index of 61 HDUs, cold", without * 1e3, "ms")
