"""Frame intervals of a drag and of the wheel over a mosaic, against a page that draws one plain canvas.

Both kinds of tiles, on a machine without a graphics card: the processor runs the shaders.
"""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from tests.benchmarks.conftest import Record
from tests.browser.obtain import SWITCHES, find_browser
from tests.browser.workspace import Workspace
from tests.web.harness import Served, served
from toyz_exposures import make_exposure

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]
SECONDS = 3
TURNS = 2
"""Of the hand, a second."""
LIMITS = "[limits]\nsessions_per_user = 20\n"
START = """plain => {
  let canvas = null;
  if (plain) {
    const host = document.querySelector('toyz-app').shadowRoot.querySelector('toyz-viewer');
    const box = host.getBoundingClientRect();
    canvas = document.createElement('canvas');
    Object.assign(canvas, {width: box.width, height: box.height});
    canvas.style.cssText = `position:fixed;left:${box.left}px;top:${box.top}px;z-index:99`;
    document.body.append(canvas);
  }
  const context = canvas?.getContext('2d');
  const times = [];
  let going = true;
  const frame = now => {
    times.push(now);
    if (context) {
      context.fillStyle = times.length % 2 ? '#456' : '#457';
      context.fillRect(0, 0, canvas.width, canvas.height);
    }
    if (going) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  window.stopFrames = () => {
    going = false;
    canvas?.remove();
    return times.slice(1).map((now, number) => now - times[number]);
  };
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("smoothness")
    share = folder / "sky"
    share.mkdir()
    make_exposure(share / "small.fits", size="small")
    with served(folder, share=share, toml=LIMITS) as running:
        yield running


def moments() -> Iterator[float]:
    """Give the seconds since the start, as often as the browser takes a movement of the hand, for a while."""
    start = time.monotonic()
    while (now := time.monotonic() - start) < SECONDS:
        yield now
        time.sleep(0.008)  # a mouse's own rate


def drag(workspace: Workspace) -> None:
    x, y = workspace.point(0.5, 0.5)
    workspace.page.mouse.down()
    for now in moments():
        angle = math.pi * TURNS * now
        workspace.page.mouse.move(x + 300 * math.sin(angle), y + 200 * math.sin(2 * angle))
    workspace.page.mouse.up()


def wheel(workspace: Workspace) -> None:
    workspace.point(0.5, 0.5)
    for now in moments():
        workspace.page.mouse.wheel(0, 40 if int(TURNS * now) % 2 else -40)


MOVES: dict[str, Callable[[Workspace], None]] = {"drag": drag, "wheel": wheel}


def intervals(workspace: Workspace, move: str, plain: bool) -> Any:
    """Give the milliseconds between frames while the hand moves, over the picture or over a plain canvas."""
    workspace.page.evaluate(START, plain)
    MOVES[move](workspace)
    return np.array(workspace.page.evaluate("window.stopFrames()"))


@pytest.mark.parametrize("kind", ["values", "JPEG"])
def test_smoothness(kind: str, server: Served, record: Record) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=[*SWITCHES])
        context = browser.new_context(viewport={"width": 1600, "height": 900})
        workspace = Workspace(context, server, server.url)
        workspace.open("sky", "small.fits")
        workspace.show_tiles(kind)
        workspace.zoom_by_key("1", "1:1")
        measure(workspace, kind, record)
        workspace.press("n")
        workspace.page.wait_for_function("() => location.hash.includes('turn=')")
        measure(workspace, f"{kind}, north up", record)
        browser.close()


def measure(workspace: Workspace, what: str, record: Record) -> None:
    for move in MOVES:
        intervals(workspace, move, False)  # the tiles come
        workspace.settle()
        floor, found = intervals(workspace, move, True), intervals(workspace, move, False)
        (m0, p0), (m1, p1) = (np.percentile(times, [50, 95]).tolist() for times in (floor, found))
        record(f"{what}, {move}: median frame", m1, "ms", "a plain canvas", m0)
        record(f"{what}, {move}: p95 frame", p1, "ms", "a plain canvas", p0)
