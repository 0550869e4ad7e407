"""A session that renders tiles all day does not grow."""

from pathlib import Path

import psutil

from tests.web.harness import Served, Window

NOISE = 6 << 20
"""Bytes: what the allocator keeps back, and pages that a first call touches."""


def ask(window: Window, image: str, first: int, count: int) -> None:
    """Ask for tiles, each in other cuts, so that every one is rendered."""
    for number in range(first, first + count, 20):
        for each in range(number, number + 20):
            window.ask_tile(f"t{each}", image, each % 2, 0, 0, high=100 + each)
        while not all(f"t{each}" in window.tiles for each in range(number, number + 20)):
            window.receive()
        window.tiles.clear()


def test_many_tiles_of_a_small_file_do_not_grow_the_session(server: Served) -> None:
    before = server.pids()
    with server.window() as window:
        info = window.call("a", "images", "open", path="sky/ramp.fits")
        (session,) = (psutil.Process(pid) for pid in server.pids() - before)
        ask(window, info["image"], 0, 400)
        first = session.memory_full_info().uss
        ask(window, info["image"], 400, 1200)
        assert session.memory_full_info().uss - first < NOISE
        assert Path(f"/proc/{session.pid}").exists()
