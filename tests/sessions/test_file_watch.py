"""Files that become others under an open image: never the old pixels, and the window is told."""

import os
import queue
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from tests.sessions.workbench import Workbench
from toyz.protocol import Style
from toyz.readers import OpenFile
from toyz_sessions.file_watch import FileWatch, Watched

SHAPE = (2300, 2500)


def write(path: Path, value: float) -> None:
    fits.PrimaryHDU(np.full(SHAPE, value, "f4")).writeto(path, overwrite=True)


def in_place(path: Path) -> None:
    other = path.with_name("other.fits")
    write(other, 2.0)
    path.write_bytes(other.read_bytes())


def renamed(path: Path) -> None:
    write(path.with_name("other.fits"), 2.0)
    path.with_name("other.fits").replace(path)


def rewritten_in_the_same_second(path: Path) -> None:
    """Same size, same inode, and an mtime that differs by a nanosecond."""
    stamp = path.stat().st_mtime_ns
    in_place(path)
    os.utime(path, ns=(stamp, stamp + 1))


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // 2880 * 2880)


def touched(path: Path) -> None:
    os.utime(path)


@pytest.mark.parametrize(
    ("change", "value"),
    [(in_place, 2.0), (renamed, 2.0), (rewritten_in_the_same_second, 2.0), (truncated, None), (touched, 1.0)],
)
def test_a_file_that_is_another_is_noticed(tmp_path: Path, change: Callable[[Path], None], value: float | None) -> None:
    bench = Workbench(tmp_path)
    path = bench.share / "a.fits"
    write(path, 1.0)
    os.utime(path, (1e9, 1e9))
    old = bench.call("images", "open", path="data/a.fits")
    while bench.event("pyramid")["phase"] != "COMPLETED":
        pass
    bench.tile(old["image"], 2, 0, 0, Style(0, 3))
    change(path)
    bench.workshop._images._files.look()
    assert bench.event("changed") == {"path": "data/a.fits"}
    new = bench.call("images", "open", path="data/a.fits")
    assert new["image"] != old["image"]
    while bench.event("pyramid")["phase"] != "COMPLETED":
        pass
    # FITS rows count from the bottom: the last row is what a truncated file has lost.
    top = bench.call("images", "pixel", image=new["image"], x=1, y=SHAPE[0])
    assert top["value"] == value
    level = bench.workshop._images.get(new["image"]).levels.tile(2, 0, 0)
    np.testing.assert_array_equal(level[:100], np.float32(np.nan if value is None else value))
    # The old one is told of once, and the new one not at all.
    bench.workshop._images._files.look()
    assert "changed" not in [event for event, _ in bench.events.queue]
    bench.close()


def test_an_image_whose_file_is_written_shows_what_is_there(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    path = bench.share / "a.fits"
    write(path, 1.0)
    image = bench.call("images", "open", path="data/a.fits")["image"]
    while bench.event("pyramid")["phase"] != "COMPLETED":
        pass
    opened = bench.workshop._images.get(image)
    for level in range(opened.levels.count):
        assert opened.levels.tile(level, 0, 0)[0, 0] == 1.0
    in_place(path)
    bench.workshop._images._files.look()
    for level in range(opened.levels.count):
        assert opened.levels.tile(level, 0, 0)[0, 0] == 2.0
    message, _ = bench.tile(image, 0, 0, 0, Style(0, 3))
    assert not message.cacheable
    bench.close()


def test_a_file_that_is_replaced_leaves_the_old_picture_whole(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    path = bench.share / "a.fits"
    write(path, 1.0)
    image = bench.call("images", "open", path="data/a.fits")["image"]
    renamed(path)
    bench.workshop._images._files.look()
    opened = bench.workshop._images.get(image)
    assert opened.levels.settled
    for level in range(opened.levels.count):
        assert opened.levels.tile(level, 0, 0)[0, 0] == 1.0
    bench.close()


def test_a_pyramid_of_a_file_that_changes_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Workbench(tmp_path)
    path = bench.share / "a.fits"
    write(path, 1.0)
    tell = bench.tell

    def overwrite(build: object, fraction: float) -> None:
        if path.stat().st_mtime_ns != 0:
            os.utime(path, ns=(0, 0))
        tell(build, fraction)  # type: ignore[arg-type]

    monkeypatch.setattr(bench, "tell", overwrite)
    bench.call("images", "open", path="data/a.fits")
    while (told := bench.event("pyramid"))["phase"] != "ERROR":
        assert told["phase"] != "COMPLETED"
    assert not list(bench.cache.glob("*.pyramid"))
    bench.close()


def test_it_watches_by_itself_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    told: queue.Queue[object] = queue.Queue()

    def identity(name: str) -> str:
        return OpenFile(os.open(path, os.O_RDONLY), name).identity if path.exists() else ""

    things = [Watched("x", "share/a", identity("share/a"))]
    watch = FileWatch(lambda: things, identity, told.put, period=0.01)
    watch.begin()
    watch.begin()
    shutil.move(path, tmp_path / "b")
    path.write_bytes(b"another")
    assert told.get(timeout=30) == "x"
    things[:] = [Watched("y", "share/a", "something else")]
    assert told.get(timeout=30) == "y"
    watch.close()
    assert watch._thread is not None
    watch._thread.join(30)
    assert not watch._thread.is_alive()
    assert told.empty()
