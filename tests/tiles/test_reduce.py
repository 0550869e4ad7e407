import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from toyz_tiles.reduce import block_sums, halve, means, pair_sums, whole_blocks


def block_means(pixels: NDArray[Any], factor: int) -> NDArray[np.float64]:
    """Means of the valid pixels of each block, one block at a time."""
    ny, nx = pixels.shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        rows = [
            [np.nanmean(pixels[y : y + factor, x : x + factor].astype(np.float64)) for x in range(0, nx, factor)]
            for y in range(0, ny, factor)
        ]
    return np.array(rows)


@given(
    ny=st.integers(1, 40),
    nx=st.integers(1, 40),
    holes=st.floats(0, 1),
    factor=st.sampled_from([2, 4]),
    seed=st.integers(0, 1000),
)
def test_means_leave_out_what_is_nan(ny: int, nx: int, holes: float, factor: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    pixels = random.normal(1000, 50, (ny, nx)).astype(np.float32)
    pixels[random.random((ny, nx)) < holes] = np.nan
    found = means(*block_sums(pixels, factor))
    np.testing.assert_allclose(found, block_means(pixels, factor), rtol=1e-7)


@given(ny=st.integers(1, 70), nx=st.integers(1, 70), seed=st.integers(0, 1000))
def test_means_of_means_count_the_pixels(ny: int, nx: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    pixels = random.normal(0, 1, (ny, nx)).astype(np.float32)
    pixels[random.random((ny, nx)) < 0.4] = np.nan
    sums, counts = block_sums(pixels, 4)
    for factor in (8, 16):
        sums, counts = pair_sums(sums, counts)
        np.testing.assert_allclose(means(sums, counts), block_means(pixels, factor), rtol=1e-5, atol=1e-7)


@given(
    nx=st.integers(1, 60),
    spans=st.lists(st.tuples(st.integers(0, 59), st.integers(1, 60)), max_size=4),
    factor=st.sampled_from([2, 4]),
)
def test_gaps_that_are_known_need_not_be_looked_at(nx: int, spans: list[tuple[int, int]], factor: int) -> None:
    columns = [(start, min(stop, nx)) for start, stop in spans if start < min(stop, nx)]
    pixels = np.full((9, nx), np.nan, np.float32)
    for start, stop in columns:
        pixels[:, start:stop] = np.random.default_rng(start).normal(100, 5, (9, stop - start))
    sums, counts = block_sums(pixels, factor)
    looked_at = np.zeros(sums.shape[1], bool)
    for start, stop in whole_blocks(columns, factor, nx):
        place = slice(start // factor, -(-stop // factor))
        assert not looked_at[place].any()
        looked_at[place] = True
        np.testing.assert_array_equal(block_sums(pixels[:, start:stop], factor)[0], sums[:, place])
        np.testing.assert_array_equal(block_sums(pixels[:, start:stop], factor)[1], counts[:, place])
    assert not counts[:, ~looked_at].any()


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_every_type_of_pixel(dtype: str) -> None:
    random = np.random.default_rng(3)
    pixels = random.integers(0, 120, (33, 50)).astype(dtype)
    np.testing.assert_allclose(halve(pixels), block_means(pixels, 2), rtol=1e-7)
    assert halve(pixels).dtype == np.float32


def test_large_values_keep_their_small_differences() -> None:
    pixels = np.full((64, 64), 2**30, np.int32) + np.arange(64, dtype=np.int32)
    np.testing.assert_allclose(means(*block_sums(pixels, 4)), block_means(pixels, 4), rtol=6e-8)


def test_colour_channels_stay_apart() -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (21, 30, 3)).astype(np.uint8)
    found = halve(pixels)
    assert found.shape == (11, 15, 3)
    for channel in range(3):
        np.testing.assert_allclose(found[:, :, channel], block_means(pixels[:, :, channel], 2), rtol=1e-7)


def test_infinities_go_through() -> None:
    pixels = np.zeros((2, 4), np.float32)
    pixels[0, 0], pixels[0, 2], pixels[1, 2] = np.inf, np.inf, -np.inf
    found = halve(pixels)
    assert found[0, 0] == np.inf
    assert np.isnan(found[0, 1])


def test_read_only_strided_and_big_endian_arrays() -> None:
    pixels = np.arange(400, dtype=np.float32).reshape(20, 20)
    frozen = pixels.copy()
    frozen.setflags(write=False)
    for variant in (frozen, pixels.astype(">f4"), np.asfortranarray(pixels), np.repeat(pixels, 2, axis=1)[:, ::2]):
        np.testing.assert_array_equal(halve(variant), halve(pixels))
