from typing import Any

import numpy as np
import pytest
from astropy.visualization import AsinhStretch, HistEqStretch, LinearStretch, LogStretch, PowerStretch, SqrtStretch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from toyz.errors import InvalidParameter
from toyz.protocol import STRETCHES, Style
from toyz_tiles.stretch import ENTRIES, apply, cached_transfer, equalisation, quantiles, transfer

ASTROPY = {
    "linear": LinearStretch(),
    "log": LogStretch(a=1000),
    "sqrt": SqrtStretch(),
    "asinh": AsinhStretch(a=0.1),
    "square": PowerStretch(2),
}
DTYPES = ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]


def style(**fields: Any) -> Style:
    return Style(**({"low": 0.0, "high": 1.0} | fields))


def looked_up(pixels: NDArray[Any], low: float, high: float, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Step 1 of the definition in the module's docstring, by numpy."""
    position = (pixels.astype(np.float64) - low) * ((ENTRIES - 1) / (high - low)) + 0.5
    places = np.clip(np.nan_to_num(position, nan=0.0, posinf=1e9, neginf=-1e9), 0, ENTRIES - 1)
    return np.asarray(table[places.astype(int)])


@pytest.mark.parametrize("name", sorted(ASTROPY))
def test_the_curves_are_those_of_astropy(name: str) -> None:
    curve = ASTROPY[name](np.linspace(0, 1, ENTRIES))
    expected = np.floor(255 * np.clip(curve, 0, 1) + 0.5)
    # A rounding error in the last place may tip a value that lies exactly between two colours.
    assert np.abs(transfer(style(stretch=name)) - expected).max() <= (np.abs(255 * curve % 1 - 0.5) < 1e-9).any()


def test_histogram_equalisation_follows_the_sample() -> None:
    values = np.random.default_rng(1).exponential(100, 200_000)
    low, high = 0.0, 500.0
    curve = equalisation(quantiles(values), low, high)
    assert (curve[0], curve[-1]) == (0.0, 1.0)
    assert (np.diff(curve) >= 0).all()
    inside = values[(values >= low) & (values <= high)]
    expected = HistEqStretch((inside - low) / (high - low))(np.linspace(0, 1, ENTRIES))
    assert np.abs(curve - expected).max() < 2e-3
    numbers, _ = apply(inside, low, high, transfer(style(stretch="histogram"), curve))
    counts = np.bincount(numbers, minlength=256)[2:-2]
    assert counts.std() < 0.2 * counts.mean()


@pytest.mark.parametrize("values", [np.full(10, np.nan), np.array([1.0]), np.full(100, 1e9)])
def test_equalisation_without_a_sample_is_linear(values: NDArray[Any]) -> None:
    np.testing.assert_array_equal(equalisation(quantiles(values), 0.0, 1.0), np.linspace(0, 1, ENTRIES))
    with pytest.raises(InvalidParameter):
        transfer(style(stretch="histogram"), np.zeros(7))


def test_invert_contrast_and_bias() -> None:
    plain = transfer(style())
    np.testing.assert_array_equal(transfer(style(invert=True)).astype(int), 255 - plain.astype(int)[::1])
    steep = transfer(style(contrast=2.0)).astype(int)
    assert (steep[: ENTRIES // 4 - 1] == 0).all()
    assert (steep[3 * ENTRIES // 4 + 1 :] == 255).all()
    assert abs(steep[ENTRIES // 2] - 128) <= 1
    shifted = transfer(style(bias=0.25)).astype(int)
    assert abs(shifted[ENTRIES // 4] - 128) <= 1
    assert set(transfer(style(contrast=0.0)).tolist()) == {128}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", STRETCHES)
def test_every_type_is_looked_up_exactly(dtype: str, name: str) -> None:
    random = np.random.default_rng(2)
    pixels = (random.normal(60, 30, (37, 41))).clip(0, 127).astype(dtype)
    table = transfer(style(stretch=name))
    found, bad = apply(pixels, 20.5, 99.25, table)
    np.testing.assert_array_equal(found, looked_up(pixels, 20.5, 99.25, table))
    assert bad == 0


@given(
    values=st.lists(st.floats(width=32), min_size=1, max_size=50),
    low=st.floats(allow_nan=False, allow_infinity=False),
    high=st.floats(allow_nan=False, allow_infinity=False),
)
def test_no_value_and_no_cuts_can_break_it(values: list[float], low: float, high: float) -> None:
    pixels = np.array(values, np.float32)
    table = transfer(style())
    found, bad = apply(pixels, low, high, table)
    assert bad == np.isnan(pixels).sum()
    assert (found[np.isposinf(pixels)] == 255).all()
    assert (found[np.isneginf(pixels)] == 0).all()
    if high <= low:
        assert (found[pixels.astype(np.float64) < low - abs(low) * 1e-9 - 1e-30] == 0).all()
        assert (found[pixels.astype(np.float64) > low + abs(low) * 1e-9 + 1e-30] == 255).all()


def test_colours_are_looked_up_like_numbers() -> None:
    pixels = np.random.default_rng(3).normal(0, 1, (20, 30)).astype(np.float32)
    pixels[3, 4] = np.nan
    table = np.random.default_rng(4).integers(0, 256, (ENTRIES, 3)).astype(np.uint8)
    found, bad = apply(pixels, -1, 1, table)
    assert bad == 1
    assert found.shape == (20, 30, 3)
    for channel in range(3):
        np.testing.assert_array_equal(found[..., channel], looked_up(pixels, -1, 1, table[:, channel]))


def test_any_memory_layout() -> None:
    pixels = np.random.default_rng(5).normal(0, 1, (32, 32)).astype(np.float32)
    frozen = pixels.copy()
    frozen.setflags(write=False)
    table = transfer(style(stretch="asinh"))
    for variant in (frozen, pixels.astype(">f4"), np.asfortranarray(pixels), pixels.repeat(2, 0)[::2]):
        np.testing.assert_array_equal(apply(variant, -1, 1, table)[0], apply(pixels, -1, 1, table)[0])


def test_tables_are_remembered_and_cannot_be_changed() -> None:
    one, other = cached_transfer(style(stretch="log")), cached_transfer(style(stretch="log", low=-5.0))
    assert one is other
    with pytest.raises(ValueError, match="read-only"):
        one[0] = 1
