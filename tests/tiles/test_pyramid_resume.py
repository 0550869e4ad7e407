"""A build that was ended goes on from where it was, and what comes of it is the same to the last byte."""

import os
import signal
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tiles.rasters import Watched
from toyz.errors import Cancelled, CorruptFile
from toyz.readers import Pixels, Raster
from toyz_tiles import pyramid_build
from toyz_tiles.pyramid import Pyramid, build
from toyz_tiles.pyramid_format import Header
from toyz_tiles.pyramid_journal import Journal
from toyz_tiles.raster import ArrayRaster

ROWS = 64


@pytest.fixture(autouse=True)
def small_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyramid_build, "BAND_BYTES", 700 * 4 * ROWS)


def noise(ny: int, nx: int, channels: int = 1) -> NDArray[Any]:
    random = np.random.default_rng(ny)
    if channels == 3:
        return random.integers(0, 256, (ny, nx, 3), np.uint8)
    pixels = random.normal(1000, 8, (ny, nx)).astype(np.float32)
    pixels[100:300, 50:200] = np.nan
    pixels[ny // 2, nx // 3] = 65_535
    return pixels


def in_one_go(raster: Raster, key: str = "k") -> bytes:
    with tempfile.TemporaryFile() as file:
        build(raster, file, key=key)
        file.seek(0)
        return file.read()


def content(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def first_row(watched: Watched) -> int:
    """Of those that were read, by whichever thread came first."""
    return min(read[0] for read in watched.reads)


def stop_after(bands: int) -> Callable[[float], None]:
    seen: list[float] = []

    def progress(fraction: float) -> None:
        seen.append(fraction)
        if len(seen) == bands:
            raise Cancelled("that will do")

    return progress


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("bands", [1, 2, 7, 16, 17, 20])
def test_a_cancelled_build_goes_on_where_it_was(channels: int, bands: int) -> None:
    pixels = noise(1501, 701, channels)
    with tempfile.TemporaryFile() as file:
        with pytest.raises(Cancelled):
            build(ArrayRaster(pixels), file, key="k", resume=True, every=1e9, progress=stop_after(bands))
        watched = Watched(pixels)
        build(watched, file, key="k", resume=True)
        assert first_row(watched) == bands * pyramid_build.band_rows(watched)
        assert content(file) == in_one_go(ArrayRaster(pixels))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ny=st.integers(300, 2500), nx=st.integers(260, 900), stops=st.lists(st.integers(1, 12), max_size=6))
def test_however_often_it_is_ended(ny: int, nx: int, stops: list[int]) -> None:
    raster = ArrayRaster(noise(ny, nx))
    with tempfile.TemporaryFile() as file:
        for bands in stops:
            try:
                build(raster, file, key="k", resume=True, progress=stop_after(bands))
            except Cancelled:
                continue
            break
        build(raster, file, key="k", resume=True)
        assert content(file) == in_one_go(raster)


class Killer(ArrayRaster):
    """Kills its process while it reads the band at a row."""

    def __init__(self, array: Pixels, row: int) -> None:
        super().__init__(array)
        self._row = row

    def read(self, y0: int, y1: int, x0: int, x1: int, step: int = 1) -> Pixels:
        if y0 <= self._row < y1:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(y0, y1, x0, x1, step)


@pytest.mark.parametrize("row", [0, 70, 900, 1490])
def test_a_killed_build_goes_on_where_it_was(tmp_path: Path, row: int) -> None:
    pixels = noise(1501, 701)
    with (tmp_path / "partial").open("w+b") as file:
        child = os.fork()
        if not child:
            try:
                build(Killer(pixels, row), file, key="k", resume=True, every=0.0)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        watched = Watched(pixels)
        build(watched, file, key="k", resume=True)
        # What is read ahead comes after the last band that was noted, and a band is noted after the next is asked for.
        assert first_row(watched) >= row - (pyramid_build.MOST_THREADS + 2) * ROWS
        assert content(file) == in_one_go(ArrayRaster(pixels))


def unfinished(file: BinaryIO, pixels: NDArray[Any]) -> Journal:
    with pytest.raises(Cancelled):
        build(ArrayRaster(pixels), file, key="k", resume=True, every=0.0, progress=stop_after(18))
    return Journal(file.fileno(), Header((pixels.shape[0], pixels.shape[1]), 1, "k"))


def test_what_is_unfinished_is_no_pyramid_yet() -> None:
    with tempfile.TemporaryFile() as file:
        unfinished(file, noise(1501, 701))
        with pytest.raises(CorruptFile):
            Pyramid(os.dup(file.fileno()))


@pytest.mark.parametrize("change", [{"key": "other"}, {"shape": (1502, 701)}, {"shape": (1501, 700)}, {"channels": 3}])
def test_what_another_image_left_is_thrown_away(change: dict[str, Any]) -> None:
    with tempfile.TemporaryFile() as file:
        unfinished(file, noise(1501, 701))
        header = Header((1501, 701), 1, "k")._replace(**change)
        assert Journal(file.fileno(), header).load() is None
        other = Watched(noise(1501, 701) + 1)
        build(other, file, key="other", resume=True)
        assert first_row(other) == 0
        assert content(file) == in_one_go(ArrayRaster(other.array), "other")


def test_tiles_that_the_disk_lost_are_noticed() -> None:
    pixels = noise(1501, 701)
    with tempfile.TemporaryFile() as file:
        journal = unfinished(file, pixels)
        assert journal.load() is not None
        place = 50_000
        byte = os.pread(file.fileno(), 1, place)
        os.pwrite(file.fileno(), bytes([byte[0] ^ 1]), place)
        assert journal.load() is None
        build(ArrayRaster(pixels), file, key="k", resume=True)
        assert content(file) == in_one_go(ArrayRaster(pixels))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_torn_state_is_never_taken_for_a_good_one(data: st.DataObject) -> None:
    pixels = noise(1501, 701)
    with tempfile.TemporaryFile() as file:
        journal = unfinished(file, pixels)
        slot = journal._place + data.draw(st.integers(0, 1)) * journal._room
        if data.draw(st.booleans()):
            os.ftruncate(file.fileno(), slot + data.draw(st.integers(0, 2000)))
        else:
            junk = data.draw(st.binary(min_size=1, max_size=400))
            os.pwrite(file.fileno(), junk, slot + data.draw(st.integers(0, 2000)))
        build(ArrayRaster(pixels), file, key="k", resume=True)
        assert zlib.crc32(content(file)) == zlib.crc32(in_one_go(ArrayRaster(pixels)))


def test_a_build_without_room_for_its_journal_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("toyz_tiles.pyramid_journal.os.pwrite", full)
    pixels = noise(1501, 701)
    with tempfile.TemporaryFile() as file:
        build(ArrayRaster(pixels), file, key="k", resume=True, every=0.0)
        assert content(file) == in_one_go(ArrayRaster(pixels))
