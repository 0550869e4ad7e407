"""Pyramids over the websocket: coarse at once and then means, once for all windows, whatever is killed meanwhile."""

import io
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from astropy.io import fits
from numpy.typing import NDArray
from PIL import Image

from tests.web.harness import Served, Window, install_plugin, served
from toyz_sessions import priority
from toyz_sessions.workshop import THREADS
from toyz_tiles.pyramid import build
from toyz_tiles.pyramid_build import MOST_THREADS
from toyz_tiles.raster import ArrayRaster

SHAPE = (8192, 4096)


def noise(seed: int) -> NDArray[np.int16]:
    """Pixels that are −500 or 500 by chance; any mean of many is near nought."""
    return np.random.default_rng(seed).integers(0, 2, SHAPE, np.int16) * 1000 - 500


@pytest.fixture
def large(server: Served) -> Iterator[Path]:
    path = server.share / "large.fits"
    fits.PrimaryHDU(noise(1)).writeto(path)
    yield path
    path.unlink()


def states(window: Window) -> Iterator[dict[str, Any]]:
    """Give the states of the pyramid, one after the other, to the last."""
    while True:
        state = window.event("images", "pyramid")
        yield state
        if state["phase"] in {"COMPLETED", "ERROR", "ABORTED"}:
            return


def pyramids(server: Served) -> set[Path]:
    return set((server.folder / "cache").rglob("*.pyramid"))


def spread(window: Window, name: str, image: str, level: int) -> float:
    header, payload = window.tile(name, image, level, 0, 0, low=-500, high=500)
    assert header.error is None, header.error
    return float(np.asarray(Image.open(io.BytesIO(payload))).std())


def test_coarse_at_once_then_means(server: Served, large: Path) -> None:
    with server.window() as window:
        info = window.call("a", "images", "open", path="sky/large.fits")
        assert info["pyramid"] == "building"
        coarsest = info["levels"] - 1
        # Single pixels, black or white; what the session has answered to the first ask is on the wire before the means.
        assert spread(window, "t1", info["image"], coarsest) > 60
        told = list(states(window))
        assert told[-1] == {"image": info["image"], "phase": "COMPLETED", "progress": 1.0}
        assert {state["phase"] for state in told[:-1]} <= {"PENDING", "QUEUED", "EXECUTING"}
        progress = [state["progress"] for state in told]
        assert progress == sorted(progress)
        assert spread(window, "t2", info["image"], coarsest) < 10
        assert window.call("b", "images", "open", path="sky/large.fits")["pyramid"] == "ready"


def test_two_windows_build_one_pyramid(server: Served, large: Path) -> None:
    before = pyramids(server)
    with server.window() as one, server.window() as other:
        for window in (one, other):
            window.ask("a", "images", "open", path="sky/large.fits")
        infos = [window.answer("a")["result"] for window in (one, other)]
        assert infos[0]["image"] == infos[1]["image"]
        builders = {child.pid for child in server.children()}
        for window, info in zip((one, other), infos, strict=True):
            if info["pyramid"] != "ready":
                assert list(states(window))[-1]["phase"] == "COMPLETED"
            assert spread(window, "t", info["image"], info["levels"] - 1) < 10
        assert len(pyramids(server) - before) == 1
        assert len(builders - server.pids()) <= 1


def test_processes_keep_to_few_threads(server: Served, large: Path) -> None:
    """Those of the program itself, however many CPUs there are: no pool of a library is among them."""
    before = server.pids()
    with server.window() as window:
        info = window.call("a", "images", "open", path="sky/large.fits")
        shown = server.http.get("api/status").json()["sessions"]
        (session,) = (psutil.Process(each["pid"]) for each in shown if each["window"] == window.name)
        most = {"session": 0, "builder": 0}
        for _ in states(window):
            most["session"] = max(most["session"], session.num_threads())
            for pid in builders_of(server, before):
                with suppress(psutil.NoSuchProcess):
                    most["builder"] = max(most["builder"], psutil.Process(pid).num_threads())
        spread(window, "t", info["image"], 2)
        # The main thread and two of ZeroMQ; of the session two for tiles, six for calls, and those that hear of
        # builds and watch files; of the builder those that build, read bands and write back.
        assert most["session"] <= 3 + 2 + THREADS + 2
        assert most["builder"] <= 3 + 2 + MOST_THREADS


def builders_of(server: Served, before: set[int]) -> set[int]:
    """Give the new processes that are as polite as builders are."""
    found = set()
    for child in server.children():
        with suppress(psutil.NoSuchProcess):
            if child.pid not in before and child.nice() == priority.IDLE:
                found.add(child.pid)
    return found


def test_a_file_that_is_overwritten_is_told_of(server: Served, large: Path) -> None:
    with server.window() as window:
        old = window.call("a", "images", "open", path="sky/large.fits")
        with large.open("r+b") as file:
            file.seek(2880)
            np.full(SHAPE, 500, ">i2").tofile(file)
        assert window.event("images", "changed") == {"path": "sky/large.fits"}
        new = window.call("b", "images", "open", path="sky/large.fits")
        assert new["image"] != old["image"]
        assert (new["minimum"], new["maximum"]) == (500, 500)


def the_builder(server: Served, known: set[int]) -> psutil.Process | None:
    others = [child for child in server.children() if child.pid not in known]
    return others[0] if others else None


def test_killed_again_and_again_it_comes_out_the_same(tmp_path: Path) -> None:
    """Builders are killed with ``kill -9``, then the server itself, and the next ones go on from there."""
    folder = tmp_path / "server"
    folder.mkdir()
    site = install_plugin(folder)
    with served(folder, site=site) as server:
        pixels = noise(2)
        fits.PrimaryHDU(pixels).writeto(server.share / "large.fits")
        kills = 0
        with server.window() as window:
            window.call("l", "files", "list")
            known = server.pids()
            for attempt in range(6):
                info = window.call(f"a{attempt}", "images", "open", path="sky/large.fits")
                if info["pyramid"] == "ready":
                    break
                killed = False
                for state in states(window):
                    builder = the_builder(server, known)
                    if builder is not None and not killed and state["phase"] == "EXECUTING" and state["progress"] > 0.1:
                        builder.send_signal(signal.SIGKILL)
                        killed = True
                kills += killed
                if state["phase"] == "COMPLETED":
                    break
            server.process.kill()
            server.process.wait()
    with served(folder, share=server.share, site=site) as again, again.window() as window:
        info = window.call("a", "images", "open", path="sky/large.fits")
        if info["pyramid"] != "ready":
            assert list(states(window))[-1]["phase"] == "COMPLETED"
        (found,) = pyramids(again)
        with tempfile.TemporaryFile() as file:
            build(ArrayRaster(pixels[::-1]), file, key=found.stem)
            file.seek(0)
            assert file.read() == found.read_bytes()
        assert not list((folder / "cache").rglob("*.partial"))
    print(f"{kills} builders killed")
