"""Ratios of the tile engine against its floors; `pytest -m benchmark -s`.

The floor F of a tile is what no renderer can avoid: a copy of the pixels and the JPEG encoder.
Every figure is the median of runs that alternate with those of its floor.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, get_args

import numpy as np
import pytest
import simplejpeg
from astropy.visualization import ZScaleInterval
from numpy.typing import NDArray

from tests.benchmarks.conftest import Record, Show
from tests.tiles.headers import tangent
from toyz.protocol import Stretch, Style
from toyz.readers import Pixels
from toyz_tiles import encode, statistics, stretch
from toyz_tiles.layout import Layout, Placement
from toyz_tiles.mosaic import MosaicRaster
from toyz_tiles.pyramid import Pyramid, build
from toyz_tiles.raster import ArrayRaster
from toyz_tiles.reduce import block_sums, halve, means
from toyz_tiles.wcs import SkyMap

pytestmark = pytest.mark.benchmark


def seconds(function: Callable[[], object], times: int) -> float:
    """Process time of one call, in seconds."""
    started = time.process_time()
    for _ in range(times):
        function()
    return (time.process_time() - started) / times


def compare(
    ours: Callable[[], object], floor: Callable[[], object], *, times: int = 40, rounds: int = 15
) -> tuple[float, float, float]:
    """Median times of two functions run in turn, and the median of their ratio."""
    ours(), floor()
    pairs = [(seconds(ours, times), seconds(floor, times)) for _ in range(rounds)]
    return (
        median(pair[0] for pair in pairs),
        median(pair[1] for pair in pairs),
        median(pair[0] / pair[1] for pair in pairs),
    )


def sky(side: int = 256, dtype: str = "float32") -> NDArray[Any]:
    random = np.random.default_rng(1)
    pixels = random.normal(1000, 10, (side, side)) + 3000 * np.exp(-random.exponential(5, (side, side)) * 3)
    return np.asarray(pixels, dtype)


def grey_floor(image: NDArray[np.float32], numbers: NDArray[np.uint8], quality: int) -> Callable[[], object]:
    def floor() -> object:
        image.copy()
        return simplejpeg.encode_jpeg(numbers[:, :, None], quality, "GRAY", "Gray", fastdct=True)

    return floor


@pytest.mark.parametrize("quality", [80, 90, 95])
def test_render_against_copy_and_jpeg(quality: int, show: Show) -> None:
    pixels = sky()
    for name in get_args(Stretch):
        style = Style(low=960.0, high=1100.0, stretch=name, quality=quality)
        curve = stretch.equalisation(pixels, 960.0, 1100.0) if name == "histogram" else None
        numbers, _ = stretch.apply(pixels, 960.0, 1100.0, stretch.transfer(style, curve))

        def ours(style: Style = style, curve: Any = curve) -> object:
            return encode.render(pixels, style, curve)

        found = compare(ours, grey_floor(pixels, numbers, quality))
        show(f"render gray {name}, q{quality}", *found)


def test_render_of_colour_and_holes(show: Show) -> None:
    pixels = sky()
    style = Style(low=960.0, high=1100.0, colormap="viridis", quality=90)
    colours, _ = stretch.apply(pixels, 960.0, 1100.0, encode.coloured("viridis", stretch.transfer(style).tobytes()))

    def floor() -> object:
        pixels.copy()
        return simplejpeg.encode_jpeg(colours, 90, "RGB", "444", fastdct=True)

    show("render viridis, q90", *compare(lambda: encode.render(pixels, style), floor))
    holes = pixels.copy()
    holes[:40, :40] = np.nan
    grey = Style(low=960.0, high=1100.0, quality=90)
    numbers, _ = stretch.apply(holes, 960.0, 1100.0, stretch.transfer(grey))
    show(
        "render gray with NaN, q90",
        *compare(lambda: encode.render(holes, grey), grey_floor(holes, numbers, 90)),
    )
    nothing = np.full_like(pixels, np.nan)
    show("render of nothing", *compare(lambda: encode.render(nothing, grey), grey_floor(holes, numbers, 90)))
    clear = Style(low=960.0, high=1100.0, bad="transparent")
    show("render transparent PNG", *compare(lambda: encode.render(holes, clear), grey_floor(holes, numbers, 90)))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32", "float64"])
def test_stretch_against_a_copy(dtype: str, show: Show) -> None:
    pixels = (sky() / 8).astype(dtype)
    table = stretch.transfer(Style(low=0.0, high=1.0, stretch="asinh"))
    found = compare(lambda: stretch.apply(pixels, 120.0, 140.0, table), pixels.copy, times=200)
    show(f"table look-up {dtype}", *found)


def test_reduce_against_summing(show: Show) -> None:
    pixels = sky(4096)
    holes = pixels.copy()
    holes[np.random.default_rng(2).random(pixels.shape) < 0.01] = np.nan
    for name, array in (("clean", pixels), ("1 % NaN", holes)):
        found = compare(lambda array=array: halve(array), pixels.copy, times=1, rounds=9)  # type: ignore[misc]
        show(f"2× mean of 64 MB, {name}", *found, unit=1e3, letter="ms")
        found = compare(lambda array=array: means(*block_sums(array, 4)), pixels.copy, times=1, rounds=9)  # type: ignore[misc]
        show(f"4× mean of 64 MB, {name}", *found, unit=1e3, letter="ms")
    tile = sky(512)
    show("2× mean for one tile", *compare(lambda: halve(tile), tile.copy, times=100))


class FileRaster(ArrayRaster):
    """Big-endian pixels of a file by `pread` and a swap: a FITS image without its header."""

    def __init__(self, path: Path, shape: tuple[int, int], dtype: str) -> None:
        super().__init__(np.empty((0, 0), dtype))
        self._fd = os.open(path, os.O_RDONLY)
        self._shape = shape
        self._stored = np.dtype(dtype).newbyteorder(">")

    @property
    def shape(self) -> tuple[int, int]:
        return self._shape

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        assert (x0, x1, step) == (0, self._shape[1], 1)
        row = self._shape[1] * self._stored.itemsize
        data = os.pread(self._fd, (y1 - y0) * row, y0 * row)
        return np.frombuffer(data, self._stored).reshape(y1 - y0, -1).astype(self._stored.newbyteorder("="))

    def drop(self) -> None:
        """Forget the file's pages."""
        os.fsync(self._fd)
        os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def sequential(self) -> None:
        """Read the whole file."""
        offset, total = 0, self._shape[0] * self._shape[1] * self._stored.itemsize
        while offset < total:
            offset += len(os.pread(self._fd, 16 << 20, offset))


