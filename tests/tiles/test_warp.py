"""The maps of CCDs placed by their WCS, and the pixels sampled through them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tiles.rasters import Watched, fill, numbered
from toyz.errors import CorruptFile
from toyz.readers import Raster
from toyz_tiles.layout import Layout
from toyz_tiles.mosaic import MosaicRaster
from toyz_tiles.raster import Run
from toyz_tiles.warp import Residual, Warp, fit_warp
from toyz_tiles.warped import WarpedPlacement

EXACT = Residual(0.0, 0.0)


@st.composite
def warps(draw: st.DrawFn, *, bent: bool = True) -> Warp:
    """Any turn, mirrored or not, from half to twice the size, bent by a pixel or two at 30 pixels."""
    angle, scale = draw(st.floats(-np.pi, np.pi)), draw(st.floats(0.5, 2.0))
    mirror = draw(st.sampled_from([-1.0, 1.0]))
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    second = [draw(st.floats(-1e-3, 1e-3)) if bent else 0.0 for _ in range(6)]
    third = [draw(st.floats(-1e-5, 1e-5)) if bent else 0.0 for _ in range(8)]
    along = (draw(st.floats(-3, 20)), cos, -sin * mirror, *second[:3], *third[:4])
    up = (draw(st.floats(-3, 20)), sin, cos * mirror, *second[3:], *third[4:])
    return Warp(draw(st.floats(-5, 30)), draw(st.floats(-5, 30)), along, up, 3 if bent else 1)


@st.composite
def places(draw: st.DrawFn, hdu: int = 1) -> tuple[WarpedPlacement, NDArray[Any]]:
    ny, nx = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    crop_y, crop_x = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    place = WarpedPlacement(
        name=f"N{hdu}",
        hdu=hdu,
        x=draw(st.integers(0, 10)),
        y=draw(st.integers(0, 10)),
        width=draw(st.integers(1, 40)),
        height=draw(st.integers(1, 40)),
        shape=(ny, nx),
        warp=draw(warps()),
        residual=EXACT,
        crop_x=crop_x,
        crop_y=crop_y,
    )
    return place, numbered(ny + crop_y + draw(st.integers(0, 2)), nx + crop_x, start=1000 * hdu)


def sampled(place: WarpedPlacement, array: NDArray[Any], column: int, row: int, block: int) -> float:
    """What the words of `WarpedPlacement` promise of one display pixel; NaN where the CCD is not."""
    ny, nx = place.shape
    x, y = (int(np.floor(value + 0.5)) for value in place.warp.to_file(column, row))
    if not (0 <= x < nx and 0 <= y < ny):
        return float("nan")
    x, y = (min(at // block * block + block // 2, side - 1) for at, side in ((x, nx), (y, ny)))
    return float(array[place.crop_y + y, place.crop_x + x])


@given(found=st.lists(st.integers(1, 2), min_size=1, max_size=2, unique=True), data=st.data(), step=st.integers(1, 9))
def test_a_window_is_what_its_pixels_are_one_by_one(found: list[int], data: st.DataObject, step: int) -> None:
    made = [data.draw(places(hdu)) for hdu in found]
    layout = Layout("wcs", 60, 60, tuple(place for place, _ in made))
    raster = MosaicRaster(layout, {place.hdu: Watched(array) for place, array in made})
    assert isinstance(raster, Raster)
    y0, x0 = data.draw(st.integers(0, 58)), data.draw(st.integers(0, 58))
    y1, x1 = data.draw(st.integers(y0 + 1, 60)), data.draw(st.integers(x0 + 1, 60))
    pixels = raster.read(y0, y1, x0, x1, step)
    expected = np.full_like(pixels, np.nan)
    for place, array in made:
        block = max(1, round(step / place.warp.scale))
        for i, top in enumerate(range(y0, y1, step)):
            for j, left in enumerate(range(x0, x1, step)):
                row, column = min(top + step // 2, y1 - 1), min(left + step // 2, x1 - 1)
                boxed = place.x <= column < place.x + place.width and place.y <= row < place.y + place.height
                value = sampled(place, array, column, row, block) if boxed else float("nan")
                expected[i, j] = expected[i, j] if np.isnan(value) else value
    np.testing.assert_array_equal(pixels, expected)
    if step == 1:
        np.testing.assert_array_equal(fill(raster, pixels.shape, pixels.dtype, y0, x0), expected)


@given(warp=warps(), column=st.floats(-10, 40), row=st.floats(-10, 40))
def test_positions_go_to_the_ccd_and_back(warp: Warp, column: float, row: float) -> None:
    back = warp.to_display(*warp.to_file(column, row))
    np.testing.assert_allclose(back, (column, row), atol=1e-6)
    moved = warp.moved(7.0, -3.0)
    np.testing.assert_allclose(moved.to_file(column + 7.0, row - 3.0), warp.to_file(column, row), atol=1e-9)


@given(warp=warps(bent=False))
def test_an_affine_map_is_found_again(warp: Warp) -> None:
    xs, ys = (axis.ravel() for axis in np.meshgrid(np.linspace(0, 30, 5), np.linspace(0, 50, 5)))
    display = np.array([warp.to_display(x, y) for x, y in zip(xs, ys, strict=True)])
    found = fit_warp(display, np.stack((xs, ys), axis=1), 0.25)
    assert found is not None
    assert found[0].degree == 1
    assert found[1].maximum < 1e-6
    assert found[0].scale == pytest.approx(warp.scale, rel=1e-6)


@pytest.mark.parametrize(("bend", "degree"), [(0.1, 1), (1.0, 2)])
def test_terms_are_added_where_a_ccd_is_bent(bend: float, degree: int) -> None:
    xs, ys = (axis.ravel() for axis in np.meshgrid(np.linspace(0, 1000, 9), np.linspace(0, 2000, 9)))
    display = np.stack((xs + bend * ((ys - 1000) / 1000) ** 2, 2000 - ys), axis=1)
    found = fit_warp(display, np.stack((xs, ys), axis=1), 0.25)
    assert found is not None
    warp, residual = found
    assert warp.degree == degree
    assert residual.rms <= residual.maximum < 0.25
    off = np.array(warp.to_file(*display.T)) - (xs, ys)
    assert np.hypot(*off).max() == pytest.approx(residual.maximum, rel=1e-2)


def test_points_on_a_line_make_no_map() -> None:
    line = np.stack((np.arange(9.0), 2 * np.arange(9.0)), axis=1)
    assert fit_warp(line, line, 0.25) is None
    assert fit_warp(np.zeros((9, 2)), line, 0.25) is None
    assert fit_warp(line * np.nan, line, 0.25) is None


def tilted(ny: int, nx: int, tilt: float) -> WarpedPlacement:
    """A CCD whose rows fall by `tilt` pixels for each column."""
    warp = Warp(0.0, 0.0, (0.0, 1.0, 0.0, *[0.0] * 7), (0.0, tilt, 1.0, *[0.0] * 7))
    return WarpedPlacement(name="N1", hdu=1, x=0, y=0, width=nx, height=ny, shape=(ny, nx), warp=warp, residual=EXACT)


def test_only_the_rows_that_are_needed_are_read() -> None:
    place, watched = tilted(2000, 500, 0.01), Watched(np.zeros((2000, 500), np.float32))
    place.sample(watched, Run(600, 40, 1), Run(100, 40, 1))
    ((y0, y1, x0, x1, step),) = watched.reads
    assert (x0, x1, step) == (100, 140, 1)
    assert 600 <= y0 <= 601
    assert y1 <= 642
    watched.reads.clear()
    place.sample(watched, Run(16, 62, 32), Run(16, 15, 32))
    ((*_, step),) = watched.reads
    assert step == 32
    watched.reads.clear()
    assert place.sample(watched, Run(5000, 4, 1), Run(0, 4, 1)).values is None
    assert watched.reads == []


def test_a_corrupt_ccd_is_a_hole() -> None:
    place = tilted(20, 20, 0.1)
    raster = MosaicRaster(Layout("wcs", 20, 20, (place,)), {1: Watched(numbered(20, 20), corrupt=True)})
    assert np.isnan(raster.read(0, 20, 0, 20)).all()
    assert list(raster.problems) == [1]
    with pytest.raises(CorruptFile):
        place.sample(Watched(numbered(20, 20), corrupt=True), Run(0, 5, 1), Run(5, 5, 1))


@given(made=places(), data=st.data())
def test_a_position_is_on_the_ccd_where_it_has_a_pixel(
    made: tuple[WarpedPlacement, NDArray[Any]], data: st.DataObject
) -> None:
    place, _ = made
    ny, nx = place.shape
    column = data.draw(st.integers(place.x, place.x + place.width - 1))
    row = data.draw(st.integers(place.y, place.y + place.height - 1))
    x, y = place.to_file(column, row)
    inside = -0.5 <= x - place.crop_x < nx - 0.5 and -0.5 <= y - place.crop_y < ny - 0.5
    assert place.holds(column, row) == inside
    assert (place.distance(column, row) == 0) or not inside
    np.testing.assert_allclose(
        [place.to_file(*corner) for corner in place.corners],
        [(place.crop_x + dx - 0.5, place.crop_y + dy - 0.5) for dx, dy in ((0, ny), (nx, ny), (nx, 0), (0, 0))],
        atol=1e-5,
    )
