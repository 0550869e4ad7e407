from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tiles.rasters import Filled, Watched, expected, fill, numbered
from toyz.readers import Raster
from toyz_tiles.raster import ArrayRaster, Flipped, Run, display_raster, read_into, read_lattice, read_once, runs


class Cut(NamedTuple):
    shape: tuple[int, int]
    window: tuple[int, int, int, int]
    step: int


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    ny, nx = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    y0, x0 = draw(st.integers(0, ny - 1)), draw(st.integers(0, nx - 1))
    y1, x1 = draw(st.integers(y0 + 1, ny)), draw(st.integers(x0 + 1, nx))
    return Cut((ny, nx), (y0, y1, x0, x1), draw(st.integers(1, 17)))


@given(cut=cuts())
def test_an_array_keeps_the_contract(cut: Cut) -> None:
    array = numbered(*cut.shape)
    pixels = ArrayRaster(array).read(*cut.window, cut.step)
    np.testing.assert_array_equal(pixels, expected(array, *cut.window, cut.step))
    pixels[:] = -1
    assert array[0, 0] == 0


@given(cut=cuts())
def test_a_turned_raster_keeps_the_contract_in_display_order(cut: Cut) -> None:
    array = numbered(*cut.shape)
    pixels = Flipped(Watched(array)).read(*cut.window, cut.step)
    np.testing.assert_array_equal(pixels, expected(array[::-1], *cut.window, cut.step))
    assert pixels.flags.c_contiguous


@given(cut=cuts())
def test_turned_twice_is_not_turned(cut: Cut) -> None:
    array = numbered(*cut.shape)
    pixels = Flipped(Flipped(Watched(array))).read(*cut.window, cut.step)
    np.testing.assert_array_equal(pixels, expected(array, *cut.window, cut.step))


@pytest.mark.parametrize("kind", [Watched, Filled])
@given(cut=cuts())
def test_what_is_filled_is_what_is_read(kind: type[Watched], cut: Cut) -> None:
    y0, y1, x0, x1 = cut.window
    raster = Flipped(kind(numbered(*cut.shape)))
    pixels = raster.read(*cut.window)
    np.testing.assert_array_equal(fill(raster, pixels.shape, pixels.dtype, y0, x0), pixels)
    np.testing.assert_array_equal(read_once(raster, *cut.window), pixels)
    # Of a type that holds the raster's, too.
    out = np.empty((y1 - y0, x1 - x0), np.float64)
    read_into(kind(numbered(*cut.shape)[::-1]), out, y0, x0)
    np.testing.assert_array_equal(out, pixels)


def test_colour_is_turned_with_its_channels() -> None:
    array = np.arange(30 * 20 * 3, dtype=np.uint8).reshape(30, 20, 3)
    flipped = Flipped(ArrayRaster(array))
    assert flipped.channels == 3
    np.testing.assert_array_equal(flipped.read(0, 30, 0, 20), array[::-1])
    np.testing.assert_array_equal(fill(flipped, array.shape, array.dtype, 0, 0), array[::-1])
    rows = np.minimum(np.arange(0, 30, 4) + 2, 29)
    columns = np.arange(0, 20, 4) + 2
    np.testing.assert_array_equal(flipped.read(0, 30, 0, 20, 4), array[::-1][rows[:, None], columns])


@given(cut=cuts())
def test_runs_are_the_block_centres(cut: Cut) -> None:
    y0, y1, _, _ = cut.window
    found = [run.first + i * run.step for run in runs(y0, y1, cut.step) for i in range(run.length)]
    assert found == expected(np.arange(cut.shape[0])[:, None], y0, y1, 0, 1, cut.step)[:, 0].tolist()


@given(data=st.data(), step=st.integers(1, 9))
def test_any_lattice_can_be_read(data: st.DataObject, step: int) -> None:
    array = numbered(37, 41)
    firsts = data.draw(st.integers(0, 36)), data.draw(st.integers(0, 40))
    rows = Run(firsts[0], data.draw(st.integers(1, (36 - firsts[0]) // step + 1)), step)
    columns = Run(firsts[1], data.draw(st.integers(1, (40 - firsts[1]) // step + 1)), step)
    watched = Watched(array)
    pixels = read_lattice(watched, rows, columns)
    np.testing.assert_array_equal(
        pixels, array[rows.first : rows.last + 1 : step, columns.first : columns.last + 1 : step]
    )
    assert len(watched.reads) <= 4


def test_big_endian_arrays_come_native() -> None:
    raster = ArrayRaster(np.arange(6, dtype=">f4").reshape(2, 3))
    assert raster.dtype.isnative
    assert raster.read(0, 2, 0, 3).dtype.isnative


@pytest.mark.parametrize("bottom_up", [True, False])
def test_only_bottom_up_images_are_turned(bottom_up: bool) -> None:
    array = numbered(5, 4)
    raster = display_raster(ArrayRaster(array), bottom_up)
    assert isinstance(raster, Raster)
    assert raster.read(0, 1, 0, 1)[0, 0] == (array[4, 0] if bottom_up else array[0, 0])
