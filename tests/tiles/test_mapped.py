"""Windows from a map: the values of the file, whatever happens to it, and no more memory than allowed."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import multiprocess
import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray

from toyz.errors import CorruptFile
from toyz.readers import OpenFile
from toyz_extensions.fits.plain import PlainRaster
from toyz_extensions.fits.source import FitsSource
from toyz_tiles.codecs import mapped
from toyz_tiles.codecs.mapped import LOOKS, MappedRows

SIDE = 2048


@pytest.fixture(params=["f4", "i2", "u1"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, NDArray[np.generic]]:
    pixels = np.random.default_rng(3).integers(0, 250, (SIDE, 2 * SIDE)).astype(request.param)
    path = tmp_path / "wide.fits"
    fits.PrimaryHDU(pixels).writeto(path)
    return path, pixels


@pytest.fixture
def opened(made: tuple[Path, NDArray[np.generic]]) -> Iterator[OpenFile]:
    file = OpenFile(os.open(made[0], os.O_RDONLY), "sky/wide.fits")
    yield file
    file.close()


def wait() -> None:
    """Wait until no map is being made."""
    for thread in threading.enumerate():
        if thread.name == "map":
            thread.join(30)


def raster_of(file: OpenFile) -> PlainRaster:
    raster = FitsSource(file).raster(0)
    assert isinstance(raster, PlainRaster)
    return raster


def looked_at(file: OpenFile) -> PlainRaster:
    """Give a raster that is mapped."""
    raster = raster_of(file)
    for _ in range(LOOKS):
        raster.read(0, 256, 0, 256)
    wait()
    assert raster._mapped.size >= SIDE * 2 * SIDE
    return raster


def test_a_map_gives_the_values_of_the_file(made: tuple[Path, NDArray[np.generic]], opened: OpenFile) -> None:
    raster = looked_at(opened)
    for y, x, ny, nx in ((0, 0, 256, 256), (1792, 3840, 256, 256), (13, 77, 1, 1), (1000, 9, 300, 130)):
        np.testing.assert_array_equal(raster.read(y, y + ny, x, x + nx), made[1][y : y + ny, x : x + nx])
    assert mapped._scratch.process == os.getpid()


def test_what_was_read_stays_as_it_was(made: tuple[Path, NDArray[np.generic]], opened: OpenFile) -> None:
    raster = looked_at(opened)
    first = raster.read(0, 256, 0, 256)
    raster.read(512, 768, 512, 768)
    np.testing.assert_array_equal(first, made[1][:256, :256])


def test_a_file_that_is_cut_short_loses_pixels_and_not_the_process(
    made: tuple[Path, NDArray[np.generic]], opened: OpenFile
) -> None:
    path, pixels = made
    raster = looked_at(opened)
    os.truncate(path, 2880 + pixels.itemsize * (100 * 2 * SIDE + 30))
    if pixels.dtype.kind != "f":
        with pytest.raises(CorruptFile):
            raster.read(0, 256, 0, 256)
        np.testing.assert_array_equal(raster.read(0, 100, 0, 256), pixels[:100, :256])
        return
    found = raster.read(0, 256, 0, 256)
    np.testing.assert_array_equal(found[:100], pixels[:100, :256])
    np.testing.assert_array_equal(found[100, :30], pixels[100, :30])
    assert np.isnan(found[100, 30:]).all()
    assert np.isnan(found[101:]).all()


def test_a_file_that_is_written_to_shows_what_is_there_now(
    made: tuple[Path, NDArray[np.generic]], opened: OpenFile
) -> None:
    path, pixels = made
    raster = looked_at(opened)
    with fits.open(path, mode="update", memmap=False) as hdus:
        hdus[0].data = 3 + pixels
    np.testing.assert_array_equal(raster.read(0, 256, 0, 256), (3 + pixels)[:256, :256])


def test_a_file_that_still_grows_is_mapped_when_it_is_there(made: tuple[Path, NDArray[np.generic]]) -> None:
    path, pixels = made
    whole = path.read_bytes()
    os.truncate(path, len(whole) // 2)
    file = OpenFile(os.open(path, os.O_RDONLY), "sky/wide.fits")
    rows = MappedRows(file, 2880, pixels.nbytes)
    offsets = np.array([2880, 5000], np.int64)
    for _ in range(LOOKS):
        assert rows.read(offsets, 8) is None
    wait()
    assert rows.size == 0
    path.write_bytes(whole)
    for _ in range(LOOKS):
        assert rows.read(offsets, 8) is None
    wait()
    found = rows.read(offsets, 8)
    assert found is not None
    assert bytes(found[1]) == whole[5000:5008]


def test_nothing_outside_the_map_is_read(made: tuple[Path, NDArray[np.generic]], opened: OpenFile) -> None:
    rows = looked_at(opened)._mapped
    for first, last, length in (
        (-1, 3000, 8),
        (2880, 2880 + made[1].nbytes - 7, 8),
        (2880, 1 << 62, 8),
        (2880, 3000, 1 << 20),
    ):
        assert rows.read(np.array([first, last], np.int64), length) is None


def test_a_closed_file_is_not_mapped(opened: OpenFile) -> None:
    raster = raster_of(opened)
    opened.close()
    raster._mapped._fill()
    assert raster._mapped.size == 0


def test_the_oldest_map_goes_when_there_are_too_many(opened: OpenFile, monkeypatch: pytest.MonkeyPatch) -> None:
    first = looked_at(opened)
    monkeypatch.setattr(mapped._maps, "limit", first._mapped.size + 1)
    second = looked_at(opened)
    assert first._mapped.size == 0
    assert second._mapped.size > 0
    first.read(0, 256, 0, 256)


def test_what_nobody_reads_is_let_go_and_mapped_again(opened: OpenFile) -> None:
    raster = looked_at(opened)
    mapped.release(60.0)
    assert raster._mapped.size > 0
    mapped.release(0.0)
    assert raster._mapped.size == 0
    for _ in range(LOOKS):
        raster.read(0, 256, 0, 256)
    wait()
    assert raster._mapped.size > 0


def test_where_nothing_may_be_mapped_all_is_read(
    made: tuple[Path, NDArray[np.generic]], opened: OpenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped._maps, "limit", 0)
    raster = raster_of(opened)
    for _ in range(2 * LOOKS):
        np.testing.assert_array_equal(raster.read(0, 256, 0, 256), made[1][:256, :256])
    wait()
    assert raster._mapped.size == 0


def _read_in_a_child(raster: PlainRaster, told: "multiprocess.connection.Connection") -> None:
    told.send(raster.read(256, 512, 0, 256))


def test_a_forked_process_has_a_window_of_its_own(made: tuple[Path, NDArray[np.generic]], opened: OpenFile) -> None:
    raster = looked_at(opened)
    mine = raster.read(0, 256, 0, 256)
    held = mapped._scratch.seen.copy()
    context = multiprocess.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=_read_in_a_child, args=(raster, there))
    child.start()
    np.testing.assert_array_equal(here.recv(), made[1][256:512, :256])
    child.join()
    np.testing.assert_array_equal(mapped._scratch.seen, held)
    np.testing.assert_array_equal(mine, made[1][:256, :256])
