import pytest
from hypothesis import given
from hypothesis import strategies as st

from toyz.errors import NotFound
from toyz_tiles.geometry import (
    TILE,
    Window,
    display_to_fits,
    fits_to_display,
    level_count,
    level_shape,
    tile_counts,
    tile_window,
    to_full,
)

SIDES = st.integers(1, 70_000)


@given(width=SIDES, height=SIDES)
def test_the_coarsest_level_is_the_first_that_fits_in_one_tile(width: int, height: int) -> None:
    levels = level_count(width, height)
    assert max(level_shape((height, width), levels - 1)) <= TILE
    if levels > 1:
        assert max(level_shape((height, width), levels - 2)) > TILE


@given(width=st.integers(1, 3000), height=st.integers(1, 3000), data=st.data())
def test_the_tiles_of_a_level_cover_it_once(width: int, height: int, data: st.DataObject) -> None:
    shape = (height, width)
    level = data.draw(st.integers(0, level_count(width, height) - 1))
    rows, columns = tile_counts(shape, level)
    windows = [tile_window(shape, level, x, y) for y in range(rows) for x in range(columns)]
    ny, nx = level_shape(shape, level)
    assert sum(window.shape[0] * window.shape[1] for window in windows) == ny * nx
    assert all(0 < side <= TILE for window in windows for side in window.shape)
    assert windows[0][:3:2] == (0, 0)
    assert (windows[-1].y1, windows[-1].x1) == (ny, nx)


@given(width=st.integers(1, 3000), height=st.integers(1, 3000), data=st.data())
def test_a_window_of_a_level_is_made_of_whole_blocks(width: int, height: int, data: st.DataObject) -> None:
    shape = (height, width)
    level = data.draw(st.integers(0, level_count(width, height) - 1))
    rows, columns = tile_counts(shape, level)
    window = tile_window(shape, level, data.draw(st.integers(0, columns - 1)), data.draw(st.integers(0, rows - 1)))
    full = to_full(window, level, shape)
    block = 1 << level
    assert full.y0 % block == full.x0 % block == 0
    assert full.y1 in (height, window.y1 * block)
    assert level_shape(full.shape, level) == window.shape


@pytest.mark.parametrize(("level", "x", "y"), [(0, 4, 0), (0, 0, 3), (3, 0, 0), (-1, 0, 0), (0, -1, 0), (2, 1, 0)])
def test_a_tile_outside_is_not_found(level: int, x: int, y: int) -> None:
    with pytest.raises(NotFound):
        tile_window((600, 1000), level, x, y)


def test_edge_tiles_are_cut() -> None:
    assert tile_window((600, 1000), 0, 3, 2) == Window(512, 600, 768, 1000)
    assert tile_window((600, 1000), 2, 0, 0) == Window(0, 150, 0, 250)


def test_fits_pixels_count_from_one_at_the_bottom() -> None:
    assert display_to_fits(0, 99, 100) == (1, 1)
    assert display_to_fits(0, 0, 100) == (1, 100)
    assert fits_to_display(*display_to_fits(7.25, 12.5, 100), 100) == (7.25, 12.5)
