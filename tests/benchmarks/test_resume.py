"""From ``kill -9`` of the session in mid-pan to the first frame with a fresh tile of the same view, in Chromium."""

import math
import os
import signal
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.conftest import Record
from tests.browser.obtain import SWITCHES, find_browser
from tests.browser.workspace import Workspace
from tests.web.harness import Served, served
from toyz_exposures import make_exposure

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]
ROUNDS = 5
BAR = 1.0
LIMITS = "[limits]\nsessions_per_user = 200\ngrace = 5\n"
WATCH = """
window.story = [];
const note = what => window.story.push([what, performance.timeOrigin + performance.now()]);
window.WebSocket = class extends WebSocket {
  constructor(...of) {
    super(...of);
    this.addEventListener('message', ({data}) => {
      if (typeof data !== 'string') return;
      const event = /"event":\\s*"(session_[a-z]+)"/.exec(data);
      if (event) note(event[1]);
    });
  }
};
const unpacked = () => {
  if (!window.story.some(([what]) => what === 'session_restored')) return;
  note('tile');
  // Drawn in the frame that follows, and shown when that one has ended.
  requestAnimationFrame(() => requestAnimationFrame(() => note('frame')));
};
window.Worker = class extends Worker {
  constructor(...of) {
    super(...of);
    this.addEventListener('message', unpacked);
  }
};
const decode = window.createImageBitmap;
window.createImageBitmap = (...of) => decode(...of).finally(unpacked);
"""


class Times(NamedTuple):
    """Seconds after the kill."""

    lost: float
    restored: float
    tile: float
    frame: float


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exposures") / "sky"
    folder.mkdir()
    make_exposure(folder / "decam.fits", size="decam")
    os.sync()
    return folder


@pytest.fixture(params=["values", "JPEG"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which tiles the browser shows."""
    return str(request.param)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=[*SWITCHES])
        yield browser
        browser.close()


def pan(workspace: Workspace, x: float, y: float, steps: int, length: int) -> tuple[float, float]:
    """Move a hand that holds the picture, by steps of so many pixels."""
    for _ in range(steps):
        x, y = x - length, y - length / 3
        workspace.page.mouse.move(x, y)
        time.sleep(0.008)
    return x, y


def one_run(chromium: Browser, server: Served, kind: str, building: bool) -> Times:
    context = chromium.new_context(viewport={"width": 1600, "height": 900})
    context.add_init_script(WATCH)
    workspace = Workspace(context, server, server.url)
    workspace.open("sky", "decam.fits")
    workspace.show_tiles(kind)
    workspace.zoom_by_key("1", "1:1")
    overview = workspace.status.locator("[role=progressbar][aria-label=Overview]")
    assert overview.count() == building
    session = workspace.session()
    assert session, "the session runs at the usual priority"
    held = workspace.read_at(0.8, 0.8)
    place = workspace.point(0.8, 0.8)
    workspace.page.mouse.down()
    place = pan(workspace, *place, 25, 12)
    killed = time.time()
    for pid in session:
        os.kill(pid, signal.SIGKILL)
    pan(workspace, *place, 12, 45)  # so fast that what was fetched ahead does not last
    workspace.page.wait_for_function("() => window.story.some(([what]) => what === 'frame')")
    story = workspace.page.evaluate("window.story")
    workspace.page.wait_for_timeout(300)
    workspace.page.mouse.up()
    workspace.settle()
    x, y = workspace.pixel()
    assert math.dist((x, y), held) < 3, "the picture stays under the hand"
    context.close()
    assert workspace.problems == []
    first = {what: when / 1e3 - killed for what, when in reversed(story)}
    return Times(*(first[what] for what in ("session_lost", "session_restored", "tile", "frame")))


def report(record: Record, name: str, runs: list[Times]) -> None:
    for step in ("lost", "restored", "tile"):
        record(f"{name}: {step}, median", statistics.median(getattr(run, step) for run in runs), "s")
    frames = sorted(run.frame for run in runs)
    record(f"{name}: first fresh frame, median", statistics.median(frames), "s", bar=f"≤ {BAR} s")
    record(f"{name}: first fresh frame, slowest", frames[-1], "s", bar=f"≤ {BAR} s")


def test_with_the_pyramid_ready(chromium: Browser, kind: str, sky: Path, tmp_path: Path, record: Record) -> None:
    with served(tmp_path, share=sky, toml=LIMITS) as server:
        with server.window() as window:
            for attempt in range(600):
                if window.call(f"open {attempt}", "images", "open", path="sky/decam.fits")["pyramid"] == "ready":
                    break
                time.sleep(0.5)
        report(record, f"{kind}, pyramid ready", [one_run(chromium, server, kind, False) for _ in range(ROUNDS)])


def test_while_the_pyramid_is_built(chromium: Browser, kind: str, sky: Path, tmp_path: Path, record: Record) -> None:
    runs = []
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        with served(folder, share=sky, toml=LIMITS) as server:
            runs.append(one_run(chromium, server, kind, True))
    report(record, f"{kind}, pyramid being built", runs)
