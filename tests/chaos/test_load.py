"""Thirty people look at ten tiles a second each, while a hundred windows are idle."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.benchmarks.conftest import Record
from tests.benchmarks.serving import TOKEN
from tests.chaos.conftest import LIMITS
from tests.web.harness import Served, Window, served
from toyz_exposures import make_exposure

VIEWERS, RATE, IDLE = 30, 10.0, 100
OWN = {"Authorization": f"Bearer {TOKEN}"}


def look(server: Served, seconds: float) -> tuple[list[float], int]:
    """Give the milliseconds of all tiles, and how many were errors."""
    command = [sys.executable, "-m", "tests.chaos.load", server.url, TOKEN, f"{VIEWERS}", f"{RATE}", f"{seconds}"]
    paths = ["sky/a.fits", "sky/b.fits", "sky/decam.fits"]
    done = subprocess.run([*command, *paths], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["times"], told["errors"]


def used_once(window: Window) -> Window:
    """Have a window whose session runs, as it does while somebody thinks."""
    window.call("first", "files", "list")
    return window


def test_load(tmp_path: Path, pytestconfig: pytest.Config, record: Record) -> None:
    sky = tmp_path / "sky"
    sky.mkdir()
    for name, seed in (("a", 1), ("b", 2)):
        make_exposure(sky / f"{name}.fits", size="small", seed=seed)
    make_exposure(sky / "decam.fits", size="decam")
    minutes = float(pytestconfig.getoption("--minutes", 0.5))
    with served(tmp_path, share=sky, token=TOKEN, toml=LIMITS) as server:
        look(server, 10.0)  # the pyramids are built
        known = server.pids()
        with ThreadPoolExecutor(8) as pool:
            # They answer pings: who does not is taken for lost after a while.
            windows = list(pool.map(lambda _: used_once(Window(server.url, headers=OWN)), range(IDLE)))
        idle = [each for each in server.children() if each.pid not in known]
        times, errors = look(server, 60.0 * minutes)
        own = psutil.Process(server.process.pid).memory_full_info()
        # A builder of a pyramid that was among them has ended.
        private = [each.memory_full_info() for each in idle if each.is_running()]
        for window in windows:
            window.close()
    record(
        f"{minutes:g} min of {VIEWERS} viewers at {RATE:g} tiles/s beside {IDLE} idle windows: tiles", len(times), ""
    )
    record("errors", errors, "", bar="0")
    p50, p99, worst = (float(np.percentile(times, each)) for each in (50, 99, 100))
    record("tile, p50", p50, "ms")
    record("tile, p99", p99, "ms", "p50", p50, "≤ 250 ms")
    record("tile, slowest", worst, "ms")
    record("the server's memory", own.rss / 1e6, "MB", bar="≤ 150 MB")
    record("of it its own alone", own.uss / 1e6, "MB")
    record("an idle session, private, largest", max(each.uss for each in private) / 1e6, "MB", bar="≤ 15 MB")
    record("an idle session, its share of all (PSS), largest", max(each.pss for each in private) / 1e6, "MB")
    assert errors == 0
    assert len(private) >= IDLE
    assert len(times) == VIEWERS * int(RATE * 60.0 * minutes)


def test_the_viewers_ask_for_what_they_should() -> None:
    """The walk stays in the image, whatever the level: a viewer who asked for nothing would be served quickly."""
    from tests.chaos.load import Viewer

    info = {"width": 3000, "height": 2000, "levels": 5}
    walk = Viewer(None, 1)._walk(info)  # type: ignore[arg-type]
    seen = {next(walk) for _ in range(2000)}
    assert {level for level, _, _ in seen} == set(range(5))
    assert all(x * 256 << level < 3000 and y * 256 << level < 2000 for level, x, y in seen)
    assert len(seen) > 50
