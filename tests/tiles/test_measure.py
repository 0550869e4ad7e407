"""Statistics in regions: the pixels are those of astropy's `regions`, the values those of numpy."""

import math
from typing import Any

import numpy as np
import pytest
import regions
from astropy import units
from hypothesis import given
from hypothesis import strategies as st

from tests.tiles.rasters import Watched
from toyz.errors import Cancelled
from toyz.regions import Box, Circle, Ellipse, Point, Polygon
from toyz_tiles import measure as module
from toyz_tiles.masks import Area, area, inside
from toyz_tiles.measure import Measured, measure

HEIGHT, WIDTH = 40, 50
places = st.tuples(st.floats(-10, 60), st.floats(-10, 50))
lengths = st.floats(0.01, 45)
angles = st.floats(-360, 360)
areas = st.one_of(
    st.builds(lambda at, radius: Circle(at[0], at[1], radius), places, lengths),
    st.builds(lambda at, rx, ry, angle: Ellipse(at[0], at[1], rx, ry, angle), places, lengths, lengths, angles),
    st.builds(
        lambda at, width, height, angle: Box(at[0], at[1], width, height, angle), places, lengths, lengths, angles
    ),
    st.builds(Polygon, st.lists(places, min_size=3, max_size=12)),
)


def theirs(shape: Area) -> Any:
    if isinstance(shape, Polygon):
        return regions.PolygonPixelRegion(regions.PixCoord(*np.array(shape.vertices).T))
    centre = regions.PixCoord(shape.x, shape.y)
    if isinstance(shape, Circle):
        return regions.CirclePixelRegion(centre, shape.radius)
    if isinstance(shape, Ellipse):
        return regions.EllipsePixelRegion(centre, 2 * shape.rx, 2 * shape.ry, shape.angle * units.deg)
    assert isinstance(shape, Box)
    return regions.RectanglePixelRegion(centre, shape.width, shape.height, shape.angle * units.deg)


def mask(shape: Area) -> Any:
    return inside(shape, np.arange(WIDTH, dtype=float), np.arange(HEIGHT, dtype=float))


def image(values: Any) -> Watched:
    """Give a raster in display order of pixels whose first row is the lowest."""
    return Watched(values[::-1])


@given(areas)
def test_pixels_are_inside_where_astropy_has_them(shape: Area) -> None:
    expected = theirs(shape).to_mask(mode="center").to_image((HEIGHT, WIDTH))
    found = mask(shape)
    if expected is None:
        expected = np.zeros((HEIGHT, WIDTH))
    # Rounding may decide of a centre that is on the edge to the last digit: none is further off.
    for row, column in np.argwhere(found != (expected > 0)):
        assert near_edge(shape, column, row)


def near_edge(shape: Area, column: int, row: int) -> bool:
    shifted = [(dx, dy) for dx in (-1e-6, 0, 1e-6) for dy in (-1e-6, 0, 1e-6)]
    around = {bool(inside(shape, np.array([column + dx]), np.array([row + dy]))[0, 0]) for dx, dy in shifted}
    return len(around) == 2


def test_a_centre_on_the_edge_is_outside_and_neighbouring_polygons_share_no_pixel() -> None:
    assert mask(Circle(10, 10, 2)).sum() == 9
    assert mask(Box(10, 10, 2, 2)).sum() == 1
    assert mask(Point(10.4, 9.6)).nonzero() == ([10], [10])
    left = Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10)])
    assert not (mask(left) & mask(right)).any()
    assert (mask(left) | mask(right)).sum() == mask(Polygon([(0, 0), (20, 0), (20, 10), (0, 10)])).sum() == 200


@given(areas)
def test_the_statistics_are_those_of_numpy(shape: Area) -> None:
    values = np.random.default_rng(3).normal(1000, 30, (HEIGHT, WIDTH)).astype(np.float32)
    values[::7, ::3] = np.nan
    values[5, 5] = np.inf
    agree(measure(image(values), shape)[0], values[mask(shape)])


def agree(found: Measured, values: Any) -> None:
    good = values[np.isfinite(values)].astype(np.float64)
    assert (found.count, found.bad) == (good.size, values.size - good.size)
    if not good.size:
        assert math.isnan(found.mean)
        assert math.isnan(found.median)
        assert found.total == 0
        return
    expected = [good.sum(), good.mean(), good.std(), np.median(good), good.min(), good.max()]
    got = [found.total, found.mean, found.std, found.median, found.minimum, found.maximum]
    assert got == pytest.approx([float(value) for value in expected], rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2", "u1", "i4"])
def test_what_is_too_much_to_keep_is_read_again(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    monkeypatch.setattr(module, "KEPT", 100)
    monkeypatch.setattr(module, "BAND", 300)
    random = np.random.default_rng(5)
    for offset in (0, -60, 60):
        values = np.clip(random.normal(60, 30, (HEIGHT, WIDTH)) + offset, *limits(dtype)).astype(dtype)
        for shape in (Circle(20, 20, 14), Circle(20.5, 20, 14), Polygon([(0, 0), (49, 3), (10, 39)])):
            agree(measure(image(values), shape)[0], values[mask(shape)])


def limits(dtype: str) -> tuple[float, float]:
    kind = np.dtype(dtype)
    return (np.iinfo(kind).min, np.iinfo(kind).max) if kind.kind in "iu" else (-np.inf, np.inf)


def test_channels_are_measured_each_for_itself_and_a_shape_outside_holds_nothing() -> None:
    values = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    shape = Ellipse(30, 20, 8, 3, 40)
    for channel, found in enumerate(measure(image(values), shape)):
        agree(found, values[..., channel][mask(shape)])
    assert [one.count for one in measure(image(values), Circle(-50, 0, 10))] == [0, 0, 0]


def test_only_what_is_needed_is_read_and_a_measurement_can_be_taken_back() -> None:
    watched = image(np.ones((HEIGHT, WIDTH), np.float32))
    assert measure(watched, Circle(20, 20, 5))[0].count > 60
    assert sum((y1 - y0) * (x1 - x0) for y0, y1, x0, x1, _ in watched.reads) < 200

    def stop(share: float) -> None:
        raise Cancelled("")

    with pytest.raises(Cancelled):
        measure(image(np.ones((HEIGHT, WIDTH))), Circle(20, 20, 5), stop)


@given(areas)
def test_areas_are_those_of_astropy(shape: Area) -> None:
    assert area(shape) == pytest.approx(float(theirs(shape).area), rel=1e-9, abs=1e-9)
