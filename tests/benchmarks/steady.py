"""A tile every so often, whether or not the last has come: what somebody notices of what happens to others.

``python -m tests.benchmarks.steady URL SECONDS PATH`` prints ``begun`` when the first is due, and at the
end the milliseconds of all as JSON.
"""

import json
import sys
import threading
import time
from typing import Any

import numpy as np

from tests.benchmarks.serving import Window

RATE = 50.0
"""Tiles a second."""


def latencies(
    window: Window, info: dict[str, Any], seconds: float, begun: "threading.Event | None" = None
) -> list[float]:
    """Ask for tiles that are in no cache; milliseconds from when each was due to when it was there.

    Parameters
    ----------
    window : Window
    info : dict
        Of its image, which is 1024 pixels wide and high at least.
    seconds : float
    begun : threading.Event, optional
        Set when an eighth has been asked for.
    """
    due: dict[str, float] = {}
    found: list[float] = []
    total = int(RATE * seconds)
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
        style = {"low": 0.0, "high": float(info["cuts"]["high"] + number * 1e-3 + moment % 1)}
        call = window.next_id
        due[call] = moment
        assert window.tile(info["image"], 0, number % 4, number // 4 % 4, style) == call
        if number == 0:
            receiver.start()
        if begun is not None and number == total // 8:
            begun.set()
    assert done.wait(60)
    receiver.join()
    return found


def p99(values: list[float]) -> float:
    """Give the 99th percentile."""
    return float(np.percentile(values, 99))


def main(url: str, seconds: float, path: str) -> list[float]:
    """Look at an image for so long; the first second is not counted."""
    window = Window(url)
    info = window.call("images", "open", path=path)
    latencies(window, info, 1.0)
    begun = threading.Event()
    threading.Thread(target=lambda: begun.wait() and print("begun", flush=True)).start()
    times = latencies(window, info, seconds, begun)
    window.close()
    return times


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], float(sys.argv[2]), sys.argv[3])))
