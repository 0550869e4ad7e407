"""Tiles over HTTP and over the websocket, 8192² float32, quality 95, one machine and client."""

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from astropy.io import fits

from tests.benchmarks.conftest import Record
from tests.benchmarks.peers import Measured, measure_iipimage, measure_visiomatic
from tests.benchmarks.serving import TOKEN, Server, Window, serving
from tests.benchmarks.tile_load import Load, get_once, latency, measure, some_tiles

SIDE = 8192
NAME = "wide.fits"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
STYLE = "stretch=sqrt&quality=95"
DEPTH = 4
_REPEATS = 60


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the file: noise, as is most of any picture of the sky."""
    folder = tmp_path_factory.mktemp("peers") / "sky"
    folder.mkdir()
    pixels = np.random.default_rng(1).normal(1500, 100, (SIDE, SIDE)).astype(np.float32)
    fits.PrimaryHDU(pixels).writeto(folder / NAME)
    os.sync()
    return folder


@pytest.fixture
def server(sky: Path, tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, sky=sky) as running:
        yield running


def path(x: int, y: int, turn: int = 0, z: int = 5) -> str:
    return f"/api/images/sky/{NAME}/tiles/{z}/{x}/{y}?cuts=986.5,{3700 + 0.5 * turn}&{STYLE}"


def port_of(server: Server) -> int:
    return urlsplit(server.url).port or 0


def settle(server: Server) -> None:
    """Wait until the pyramid is there: its builder is not what is measured."""
    window = server.window()
    info = window.call("images", "open", path=f"sky/{NAME}")
    while info["pyramid"] != "ready":
        window.wait_event("pyramid")
        info = window.call("images", "open", path=f"sky/{NAME}")
    window.close()


def ours(server: Server) -> Load:
    port, tiles = port_of(server), some_tiles(SIDE, SIDE)
    start = time.perf_counter()
    first = path(0, 0, z=0)
    assert get_once(port, first, HEADERS)[1] == 200
    seconds = time.perf_counter() - start
    settle(server)
    more = [path(x, y, turn) for turn in range(2, 2 + _REPEATS) for x, y in tiles]
    return measure(port, first, [path(*tile) for tile in tiles[:100]], more, HEADERS)._replace(first_s=seconds)


def told(record: Record, mine: Load, peer: Measured, bars: dict[str, str]) -> None:
    """Hand in a row for each figure beside a peer's."""
    theirs = peer.load
    figures = {
        "first tile of a file never seen": (mine.first_s, theirs.first_s, "s"),
        "new tile, p50": (mine.new.p50, theirs.new.p50, "ms"),
        "new tile, p99": (mine.new.p99, theirs.new.p99, "ms"),
        "repeated tile, p50": (mine.repeated.p50, theirs.repeated.p50, "ms"),
        "two clients, new": (mine.two_new_per_s, theirs.two_new_per_s, "tiles/s"),
        "two clients, repeated": (mine.two_repeated_per_s, theirs.two_repeated_per_s, "tiles/s"),
    }
    for what, (one, other, unit) in figures.items():
        record(what, one, unit, peer.name, other, bars.get(what, ""))


@pytest.mark.peers
@pytest.mark.timeout(1800)
def test_against_the_peers(server: Server, sky: Path, record: Record) -> None:
    mine = ours(server)
    assert mine.new.bad == mine.repeated.bad == 0
    told(record, mine, measure_iipimage(sky, NAME), {"two clients, new": "≥ 1.4"})
    bars = {
        "first tile of a file never seen": "≤ 1/30",
        "new tile, p50": "≤ 0.85",
        "repeated tile, p50": "≤ 0.7",
        "two clients, new": "≥ 2",
    }
    told(record, mine, measure_visiomatic(sky, NAME, one_body=True), bars)
    told(record, mine, measure_visiomatic(sky, NAME, one_body=False), {})


def tiles_in_turn(window: Window, image: str, turn: int) -> list[float]:
    """Milliseconds of tiles that are asked for one after the other."""
    times = []
    for x, y in some_tiles(SIDE, SIDE)[:100]:
        start = time.perf_counter()
        window.collect({window.tile(image, 0, x, y, style_of(turn))})
        times.append((time.perf_counter() - start) * 1e3)
    return times


def style_of(turn: int) -> dict[str, Any]:
    return {"low": 986.5, "high": 3700 + 0.5 * turn, "stretch": "sqrt", "quality": 95}


def rate_at_depth(window: Window, image: str, turn: int, seconds: float = 3.0) -> float:
    """Tiles per second of one window that has always so many on their way."""
    places = some_tiles(SIDE, SIDE)[:100]
    count, start, waiting = 0, time.perf_counter(), set[str]()
    while time.perf_counter() - start < seconds:
        while len(waiting) < DEPTH:
            x, y = places[(count + len(waiting)) % len(places)]
            waiting.add(window.tile(image, 0, x, y, style_of(turn)))
        got = window.receive()
        if isinstance(got, tuple):
            waiting.discard(got[0].id)
            count += 1
    window.collect(waiting)
    return count / (time.perf_counter() - start)


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_the_websocket_against_http(server: Server, record: Record) -> None:
    settle(server)
    port, window = port_of(server), server.window()
    image = window.call("images", "open", path=f"sky/{NAME}")["image"]
    places = some_tiles(SIDE, SIDE)[:100]
    get_once(port, path(0, 0, z=0), HEADERS)
    rounds = [
        (
            statistics.median(tiles_in_turn(window, image, 10 + number)),
            latency(port, [path(*place, 40 + number) for place in places], HEADERS).p50,
        )
        for number in range(5)
    ]
    new, over_http = (statistics.median(each) for each in zip(*rounds, strict=True))
    record("new tile over the websocket, p50", new, "ms", "our HTTP", over_http, "≤ 1")
    tiles_in_turn(window, image, 1)
    cached = rate_at_depth(window, image, 1)
    again = [path(*place, 1) for place in places]
    latency(port, again, HEADERS)
    start = time.perf_counter()
    latency(port, again * 20, HEADERS)
    http_rate = 20 * len(again) / (time.perf_counter() - start)
    record(f"cached tiles over the websocket, depth {DEPTH}", cached, "tiles/s", "our HTTP", http_rate, "≥ 1.5")
    window.close()
