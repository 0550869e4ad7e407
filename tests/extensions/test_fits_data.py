"""Every image of the real data is, pixel by pixel, what astropy and CFITSIO make of it."""

import os
from collections.abc import Iterator
from pathlib import Path

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray

from tests.extensions.fits_files import expected, planes
from toyz.errors import ToyzError
from toyz.readers import HduInfo, OpenFile
from toyz_extensions.fits import FitsReader
from toyz_extensions.fits.bands import Bands
from toyz_extensions.fits.source import FitsSource

FOLDER = os.environ.get("TOYZ_TEST_DATA", "")
pytestmark = [
    pytest.mark.data,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(not FOLDER, reason="TOYZ_TEST_DATA is not set"),
]


def fits_files() -> list[Path]:
    """All files that the reader recognises."""
    found = []
    for path in sorted(Path(FOLDER).glob("*/*")) if FOLDER else []:
        with path.open("rb") as file:
            if FitsReader().sniff(path.name, file.read(4096)):
                found.append(path)
    return found


FILES = fits_files()
UNITY = {"BSCALE": (1.0,), "BZERO": (0.0, 2.0**15, 2.0**31), "BLANK": ()}


EACH_FILE = pytest.mark.parametrize(
    ("source", "path"), [(path, path) for path in FILES], indirect=["source"], ids=[path.name for path in FILES]
)


@pytest.fixture
def source(request: pytest.FixtureRequest) -> Iterator[FitsSource]:
    file = OpenFile(os.open(request.param, os.O_RDONLY), request.param.name)
    yield FitsReader(Bands()).open(file)
    file.close()


def references(path: Path, hdu: int) -> NDArray[np.generic] | None:
    """The planes that astropy reads; None if it cannot."""
    try:
        with fits.open(path, memmap=False) as hdus:
            return planes(hdus[hdu].data)
    except (OSError, ValueError, TypeError, MemoryError):
        return None


def planes_are_quantised(source: FitsSource, hdu: int) -> bool:
    """Whether a compressed image holds floats."""
    return any(card.keyword == "ZBITPIX" and card.value.startswith("-") for card in source.cards(hdu))


def images(source: FitsSource) -> Iterator[HduInfo]:
    """The image HDUs that can be shown."""
    for info in source.hdus:
        if info.kind == "image" and not info.problem:
            yield info


@pytest.mark.parametrize(
    ("source", "path"), [(path, path) for path in FILES], indirect=["source"], ids=lambda p: p.name
)
def test_pixels_equal_astropy(source: FitsSource, path: Path) -> None:
    random = np.random.default_rng(len(path.name))
    for info in images(source):
        reference = references(path, info.index)
        if reference is None:  # then at least ours are read
            source.raster(info.index).read(0, 1, 0, 1)
            continue
        assert (info.planes, info.dtype) == (len(reference), reference.dtype.name)
        for plane in sorted({0, len(reference) // 2, len(reference) - 1}):
            pixels = reference[plane]
            if not info.windowed:
                np.testing.assert_array_equal(source.decode(info.index, plane), pixels)
                continue
            raster = source.raster(info.index, plane)
            ny, nx = raster.shape
            np.testing.assert_array_equal(raster.read(0, ny, 0, nx), pixels)
            for _ in range(8):
                (y0, y1), (x0, x1) = (sorted(random.integers(0, length + 1, 2).tolist()) for length in (ny, nx))
                window = (y0, y1, x0, x1, int(random.choice([1, 1, 2, 3, 8, 32, 64])))
                np.testing.assert_array_equal(raster.read(*window), expected(pixels, *window))


@pytest.mark.parametrize(
    ("source", "path"), [(path, path) for path in FILES], indirect=["source"], ids=lambda p: p.name
)
def test_rice_equals_cfitsio(source: FitsSource, path: Path) -> None:
    for info in images(source):
        if not info.compression.startswith("RICE"):
            continue
        with fitsio.FITS(str(path)) as file:
            reference = planes(file[info.index].read())
        raster = source.raster(info.index)
        got = raster.read(0, raster.shape[0], 0, raster.shape[1])
        scaled = {card.keyword: float(card.value) for card in source.cards(info.index) if card.keyword in UNITY}
        if all(value in UNITY[keyword] for keyword, value in scaled.items()):
            np.testing.assert_array_equal(got, reference[0])
        elif info.dtype.startswith("float") and planes_are_quantised(source, info.index):
            # CFITSIO overlooks BSCALE of compressed floats, astropy applies it: ours follows astropy.
            np.testing.assert_array_equal(got, (reference[0] * scaled["BSCALE"] + scaled["BZERO"]).astype(got.dtype))
        else:  # CFITSIO scales in double precision, and takes BLANK for a number
            seen = ~np.isnan(got)
            np.testing.assert_allclose(got[seen], reference[0][seen], rtol=1e-6)


@pytest.mark.parametrize(
    ("source", "path"), [(path, path) for path in FILES], indirect=["source"], ids=lambda p: p.name
)
def test_headers_equal_astropy(source: FitsSource, path: Path) -> None:
    try:
        hdus = fits.open(path, memmap=False)
    except OSError:
        pytest.skip("astropy does not open it")
    with hdus:
        assert len(source.hdus) == len(hdus) or source.warnings
        for info in images(source):
            theirs, ours = hdus[info.index].header, fits.Header.fromstring(source.header_text(info.index))
            for keyword in ("BITPIX", "NAXIS", "CTYPE1", "CRVAL1", "CRPIX2", "CD1_1", "PV1_1", "EQUINOX", "EXTNAME"):
                if keyword in theirs:
                    assert ours[keyword] == theirs[keyword]
            assert info.name == theirs.get("EXTNAME", "").rstrip()


def test_every_file_was_seen() -> None:
    assert len(FILES) > 200
    opened = 0
    for path in FILES:
        file = OpenFile(os.open(path, os.O_RDONLY), path.name)
        try:
            FitsReader().open(file)
            opened += 1
        except ToyzError:
            pass
        file.close()
    assert opened == len(FILES)
