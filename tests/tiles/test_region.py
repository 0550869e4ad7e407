"""Regions at any size, against plain sums over areas."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from toyz.errors import Cancelled
from toyz_tiles import region as regions
from toyz_tiles.area import area_means, edges
from toyz_tiles.geometry import Window, level_count
from toyz_tiles.overview import decimated
from toyz_tiles.raster import ArrayRaster
from toyz_tiles.reduce import block_sums, means
from toyz_tiles.region import level_window, region_pixels, source_level

Array = NDArray[Any]


def shares(cells: Array, count: int) -> Array:
    """How much of each of `count` pixels lies in each cell."""
    pixels = np.arange(count)
    low = np.maximum(cells[:-1, None], pixels[None, :])
    high = np.minimum(cells[1:, None], pixels[None, :] + 1)
    found: Array = np.clip(high - low, 0, None)
    return found


def expected_means(pixels: Array, rows: Array, columns: Array) -> Array:
    valid = ~np.isnan(pixels)
    down, across = shares(rows, pixels.shape[0]), shares(columns, pixels.shape[1])
    with np.errstate(invalid="ignore"):
        found: Array = (down @ np.where(valid, pixels, 0) @ across.T) / (down @ valid.astype(float) @ across.T)
    return found


@given(st.integers(1, 30), st.integers(1, 30), st.data())
def test_means_over_areas(ny: int, nx: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(ny * 31 + nx)
    pixels = rng.normal(size=(ny, nx))
    pixels[rng.random((ny, nx)) < 0.2] = np.nan
    bounds = st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True)
    (top, bottom), (left, right) = (sorted(value * length for value in data.draw(bounds)) for length in (ny, nx))
    rows, columns = edges(top, bottom, data.draw(st.integers(1, 9))), edges(left, right, data.draw(st.integers(1, 9)))
    if (np.diff(rows) < 1e-3).any() or (np.diff(columns) < 1e-3).any():
        return
    np.testing.assert_allclose(area_means(pixels, rows, columns), expected_means(pixels, rows, columns), 1e-4, 1e-4)


def test_whole_blocks_are_block_means() -> None:
    pixels = np.random.default_rng(1).integers(-100, 100, (60, 80)).astype(np.int16)
    np.testing.assert_allclose(area_means(pixels, edges(0, 60, 15), edges(0, 80, 20)), means(*block_sums(pixels, 4)))
    colour = np.repeat(pixels[:, :, None], 3, axis=2)
    assert area_means(colour, edges(0, 60, 7), edges(0, 80, 9)).shape == (7, 9, 3)


class Reads:
    """Levels of an array, and which windows were read."""

    def __init__(self, pixels: Array) -> None:
        self.raster = ArrayRaster(pixels)
        self.pixels = pixels
        self.windows: list[tuple[int, Window]] = []

    def __call__(self, level: int, window: Window) -> Array:
        self.windows.append((level, window))
        if level == 0:
            return decimated(self.raster, 0, window)
        return means(*block_sums(self.pixels, 1 << level))[window.y0 : window.y1, window.x0 : window.x1]


@st.composite
def requests(draw: st.DrawFn) -> tuple[tuple[int, int], Window, tuple[int, int]]:
    shape = draw(st.tuples(st.integers(1, 900), st.integers(1, 900)))
    y0, x0 = (draw(st.integers(0, length - 1)) for length in shape)
    y1, x1 = draw(st.integers(y0 + 1, shape[0])), draw(st.integers(x0 + 1, shape[1]))
    size = draw(st.integers(1, y1 - y0)), draw(st.integers(1, x1 - x0))
    return shape, Window(y0, y1, x0, x1), size


@given(requests())
def test_any_region_at_any_size(request: tuple[tuple[int, int], Window, tuple[int, int]]) -> None:
    shape, region, size = request
    pixels = np.add.outer(np.arange(shape[0]) * 3.0, np.arange(shape[1]) * 1.0)
    reads = Reads(pixels)
    level = source_level(shape, region, size)
    assert 0 <= level < level_count(shape[1], shape[0])
    found = region_pixels(reads, shape, level, region, size)
    assert found.shape == size
    # The mean of a slope is its value in the middle: wherever the cell lies, within a pixel of the level read.
    rows = edges(region.y0, region.y1, size[0])
    columns = edges(region.x0, region.x1, size[1])
    slope = np.add.outer((rows[:-1] + rows[1:] - 1) * 1.5, (columns[:-1] + columns[1:] - 1) / 2)
    assert np.abs(found - slope).max() <= 4.0 * (1 << level) + 0.01
    if level == 0:
        np.testing.assert_allclose(found, expected_means(pixels, rows, columns), rtol=1e-5, atol=1e-2)
    touched = level_window(shape, region, level)
    for _, window in reads.windows:
        assert touched.y0 <= window.y0 < window.y1 <= touched.y1
        assert (window.x0, window.x1) == (touched.x0, touched.x1)


@pytest.mark.parametrize(
    ("region", "size", "level"),
    [
        (Window(0, 1000, 0, 1500), (250, 375), 2),
        (Window(0, 1001, 0, 1501), (251, 376), 2),
        (Window(512, 1001, 1024, 1501), (245, 239), 1),
        (Window(0, 1000, 0, 1500), (249, 374), 2),
        (Window(0, 1000, 0, 1500), (251, 376), 1),
        (Window(3, 13, 5, 15), (10, 10), 0),
        (Window(0, 1001, 0, 1501), (1, 1), 3),
        (Window(0, 1001, 0, 1501), (1001, 1), 0),
    ],
)
def test_the_level_is_just_fine_enough(region: Window, size: tuple[int, int], level: int) -> None:
    assert source_level((1001, 1501), region, size) == level


def test_the_pixels_of_a_level_are_passed_on() -> None:
    pixels = np.random.default_rng(2).normal(size=(1001, 600))
    reads = Reads(pixels)
    found = region_pixels(reads, pixels.shape, 1, Window(0, 1001, 0, 600), (501, 300))
    np.testing.assert_array_equal(found, means(*block_sums(pixels, 2)))
    assert len(reads.windows) == 1


def test_a_region_that_shrinks_unlike_reads_a_bounded_number_of_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = (30_000, 28_000)
    whole = Window(0, shape[0], 0, shape[1])
    level = source_level(shape, whole, (1, 4096))
    assert np.prod(level_window(shape, whole, level).shape) <= regions.MAX_SOURCE
    monkeypatch.setattr(regions, "_BAND", 1000)
    reads = Reads(np.zeros((500, 100)))
    region_pixels(reads, (500, 100), 0, Window(0, 500, 0, 100), (300, 60))
    assert max(np.prod(window.shape) for _, window in reads.windows) <= 1400
    assert {y for _, window in reads.windows for y in range(window.y0, window.y1)} == set(range(500))


def test_a_region_is_taken_back_between_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "_BAND", 1000)
    reads = Reads(np.zeros((500, 100)))

    def check() -> None:
        if len(reads.windows) == 3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        region_pixels(reads, (500, 100), 0, Window(0, 500, 0, 100), (300, 60), check)
    assert len(reads.windows) == 3
