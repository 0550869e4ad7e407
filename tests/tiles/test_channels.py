"""Colour pictures of three channels, beside `astropy.visualization` and a version in numpy."""

import math
from typing import Any, cast

import numpy as np
import pytest
from astropy.visualization import make_lupton_rgb
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from toyz.protocol import STRETCHES, ChannelCuts, Stretch, Style
from toyz_tiles import channels, stretch

ONE = (0.0, 1.0)
VALUES = hnp.arrays(np.float32, (5, 4, 3), elements=st.floats(-2, 50, width=32))
LOWS = st.floats(-10, 10)
SPANS = st.floats(0.01, 1e4)
PAIRS = st.builds(lambda low, span: (low, low + span), LOWS, SPANS)
CUTS = st.tuples(PAIRS, PAIRS, PAIRS)


def lupton(**fields: Any) -> Style:
    return Style(**{"low": 0.0, "high": 1.0, "stretch": "lupton", **fields})


def by_definition(pixels: NDArray[Any], style: Style) -> NDArray[np.uint8]:
    """Follow the docstring of `toyz_tiles.stretch`, step by step."""
    cuts = np.array(style.cuts_by_channel)
    v = np.nan_to_num(np.clip((pixels - cuts[:, 0]) / (cuts[:, 1] - cuts[:, 0]), 0.0, 1e6))
    intensity = v.mean(axis=2, keepdims=True)
    safe = np.where(intensity > 0, intensity, 1.0)
    v *= np.where(intensity > 0, np.arcsinh(safe / 0.1) / math.asinh(10) / safe, 10 / math.asinh(10))
    v /= np.maximum(v.max(axis=2, keepdims=True), 1.0)
    y = np.floor(4095 * v + 0.5) / 4095
    y = ((1 - y if style.invert else y) - style.bias) * style.contrast + 0.5
    return cast(NDArray[np.uint8], (255 * np.clip(y, 0, 1) + 0.5).astype(np.uint8))


@given(VALUES, CUTS, st.booleans(), st.floats(0, 5), st.floats(-1, 2))
def test_it_is_what_is_written(
    pixels: NDArray[np.float32], cuts: ChannelCuts, invert: bool, contrast: float, bias: float
) -> None:
    style = lupton(channel_cuts=cuts, invert=invert, contrast=contrast, bias=bias)
    ours, bad = channels.apply(pixels, style)
    assert bad == 0
    # A position on the edge between two may fall to either, which a contrast of 5 shows as 2.
    assert np.abs(ours.astype(int) - by_definition(pixels.astype(np.float64), style)).max() <= 1 + (contrast > 1)


@given(hnp.arrays(np.float64, (6, 5, 3), elements=st.floats(1e-3, 80)))
def test_above_the_low_cut_it_is_astropys(pixels: NDArray[np.float64]) -> None:
    # Their asinh(I · Q / stretch) · 0.1 / asinh(0.1 · Q) is our asinh(10 I) / asinh(10) with these two.
    q = 10 * math.sinh(0.1 * math.asinh(10))
    red, green, blue = (pixels[:, :, channel] for channel in range(3))
    theirs = make_lupton_rgb(red, green, blue, minimum=0, stretch=q / 10, Q=q)
    ours, _ = channels.apply(pixels, lupton())
    assert np.abs(ours.astype(int) - theirs).max() <= 1


@given(VALUES, CUTS)
def test_colours_stay_as_they_are_however_bright(pixels: NDArray[np.float32], cuts: ChannelCuts) -> None:
    ours, _ = channels.apply(pixels, lupton(channel_cuts=cuts))
    low, high = np.array(cuts).T
    v = np.clip((pixels - low) / (high - low), 0, 1e6)
    most = v.max(axis=2, keepdims=True)
    expected = ours.max(axis=2, keepdims=True) * np.divide(v, most, out=np.zeros_like(v), where=most > 0)
    assert np.abs(ours - expected).max() <= 1.5


@given(hnp.arrays(np.float32, (5, 4), elements=st.floats(-2, 50, width=32)), PAIRS)
def test_of_one_channel_it_is_asinh(pixels: NDArray[np.float32], cuts: tuple[float, float]) -> None:
    low, high = cuts
    grey = np.repeat(pixels[:, :, None], 3, axis=2)
    ours, _ = channels.apply(grey, lupton(low=low, high=high))
    table = stretch.transfer(Style(low=0, high=1, stretch="asinh"))
    np.testing.assert_array_equal(stretch.transfer(lupton()), table)
    one, _ = stretch.apply(pixels, low, high, table)
    # The position is found before the curve there and after it here.
    assert np.abs(ours.astype(int) - one[:, :, None]).max() <= 1


@pytest.mark.parametrize("name", [name for name in STRETCHES if name != "lupton"])
def test_other_stretches_take_each_channel_between_its_own_cuts(name: Stretch) -> None:
    pixels = np.random.default_rng(3).normal(100, 40, (16, 16, 3))
    pixels[2, 3, 1] = np.nan
    cuts: ChannelCuts = ((0.0, 200.0), (50.0, 90.0), (-10.0, 1000.0))
    ours, bad = channels.apply(pixels, Style(low=0, high=1, stretch=name, channel_cuts=cuts))
    assert bad == 1
    table = stretch.transfer(Style(low=0, high=1, stretch=name))
    for channel, (low, high) in enumerate(cuts):
        one, _ = stretch.apply(np.ascontiguousarray(pixels[:, :, channel]), low, high, table)
        np.testing.assert_array_equal(ours[:, :, channel], one)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "u8", ">f4", "f8"])
def test_every_dtype(dtype: str) -> None:
    pixels = np.arange(3 * 4 * 3).reshape(3, 4, 3)
    style = lupton(high=30.0)
    ours, _ = channels.apply(pixels.astype(dtype), style)
    np.testing.assert_array_equal(ours, channels.apply(pixels.astype(float), style)[0])


def test_infinite_values_and_none_and_cuts_that_are_no_range() -> None:
    pixels = np.array([[[np.inf, 0, 0], [np.nan, 1, 1], [-np.inf] * 3, [np.inf] * 3]])
    ours, bad = channels.apply(pixels, lupton())
    assert bad == 1
    assert ours[0, :, 0].tolist() == [255, 0, 0, 255]
    assert ours[0, 3].tolist() == [255, 255, 255]
    steps, _ = channels.apply(np.array([[[4.9] * 3, [5.1] * 3]]), lupton(channel_cuts=((5, 5), (5, 5), (5, 1))))
    assert steps[0].tolist() == [[0, 0, 0], [255, 255, 255]]
    assert channels.apply(pixels, lupton(low=float("nan"), high=float("inf")))[0].shape == (1, 4, 3)


def test_no_pixels() -> None:
    assert channels.apply(np.empty((0, 4, 3)), lupton())[0].shape == (0, 4, 3)
