"""Playing the planes of a cube, the open images and the files of a folder."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser.workspace import Workspace

CUBE = "sixty.fits"
SMALL: ViewportSize = {"width": 920, "height": 520}
"""A screen that is soon drawn without a graphics card."""
LONG = 120_000
"""Milliseconds for a film, on a machine that has other things to do."""
PLANES = 60
SIDE = 512
WATCH = """
window.sent = []; window.seen = [];
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (text) { window.sent.push(JSON.parse(text)); return send.call(this, text); };
const get = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  return get.call(this, kind, kind === 'webgl2' ? { ...options, preserveDrawingBuffer: true } : options);
};
"""
"""What the page sends is kept, and what its shaders draw can be read back."""
LOOK = """() => {
  const app = document.querySelector('toyz-app').shadowRoot;
  const canvas = app.querySelector('toyz-viewer').shadowRoot.querySelector('canvas');
  const number = () => app.querySelector('toyz-player').shadowRoot.querySelector('.number')?.innerText ?? '';
  const small = new OffscreenCanvas(2, 1).getContext('2d', { willReadFrequently: true });
  const look = () => {
    const [x, y] = [canvas.width / 2, canvas.height / 2];
    small.drawImage(canvas, x - 100, y, 1, 1, 0, 0, 1, 1);
    small.drawImage(canvas, x + 100, y, 1, 1, 1, 0, 1, 1);
    const pixels = small.getImageData(0, 0, 2, 1).data;
    const last = window.seen.at(-1);
    const drawn = pixels[0] + pixels[4] > 0;
    if (drawn && (!last || last[0] !== pixels[0])) window.seen.push([pixels[0], pixels[4], number().trim()]);
    requestAnimationFrame(look);
  };
  window.seen.length = 0;
  look();
}"""
"""Note each picture that comes to the screen: a pixel left of the middle, one right of it, and the player's number."""


def grey(plane: int) -> int:
    return 4 * plane + 3


