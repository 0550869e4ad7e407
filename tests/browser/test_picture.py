"""The main job: open an exposure by the dialog, move through it, set it, read it."""

import math
import re
from pathlib import Path

import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from playwright.sync_api import expect

from tests.browser.workspace import Workspace, numbers

PIXEL_OF_CCD = re.compile(r"CCD (\w+), HDU (\d+), pixel ([\d.]+) ([\d.]+)")


@pytest.fixture
def exposure(workspace: Workspace) -> Workspace:
    workspace.open("sky", "exposure.fits.fz")
    return workspace


def test_the_whole_exposure_is_seen_at_first(exposure: Workspace) -> None:
    expect(exposure.page.locator("toyz-topbar")).to_contain_text("Mosaic of 61 CCDs")
    left, right = exposure.read_at(0.3)[0], exposure.read_at(0.7)[0]
    bottom, top = exposure.read_at(0.5, 0.8)[1], exposure.read_at(0.5, 0.2)[1]
    assert right > left, "x runs to the right"
    assert top > bottom, "y runs up"
    box = exposure.viewer.bounding_box()
    assert box is not None
    height = exposure.server.http.get("api/images/sky/exposure.fits.fz").json()["height"]
    assert top - bottom == pytest.approx(0.6 * height / 0.96, rel=0.03), "it fills the window, but for a margin"


def test_drag_pans_by_what_the_hand_moves(exposure: Workspace) -> None:
    exposure.zoom_by_key("1", "1:1")
    before = exposure.read_at()
    x, y = exposure.point()
    exposure.page.mouse.down()
    exposure.page.mouse.move(x + 100, y + 60, steps=8)
    # A hand that rests before it lets go leaves no swing.
    exposure.page.wait_for_timeout(300)
    exposure.page.mouse.up()
    exposure.settle()
    after = exposure.read_at(0.5, 0.5)
    assert before[0] - after[0] == pytest.approx(100, abs=6)
    assert after[1] - before[1] == pytest.approx(60, abs=6)


def test_wheel_zooms_at_the_cursor(exposure: Workspace) -> None:
    at = (0.62, 0.4)
    before, zoom = exposure.read_at(*at), exposure.zoom()
    exposure.point(*at)
    for _ in range(6):
        exposure.page.mouse.wheel(0, -120)
    exposure.page.wait_for_function(
        "before => parseFloat(document.querySelector('toyz-app').shadowRoot.querySelector('toyz-status-line')"
        ".shadowRoot.querySelector('.zoom').textContent.split(':')[1]) < before",
        arg=0.8 / zoom,
    )
    exposure.settle()
    after = exposure.read_at(*at)
    assert exposure.zoom() > 1.2 * zoom
    assert math.dist(before, after) < 3 / zoom


def test_keys_zoom(exposure: Workspace) -> None:
    zoom = exposure.status.locator(".zoom")
    exposure.zoom_by_key("1", "1:1")
    exposure.zoom_by_key("+", "1.5:1")
    exposure.zoom_by_key("-", "1:1")
    exposure.press("0")
    box = exposure.viewer.bounding_box()
    assert box is not None
    height = exposure.server.http.get("api/images/sky/exposure.fits.fz").json()["height"]
    expect(zoom).to_have_text(re.compile(r"1:4\.\d"))
    assert exposure.zoom() * height == pytest.approx(box["height"], rel=0.06)


def test_the_readout_agrees_with_astropy(exposure: Workspace, share: Path) -> None:
    exposure.zoom_by_key("1", "1:1")
    exposure.press("+", "+", "+")
    info = exposure.server.http.get("api/images/sky/exposure.fits.fz").json()
    centres = {
        each["name"]: (each["x"] + each["width"] / 2 + 0.3, info["height"] - each["y"] - each["height"] / 2 + 0.3)
        for each in info["ccds"]
    }
    ccd = exposure.status.locator(".ccd")
    checked = 0
    with fits.open(share / "exposure.fits.fz") as file:
        for name, right in [("N4", 0.5), ("S29", 0.43), ("N31", 0.52), ("S10", 0.55)]:
            exposure.go_to("{:.1f}, {:.1f}".format(*centres[name]))
            x, y = exposure.read_at(right, 0.5)
            expect(ccd).to_have_attribute("title", PIXEL_OF_CCD)
            match = PIXEL_OF_CCD.match(ccd.get_attribute("title") or "")
            assert match is not None
            hdu = file[int(match[2])]
            cx, cy = float(match[3]), float(match[4])
            assert match[1] == hdu.header["EXTNAME"] == name
            if abs(cx % 1 - 0.5) > 0.06 and abs(cy % 1 - 0.5) > 0.06:
                truth = float(hdu.data[round(cy) - 1, round(cx) - 1])
                assert exposure.value() == pytest.approx(truth, rel=2e-6)
                checked += 1
            position = exposure.status.locator(".position").inner_text().replace("−", "-")
            shown = SkyCoord(position, unit=("hourangle", "deg"))
            wcs = WCS(hdu.header)
            expected = wcs.pixel_to_world(cx - 1, cy - 1)
            # The pixel is shown with one decimal, so it is known to 0.05 px on both axes.
            scale = max(side.to_value("arcsec") for side in wcs.proj_plane_pixel_scales())
            assert shown.separation(expected).arcsec < 0.08 * scale + 0.02
            assert x > 0
            assert y > 0
    assert checked >= 2


