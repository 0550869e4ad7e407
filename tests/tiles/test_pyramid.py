import io
import itertools
import os
import tempfile
import tracemalloc
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tiles.rasters import Watched
from toyz.errors import Cancelled, CorruptFile, NotFound
from toyz.readers import Pixels
from toyz_tiles.geometry import level_count, level_shape, tile_counts, tile_window
from toyz_tiles.overview import decimated, level_pixels
from toyz_tiles.pyramid import Pyramid, build
from toyz_tiles.pyramid_build import MOST_THREADS
from toyz_tiles.pyramid_codec import Encoding, decode_tile, encode_tile, noise_of
from toyz_tiles.pyramid_format import HEADER_BYTES, INDEX
from toyz_tiles.raster import ArrayRaster


def true_level(pixels: NDArray[Any], level: int) -> NDArray[np.float64]:
    """Block means of the valid pixels, by numpy."""
    step = 1 << level
    ny, nx = level_shape((pixels.shape[0], pixels.shape[1]), level)
    padded = np.full((ny * step, nx * step), np.nan)
    padded[: pixels.shape[0], : pixels.shape[1]] = pixels
    blocks = padded.reshape(ny, step, nx, step).transpose(0, 2, 1, 3).reshape(ny, nx, -1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(blocks, axis=2))