def halves(value: int, side: int = SIDE) -> Any:
    """Make a picture whose left half is of a value, and the right one of its complement."""
    picture = np.full((side, side), 255 - value, np.int16)
    picture[:, : side // 2] = value
    return picture


@pytest.fixture(scope="module", autouse=True)
def films(share: Path) -> Iterator[None]:
    fits.PrimaryHDU(np.stack([halves(grey(plane)) for plane in range(PLANES)])).writeto(share / CUBE)
    folder = share / "night"
    folder.mkdir()
    for number in range(5):
        fits.PrimaryHDU(halves(grey(10 * number))).writeto(folder / f"frame_{number}.fits")
    fits.PrimaryHDU(halves(1, SIDE // 2)).writeto(folder / "frame_2_small.fits")
    (folder / "frame_3_broken.fits").write_bytes(b"SIMPLE  = nonsense" + b"\0" * 100)
    yield
    (share / CUBE).unlink()


@pytest.fixture
def film(workspace: Workspace) -> Workspace:
    """Open the cube with grey levels that are its values."""
    workspace.page.set_viewport_size(SMALL)
    workspace.page.add_init_script(WATCH)
    workspace.page.reload()
    show(workspace, CUBE)
    return workspace


def show(workspace: Workspace, name: str) -> None:
    link = f"file=sky/{name}&low=0&high=255&stretch=linear"
    shown = workspace.page.locator("toyz-topbar .name", has_text=name.rpartition("/")[2])
    while shown.count() == 0:
        # The page may be about to write its own link there.
        workspace.page.evaluate("link => { location.hash = link; }", link)
        with contextlib.suppress(PlaywrightError):
            shown.wait_for(timeout=5000)
    workspace.settle()


def player(workspace: Workspace) -> Locator:
    return workspace.page.get_by_role("group", name="Player")


def watch(workspace: Workspace, plane: int = 0) -> None:
    """Note the pictures from now on; the first is this one."""
    workspace.page.evaluate(LOOK)
    workspace.page.wait_for_function("first => window.seen.at(-1)?.[0] === first", arg=grey(plane), timeout=LONG)
    workspace.page.evaluate("window.seen.splice(0, window.seen.length - 1)")


def seen(workspace: Workspace, count: int) -> list[tuple[int, int, str]]:
    """Wait until so many pictures have come to the screen, and give them."""
    workspace.page.wait_for_function("count => window.seen.length >= count", arg=count, timeout=LONG)
    return [tuple(each) for each in workspace.page.evaluate("window.seen")][:count]


def sent(workspace: Workspace, since: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workspace.page.evaluate("since => window.sent.slice(since)", since)
    return found


def calls(messages: list[dict[str, Any]], task: str) -> list[dict[str, Any]]:
    return [each["parameters"] for each in messages if each.get("module") == "images" and each.get("task") == task]


def tiles(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each["data"] for each in messages if "data" in each]


def pause(workspace: Workspace) -> int:
    """Pause, and give how many messages had been sent by then."""
    workspace.press(" ")
    expect(player(workspace).get_by_role("button", name="Play", exact=True)).to_be_visible()
    return int(workspace.page.evaluate("window.sent.length"))


def test_planes_come_in_order_and_each_shows_its_own_pixels(film: Workspace) -> None:
    watch(film)
    seen(film, 1)
    since = film.page.evaluate("window.sent.length")
    film.press(" ")
    player(film).get_by_role("combobox", name="Frames per second").select_option("30")
    pictures = seen(film, PLANES + 5)
    expected = [plane % PLANES for plane in range(PLANES + 5)]
    assert [left for left, _, _ in pictures] == [grey(plane) for plane in expected]
    assert [right for _, right, _ in pictures] == [255 - grey(plane) for plane in expected]
    assert [text for _, _, text in pictures[1:]] == [f"{plane + 1}/{PLANES}" for plane in expected[1:]]
    opened = calls(sent(film), "frame")
    assert [each["plane"] for each in opened] == list(range(1, PLANES)), "what is here is not opened again"
    assert calls(sent(film, since), "open") == [], "nobody looked at any of them"
    fetched = tiles(sent(film))
    assert len({str(tile) for tile in fetched}) == len(fetched), "no tile is fetched twice"


def test_pausing_stops_requests_and_who_stays_sees_the_plane_described(film: Workspace) -> None:
    watch(film)
    film.press(" ")
    seen(film, 8)
    since = pause(film)
    plane = int(player(film).locator(".number").inner_text().split("/")[0]) - 1
    expect(film.page.locator("toyz-plane-field input")).to_have_value(str(plane + 1))
    film.page.wait_for_function("() => window.sent.some(each => each.task === 'open' && each.parameters.plane > 0)")
    expect(film.page).to_have_url(re.compile(rf"plane={plane}\b"))
    expect(film.page).to_have_url(re.compile(r"low=0&high=255"))
    later = sent(film, since)
    assert [(each["path"], each["hdu"], each["plane"]) for each in calls(later, "open")] == [(f"sky/{CUBE}", 0, plane)]
    assert [each["plane"] for each in calls(later, "frame") if each["plane"] != plane] == []
    assert len({tile["image"] for tile in tiles(later)}) <= 1
    film.settle()
    expect(film.page.get_by_role("img", name=re.compile("histogram", re.IGNORECASE)).first).to_be_visible()
    assert seen(film, 1) is not None
    assert film.page.evaluate("window.seen.at(-1)")[0] == grey(plane)


def test_steps_and_the_slider_show_one_plane(film: Workspace) -> None:
    watch(film)
    slider = player(film).get_by_role("slider", name="Plane")
    slider.fill("41")
    assert seen(film, 2)[-1][0] == grey(40)
    player(film).get_by_role("button", name="Next frame").click()
    assert seen(film, 3)[-1][0] == grey(41)
    for _ in range(2):
        player(film).get_by_role("button", name="Previous frame").click()
    film.page.wait_for_function(f"() => window.seen.at(-1)[0] === {grey(39)}")
    slider.focus()
    film.press("Home")
    film.page.wait_for_function(f"() => window.seen.at(-1)[0] === {grey(0)}")
    assert film.page.evaluate("window.seen.at(-1)[2]") == f"1/{PLANES}"


def test_it_plays_backwards_and_there_and_back(film: Workspace) -> None:
    watch(film)
    player(film).get_by_role("button", name="Play forwards or backwards").click()
    film.press(" ")
    assert [left for left, _, _ in seen(film, 4)] == [grey(plane) for plane in (0, 59, 58, 57)]
    player(film).get_by_role("button", name="Play forwards or backwards").click()
    player(film).get_by_role("button", name="Play in a loop, or there and back").click()
    player(film).get_by_role("combobox", name="Frames per second").select_option("30")
    film.page.wait_for_function(f"() => window.seen.at(-1)[0] === {grey(59)}")
    pictures = [left for left, _, _ in seen(film, film.page.evaluate("window.seen.length") + 5)]
    turned = len(pictures) - pictures[::-1].index(grey(59))
    assert pictures[turned : turned + 2] == [grey(58), grey(57)]


def test_a_style_is_kept_and_changed_while_it_plays(film: Workspace) -> None:
    watch(film)
    film.press(" ")
    seen(film, 3)
    film.press("i")
    film.page.wait_for_function("() => window.seen.length > 5")
    left, right, text = film.page.evaluate("window.seen.at(-1)")
    plane = int(text.split("/")[0]) - 1
    assert (left, right) == (255 - grey(plane), grey(plane))


def test_closing_ends_it_and_closes_what_was_opened(film: Workspace) -> None:
    watch(film)
    film.press(" ")
    seen(film, 6)
    opened = {each["plane"] for each in calls(sent(film), "frame")}
    film.command("Close the image")
    expect(film.files).to_be_visible()
    since = film.page.evaluate("window.sent.length")
    closed = calls(sent(film), "close")
    assert len({each["image"] for each in closed}) >= len(opened) - 3  # some were on their way
    expect(player(film)).to_have_count(0)
    film.page.wait_for_timeout(300)
    assert tiles(sent(film, since)) == []
    assert calls(sent(film, since), "frame") == []


def test_the_files_of_a_folder_are_played_if_they_have_its_size(film: Workspace) -> None:
    show(film, "night/frame_1.fits")
    watch(film, 10)
    film.command("Play the files of this folder")
    order = [left for left, _, _ in seen(film, 11)]
    assert order == [grey(10 * (number % 5)) for number in range(1, 12)]
    assert film.problems == []
    film.press(" ")
    name = player(film).locator(".name").inner_text()
    expect(film.page.locator("toyz-topbar .name")).to_have_text(name)
    player(film).get_by_role("button", name="Close the player").click()
    expect(player(film)).to_have_count(0)


def test_images_of_one_size_blink(film: Workspace) -> None:
    for number in (1, 4):
        film.press("o")
        film.page.evaluate("() => { location.hash = ''; }")
        film.press("Escape")
        show(film, f"night/frame_{number}.fits")
    watch(film, 40)
    film.press("b")
    player(film).get_by_role("combobox", name="Frames per second").select_option("10")
    order = [left for left, _, _ in seen(film, 7)]
    assert order == [grey(40), grey(0), grey(10)] * 2 + [grey(40)]
    film.press("b")
    name = player(film).locator(".name").inner_text()
    expect(film.page.locator("toyz-topbar .name")).to_have_text(name)
    film.press("b")
    film.press("Escape")
    expect(player(film).get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_space_belongs_to_a_button_that_has_the_focus(film: Workspace) -> None:
    film.page.locator("toyz-topbar").get_by_role("button", name="Dark or light").focus()
    film.press(" ")
    expect(player(film).get_by_role("button", name="Play", exact=True)).to_be_visible()
    player(film).get_by_role("slider", name="Plane").focus()
    film.press(" ")
    expect(player(film).get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_one_plane_has_no_player(film: Workspace) -> None:
    expect(player(film)).to_be_visible()
    show(film, "night/frame_1.fits")
    expect(player(film)).to_have_count(0)
