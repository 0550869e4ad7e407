"""North up: the picture is turned, and mirrored where its sky is, and everything else goes with it."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from playwright.sync_api import expect

from tests.browser.workspace import Workspace

CORNER = "1500, 2100"


@pytest.fixture
def mirrored(share: Path) -> Iterator[Path]:
    """Write an image of which north is 40° off and the sky is mirrored; values are the same along rows."""
    image = fits.PrimaryHDU(np.repeat(np.arange(700, dtype=np.float32)[:, None], 900, axis=1))
    cos, sin = math.cos(math.radians(40)), math.sin(math.radians(40))
    cards = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 59.0, "CRVAL2": -52.0, "CRPIX1": 450.5}
    cards |= {"CRPIX2": 350.5, "CUNIT1": "deg", "CUNIT2": "deg", "CDELT1": 1e-4, "CDELT2": 1e-4}
    cards |= {"PC1_1": cos, "PC1_2": -sin, "PC2_1": sin, "PC2_2": cos}
    image.header.update(cards)
    path = share / "mirrored.fits"
    image.writeto(path)
    yield path
    path.unlink()


def sky_at(workspace: Workspace, right: float = 0.5, down: float = 0.5) -> SkyCoord:
    workspace.read_at(right, down)
    position = workspace.status.locator(".position")
    expect(position).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    return SkyCoord(position.inner_text().replace("−", "-"), unit=("hourangle", "deg"))


def compass(workspace: Workspace) -> list[int]:
    label = workspace.page.locator("toyz-compass svg").get_attribute("aria-label") or ""
    return [int(number) for number in re.findall(r"-?\d+", label)]


def turn(workspace: Workspace) -> None:
    """Press n, and wait until the picture stands otherwise."""
    before = compass(workspace)
    workspace.press("n")
    workspace.page.wait_for_function(
        "before => !document.querySelector('toyz-app').shadowRoot.querySelector('toyz-viewer').shadowRoot"
        ".querySelector('toyz-compass').shadowRoot.querySelector('svg').getAttribute('aria-label').includes(before)",
        arg=f"North points {before[0]}° and east {before[1]}°",
    )
    workspace.settle()


def assert_north_is_up(workspace: Workspace) -> None:
    middle, up, left = sky_at(workspace), sky_at(workspace, 0.5, 0.3), sky_at(workspace, 0.3, 0.5)
    assert middle.position_angle(up).wrap_at("180d").deg == pytest.approx(0, abs=0.3)
    assert middle.position_angle(left).deg == pytest.approx(90, abs=0.3)
    assert compass(workspace) == [0, -90]


@pytest.fixture
def turned(workspace: Workspace) -> Workspace:
    """The exposure, away from its middle, with north up."""
    workspace.open("sky", "exposure.fits.fz")
    workspace.zoom_by_key("1", "1:1")
    workspace.go_to(CORNER)
    turn(workspace)
    return workspace


def test_north_is_up_in_a_mosaic_and_again_gives_the_files_own(turned: Workspace) -> None:
    assert_north_is_up(turned)
    assert math.dist(turned.read_at(), (1500, 2100)) < 2, "the middle stays"
    turn(turned)
    left, right = turned.read_at(0.3), turned.read_at(0.7)
    top, bottom = turned.read_at(0.5, 0.3), turned.read_at(0.5, 0.7)
    assert right[0] - left[0] > 100
    assert top[1] - bottom[1] > 100
    assert right[1] == left[1]


def test_a_mirrored_sky_is_mirrored_back(workspace: Workspace, mirrored: Path) -> None:
    workspace.open("sky", mirrored.name)
    before = compass(workspace)
    assert (before[1] - before[0]) % 360 == 90, "east is on the wrong side"
    turn(workspace)
    assert_north_is_up(workspace)
    workspace.zoom_by_key("1", "1:1")
    assert_north_is_up(workspace)


def test_without_a_wcs_it_says_why_not(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    before = workspace.picture()
    workspace.press("n")
    expect(workspace.notice("North is not known")).to_contain_text("no usable WCS")
    assert workspace.picture() == before


@pytest.mark.parametrize("name", ["exposure.fits.fz", "mirrored.fits"])
def test_the_hand_moves_a_turned_picture(workspace: Workspace, mirrored: Path, name: str) -> None:
    workspace.open("sky", name)
    workspace.zoom_by_key("1", "1:1")
    turn(workspace)
    page = workspace.page
    held = workspace.read_at(0.5, 0.5)
    x, y = workspace.point(0.5, 0.5)
    page.mouse.down()
    page.mouse.move(x + 120, y - 70, steps=8)
    page.wait_for_timeout(300)  # a hand that rests before it lets go leaves no swing
    page.mouse.up()
    workspace.settle()
    box = workspace.viewer.bounding_box()
    assert box is not None
    at = (0.5 + 120 / box["width"], 0.5 - 70 / box["height"])
    assert math.dist(workspace.read_at(*at), held) < 4, "what was held stays under the hand"

    at = (0.55, 0.42)
    before = workspace.read_at(*at)
    workspace.point(*at)
    for _ in range(4):
        page.mouse.wheel(0, -120)
    workspace.settle()
    page.wait_for_timeout(500)
    assert workspace.zoom() > 1.5
    assert math.dist(workspace.read_at(*at), before) < 2, "the wheel zooms at the cursor"

    at = (0.45, 0.55)
    before = workspace.read_at(*at)
    zoom = workspace.zoom()
    page.mouse.dblclick(*workspace.point(*at))
    page.wait_for_timeout(500)
    assert workspace.zoom() == pytest.approx(2 * zoom, rel=0.05)
    assert math.dist(workspace.read_at(*at), before) < 2, "so does a double click"


def test_zoom_box_arrows_and_minimap_follow_the_turn(turned: Workspace) -> None:
    page = turned.page
    before = sky_at(turned)
    turned.press("ArrowUp")
    page.wait_for_timeout(500)
    after = sky_at(turned)
    assert before.position_angle(after).wrap_at("180d").deg == pytest.approx(0, abs=1), "up is north"

    wanted = turned.read_at(0.6, 0.6)
    turned.point(0.55, 0.52)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(*turned.point(0.65, 0.68), steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.wait_for_timeout(600)
    assert turned.zoom() > 3
    assert math.dist(turned.read_at(), wanted) < 3, "the middle of the box is in the middle"

    minimap = page.locator("toyz-minimap canvas").bounding_box()
    assert minimap is not None
    page.mouse.click(minimap["x"] + 0.5 * minimap["width"], minimap["y"] + 0.25 * minimap["height"])
    info = turned.server.http.get("api/images/sky/exposure.fits.fz").json()
    page.wait_for_timeout(600)
    chosen = (0.5 * info["width"], 0.75 * info["height"])
    assert math.dist(turned.read_at(), chosen) < info["width"] / minimap["width"] * 1.5, "as near as the minimap shows"


def test_the_turn_comes_back_with_the_link_and_the_saved_view(turned: Workspace) -> None:
    page = turned.page
    page.wait_for_function("() => location.hash.includes('turn=')")
    link = parse_qs(urlsplit(page.url).fragment)
    assert abs(float(link["turn"][0])) > 1
    page.wait_for_timeout(1000)  # a view is kept a moment after the last movement
    page.reload()
    expect(turned.status.locator(".zoom")).to_have_text("1:1")
    turned.settle()
    assert_north_is_up(turned)
    assert math.dist(turned.read_at(), (1500, 2100)) < 2


def test_the_picture_has_no_seams_and_is_as_bright(workspace: Workspace, mirrored: Path) -> None:
    """Rows of equal value stay so under the turn: between tiles nothing darker shines through."""
    workspace.open("sky", mirrored.name)
    workspace.zoom_by_key("1", "1:1")
    workspace.unfold("Display").get_by_role("button", name="min–max").click()
    turn(workspace)
    workspace.settle()
    # Magenta, of which nothing must shine through a picture in grey.
    seen = workspace.pixels("#ff00ff")
    top, left = seen.shape[0] // 2 - 150, seen.shape[1] // 2 - 150
    red, green, _ = np.moveaxis(seen[top : top + 300, left : left + 300], 2, 0)
    assert np.abs(np.diff(red, axis=1)).max() <= 8, "a ramp of one grey in three pixels, and what JPEG adds"
    assert np.abs(red - green).max() <= 2, "there are tiles everywhere"