def test_frames_change_at_a_click_and_the_position_is_copied(exposure: Workspace) -> None:
    exposure.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    exposure.read_at(0.5, 0.5)
    position, frame = exposure.status.locator(".position"), exposure.status.locator(".frame")
    expect(position).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    sexagesimal = SkyCoord(position.inner_text().replace("−", "-"), unit=("hourangle", "deg"))
    frame.dispatch_event("click")
    degrees = numbers(position.inner_text())
    assert SkyCoord(*degrees, unit="deg").separation(sexagesimal).arcsec < 0.05
    frame.dispatch_event("click")
    galactic = SkyCoord(*numbers(position.inner_text()), unit="deg", frame="galactic")
    assert galactic.icrs.separation(sexagesimal).arcsec < 0.05
    frame.dispatch_event("click")
    position.dispatch_event("click")
    expect(exposure.notice("Copied")).to_be_visible()
    copied = exposure.page.evaluate("navigator.clipboard.readText()")
    assert SkyCoord(copied, unit=("hourangle", "deg")).separation(sexagesimal).arcsec < 0.05


def test_stretch_cuts_and_colours_change_the_picture(exposure: Workspace) -> None:
    display = exposure.unfold("Display")
    seen = {exposure.picture()}

    def changed() -> None:
        exposure.settle()
        picture = exposure.picture()
        for _ in range(50):
            if picture not in seen:
                break
            exposure.page.wait_for_timeout(100)
            picture = exposure.picture()
        assert picture not in seen
        seen.add(picture)

    display.get_by_role("radio", name="log").click()
    changed()
    expect(exposure.status.locator(".style")).to_have_text("log zscale")
    display.get_by_role("button", name="min–max").click()
    expect(exposure.status.locator(".style")).to_have_text("log min–max")
    changed()
    low, high = display.get_by_label("Low", exact=False).first, display.get_by_label("High", exact=False).first
    low.fill("1e9")
    low.press("Enter")
    expect(display.get_by_role("alert")).to_have_text("Low must be less than high.")
    high.fill("2e9")
    high.press("Enter")
    expect(display.get_by_role("alert")).to_have_count(0)
    expect(exposure.status.locator(".style")).to_have_text("log manual")
    low.fill("150")
    high.fill("400")
    high.press("Enter")
    changed()
    display.get_by_role("button", name="Colormap").click()
    display.get_by_role("combobox", name="Find a colormap").fill("viridis")
    exposure.press("Enter")
    changed()
    display.get_by_role("button", name="Invert").click()
    changed()
    display.get_by_role("button", name="Reset the picture").click()
    expect(display.get_by_role("button", name="zscale")).to_have_attribute("aria-pressed", "true")


def test_there_are_thirty_colormaps_with_their_gradients(exposure: Workspace) -> None:
    display = exposure.unfold("Display")
    display.get_by_role("button", name="Colormap").click()
    expect(display.get_by_role("option").nth(29)).to_be_visible()
    gradient = (
        display.get_by_role("option").first.locator(".swatch").evaluate("e => getComputedStyle(e).backgroundImage")
    )
    assert gradient.startswith("linear-gradient")
    exposure.press("Escape")
    expect(display.get_by_role("option")).to_have_count(0)


def test_limits_of_the_histogram_are_dragged_and_keyed(exposure: Workspace) -> None:
    display = exposure.unfold("Display")
    high = display.get_by_role("slider", name="High cut")
    before = float(high.get_attribute("aria-valuenow") or "nan")
    box = high.bounding_box()
    assert box is not None
    exposure.page.mouse.move(box["x"] + 8, box["y"] + 40)
    exposure.page.mouse.down()
    exposure.page.mouse.move(box["x"] - 40, box["y"] + 40, steps=5)
    exposure.page.mouse.up()
    expect(exposure.status.locator(".style")).to_contain_text("manual")
    dragged = float(high.get_attribute("aria-valuenow") or "nan")
    assert dragged < before
    high.focus()
    exposure.press("ArrowRight")
    expect(high).not_to_have_attribute("aria-valuenow", str(dragged))
    assert float(high.get_attribute("aria-valuenow") or "nan") > dragged