def sky(ny: int, nx: int, seed: int = 0) -> NDArray[np.float32]:
    """Sky with noise of σ = 8, a gradient, stars, and a saturated one."""
    random = np.random.default_rng(seed)
    pixels = random.normal(1000, 8, (ny, nx)) + np.linspace(0, 30, nx)
    for _ in range(ny * nx // 4000):
        y, x = random.integers(0, ny), random.integers(0, nx)
        pixels[y : y + 3, x : x + 3] += random.pareto(1.2) * 300
    pixels[ny // 2 : ny // 2 + 40, nx // 3 : nx // 3 + 6] = 65535
    return pixels.astype(np.float32)


def robust_sigma(level: NDArray[np.float64]) -> float:
    """Noise of a level: from the median difference of neighbours."""
    return float(np.nanmedian(np.abs(np.diff(level, axis=1)))) / 0.6745 / 2**0.5


def open_built(raster: Any, **options: Any) -> tuple[Pyramid, bytes]:
    with tempfile.TemporaryFile() as file:
        size = build(raster, file, **options)
        file.seek(0)
        data = file.read()
        assert len(data) == size
        return Pyramid(os.dup(file.fileno())), data


@pytest.fixture(scope="module")
def exposure() -> NDArray[np.float32]:
    pixels = sky(2301, 1777)
    pixels[700:1300, 300:900] = np.nan
    pixels[::97, ::31] = np.nan
    return pixels


@pytest.fixture(scope="module")
def pyramid(exposure: NDArray[np.float32]) -> Iterator[Pyramid]:
    opened, _ = open_built(ArrayRaster(exposure), key="abc")
    yield opened
    opened.close()


def test_levels_are_block_means_within_a_sixteenth_of_the_noise(
    exposure: NDArray[np.float32], pyramid: Pyramid
) -> None:
    for level in range(2, pyramid.levels):
        ny, nx = level_shape(pyramid.shape, level)
        found, true = pyramid.window(level, 0, ny, 0, nx), true_level(exposure, level)
        np.testing.assert_array_equal(np.isnan(found), np.isnan(true))
        half_quantum = robust_sigma(true) / 16
        error = np.abs(found - true)
        # What does not fit the codes is exact to float32.
        assert float(np.nanmax(error / np.maximum(half_quantum, np.abs(true) * 1e-7))) <= 1.0


def test_tiles_are_cut_at_the_edge(pyramid: Pyramid) -> None:
    for level in range(2, pyramid.levels):
        rows, columns = tile_counts(pyramid.shape, level)
        for y in range(rows):
            for x in range(columns):
                window = tile_window(pyramid.shape, level, x, y)
                tile = pyramid.tile(level, x, y)
                assert tile.shape == window.shape
                assert tile.dtype == np.float32
                np.testing.assert_array_equal(tile, pyramid.window(level, *window))
    with pytest.raises(NotFound):
        pyramid.tile(1, 0, 0)
    with pytest.raises(NotFound):
        pyramid.tile(2, 99, 0)
    with pytest.raises(NotFound):
        pyramid.window(2, 0, 10_000, 0, 1)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(ny=st.integers(1, 1500), nx=st.integers(1, 1500), data=st.data())
def test_any_shape_and_window(ny: int, nx: int, data: st.DataObject) -> None:
    random = np.random.default_rng(ny * 1500 + nx)
    pixels = random.normal(0, 1, (ny, nx)).astype(np.float32)
    opened, _ = open_built(ArrayRaster(pixels))
    assert opened.levels == level_count(nx, ny)
    for level in range(2, opened.levels):
        true = true_level(pixels, level)
        y0, x0 = data.draw(st.integers(0, true.shape[0] - 1)), data.draw(st.integers(0, true.shape[1] - 1))
        y1, x1 = data.draw(st.integers(y0 + 1, true.shape[0])), data.draw(st.integers(x0 + 1, true.shape[1]))
        found = opened.window(level, y0, y1, x0, x1)
        np.testing.assert_allclose(found, true[y0:y1, x0:x1], atol=1 / 2**level / 16, rtol=0)
    opened.close()


@pytest.mark.parametrize("dtype", ["int16", "uint16", "float32"])
def test_it_is_small(dtype: str) -> None:
    pixels = np.clip(sky(1500, 2000), 0, 32767).astype(dtype)
    opened, data = open_built(ArrayRaster(pixels))
    opened.close()
    assert len(data) <= 0.09 * pixels.nbytes


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float64"])
def test_other_types(dtype: str) -> None:
    pixels = np.random.default_rng(7).integers(0, 200, (1100, 600)).astype(dtype)
    opened, _ = open_built(ArrayRaster(pixels))
    true = true_level(pixels, 2)
    assert np.abs(opened.window(2, 0, 275, 0, 150) - true).max() < robust_sigma(true) / 16
    opened.close()


def test_colour() -> None:
    pixels = np.random.default_rng(8).integers(0, 256, (700, 900, 3)).astype(np.uint8)
    opened, _ = open_built(ArrayRaster(pixels))
    found = opened.window(2, 0, 175, 0, 225)
    assert found.shape == (175, 225, 3)
    for channel in range(3):
        assert np.abs(found[:, :, channel] - true_level(pixels[:, :, channel], 2)).max() < 1
    opened.close()


def test_a_level_without_a_pyramid(exposure: NDArray[np.float32], pyramid: Pyramid) -> None:
    raster = ArrayRaster(exposure)
    for level in range(pyramid.levels):
        window = tile_window(pyramid.shape, level, 0, 0)
        pixels = decimated(raster, level, window)
        assert pixels.shape == window.shape
        if level == 0:
            np.testing.assert_array_equal(pixels, exposure[: window.y1, : window.x1])
        elif level == 1:
            np.testing.assert_allclose(pixels, true_level(exposure, 1)[: window.y1, : window.x1], rtol=1e-6)
        else:
            step = 1 << level
            rows = np.minimum(np.arange(window.y1) * step + step // 2, pyramid.shape[0] - 1)
            columns = np.minimum(np.arange(window.x1) * step + step // 2, pyramid.shape[1] - 1)
            np.testing.assert_array_equal(pixels, exposure[rows[:, None], columns])
            np.testing.assert_array_equal(level_pixels(raster, pyramid, level, window), pyramid.tile(level, 0, 0))
        if level < 2:
            np.testing.assert_array_equal(level_pixels(raster, pyramid, level, window), pixels)


def test_another_image_is_refused(exposure: NDArray[np.float32]) -> None:
    with tempfile.TemporaryFile() as file:
        build(ArrayRaster(exposure), file, key="abc")
        Pyramid(os.dup(file.fileno()), "abc", (2301, 1777))
        for key, shape in [("abd", None), ("abc", (2301, 1776))]:
            with pytest.raises(CorruptFile):
                Pyramid(os.dup(file.fileno()), key, shape)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_pyramid_says_so(data: st.DataObject) -> None:
    good = small_pyramid()
    bad = bytearray(good)
    if data.draw(st.booleans()):
        bad = bad[: data.draw(st.integers(0, len(good) - 1))]
    else:
        # The header and the index are what could lead astray; the tiles are only pixels.
        places = st.one_of(st.integers(0, HEADER_BYTES - 1), st.integers(len(good) - 3 * INDEX.itemsize, len(good) - 1))
        bad[data.draw(places)] ^= data.draw(st.integers(1, 255))
    with tempfile.TemporaryFile() as file:
        file.write(bad)
        file.flush()
        with pytest.raises(CorruptFile):
            Pyramid(os.dup(file.fileno()))


_SMALL: list[bytes] = []


def small_pyramid() -> bytes:
    if not _SMALL:
        opened, data = open_built(ArrayRaster(sky(1030, 600)))
        opened.close()
        _SMALL.append(data)
    return _SMALL[0]


@pytest.mark.parametrize("length", [0, 1, 7, 131_073, 999_999])
@pytest.mark.parametrize("encoding", [Encoding.CODES, Encoding.FLOATS])
def test_tiles_of_a_wrong_size_are_refused(length: int, encoding: Encoding) -> None:
    tile = encode_tile(np.zeros((256, 256), np.float32), 0.0)
    with pytest.raises(CorruptFile):
        decode_tile(tile._replace(data=bytes(length), encoding=encoding), (256, 256))


def test_an_escape_beyond_the_tile_is_refused() -> None:
    tile = encode_tile(np.zeros((4, 4), np.float32), 0.0)
    with pytest.raises(CorruptFile):
        decode_tile(tile._replace(data=tile.data + b"\x10\0\0\0\0\0\0\0"), (4, 4))


@given(
    base=st.floats(-1e6, 1e6, width=32),
    noise=st.floats(2**-10, 1024, width=32),
    outliers=st.lists(st.sampled_from([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e9, 0.0, 65535.0]), max_size=300),
)
def test_a_tile_keeps_everything_that_the_codes_cannot(base: float, noise: float, outliers: list[float]) -> None:
    random = np.random.default_rng(len(outliers))
    pixels = random.normal(base, noise, (64, 80)).astype(np.float32)
    pixels.flat[random.permutation(pixels.size)[: len(outliers)]] = outliers
    tile = encode_tile(pixels, noise)
    found = decode_tile(tile, pixels.shape)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(pixels))
    np.testing.assert_array_equal(np.isinf(found), np.isinf(pixels))
    finite = np.isfinite(pixels)
    error = np.abs(found[finite].astype(np.float64) - pixels[finite])
    assert (error <= noise / 31.9 + np.abs(pixels[finite]) * 1.2e-7).all()


def test_empty_constant_and_wild_tiles() -> None:
    nothing = encode_tile(np.full((9, 9), np.nan, np.float32), 1.0)
    assert (nothing.encoding, nothing.data) == (Encoding.EMPTY, b"")
    assert np.isnan(decode_tile(nothing, (9, 9))).all()
    flat = encode_tile(np.full((9, 9), 7.25, np.float32), 1.0)
    np.testing.assert_array_equal(decode_tile(flat, (9, 9)), np.float32(7.25))
    wild = np.exp(np.random.default_rng(5).normal(0, 20, (50, 50))).astype(np.float32)
    tile = encode_tile(wild, noise_of(wild))
    assert tile.encoding is Encoding.FLOATS
    np.testing.assert_array_equal(decode_tile(tile, wild.shape), wild)
    infinite = np.full((5, 5), np.inf, np.float32)
    np.testing.assert_array_equal(decode_tile(encode_tile(infinite, 1.0), (5, 5)), infinite)


def test_noise_is_that_of_the_sky_not_of_the_stars() -> None:
    pixels = sky(256, 256, seed=11)
    assert noise_of(pixels) == pytest.approx(8, rel=0.1)
    assert noise_of(np.full((64, 64), np.nan, np.float32)) == 0.0
    assert noise_of(np.zeros((1, 1), np.float32)) == 0.0


def test_it_reads_each_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toyz_tiles.pyramid_build.BAND_BYTES", 600 * 4 * 64)
    watched = Watched(sky(1030, 600))
    opened, data = open_built(watched)
    opened.close()
    rows = sorted((read[0], read[1]) for read in watched.reads)
    assert rows[0][0] == 0
    assert rows[-1][1] == 1030
    assert all(one[1] == other[0] for one, other in itertools.pairwise(rows))
    assert all(read[2:] == (0, 600, 1) for read in watched.reads)
    assert data == small_pyramid()


class Endless:
    """A raster that makes its pixels as they are asked for."""

    def __init__(self, ny: int, nx: int) -> None:
        self.shape = (ny, nx)
        self.dtype: np.dtype[Any] = np.dtype(np.int16)
        self.channels = 1

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        rows = np.arange(y0, y1, step, dtype=np.int16)[:, None]
        return rows + np.arange(x0, x1, step, dtype=np.int16)


def test_memory_does_not_grow_with_the_height(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toyz_tiles.pyramid_build.BAND_BYTES", 1 << 20)
    # The first build also loads what all of them use.
    for ny in (500, 16_000):
        with tempfile.TemporaryFile() as file:
            tracemalloc.start()
            build(Endless(ny, 1500), file)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert peak < 3 * MOST_THREADS << 20 < 16_000 * 1500 * 4 / 4


def test_progress_rises_to_one_and_cancelling_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toyz_tiles.pyramid_build.BAND_BYTES", 1 << 18)
    told: list[float] = []
    build(Endless(2000, 600), io.BytesIO(), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 5
    seen: list[float] = []
    with pytest.raises(Cancelled):
        build(Endless(2000, 600), io.BytesIO(), progress=seen.append, cancelled=lambda: len(seen) == 3)
    assert len(seen) == 3


class Torn(ArrayRaster):
    """A raster whose rows from `tear` on cannot be read."""

    tear = 0

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        if y1 > self.tear:
            raise CorruptFile("the file ends before its data do")
        return super().read(y0, y1, x0, x1, step)


def test_a_torn_file_has_a_pyramid_of_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toyz_tiles.pyramid_build.BAND_BYTES", 600 * 4 * 64)
    pixels = sky(1024, 600)
    torn = Torn(pixels)
    torn.tear = 512
    opened, _ = open_built(torn)
    found = opened.window(2, 0, 256, 0, 150)
    assert np.isnan(found[128:]).all()
    np.testing.assert_allclose(found[:128], true_level(pixels, 2)[:128], rtol=1e-3)
    opened.close()
    torn.tear = 0
    with pytest.raises(CorruptFile):
        build(torn, io.BytesIO())
