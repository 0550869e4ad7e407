import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from toyz.errors import CorruptFile
from toyz_tiles.data_tile import HEAD, NOISE_STEPS, pack, unpack
from toyz_tiles.quantise import Encoding


def sky(sigma: float = 7.0, dtype: str = "f4") -> NDArray[Any]:
    return np.random.default_rng(1).normal(200, sigma, (256, 256)).astype(dtype)


def encoding(tile: bytes) -> Encoding:
    return Encoding(HEAD.unpack_from(tile)[1])


def test_noise_is_rounded_to_a_quarter_of_its_sigma() -> None:
    pixels = sky()
    tile = pack(pixels)
    found, quantum, exact = unpack(tile)
    assert not exact
    assert 0.8 * 7 / NOISE_STEPS < quantum < 1.2 * 7 / NOISE_STEPS
    assert np.abs(found - pixels).max() <= quantum / 2 * 1.001
    assert len(tile) < 0.4 * pixels.size * 2 * 2, "about the bytes of a good JPEG"


def test_a_finer_step_is_had_on_request() -> None:
    pixels = sky()
    found, quantum, _ = unpack(pack(pixels, quantum=0.01))
    assert quantum == 0.01
    assert np.abs(found - pixels).max() <= 0.00501
    assert unpack(pack(pixels, quantum=100.0))[1] < 2, "but no coarser one"


def test_nothing_is_rounded_on_request() -> None:
    pixels = sky()
    found, quantum, exact = unpack(pack(pixels, exact=True))
    assert (quantum, exact) == (0.0, True)
    np.testing.assert_array_equal(found, pixels)


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4"])
def test_whole_numbers_travel_exactly(dtype: str) -> None:
    pixels = np.random.default_rng(2).integers(0, 100, (200, 131)).astype(dtype)
    found, quantum, exact = unpack(pack(pixels))
    assert (quantum, exact) == (1.0, True)
    np.testing.assert_array_equal(found, pixels)
    np.testing.assert_array_equal(unpack(pack(pixels.astype("f4")))[0], pixels)


def test_saturated_stars_of_a_full_16_bit_range_are_exact() -> None:
    pixels = np.random.default_rng(3).poisson(1500, (256, 256)).astype("u2")
    pixels[10:14, 20] = 65535
    pixels[0, 0] = 0
    found, _, exact = unpack(pack(pixels))
    assert exact
    np.testing.assert_array_equal(found, pixels)


def test_a_small_difference_on_a_large_number_is_kept() -> None:
    pixels = 2.45e6 + np.random.default_rng(4).normal(0, 1e-4, (64, 64))
    for options in ({}, {"exact": True}):
        found = unpack(pack(pixels, **options))[0]  # type: ignore[arg-type]
        assert np.abs(found - pixels).max() < 2e-5


def test_colours_travel_band_by_band() -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (40, 60, 3)).astype("u1")
    found, _, exact = unpack(pack(pixels))
    assert exact
    np.testing.assert_array_equal(found, pixels)


def test_a_tile_without_a_value_is_nearly_nothing() -> None:
    tile = pack(np.full((256, 256), np.nan, np.float32))
    assert encoding(tile) is Encoding.EMPTY
    assert len(tile) < 60
    assert np.isnan(unpack(tile)[0]).all()


def test_gzip_says_the_same() -> None:
    pixels = sky()
    np.testing.assert_array_equal(unpack(pack(pixels, packing="gzip"))[0], unpack(pack(pixels))[0])


@given(
    pixels=arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.floats(width=32)),
    quantum=st.sampled_from([0.0, 1e-3, 1e30]),
)
def test_any_values_come_back_within_the_step(pixels: NDArray[np.float32], quantum: float) -> None:
    found, step, exact = unpack(pack(pixels, quantum=quantum))
    np.testing.assert_array_equal(np.isnan(found), np.isnan(pixels))
    finite = np.isfinite(pixels)
    np.testing.assert_array_equal(found[np.isinf(pixels)], pixels[np.isinf(pixels)])
    wide = pixels[finite].astype(np.float64)
    slack = np.abs(wide) * 1e-12 + (np.ptp(wide) if wide.size else 0) * 1e-9
    assert (np.abs(found[finite] - wide) <= step / 2 + slack).all()
    if exact:
        np.testing.assert_array_equal(found, pixels.astype(np.float64))


@given(data=st.binary(max_size=200), place=st.integers(0, HEAD.size + 40))
def test_what_is_no_data_tile_is_refused(data: bytes, place: int) -> None:
    whole = pack(np.arange(12, dtype=np.float32).reshape(3, 4) / 7)
    for broken in (data, whole[:place] + data):
        if broken == whole:
            continue
        try:
            unpack(broken)
        except CorruptFile:
            continue
        assert broken[:4] == whole[:4]


def test_a_bomb_is_refused() -> None:
    head = HEAD.pack(b"TZT1", Encoding.CODES, 2, 1, 0, 2, 2, 0, 0.0, 1.0)
    with pytest.raises(CorruptFile):
        unpack(head + zlib.compress(bytes(1 << 24), 9, 31))
    assert struct.calcsize("<4s4B2HI2d") == 32
