"""Tiles that hold values: what the shader makes of them, and what is fetched for it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.browser.workspace import PATIENCE, Workspace
from toyz.protocol import STRETCHES, Style
from toyz_tiles import colour, stretch

NAME = "steps.fits"
SIZE = 900
"""More than the screen shows at 1:1."""
COLORMAP = "viridis"
BAD = (0, 0, 0)
"""The colour of pixels without a value; the colormap has no black."""


def pixels() -> NDArray[Any]:
    """Make whole numbers, which tiles hold exactly: noise, a ramp, stars beyond 16 bits, and a hole."""
    random = np.random.default_rng(7)
    made = random.normal(1000, 30, (SIZE, SIZE)).round()
    made[350:390] = np.linspace(850, 1400, SIZE).round()
    made[400:404, 450:454] = 900_000
    made[420:440, 400:430] = np.nan
    return made.astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def steps(share: Path) -> Iterator[None]:
    fits.PrimaryHDU(pixels()[::-1]).writeto(share / NAME)
    yield
    (share / NAME).unlink()


@pytest.fixture
def sent(workspace: Workspace) -> list[dict[str, Any]]:
    """Collect what the page sends: the window of before is given a socket that is watched."""
    found: list[dict[str, Any]] = []
    workspace.page.on(
        "websocket", lambda socket: socket.on("framesent", lambda frame: found.append(json.loads(str(frame))))
    )
    workspace.page.reload()
    expect(workspace.connection).to_contain_text("connected")
    return found


def expected(style: Style) -> NDArray[np.uint8]:
    """Colour all pixels as the server does before it compresses them."""
    values = pixels()
    curve = stretch.equalisation(stretch.quantiles(values), style.low, style.high)
    table = colour.table(style.colormap)[stretch.transfer(style, curve)]
    coloured, _ = stretch.apply(values, style.low, style.high, np.ascontiguousarray(table))
    coloured[np.isnan(values)] = BAD
    return coloured


def place_of(seen: NDArray[Any], whole: NDArray[np.uint8]) -> tuple[int, int]:
    """Find a part of the screen (at 1:1) in the whole picture, where the hole is: row and column of its corner."""
    rows, columns = (np.flatnonzero((seen == BAD).all(axis=2).any(axis=axis)) for axis in (1, 0))
    there_rows, there_columns = (np.flatnonzero((whole == BAD).all(axis=2).any(axis=axis)) for axis in (1, 0))
    return int(there_rows[0] - rows[0]), int(there_columns[0] - columns[0])


def difference(seen: NDArray[Any], whole: NDArray[Any]) -> float:
    """How far a part of the screen (at 1:1) is from the whole picture, at most; infinite while it is not found."""
    if not (seen == BAD).all(axis=2).any():
        return np.inf
    y, x = place_of(seen, whole)
    part = whole[max(y, 0) : y + seen.shape[0], max(x, 0) : x + seen.shape[1]]
    return float(np.abs(seen - part).max()) if part.shape == seen.shape else np.inf


def show(workspace: Workspace, zoom: str = "1:1", **style: Any) -> None:
    """Show the picture in a style, by its link."""
    top, bottom = zoom.split(":")
    link = {"file": f"sky/{NAME}", "x": SIZE / 2, "y": SIZE / 2, "zoom": int(top) / int(bottom), **style}
    workspace.page.evaluate("link => { location.hash = link; }", "&".join(f"{key}={link[key]}" for key in link))
    expect(workspace.status.locator(".style")).to_contain_text(str(style["stretch"]))
    expect(workspace.status.locator(".zoom")).to_have_text(zoom)
    workspace.settle()


# What turns the colours round comes after the stretch, and does the same to all of them.
@pytest.mark.parametrize(("invert", "stretches"), [(False, STRETCHES), (True, STRETCHES[:2])])
def test_the_shader_draws_what_the_server_would(workspace: Workspace, invert: bool, stretches: tuple[str, ...]) -> None:
    numbers = colour.table(COLORMAP).astype(int)
    one_level = int(np.abs(numbers[1:] - numbers[:-1]).max())
    for name in stretches:
        cuts: dict[str, Any] = {"low": 870.0, "high": 1210.0, "stretch": name, "colormap": COLORMAP}
        show(workspace, **cuts, invert=int(invert))
        whole = expected(Style(**cuts, invert=invert))
        for _ in range(PATIENCE // 200):  # the quantiles and the colours come a moment later
            if difference(workspace.pixels(), whole) <= one_level:
                break
            workspace.page.wait_for_timeout(100)
        assert difference(workspace.pixels(), whole) <= one_level, name


def test_a_change_of_the_picture_fetches_nothing(workspace: Workspace, sent: list[dict[str, Any]]) -> None:
    show(workspace, stretch="linear", low=870, high=1210)
    workspace.page.wait_for_timeout(1000)
    before = workspace.picture()
    del sent[:]
    for keys in ("s", "s", "c", "c", "i"):
        workspace.press(keys)
    x, y = workspace.point(0.4, 0.4)
    workspace.page.mouse.down(button="right")
    for step in range(30):
        workspace.page.mouse.move(x + 5 * step, y + 3 * step)
    workspace.page.mouse.up(button="right")
    workspace.settle()
    assert workspace.picture() != before
    assert [message for message in sent if "tile" in message or "data" in message] == []


def test_the_value_is_read_from_the_tile_at_once(workspace: Workspace) -> None:
    value = workspace.status.locator(".value")
    show(workspace, "1:2", stretch="linear", low=870, high=1210)
    until_drawn(workspace)
    x, y = workspace.read_at(0.45, 0.6)
    expect(value).to_have_text(f"{pixels()[SIZE - round(y), round(x) - 1]:.0f}")
    workspace.page.evaluate("WebSocket.prototype.send = () => undefined")  # no answer comes any more
    workspace.point(0.5, 0.62)
    expect(value).to_contain_text("≈")


def test_a_tile_of_whole_numbers_tells_exact_values(workspace: Workspace) -> None:
    show(workspace, stretch="linear", low=870, high=1210)
    until_drawn(workspace)
    workspace.page.evaluate("WebSocket.prototype.send = () => undefined")
    workspace.point(0.45, 0.6)
    x, y = workspace.pixel()
    expect(workspace.status.locator(".value")).to_have_text(f"{pixels()[SIZE - round(y), round(x) - 1]:.0f}")


def until_drawn(workspace: Workspace) -> None:
    """Wait until there is a picture."""
    for _ in range(PATIENCE // 100):
        if len(np.unique(workspace.pixels())) > 20:
            return
        workspace.page.wait_for_timeout(100)
    raise AssertionError("nothing was drawn")


def until_sent(workspace: Workspace, sent: list[dict[str, Any]], kind: str) -> None:
    """Wait until the page has asked for a tile of a kind."""
    for _ in range(PATIENCE // 50):
        if any(kind in message for message in sent):
            return
        workspace.page.wait_for_timeout(50)
    raise AssertionError(f"no {kind} was asked for")


def test_one_switch_overrides_the_kind_of_tiles(workspace: Workspace, sent: list[dict[str, Any]]) -> None:
    show(workspace, stretch="linear", low=870, high=1210)
    kind = workspace.status.locator(".kind")
    expect(kind).to_have_text("values")
    until_sent(workspace, sent, "data")
    assert not any("tile" in message for message in sent)
    workspace.press("v")
    expect(kind).to_have_text("JPEG")
    until_sent(workspace, sent, "tile")
    workspace.page.reload()
    expect(kind).to_have_text("JPEG")
    kind.click()
    expect(kind).to_have_text("values")


def test_a_browser_without_shaders_has_pictures(workspace: Workspace) -> None:
    workspace.page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...of)"
        " { return kind === 'webgl2' ? null : get.call(this, kind, ...of); }"
    )
    workspace.page.reload()
    workspace.open("sky", NAME)
    expect(workspace.status.locator(".kind")).to_have_text("JPEG")
    assert len(np.unique(workspace.pixels())) > 50


def test_a_lost_context_comes_back(workspace: Workspace) -> None:
    show(workspace, stretch="linear", low=870, high=1210)
    until_drawn(workspace)
    before = workspace.pixels()
    workspace.page.evaluate(
        "() => { const stage = document.querySelector('toyz-app').shadowRoot.querySelector('toyz-viewer').shadowRoot;"
        " const gl = stage.querySelector('canvas').getContext('webgl2');"
        " window.lose = gl.getExtension('WEBGL_lose_context'); window.lose.loseContext(); }"
    )
    workspace.page.wait_for_timeout(200)
    workspace.page.evaluate("window.lose.restoreContext()")
    workspace.page.wait_for_timeout(500)
    np.testing.assert_array_equal(workspace.pixels(), before)
