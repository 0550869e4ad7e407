"""How cost grows with the size of a file, the number of CCDs and the number of people."""

import json
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from tests.benchmarks.conftest import Record
from tests.benchmarks.serving import TOKEN, Server, Window, serving
from tests.benchmarks.test_first_view import open_and_see
from toyz_exposures import make_exposure

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]
SIDES = {"0.25 GB": 8192, "1 GB": 16384, "4 GB": 32768, "16 GB": 65536}
CCDS = (4, 16, 61)
PEOPLE = (1, 2, 4, 8, 16, 32)
SECONDS = 10.0
TILES = 100


def sparse(path: Path, side: int) -> None:
    """Write an image of which only the header takes room."""
    cards = {"SIMPLE": True, "BITPIX": -32, "NAXIS": 2, "NAXIS1": side, "NAXIS2": side}
    with path.open("wb") as file:
        file.write(fits.Header(cards).tostring().encode())
        file.truncate(-(-(file.tell() + 4 * side * side) // 2880) * 2880)


def tile_times(window: Window, info: dict[str, Any]) -> float:
    """Milliseconds of a tile of the full resolution, in the middle of so many."""
    random = np.random.default_rng(1)
    times = []
    for number in range(TILES):
        x, y = (int(random.integers(0, info[side] // 256)) for side in ("width", "height"))
        began = time.perf_counter()
        window.collect({window.tile(info["image"], 0, x, y, {"low": 0.0, "high": 1.0 + number})})
        times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times)


def test_with_the_size_of_a_file(tmp_path: Path, record: Record) -> None:
    sky = tmp_path / "sky"
    sky.mkdir()
    for name, side in SIDES.items():
        sparse(sky / f"{name}.fits", side)
    smallest: tuple[float, float] | None = None
    with serving(tmp_path / "server", sky=sky) as server:
        for name in SIDES:
            window = server.window()
            window.call("files", "list", path="sky")
            began = time.perf_counter()
            info = window.call("images", "open", path=f"sky/{name}.fits")
            window.collect({window.tile(info["image"], info["levels"] - 1, 0, 0, {"low": 0.0, "high": 1.0})})
            opened, tile = (time.perf_counter() - began) * 1e3, tile_times(window, info)
            smallest = smallest or (opened, tile)
            record(f"{name}: overview", opened, "ms", "0.25 GB", smallest[0])
            record(f"{name}: new tile, p50", tile, "ms", "0.25 GB", smallest[1])
            window.close()


def test_with_the_number_of_ccds(tmp_path: Path, record: Record) -> None:
    sky = tmp_path / "sky"
    sky.mkdir()
    fewest = 0.0
    for count in CCDS:
        make_exposure(sky / f"{count}.fits", size="small", ccds=count)
    with serving(tmp_path / "server", sky=sky) as server:
        for count in CCDS:
            window = server.window()
            window.call("files", "list", path="sky")
            _, seen, _ = open_and_see(window, f"sky/{count}.fits")
            fewest = fewest or seen
            record(f"{count} CCDs: overview", seen * 1e3, "ms", f"{CCDS[0]} CCDs", fewest * 1e3)
            window.close()


def people(server: Server, count: int) -> tuple[list[float], int]:
    """Have people look at two images; milliseconds of each tile, and errors."""
    command = [sys.executable, "-m", "tests.benchmarks.viewers", server.url, TOKEN, str(count), str(SECONDS)]
    done = subprocess.run([*command, "sky/a.fits", "sky/b.fits"], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["times"], told["errors"]


def lag(window: Window, stop: threading.Event) -> list[float]:
    """Milliseconds of the round trips of pings meanwhile: the server's loop answers them itself."""
    times: list[float] = []
    while not stop.wait(0.02):
        began = time.perf_counter()
        window.socket.send(json.dumps({"ping": len(times)}))
        while "pong" not in (got := window.receive()):
            assert isinstance(got, dict)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def test_with_the_number_of_people(tmp_path: Path, record: Record) -> None:
    sky = tmp_path / "sky"
    sky.mkdir()
    for name, seed in (("a", 1), ("b", 2)):
        make_exposure(sky / f"{name}.fits", size="small", seed=seed)
    alone = 0.0
    with serving(tmp_path / "server", sky=sky) as server:
        people(server, 2)  # the pyramids are built
        for count in PEOPLE:
            watch, stop = server.window(), threading.Event()
            pings: list[float] = []
            thread = threading.Thread(target=lambda: pings.extend(lag(watch, stop)))  # noqa: B023 - it is joined below
            thread.start()
            times, errors = people(server, count)
            stop.set()
            thread.join()
            watch.close()
            assert errors == 0
            p50, p99 = (float(np.percentile(times, each)) for each in (50, 99))
            alone = alone or p50
            record(f"{count} people: tile, p50", p50, "ms", "alone", alone)
            record(f"{count} people: tile, p99", p99, "ms", "p50", p50, "≤ 8" if count == PEOPLE[-1] else "")
            bar = "≤ 20 ms" if count == PEOPLE[-1] else ""
            record(f"{count} people: the server's loop, p99", float(np.percentile(pings, 99)), "ms", bar=bar)
