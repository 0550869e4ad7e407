import math

import numpy as np
import pytest
from astropy.visualization import PercentileInterval, ZScaleInterval
from hypothesis import given
from hypothesis import strategies as st

from tests.tiles.rasters import Watched
from toyz.errors import InvalidParameter
from toyz.readers import Pixels
from toyz_tiles.statistics import finite, histogram, minmax, percentile_cuts, sample, summary, widen, zscale


@given(
    size=st.integers(1, 5000),
    stars=st.floats(0, 0.3),
    quantised=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_zscale_is_that_of_astropy(size: int, stars: float, quantised: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(1000, 12, size)
    values[random.random(size) < stars] += 5000 * random.random()
    values = np.rint(values) if quantised else values
    expected = ZScaleInterval().get_limits(values)
    if not expected[1] > expected[0]:
        expected = widen(*expected)
    np.testing.assert_allclose(zscale(values), expected, rtol=1e-9)


@pytest.mark.parametrize("percent", [50.0, 90.0, 99.5, 100.0])
def test_percentile_cuts_are_those_of_astropy(percent: float) -> None:
    values = np.random.default_rng(1).normal(0, 1, (300, 200))
    np.testing.assert_allclose(percentile_cuts(values, percent), PercentileInterval(percent).get_limits(values))


NOTHING = np.full((40, 30), np.nan, np.float32)
ODD = [
    NOTHING,
    np.full((40, 30), np.inf, np.float32),
    np.zeros((1, 1), np.int16),
    np.full((40, 30), 7, np.uint8),
    np.full((40, 30), 1e30, np.float64),
    np.array([[np.nan, 3.0], [-np.inf, np.inf]]),
    np.array([[1.0, 2.0]], np.float32),
    np.zeros((0, 5)),
]


@pytest.mark.parametrize("values", ODD)
def test_cuts_can_always_be_used(values: Pixels) -> None:
    for low, high in (zscale(values), minmax(values), percentile_cuts(values), percentile_cuts(values, 1)):
        assert math.isfinite(low)
        assert high > low
    counts = histogram(values, 16)
    assert sum(counts.counts) + counts.outside == finite(values).size
    assert summary(values).count == finite(values).size


def test_a_percentage_is_checked() -> None:
    for percent in (0.0, -1.0, 100.1, math.nan):
        with pytest.raises(InvalidParameter):
            percentile_cuts(np.ones(3), percent)
    with pytest.raises(InvalidParameter):
        histogram(np.ones(3), 0)
    for low, high in ((-1e308, 1e308), (1.0, 1.0000000000000002), (1e15, 1e15 + 0.5)):
        with pytest.raises(InvalidParameter, match="between these limits"):
            histogram(np.ones(3), 256, low, high)


def test_summary_of_a_noisy_image() -> None:
    random = np.random.default_rng(2)
    values = random.normal(500, 4, (400, 500)).astype(np.float32)
    values[:10] = np.nan
    values[10:14] = 60000
    found = summary(values)
    assert (found.count, found.bad) == (195_000, 5_000)
    assert found.median == pytest.approx(500, abs=0.2)
    assert found.sigma == pytest.approx(4, rel=0.03)
    assert found.maximum == 60000
    assert found.mean == pytest.approx(float(np.nanmean(values.astype(np.float64))))
    nothing = summary(NOTHING)
    assert (nothing.count, nothing.bad) == (0, 1200)
    assert math.isnan(nothing.median)


def test_histogram_counts_what_lies_between_its_edges() -> None:
    values = np.arange(100, dtype=np.int16)
    found = histogram(values, 10, 0, 50)
    assert (found.low, found.high, found.outside) == (0, 50, 49)
    assert found.counts == [5] * 9 + [6]
    assert sum(histogram(values, 7).counts) == 100
    reversed_edges = histogram(values, 4, 9, 3)
    assert reversed_edges.high > reversed_edges.low


def test_a_small_image_is_sampled_whole() -> None:
    raster = Watched(np.arange(600, dtype=np.float32).reshape(20, 30))
    np.testing.assert_array_equal(sample(raster), raster.array)


def test_a_large_image_is_sampled_by_a_few_whole_rows() -> None:
    raster = Watched(np.random.default_rng(3).normal(100, 5, (3000, 400)).astype(np.float32))
    values = sample(raster, 20_000)
    assert 15_000 <= values.size <= 40_000
    assert len(raster.reads) == 100
    assert all(x0 == 0 and x1 == 400 and y1 == y0 + 1 and step > 1 for y0, y1, x0, x1, step in raster.reads)
    assert raster.reads[0][0] < 50
    assert raster.reads[-1][0] > 2950
    assert np.median(values) == pytest.approx(100, abs=0.5)


def test_colour_is_sampled_in_all_channels() -> None:
    pixels = np.zeros((300, 300, 3), np.uint8)
    pixels[..., 1] = 9

    class Colour(Watched):
        def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
            return np.array(self.array[y0:y1:step, x0:x1:step])

    values = sample(Colour(pixels), 5000)
    assert values.shape[2] == 3
    assert (values[..., 1] == 9).all()
