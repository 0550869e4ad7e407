"""Frames a second while contrast is dragged over a full window, against a canvas of one colour, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.conftest import Record
from tests.browser.obtain import SWITCHES, find_browser
from tests.browser.workspace import Workspace
from tests.web.harness import Served, served
from toyz_exposures import make_exposure

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]
SECONDS = 3
ROUNDS = 3
BAR = 0.35
TO_END = """const pixel = new Uint8Array(4);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    seconds += (performance.now() - end) / 1000;"""
"""What was asked for is waited for: frames that were not drawn do not count."""
PLAIN = """seconds => new Promise(resolve => {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, {width: innerWidth, height: innerHeight});
  canvas.style.cssText = 'position:fixed;inset:0;z-index:99';
  document.body.append(canvas);
  const gl = canvas.getContext('webgl2', {alpha: true, antialias: false, depth: false});
  const end = performance.now() + 1000 * seconds;
  let frames = 0;
  const frame = now => {
    gl.clearColor(frames % 2 ? 0.3 : 0.31, 0.4, 0.5, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    frames++;
    if (now < end) return requestAnimationFrame(frame);
    TO_END
    canvas.remove();
    gl.getExtension('WEBGL_lose_context').loseContext();
    resolve(frames / seconds);
  };
  requestAnimationFrame(frame);
})""".replace("TO_END", TO_END)
DRAG = """seconds => new Promise(resolve => {
  const host = document.querySelector('toyz-app').shadowRoot.querySelector('toyz-viewer').shadowRoot;
  const stage = host.querySelector('.stage');
  stage.setPointerCapture = () => undefined; // there is no such pointer to capture
  const box = stage.getBoundingClientRect();
  const send = (kind, step) => stage.dispatchEvent(new PointerEvent(kind, {
    bubbles: true, composed: true, cancelable: true, pointerId: 7, pointerType: 'mouse', isPrimary: true,
    button: kind === 'pointermove' ? -1 : 2, buttons: kind === 'pointerup' ? 0 : 2,
    clientX: box.left + box.width / 2 + 200 * Math.sin(step / 20), clientY: box.top + box.height / 2,
  }));
  const end = performance.now() + 1000 * seconds;
  let frames = 0;
  send('pointerdown', 0);
  const frame = now => {
    send('pointermove', ++frames);
    if (now < end) return requestAnimationFrame(frame);
    send('pointerup', frames);
    const gl = stage.querySelector('canvas').getContext('webgl2');
    TO_END
    resolve(frames / seconds);
  };
  requestAnimationFrame(frame);
})""".replace("TO_END", TO_END)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("contrast")
    share = folder / "sky"
    share.mkdir()
    make_exposure(share / "small.fits", size="small")
    with served(folder, share=share) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=[*SWITCHES])
        yield browser
        browser.close()


def test_contrast(chromium: Browser, server: Served, record: Record) -> None:
    context = chromium.new_context(viewport={"width": 1600, "height": 900})
    workspace = Workspace(context, server, server.url)
    workspace.open("sky", "small.fits")
    workspace.press("f")
    for zoom, key in (("fitted", "0"), ("1:1", "1")):
        workspace.press(key)
        workspace.page.wait_for_timeout(1500)
        workspace.settle()
        before = workspace.page.evaluate("location.hash")
        rates = [
            (workspace.page.evaluate(PLAIN, SECONDS), workspace.page.evaluate(DRAG, SECONDS)) for _ in range(ROUNDS)
        ]
        workspace.page.wait_for_timeout(1000)
        assert workspace.page.evaluate("location.hash") != before, "the contrast was changed"
        plain, drag = sorted(rates, key=lambda rate: rate[1] / rate[0])[ROUNDS // 2]
        record(f"{zoom}, 1600 × 900", drag, "frames/s", "a canvas of one colour", plain, f"≥ {BAR}")
    context.close()
    assert workspace.problems == []
