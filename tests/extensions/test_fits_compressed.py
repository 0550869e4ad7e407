"""Tile-compressed images: RICE through our own kernels, bit by bit what CFITSIO and astropy give."""

import threading
from pathlib import Path
from typing import Any

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.extensions.fits_files import expected, filled, header, lines, open_source, padded, planes, whole
from toyz.errors import CorruptFile, UnsupportedFile
from toyz_extensions.fits.bands import Bands

pytestmark = pytest.mark.filterwarnings("ignore")

RANDOM = np.random.default_rng(9)
SHAPE = (83, 121)


def sky(kind: str, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """Noise on a gradient, stars in it, and exact noughts."""
    values = RANDOM.normal(1200, 30, shape) + np.arange(shape[-1])
    values[RANDOM.random(shape) < 0.002] = 60_000 if kind != "int16" else 30_000
    values[..., 3:5] = 0
    return values.clip(0, 200).astype(kind) if kind == "uint8" else values.astype(kind)


def same(path: Path, hdu: int = 1) -> None:
    """Assert that all planes equal both libraries' pixels, and some windows with them."""
    source = open_source(path)
    with fits.open(path, memmap=False) as hdus:
        reference = planes(hdus[hdu].data)
    info = source.hdus[hdu]
    assert (info.planes, info.dtype, info.compression, info.windowed) == (
        len(reference),
        reference.dtype.name,
        info.compression,
        True,
    )
    other = reference
    if len(info.shape) in (2, 3):  # CFITSIO has no answer for some others
        with fitsio.FITS(str(path)) as file:
            other = planes(file[hdu].read())
    for plane, pixels in enumerate(reference):
        got = whole(source, hdu, plane)
        assert got.dtype == pixels.dtype
        np.testing.assert_array_equal(got, pixels)
        if other.dtype == pixels.dtype and not np.isnan(pixels).any():
            np.testing.assert_array_equal(got, other[plane])
        ny, nx = pixels.shape
        for window in [(ny // 3, ny, nx // 2, nx - 1, 1), (0, ny, 0, nx, 5), (1, ny, 2, nx, 64)]:
            np.testing.assert_array_equal(
                source.raster(hdu, plane).read(*window), expected(pixels, *window), err_msg=str(window)
            )
        filled(source.raster(hdu, plane), pixels)


TILES: list[tuple[int, ...] | None] = [None, (32, 32), (100, 100), (1, 50), (7, 200), (83, 121)]


@pytest.mark.parametrize("tile", TILES, ids=str)
@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "uint32"])
def test_integers_of_fitsio(tmp_path: Path, kind: str, tile: tuple[int, int] | None) -> None:
    path = tmp_path / "a.fits.fz"
    with fitsio.FITS(str(path), "rw") as file:
        file.write(sky(kind), compress="RICE", tile_dims=tile)
    same(path)


@pytest.mark.parametrize("tile", TILES, ids=str)
@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("dither", ["SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2", "NO_DITHER"])
def test_floats_of_fitsio(tmp_path: Path, kind: str, dither: str, tile: tuple[int, int] | None) -> None:
    path = tmp_path / "a.fits.fz"
    with fitsio.FITS(str(path), "rw") as file:
        file.write(sky(kind), compress="RICE", tile_dims=tile, qlevel=4, qmethod=dither, dither_seed=9991)
    assert open_source(path).hdus[1].compression == "RICE_1"
    same(path)


@pytest.mark.parametrize("tile", [(1, 121), (40, 60)], ids=str)
@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
@pytest.mark.parametrize("method", [-1, 1, 2])
def test_images_of_astropy(tmp_path: Path, kind: str, method: int, tile: tuple[int, int]) -> None:
    path = tmp_path / "a.fits.fz"
    pixels = sky(kind)
    if kind.startswith("float"):
        pixels[20:30, 40:70] = np.nan
    fits.HDUList(
        [fits.PrimaryHDU(), fits.CompImageHDU(pixels, tile_shape=tile, quantize_method=method, dither_seed=7)]
    ).writeto(path)
    same(path)


@pytest.mark.parametrize("tile", [(1, 1, 30), (1, 10, 10), (2, 9, 11), (3, 20, 30)], ids=str)
@pytest.mark.parametrize("kind", ["int16", "float32"])
def test_cubes(tmp_path: Path, kind: str, tile: tuple[int, int, int]) -> None:
    path = tmp_path / "cube.fits.fz"
    fits.CompImageHDU(sky(kind, (5, 20, 30)), tile_shape=tile, quantize_method=1).writeto(path)
    same(path)


def test_lines_and_four_axes(tmp_path: Path) -> None:
    for shape, tile in [((500,), (500,)), ((500,), (70,)), ((2, 3, 8, 9), (1, 2, 4, 9)), ((1, 1, 8, 9), (1, 1, 8, 4))]:
        path = tmp_path / f"{len(shape)}-{tile[-1]}.fits.fz"
        fits.CompImageHDU(sky("int16", shape), tile_shape=tile).writeto(path)
        same(path)


@pytest.mark.parametrize(
    "scale", [{"BSCALE": 0.5, "BZERO": 100.0}, {"BLANK": 0}, {"BLANK": 1200, "BSCALE": 2.0}], ids=str
)
def test_scaled_integers(tmp_path: Path, scale: dict[str, Any]) -> None:
    path = tmp_path / "a.fits.fz"
    hdu = fits.CompImageHDU(sky("int16"), tile_shape=(1, 121))
    hdu.writeto(path)
    with fits.open(path, mode="update", disable_image_compression=True) as hdus:
        hdus[1].header.update(scale)
    if scale.get("BLANK") == 0:  # astropy overlooks it, see the plain images
        got = whole(open_source(path), 1)
        assert np.isnan(got[:, 3:5]).all()
    else:
        same(path)


def table_of(path: Path) -> tuple[fits.Header, np.ndarray, bytes]:
    """Header, rows and heap of the table behind the first compressed image."""
    with fits.open(path, disable_image_compression=True) as hdus:
        head, start = hdus[1].header.copy(), hdus[1].fileinfo()["datLoc"]
    data = path.read_bytes()[start:]
    length = head["NAXIS1"] * head["NAXIS2"]
    rows = np.frombuffer(data[:length], np.uint8).reshape(head["NAXIS2"], head["NAXIS1"])
    return head, rows, data[length : length + head["PCOUNT"]]


def test_a_column_of_blanks(tmp_path: Path) -> None:
    path = tmp_path / "a.fits.fz"
    pixels = sky("float32")
    pixels[3:9, 7:50] = np.nan
    fits.CompImageHDU(pixels, tile_shape=(1, 121)).writeto(path)
    head, rows, heap = table_of(path)
    blanks = np.full((len(rows), 1), head["ZBLANK"], ">i4").view(np.uint8)
    wider = np.hstack([rows, blanks]).tobytes()
    del head["ZBLANK"]
    head.update(NAXIS1=rows.shape[1] + 4, TFIELDS=head["TFIELDS"] + 1, TTYPE5="ZBLANK", TFORM5="1J")
    text = head.tostring().encode()
    (tmp_path / "b.fits.fz").write_bytes(header(lines(BITPIX=8, NAXIS=0)) + text + padded(wider + heap))
    got = whole(open_source(tmp_path / "b.fits.fz"), 1)
    np.testing.assert_array_equal(got, whole(open_source(path), 1))
    assert np.isnan(got[3:9, 7:50]).all()


def test_tiles_that_would_not_quantise_are_gzipped(tmp_path: Path) -> None:
    path = tmp_path / "a.fits.fz"
    pixels = sky("float32")
    pixels[10:20] = 4.5  # no noise, so these rows are stored without loss
    pixels[15, 5] = np.inf
    with fitsio.FITS(str(path), "rw") as file:
        file.write(pixels, compress="RICE")
    same(path)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_windows(tmp_path: Path, data: st.DataObject) -> None:
    tile = data.draw(st.sampled_from([(1, 121), (32, 32), (7, 40), (83, 121)]))
    path = tmp_path / f"{tile}.fits.fz"
    if not path.exists():
        fits.CompImageHDU(sky("float32"), tile_shape=tile, quantize_method=2).writeto(path)
    with fits.open(path) as hdus:
        pixels = planes(hdus[1].data)[0]
    y0, y1 = sorted(data.draw(st.tuples(*[st.integers(0, SHAPE[0])] * 2)))
    x0, x1 = sorted(data.draw(st.tuples(*[st.integers(0, SHAPE[1])] * 2)))
    step = data.draw(st.integers(1, 90))
    got = open_source(path).raster(1).read(y0, y1, x0, x1, step)
    np.testing.assert_array_equal(got, expected(pixels, y0, y1, x0, x1, step))
    got[...] = 0  # the array is the caller's, not the cache's


def test_threads_share_a_raster(tmp_path: Path) -> None:
    path = tmp_path / "a.fits.fz"
    with fitsio.FITS(str(path), "rw") as file:
        file.write(sky("uint16", (400, 300)), compress="RICE")
    source = open_source(path)
    reference = whole(source, 1)
    faults: list[BaseException] = []

    def read(seed: int) -> None:
        random = np.random.default_rng(seed)
        try:
            for _ in range(60):
                y, x = random.integers(0, 200, 2).tolist()
                got = source.raster(1).read(y, y + 100, x, x + 100)
                np.testing.assert_array_equal(got, reference[y : y + 100, x : x + 100])
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


@pytest.mark.parametrize("codec", ["GZIP_1", "GZIP_2", "PLIO_1", "HCOMPRESS_1"])
@pytest.mark.parametrize("kind", ["int16", "int32", "float32"])
def test_other_codecs_are_decoded_whole(tmp_path: Path, codec: str, kind: str) -> None:
    path = tmp_path / "a.fits.fz"
    if codec == "PLIO_1" and kind == "float32":
        pytest.skip("PLIO compresses masks")
    pixels = sky(kind, (3, 40, 50))
    tile = (1, 40, 50) if codec == "HCOMPRESS_1" else (1, 1, 50)
    fits.HDUList(
        [
            fits.PrimaryHDU(),
            fits.ImageHDU(np.ones((4, 4))),
            fits.CompImageHDU(pixels, compression_type=codec, tile_shape=tile),
        ]
    ).writeto(path)
    source = open_source(path)
    info = source.hdus[2]
    assert (info.compression, info.windowed, info.planes, info.dtype) == (codec, False, 3, kind)
    with pytest.raises(UnsupportedFile, match=codec):
        source.raster(2)
    with fits.open(path) as hdus:
        reference = planes(hdus[2].data)
    for plane in range(3):
        got = source.decode(2, plane)
        assert got.dtype == reference.dtype
        np.testing.assert_array_equal(got, reference[plane])


def damage(path: Path, into: Path, keep: int | None = None) -> None:
    """Copy a file, with noise in the middle of its heap or without its end."""
    data = bytearray(path.read_bytes())
    if keep is not None:
        data = data[:keep]
    else:
        middle = len(data) * 2 // 3
        data[middle : middle + 40] = b"\0" * 40
    into.write_bytes(data)


def test_a_damaged_tile_is_nan_in_floats_and_an_error_in_integers(tmp_path: Path) -> None:
    for kind in ("float32", "int32"):
        path, broken = tmp_path / f"{kind}.fits.fz", tmp_path / f"{kind}-broken.fits.fz"
        fits.CompImageHDU(sky(kind), tile_shape=(1, 121)).writeto(path)
        damage(path, broken)
        source, reference = open_source(broken), whole(open_source(path), 1)
        if kind == "float32":
            got = whole(source, 1)
            assert (np.isnan(got) | (got == reference)).all(axis=1).sum() >= 81
            filled(source.raster(1), got)
        else:
            with pytest.raises(CorruptFile, match="tile"):
                whole(source, 1)
            with pytest.raises(CorruptFile, match="tile"):
                filled(source.raster(1), reference)
            np.testing.assert_array_equal(source.raster(1).read(0, 20, 0, 121), reference[:20])


@pytest.mark.parametrize("kind", ["float32", "uint16"])
def test_a_truncated_heap_shows_what_it_has(tmp_path: Path, kind: str) -> None:
    path, short = tmp_path / "a.fits.fz", tmp_path / "short.fits.fz"
    fits.CompImageHDU(sky(kind, (400, 121)), tile_shape=(1, 121)).writeto(path)
    damage(path, short, keep=path.stat().st_size * 3 // 4)
    reference = whole(open_source(path), 1)
    got = whole(open_source(short), 1)
    filled(open_source(short).raster(1), got)
    there = ~np.isnan(got).any(axis=1)
    assert 100 < there.sum() < 400
    np.testing.assert_array_equal(got[there], reference[there])


def test_mutated_files_never_crash(tmp_path: Path) -> None:
    path = tmp_path / "a.fits.fz"
    fits.CompImageHDU(sky("float32", (20, 60)), tile_shape=(4, 30)).writeto(path)
    data = path.read_bytes()
    random = np.random.default_rng(2)
    _, rows, heap = table_of(path)
    start = data.index(heap) - rows.size
    for _ in range(400):
        changed = bytearray(data)
        for place in random.integers(start, start + rows.size + len(heap), 6):
            changed[place] = random.integers(256)
        path.write_bytes(changed)
        source = open_source(path)
        try:
            whole(source, 1)
        except CorruptFile as fault:
            assert "tile" in str(fault) or "HDU" in str(fault)  # noqa: PT017 - most cases do not raise


def test_bands_keep_within_their_bound() -> None:
    bands = Bands(1000)
    for key in range(20):
        bands.put(key, np.zeros(100, np.uint8))
    assert bands.size == 1000
    assert bands.get(9) is None
    assert bands.get(10) is not None
    bands.put("new", np.zeros(100, np.uint8))
    assert bands.get(11) is None  # 10 was used since
    assert bands.get(10) is not None
    bands.put("large", np.zeros(501, np.uint8))
    assert bands.get("large") is None
    bands.put(12, np.zeros(300, np.uint8))
    assert bands.size <= 1000
    bands.clear()
    assert bands.size == 0