@pytest.mark.parametrize("dtype", ["float32", "int16"])
def test_pyramid_against_a_sequential_read(tmp_path: Path, dtype: str, show: Show, record: Record) -> None:
    shape = (16384, 8192)
    path = tmp_path / "pixels"
    band = (sky(1024)[:, None, :].repeat(8, axis=1).reshape(1024, 8192)).astype(np.dtype(dtype).newbyteorder(">"))
    with path.open("wb") as file:
        for _ in range(shape[0] // 1024):
            band.tofile(file)
    raster = FileRaster(path, shape, dtype)
    for cold in (True, False):
        walls: list[tuple[float, float]] = []
        size = 0
        for _ in range(5):
            pair = []
            for work in ("build", "read"):
                if cold:
                    raster.drop()
                started = time.perf_counter()
                if work == "build":
                    with tempfile.TemporaryFile(dir=tmp_path) as out:
                        size = build(raster, out)
                else:
                    raster.sequential()
                pair.append(time.perf_counter() - started)
            walls.append((pair[0], pair[1]))
        built, read = (median(wall[i] for wall in walls) for i in (0, 1))
        ratio = median(wall[0] / wall[1] for wall in walls)
        name = f"pyramid of {path.stat().st_size >> 20} MB {dtype}, {'cold' if cold else 'warm'}"
        show(name, built, read, ratio, unit=1e3, letter="ms")
    record(f"size of a pyramid, {dtype}", size / 1e6, "MB", "its pixels", path.stat().st_size / 1e6, "≤ 0.09")


def test_pyramid_tile_against_pread(tmp_path: Path, show: Show) -> None:
    path = tmp_path / "pyramid"
    with path.open("wb") as file:
        build(ArrayRaster(sky(4096)), file)
    fd = os.open(path, os.O_RDONLY)
    pyramid = Pyramid(fd)
    show("pyramid tile", *compare(lambda: pyramid.tile(2, 1, 1), lambda: os.pread(fd, 131_072, 4096), times=200))
    style = Style(low=960.0, high=1100.0)
    numbers, _ = stretch.apply(pyramid.tile(2, 1, 1), 960.0, 1100.0, stretch.transfer(style))
    found = compare(lambda: encode.render(pyramid.tile(2, 1, 1), style), grey_floor(sky(), numbers, 90))
    show("pyramid tile read and rendered, q90", *found)


def test_mosaic_against_a_copy(show: Show) -> None:
    ccd = sky(2048)
    placements = tuple(
        Placement(name=str(i), hdu=i, x=2080 * (i % 8), y=2080 * (i // 8), width=2048, height=2048) for i in range(64)
    )
    mosaic = MosaicRaster(Layout("detsec", 2080 * 8, 2080 * 8, placements), {i: ArrayRaster(ccd) for i in range(64)})
    inside, corner = (300, 556, 300, 556), (1950, 2206, 1950, 2206)
    copy = ccd[:256, :256].copy
    show("mosaic window on one CCD", *compare(lambda: mosaic.read(*inside), copy, times=200))
    show("mosaic window on four CCDs", *compare(lambda: mosaic.read(*corner), copy, times=200))
    whole = (0, mosaic.shape[0], 0, mosaic.shape[1], 16)
    floor = np.empty((1040, 1040), np.float32).copy
    show("overview of 64 CCDs", *compare(lambda: mosaic.read(*whole), floor, times=3))


def test_cuts_against_astropy(show: Show) -> None:
    values = statistics.sample(ArrayRaster(sky(2048)))
    interval = ZScaleInterval()
    show(
        "zscale of a sample", *compare(lambda: statistics.zscale(values), lambda: interval.get_limits(values), times=3)
    )


def test_sky_of_one_pixel_against_astropy(show: Show) -> None:
    for name, text in {
        "ICRS TAN": tangent(),
        "FK5 TAN": tangent(RADESYS="FK5"),
        "ICRS TPV": tangent(CTYPE1="RA---TPV", CTYPE2="DEC--TPV", PV1_1=1.01, PV2_1=0.99, PV1_4=0.02),
        "ICRS SIP": tangent(CTYPE1="RA---TAN-SIP", CTYPE2="DEC--TAN-SIP", A_ORDER=2, A_2_0=2e-5, B_ORDER=2, B_1_1=3e-5),
    }.items():
        sky_map = SkyMap(text)
        wcs = sky_map._wcs
        found = compare(lambda m=sky_map: m.sky(33.0, 44.0), lambda w=wcs: w.pixel_to_world(32.0, 43.0), times=50)  # type: ignore[misc]
        show(f"sky under the cursor, {name}", *found)
