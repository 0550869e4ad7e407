"""From the click on a never-seen file to its overview over the websocket, against the bare reads and decoding of it."""

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psutil
import pytest

from tests.benchmarks import floors
from tests.benchmarks.conftest import Record
from tests.benchmarks.serving import Server, Window, drop_page_cache, serving
from toyz_exposures import make_exposure

pytestmark = pytest.mark.benchmark
ROUNDS = 5


class File(NamedTuple):
    """A file to be opened, its budget in seconds, and the bare reads or decoding of every n-th row of it."""

    name: str
    make: Callable[[Path], object]
    budget: float
    floor: Callable[[Path, int], object]
    layout: str = "auto"


def _reads(path: Path, step: int) -> None:
    floors.strided_reads(path, floors.planes(path), step)


def _decoding(path: Path, step: int) -> None:
    floors.decode(floors.opened(path), step, os.cpu_count() or 1)


FILES = (
    File("8k² float32", lambda path: floors.write_noise(path, 8192), 0.1, _reads),
    File("3.6 GB float32", lambda path: floors.write_noise(path, 30_000), 0.3, _reads),
    File("DECam MEF", lambda path: make_exposure(path, size="decam"), 0.4, _reads),
    File("DECam MEF by WCS", lambda path: make_exposure(path, size="decam"), 0.5, _reads, "wcs"),
    File("DECam .fz", lambda path: make_exposure(path, size="decam"), 0.4, _decoding),
)


@pytest.fixture(scope="module", params=FILES, ids=[file.name for file in FILES])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[File, Path]]:
    folder = tmp_path_factory.mktemp("sky")
    path = folder / ("image.fits.fz" if request.param.name.endswith(".fz") else "image.fits")
    request.param.make(path)
    yield request.param, path
    path.unlink()


def coarse_level(info: dict[str, Any]) -> int:
    level = 0
    while max(info["width"], info["height"]) >> level > 1800:
        level += 1
    return level


def open_and_see(window: Window, path: str, layout: str = "auto") -> tuple[float, float, dict[str, Any]]:
    """Open a file and ask for all tiles of the overview; seconds to the description, and to the last tile."""
    start = time.perf_counter()
    info = window.call("images", "open", path=path, layout=layout)
    described = time.perf_counter() - start
    level = coarse_level(info)
    width, height = -(-info["width"] >> level), -(-info["height"] >> level)
    style = {"low": info["cuts"]["low"], "high": info["cuts"]["high"], "stretch": "asinh"}
    wanted = {
        window.tile(info["image"], level, x, y, style)
        for x in range(-(-width // 256))
        for y in range(-(-height // 256))
    }
    window.collect(wanted)
    seen = time.perf_counter() - start
    assert width >= 800
    return described, seen, info


def forget(server: Server, window: Window, image: str, known: set[int]) -> None:
    """Close the image and wait until the builder of its pyramid has noticed."""
    window.call("images", "close", image=image)
    process = psutil.Process(server.process.pid)
    while {child.pid for child in process.children(recursive=True)} - known:
        time.sleep(0.05)


@pytest.mark.parametrize("cold", [True, False], ids=["cold", "warm"])
def test_first_view(made: tuple[File, Path], tmp_path: Path, cold: bool, record: Record) -> None:
    file, path = made
    rows: list[tuple[float, float, float]] = []
    with serving(tmp_path, sky=path.parent) as server:
        window = server.window()
        window.call("files", "list", path="sky")
        known = {child.pid for child in psutil.Process(server.process.pid).children(recursive=True)}
        for number in range(ROUNDS + 1):
            # Another mtime is another file: nothing that is known of it counts.
            os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
            if cold:
                drop_page_cache(path)
            described, seen, info = open_and_see(window, f"sky/{path.name}", file.layout)
            forget(server, window, info["image"], known)
            step = 1 << coarse_level(info)
            if cold:
                drop_page_cache(path)
            rows.append((described, seen, floors.seconds(partial(file.floor, path, step))))
        window.close()
    described, seen, floor = (median(row[column] for row in rows[1:]) for column in range(3))
    what = f"{file.name}, {'cold' if cold else 'warm'}"
    beside = "bare decoding" if file.floor is _decoding else "bare reads"
    record(f"{what}: overview", seen * 1e3, "ms", beside, floor * 1e3, f"≤ {file.budget * 1e3:.0f} ms")
    record(f"{what}: described", described * 1e3, "ms")


def test_disk_of_a_pyramid(made: tuple[File, Path], tmp_path: Path, record: Record) -> None:
    file, path = made
    with serving(tmp_path, sky=path.parent) as server:
        window = server.window()
        info = window.call("images", "open", path=f"sky/{path.name}")
        while window.wait_event("pyramid")["phase"] != "COMPLETED":
            pass
        window.close()
        stored = sum(entry.stat().st_size for entry in server.cache.rglob("*") if entry.is_file())
    pixels = sum(ccd["width"] * ccd["height"] for ccd in info["ccds"]) or info["width"] * info["height"]
    item = {"float32": 4, "uint16": 2, "int16": 2, "int32": 4}[info["dtype"]]
    record(f"{file.name}: pyramid on disk", stored / 1e6, "MB", "its pixels", pixels * item / 1e6, "≤ 0.09")