def test_keys_set_the_picture(exposure: Workspace) -> None:
    style = exposure.status.locator(".style")
    before = style.inner_text()
    exposure.press("s")
    expect(style).not_to_have_text(before)
    display = exposure.unfold("Display")
    exposure.press("i")
    expect(display.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")
    exposure.press("c")
    expect(display.get_by_role("button", name="Colormap: gray", exact=True)).to_have_count(0)
    exposure.press("l")
    expect(display.get_by_role("button", name="log", exact=True)).to_have_attribute("aria-pressed", "false")


def test_the_palette_goes_to_a_position(exposure: Workspace) -> None:
    exposure.zoom_by_key("1", "1:1")
    exposure.go_to("1500, 2100")
    assert math.dist(exposure.read_at(), (1500, 2100)) < 3
    exposure.command("fit the")
    expect(exposure.status.locator(".zoom")).not_to_have_text("1:1")


def test_another_hdu_of_the_file_is_shown(exposure: Workspace, share: Path) -> None:
    exposure.press("]")
    expect(exposure.page.get_by_role("combobox", name="HDU or mosaic").locator("option:checked")).to_have_text(
        "1 · S29"
    )
    exposure.press("0")
    with fits.open(share / "exposure.fits.fz") as file:
        ny, nx = file[1].data.shape
    exposure.arrive((nx + 1) / 2, (ny + 1) / 2)


def test_planes_of_a_cube(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    first = workspace.read_at()
    value = workspace.value()
    workspace.press("]")
    expect(workspace.status.locator(".value")).not_to_have_text(re.compile(rf"^{value:g}"))
    assert workspace.read_at() == pytest.approx(first, abs=0.2)
    assert workspace.value() - value == pytest.approx(90 * 120)


def test_what_is_of_a_sample_says_so(exposure: Workspace) -> None:
    sample = re.compile(r"of a sample of 0\.\d+ Mpx", re.IGNORECASE)
    display = exposure.unfold("Display")
    expect(display.get_by_role("button", name="min–max")).to_have_attribute("title", sample)
    statistics = exposure.unfold("Statistics")
    expect(statistics.locator("caption")).to_have_text(sample)
    expect(statistics.get_by_role("row", name="Maximum")).to_contain_text("≈")


def test_a_few_pixels_are_counted_whole_and_the_histogram_stretch_has_one_name(workspace: Workspace) -> None:
    workspace.open("sky", "colours.png")
    display = workspace.unfold("Display")
    expect(display.locator(".facts")).to_have_text(re.compile(r"^\d\u202f\d+ px$"))
    display.get_by_role("radio", name="histogram", exact=True).click()
    expect(workspace.status.locator(".style")).to_contain_text("histogram")
    expect(workspace.page).to_have_url(re.compile("stretch=histogram"))
    expect(display.get_by_role("button", name="min–max")).to_have_attribute("title", re.compile("value$"))


def test_a_plane_is_typed_or_stepped_to(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    field = workspace.page.locator("toyz-topbar").get_by_role("spinbutton", name="Number of the plane")
    field.click()
    workspace.page.keyboard.type("3")  # in the place of what was there
    workspace.press("Enter")
    expect(workspace.page).to_have_url(re.compile("plane=2"))
    expect(field).to_have_value("3")
    workspace.press("ArrowDown")
    expect(workspace.page).to_have_url(re.compile("plane=1"))
    expect(workspace.page.locator("toyz-topbar toyz-plane-field label")).to_have_attribute(
        "title", re.compile("^Plane 2 of 3: axis 3 2 of 3")
    )
    field.fill("7")
    workspace.press("Enter")
    expect(field).to_have_value("2")


def test_the_images_panel_shows_what_it_offers(exposure: Workspace) -> None:
    exposure.page.get_by_role("button", name="Images", exact=True).click()
    exposure.press("o")
    exposure.file("cube.fits").dblclick()
    panel = exposure.page.locator("toyz-images-panel")
    buttons = [panel.get_by_role("button", name=name) for name in ("Previous image", "Next image", "Blink the images")]
    edge = panel.bounding_box()
    assert edge is not None
    for button in buttons:
        expect(button).to_be_visible()
        assert button.evaluate("button => button.scrollWidth <= button.clientWidth")
        box = button.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= edge["x"] + edge["width"]
    content = exposure.page.locator(".content", has=panel)
    assert content.evaluate("content => content.scrollWidth - content.clientWidth") == 0


def test_a_colour_picture_keeps_its_colours(workspace: Workspace) -> None:
    workspace.open("sky", "colours.png")
    workspace.read_at()
    expect(workspace.status.locator(".value")).to_have_text("200 60 20")
    expect(workspace.status.locator(".position")).to_have_text("no sky position")
