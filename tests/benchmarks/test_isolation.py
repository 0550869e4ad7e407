"""While a cold 2 GB file opens in one session, another session's warm tiles come as before."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.benchmarks.serving import Window, drop_page_cache, serving
from tests.benchmarks.test_first_view import open_and_see
from toyz_exposures import make_exposure

pytestmark = pytest.mark.benchmark
RATE = 50.0
SECONDS = 4.0
RUNS = 5


def latencies(window: Window, info: dict[str, Any], during: "threading.Event | None" = None) -> list[float]:
    """Ask for a tile every 20 ms whether or not the last has come; milliseconds from the due time to the tile."""
    due: dict[str, float] = {}
    found: list[float] = []
    total = int(RATE * SECONDS)
    style = {"low": 0.0, "high": 1.0}
    done = threading.Event()

    def receive() -> None:
        while len(found) < total:
            got = window.receive()
            if isinstance(got, tuple) and got[0].id in due:
                assert got[0].error is None, got[0].error
                found.append((time.perf_counter() - due[got[0].id]) * 1e3)
        done.set()

    receiver = threading.Thread(target=receive)
    start = time.perf_counter() + 0.05
    for number in range(total):
        moment = start + number / RATE
        time.sleep(max(0.0, moment - time.perf_counter()))
        # Every tile with cuts of its own, so that none comes from the server's cache.
        changed = style | {"high": float(info["cuts"]["high"] + number * 1e-3 + moment % 1)}
        call = f"b{window._number + 1}"
        due[call] = moment
        assert window.tile(info["image"], 0, number % 4, number // 4 % 4, changed) == call
        if number == 0:
            receiver.start()
        if during is not None and number == int(RATE * SECONDS / 8):
            during.set()
    assert done.wait(60)
    receiver.join()
    return found


def stolen() -> float:
    """Milliseconds for which the host has given this machine's processors to others, or capped them."""
    return int(Path("/proc/stat").read_text().split()[8]) * 1e3 / os.sysconf("SC_CLK_TCK")


def p99(values: list[float]) -> float:
    return float(np.percentile(values, 99))


def test_isolation(tmp_path: Path) -> None:
    (tmp_path / "sky").mkdir()
    make_exposure(tmp_path / "sky" / "small.fits", size="small")
    make_exposure(tmp_path / "sky" / "decam.fits", size="decam")
    # What was just written is on its way to the disk for a while, and would be measured too.
    os.sync()
    quiet, busy = [], []
    for run in range(RUNS):
        with serving(tmp_path / f"server{run}", sky=tmp_path / "sky") as server:
            mine, other = server.window(), server.window()
            info = mine.call("images", "open", path="sky/small.fits", hdu="mosaic")
            latencies(mine, info)
            quiet.append(p99(latencies(mine, info)))
            drop_page_cache(tmp_path / "sky" / "decam.fits")
            go = threading.Event()

            def opener(window: Window = other, signal: threading.Event = go) -> None:
                assert signal.wait(30)
                open_and_see(window, "sky/decam.fits")

            thread = threading.Thread(target=opener)
            thread.start()
            lost = stolen()
            busy.append(p99(latencies(mine, info, go)))
            thread.join()
            mine.close()
            other.close()
            print(f"\nrun {run}: p99 quiet {quiet[-1]:.2f} ms, while a cold 2 GB file opens {busy[-1]:.2f} ms", end="")
            print(f" (the host withheld {stolen() - lost:.0f} ms of the processors)")
    one, two = float(np.median(quiet)), float(np.median(busy))
    bar = max(2 * one, one + 5)
    print(f"median of {RUNS}: quiet {one:.2f} ms, busy {two:.2f} ms; bar {bar:.2f} ms (twice, or + 5 ms)")
