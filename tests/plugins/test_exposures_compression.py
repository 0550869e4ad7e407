"""The Rice encoder: whatever it is given, CFITSIO and astropy read the same values back."""

from pathlib import Path
from typing import Any

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from toyz_exposures.compression import QUANTISATION, compress, dither_values
from toyz_exposures.encoding import encode_compressed, encode_primary
from toyz_exposures.focal_plane import focal_plane
from toyz_exposures.headers import ccd_header
from toyz_exposures.rice import encode_tile, longest


def write(path: Path, image: Any, seed: int = 1) -> Path:
    primary = fits.PrimaryHDU().header
    pieces = encode_compressed(fits.Header([("EXTNAME", "S29")]), image, seed)
    path.write_bytes(b"".join([encode_primary(primary), *pieces]))
    return path


def read_both(path: Path) -> Any:
    with fits.open(path) as file, fitsio.FITS(str(path)) as other:
        file.verify("exception")
        theirs, pixels = other[1].read(), file[1].data
        np.testing.assert_array_equal(theirs, pixels)
        return pixels


def test_the_dither_is_the_standards() -> None:
    # The standard gives the seed after 10,000 steps as a check.
    assert round(dither_values()[-1] * 2147483647) == 1043618065


@pytest.mark.parametrize(
    ("shape", "seed"), [((5, 64), 1), ((3, 255), 9_999), ((2, 31), 10_000), ((1, 33), 2), ((40, 2046), 500)]
)
def test_noise_is_kept_within_half_a_step(tmp_path: Path, shape: tuple[int, int], seed: int) -> None:
    image = np.random.default_rng(seed).normal(200.0, 8.0, shape).astype(np.float32)
    pixels = read_both(write(tmp_path / "one.fits.fz", image, seed))
    steps = fits.getdata(tmp_path / "one.fits.fz", 1, disable_image_compression=True)["ZSCALE"]
    assert (np.abs(pixels - image) <= 0.5001 * steps[:, None] + 1e-4).all()
    if shape[1] > 1000:
        assert steps.mean() == pytest.approx(8.0 / QUANTISATION, rel=0.03)


def test_steep_flat_and_wild_rows_come_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [
        np.full(320, 41000.0),
        np.zeros(320),
        np.linspace(-5e4, 5e4, 320),
        np.where(np.arange(320) % 2, 5e4, -5e4),
        np.where(np.arange(320) == 160, 6e4, 200.0),
        rng.uniform(-1e5, 1e5, 320),
        rng.lognormal(0, 4, 320),
    ]
    image = np.array(rows, dtype=np.float32)
    pixels = read_both(write(tmp_path / "one.fits.fz", image))
    steps = fits.getdata(tmp_path / "one.fits.fz", 1, disable_image_compression=True)["ZSCALE"]
    assert (np.abs(pixels - image) <= 0.5001 * steps[:, None] + 1e-2).all()


@settings(max_examples=60, deadline=None)
@given(
    values=st.one_of(
        arrays(np.int32, st.integers(1, 100), elements=st.integers(-(2**31), 2**31 - 1)),
        arrays(np.int32, st.integers(1, 100), elements=st.integers(-3, 3)),
        arrays(np.int32, st.integers(1, 100), elements=st.sampled_from([0, 1 << 20, -(1 << 28)])),
    )
)
def test_any_integers_come_back(tmp_path_factory: pytest.TempPathFactory, values: Any) -> None:
    """Integers as a tile of an integer image, decoded by CFITSIO."""
    out = np.zeros(longest(len(values)), dtype=np.uint8)
    end = encode_tile(values, out, 0)
    assert end <= len(out)
    header = compress(np.zeros((1, max(len(values), 8)), dtype=np.float32), 1)[0]
    path = tmp_path_factory.mktemp("rice") / "one.fits.fz"
    for keyword in ("TTYPE2", "TFORM2", "TTYPE3", "TFORM3", "ZQUANTIZ", "ZDITHER0"):
        del header[keyword]
    header.update(NAXIS1=8, PCOUNT=end, TFIELDS=1, ZBITPIX=32, ZNAXIS1=len(values), ZTILE1=len(values))
    data = np.array([end, 0], dtype=">i4").tobytes() + out[:end].tobytes()
    primary = encode_primary(fits.PrimaryHDU().header)
    path.write_bytes(primary + encode_primary(header) + data + bytes(-len(data) % 2880))
    with fitsio.FITS(str(path)) as file:
        np.testing.assert_array_equal(file[1].read()[0], values)
    assert end <= 4 + 4 * len(values) + len(values) // 32 + 1


def test_the_header_of_the_image_survives(tmp_path: Path) -> None:
    header = ccd_header(focal_plane(8).ccds[7])
    pieces = encode_compressed(header, np.ones((4, 64), dtype=np.float32), 1)
    path = tmp_path / "one.fits.fz"
    path.write_bytes(b"".join([encode_primary(fits.PrimaryHDU().header), *pieces]))
    read = fits.getheader(path, 1)
    assert [(card.keyword, card.value) for card in header.cards] == [(keyword, read[keyword]) for keyword in header]
