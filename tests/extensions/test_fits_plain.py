"""Uncompressed images: every window is what astropy reads, and what is missing is NaN."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.extensions.fits_files import expected, filled, image, open_source, planes, to_bytes, whole
from toyz.errors import BadRequest, CorruptFile, InvalidParameter, NotFound, UnsupportedFile
from toyz_extensions.fits.source import FitsSource

KINDS = ["uint8", "int16", "int32", "int64", "float32", "float64"]
SCALES: list[dict[str, Any]] = [
    {},
    {"BSCALE": 0.25, "BZERO": -3.5},
    {"BSCALE": 10, "BZERO": 11},
    {"BZERO": 32768},
    {"BZERO": 2147483648},
    {"BZERO": 9223372036854775808},
    {"BZERO": -128},
    {"BLANK": 7},
    {"BLANK": -32768, "BSCALE": 0.1},
    {"BSCALE": 1.0, "BZERO": 0.0},
]

Opened = Callable[..., FitsSource]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    def make(data: bytes, **options: Any) -> FitsSource:
        path = tmp_path / "image.fits"
        path.write_bytes(data)
        return open_source(path, **options)

    return make


def pixels_of(kind: str, shape: tuple[int, ...] = (13, 29), seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    if kind.startswith("float"):
        return random.normal(0, 100, shape).astype(kind)
    limits = np.iinfo(kind)
    values = random.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
    values.flat[::5] = 7
    return values


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", SCALES, ids=str)
@pytest.mark.filterwarnings("ignore")
def test_pixels_equal_astropy(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, scale: dict[str, Any]
) -> None:
    pixels = pixels_of(kind)
    if kind == "int16":
        pixels.flat[::7] = -32768
    source = opened(image(pixels, **scale))
    with fits.open(tmp_path / "image.fits", memmap=False) as hdus:
        reference = hdus[0].data
    got = whole(source, 0)
    assert got.dtype == reference.dtype.newbyteorder("=") == np.dtype(source.hdus[0].dtype)
    np.testing.assert_array_equal(got, reference)
    monkeypatch.setattr("toyz_extensions.fits.plain._CHUNK", 3 * 29 * pixels.itemsize)
    filled(source.raster(0), got)


def test_blank_zero_is_missing_too(opened: Opened) -> None:
    # astropy leaves these pixels 0; the standard has no exception for BLANK = 0.
    pixels = np.array([[0, 1], [2, 0]], np.int16)
    np.testing.assert_array_equal(whole(opened(image(pixels, BLANK=0)), 0), [[np.nan, 1], [2, np.nan]])


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_windows(tmp_path: Path, data: st.DataObject) -> None:
    shape = (data.draw(st.integers(1, 40)), data.draw(st.integers(1, 300)))
    pixels = pixels_of(data.draw(st.sampled_from(KINDS)), shape, 1)
    (tmp_path / "w.fits").write_bytes(image(pixels))
    y0, y1 = sorted(data.draw(st.tuples(*[st.integers(0, shape[0])] * 2)))
    x0, x1 = sorted(data.draw(st.tuples(*[st.integers(0, shape[1])] * 2)))
    step = data.draw(st.integers(1, 50))
    source = open_source(tmp_path / "w.fits")
    got = source.raster(0).read(y0, y1, x0, x1, step)
    np.testing.assert_array_equal(got, expected(pixels, y0, y1, x0, x1, step))
    assert got.dtype == pixels.dtype
    assert got.flags.owndata or got.base is not None
    got[...] = 0  # the array is the caller's


@pytest.mark.parametrize("shape", [(7,), (1, 7), (3, 5, 7), (2, 1, 5, 7), (2, 3, 5, 7), (1, 1, 1, 7)])
def test_axes_become_planes(opened: Opened, shape: tuple[int, ...]) -> None:
    pixels = pixels_of("int16", shape)
    source = opened(image(pixels))
    info = source.hdus[0]
    stack = planes(pixels)
    assert (info.shape, info.planes, info.kind) == (shape, len(stack), "image")
    for plane, reference in enumerate(stack):
        np.testing.assert_array_equal(whole(source, 0, plane), reference)
    with pytest.raises(BadRequest):
        source.raster(0, len(stack))


@pytest.mark.parametrize(
    "window", [(0, 14, 0, 29, 1), (-1, 3, 0, 5, 1), (3, 2, 0, 5, 1), (0, 13, 5, 30, 2), (0, 1, 0, 1, 0)]
)
def test_a_window_outside_is_refused(opened: Opened, window: tuple[int, int, int, int, int]) -> None:
    with pytest.raises(InvalidParameter):
        opened(image(pixels_of("int16"))).raster(0).read(*window)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kept", [0.3, 0.71, 0.999])
def test_a_truncated_file_shows_what_it_has(opened: Opened, kind: str, kept: float) -> None:
    pixels = pixels_of(kind, (40, 50))
    data = image(pixels)
    length = 2880 + int(pixels.nbytes * kept)
    source = opened(data[:length])
    assert "ends" in source.warnings[0]
    there = (length - 2880) // pixels.itemsize
    for window in [(0, 40, 0, 50, 1), (10, 39, 20, 25, 1), (0, 40, 3, 47, 3), (5, 40, 0, 50, 7)]:
        got = source.raster(0).read(*window)
        assert got.dtype.kind == "f"
        numbers = expected(np.arange(2000).reshape(40, 50), *window)
        reference = np.where(numbers < there, expected(pixels, *window).astype(got.dtype), np.nan)
        np.testing.assert_array_equal(got, reference)
    filled(source.raster(0), whole(source, 0))


def test_a_file_without_any_data_says_so(opened: Opened) -> None:
    source = opened(image(pixels_of("int16"))[:2880])
    assert "ends before its data begin" in source.hdus[0].problem
    with pytest.raises(CorruptFile):
        source.raster(0)


def test_a_file_that_grows_shows_more_and_more(tmp_path: Path) -> None:
    pixels = pixels_of("int16", (40, 50))
    data = image(pixels)
    path = tmp_path / "growing.fits"
    path.write_bytes(data[: 2880 + 1000])
    source = open_source(path, complete=False)
    assert not source.warnings
    raster = source.raster(0)
    assert np.isnan(raster.read(0, 40, 0, 50)[10:]).all()
    with path.open("ab") as file:
        file.write(data[3880:])
    np.testing.assert_array_equal(raster.read(0, 40, 0, 50), pixels)


def test_truncation_under_a_viewer(tmp_path: Path) -> None:
    path = tmp_path / "shrinking.fits"
    for kind in ("int16", "float32"):
        path.write_bytes(image(pixels_of(kind, (40, 50))))
        raster = open_source(path).raster(0)
        os.truncate(path, 2880 + 500)
        if kind == "int16":  # integers cannot say "no value"
            with pytest.raises(CorruptFile):
                raster.read(0, 40, 0, 50)
        else:
            assert np.isnan(raster.read(20, 40, 0, 50)).all()


@pytest.mark.filterwarnings("ignore")
def test_what_holds_no_image(opened: Opened) -> None:
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1, 2])])
    source = opened(to_bytes(fits.HDUList([fits.PrimaryHDU(), table])))
    assert [info.kind for info in source.hdus] == ["empty", "table"]
    for hdu in (0, 1):
        with pytest.raises(UnsupportedFile):
            source.raster(hdu)
    with pytest.raises(NotFound):
        source.raster(2)


def test_decode_serves_what_is_windowed_too(opened: Opened) -> None:
    pixels = pixels_of("float32")
    np.testing.assert_array_equal(opened(image(pixels)).decode(0), pixels)
