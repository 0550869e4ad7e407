"""What a 2 GB exposure costs in memory while somebody pans over it: session, server and builder.

``pytest -m benchmark -s tests/benchmarks/test_memory.py``
"""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.benchmarks.conftest import Record
from tests.benchmarks.serving import Server, Window, serving
from toyz.config import Limits
from toyz_exposures import make_exposure

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]
MB = 1 << 20
IMAGE = "/decam.fits"
THOUSAND = 1000
AHEAD = 24
"""Tiles asked for at once, as a page does."""
PRIVATE = 80
"""MB that a session may take beyond its cache."""
GROWTH = 8
"""MB between the second thousand tiles and the third, when all caches are full: what is more than noise is a leak."""


class Memory:
    """What some processes take, in MB: the highest seen, and now.

    First what is theirs alone (USS) without pages of the image they have mapped, which are those of the page
    cache and go when the kernel needs room; then those.
    """

    def __init__(self) -> None:
        self.peak: dict[str, tuple[float, float]] = {}

    def look(self, role: str, pid: int) -> tuple[float, float]:
        """Measure a process; one that has ended counts nothing."""
        private, of_image = 0.0, 0.0
        with suppress(OSError):
            mapping = ""
            for line in Path(f"/proc/{pid}/smaps").read_text(errors="replace").splitlines():
                name, value = line.split()[:2]
                if not name.endswith(":"):
                    mapping = line
                elif name in ("Private_Clean:", "Private_Dirty:"):
                    private += int(value) / 1024
                    of_image += int(value) / 1024 if IMAGE in mapping else 0.0
        now = (private - of_image, of_image)
        before = self.peak.get(role, (0.0, 0.0))
        self.peak[role] = (max(before[0], now[0]), max(before[1], now[1]))
        return now


class Processes:
    """The processes of a server that has one window; those forked after `session` are builders."""

    def __init__(self, server: Server) -> None:
        self._server = psutil.Process(server.process.pid)
        self._before = {child.pid for child in self._server.children(recursive=True)}
        self.session = 0

    def opened(self) -> None:
        """Find the session of the window that was just opened."""
        (self.session,) = {child.pid for child in self._server.children(recursive=True)} - self._before

    def roles(self) -> Iterator[tuple[str, int]]:
        """Give each with what it is."""
        yield "server", self._server.pid
        yield "session", self.session
        known = self._before | {self.session}
        for child in self._server.children(recursive=True):
            if child.pid not in known:
                yield "builder", child.pid


@contextmanager
def watched(memory: Memory, processes: Processes) -> Iterator[None]:
    """Measure again and again until the end of the block."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            for role, pid in processes.roles():
                memory.look(role, pid)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.fixture(scope="module")
def exposures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exposures")
    for name in ("decam.fits", "decam.fits.fz"):
        make_exposure(folder / name, size="decam")
    return folder


def pan(info: dict[str, Any]) -> Iterator[tuple[int, int, int]]:
    """Give tiles without end: a strip across the image on each level in turn, each time a row further down."""
    for row in itertools.count():
        for level in range(info["levels"]):
            rows, columns = (-(-info[side] // (256 << level)) for side in ("height", "width"))
            for x in range(columns):
                yield level, x, row % rows


def ask(window: Window, info: dict[str, Any], tiles: Iterator[tuple[int, int, int]], high: float) -> None:
    """Ask for a thousand tiles, some at a time. Other cuts are other pictures, which no cache has."""
    began = time.perf_counter()
    style = {"low": info["cuts"]["low"], "high": high, "stretch": "asinh"}
    asked = 0
    while asked < THOUSAND:
        window.collect({window.tile(info["image"], *tile, style) for tile in itertools.islice(tiles, AHEAD)})
        asked += AHEAD
    print(f"{asked} tiles in {time.perf_counter() - began:.1f} s")


@pytest.mark.parametrize("name", ["decam.fits", "decam.fits.fz"])
def test_panning_over_two_gigabytes(exposures: Path, tmp_path: Path, name: str, record: Record) -> None:
    memory, allowed = Memory(), Limits().pixel_cache / MB
    with serving(tmp_path, sky=exposures) as server:
        processes = Processes(server)
        window = server.window()
        window.call("files", "list", path="sky")
        processes.opened()
        steps: list[tuple[str, float, float]] = []

        def note(step: str) -> float:
            uss, of_image = memory.look("session", processes.session)
            steps.append((step, uss, of_image))
            return uss

        with watched(memory, processes):
            note("empty")
            info = window.call("images", "open", path=f"sky/{name}")
            note("opened")
            tiles, high = pan(info), info["cuts"]["high"]
            ask(window, info, tiles, high)
            note("1,000 tiles")
            ask(window, info, tiles, high)
            second = note("2,000 tiles")
            ask(window, info, tiles, high)
            third = note("3,000 tiles")
            while window.wait_event("pyramid")["phase"] != "COMPLETED":
                pass
            ask(window, info, pan(info), high + 1)
            time.sleep(1)  # what is given back is given back by now
            last = note("pyramid, 4,000 tiles")
            end = {role: memory.look(role, pid) for role, pid in processes.roles()}
        window.close()
    for step, uss, of_image in steps:
        record(f"{name}: session, {step}", uss, "MB USS", "of the mapped file", of_image)
    for role, (uss, _) in memory.peak.items():
        record(f"{name}: {role}, peak and end", uss, "MB USS", "end", end.get(role, (0.0, 0.0))[0])
    most = memory.peak["session"][0] - allowed
    record(f"{name}: session beyond its cache of {allowed:.0f} MB", most, "MB", bar=f"≤ {PRIVATE} MB")
    record(f"{name}: session from 2,000 tiles to 3,000", third - second, "MB", bar=f"≤ {GROWTH} MB")
    assert most <= PRIVATE
    assert third - second <= GROWTH
    assert last - allowed <= PRIVATE
