"""Planes of a cube that are played: how many a second at first pass and from cache, against the rate that is wanted."""

from collections.abc import Iterator

import numpy as np
import pytest
from astropy.io import fits
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.obtain import SWITCHES, find_browser
from tests.browser.workspace import Workspace
from tests.web.harness import Served, served

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]
CUBES = {"small": (60, 512, "0"), "large": (12, 4096, "1")}
"""Planes, their sides, and the key for the zoom: a small cube fits on the screen, of a large one a part is seen 1:1."""
RATES = (10, 30)
LAPS = """([count, laps]) => new Promise(resolve => {
  const bar = document.querySelector('toyz-app').shadowRoot.querySelector('toyz-player').shadowRoot;
  const times = [performance.now()];
  const look = new MutationObserver(() => {
    if (times.push(performance.now()) <= count * laps) return;
    look.disconnect();
    const lap = number => 1000 * count / (times[(number + 1) * count] - times[number * count]);
    resolve(Array.from({length: laps}, (_, number) => lap(number)));
  });
  look.observe(bar.querySelector('.number'), {characterData: true, childList: true, subtree: true});
  bar.querySelector('[aria-label=Play]').click();
})"""
"""Play, and give the planes per second of each lap, each plane counted as the player comes to it."""
FRAMES = """() => new Promise(resolve => {
  const began = performance.now();
  let frames = 0;
  const frame = now => now - began < 2000 ? (frames++, requestAnimationFrame(frame)) : resolve(frames / 2);
  requestAnimationFrame(frame);
})"""
"""How many frames a second this browser draws of a page that stands still."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("animation")
    share = folder / "sky"
    share.mkdir()
    random = np.random.default_rng(5)
    for name, (planes, side, _) in CUBES.items():
        cube = fits.PrimaryHDU(random.normal(1000, 30, (planes, side, side)).astype(np.float32))
        cube.writeto(share / f"{name}.fits")
    with served(folder, share=share) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=[*SWITCHES])
        yield browser
        browser.close()


@pytest.mark.parametrize("name", CUBES)
def test_animation(chromium: Browser, server: Served, name: str) -> None:
    planes, side, key = CUBES[name]
    for rate in RATES:
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        workspace = Workspace(context, server, server.url)
        workspace.open("sky", f"{name}.fits")
        workspace.press(key)
        workspace.settle()
        player = workspace.page.get_by_role("group", name="Player")
        player.get_by_role("combobox", name="Frames per second").select_option(str(rate))
        expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()
        drawn = workspace.page.evaluate(FRAMES)
        first, *cached = workspace.page.evaluate(LAPS, [planes, 3])
        told = f"first pass {first / rate:.2f}, from cache {max(cached) / rate:.2f} of {rate} planes a second"
        print(f"\n{planes} planes of {side}²: {told} (the browser draws {drawn:.0f} frames a second)", end="")
        context.close()
        assert workspace.problems == []
