"""Regions by hand: drawn, placed to the pixel, changed, undone, measured, and to files and back."""

import io
import math
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import regions
from astropy import units
from astropy.io import fits
from astropy.wcs import WCS
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import SIZE
from tests.browser.test_touch import Hand, at
from tests.browser.workspace import Workspace, numbers
from tests.web.harness import Served

WIDTH, HEIGHT = 400, 300
BRIGHT = (250, 120)
"""Column and row, from 0, of the one pixel that is seen from afar."""


def write(path: Path) -> Any:
    """Write an image with a sky that is turned, one bright pixel, and noise to measure."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crpix, wcs.wcs.crval = [200.5, 150.5], [150.0, 2.0]
    cos, sin = math.cos(0.5), math.sin(0.5)
    wcs.wcs.cd = np.array([[-cos, sin], [sin, cos]]) * 0.3 / 3600
    values = np.random.default_rng(4).normal(0, 1, (HEIGHT, WIDTH)).astype("f4")
    values[200:210, 100:110] = np.nan
    values[BRIGHT[1], BRIGHT[0]] = 1000
    fits.PrimaryHDU(values, wcs.to_header()).writeto(path)
    return values


@pytest.fixture(scope="module")
def original(share: Path) -> Iterator[tuple[Path, Any]]:
    path = share / "regions" / "original.fits"
    path.parent.mkdir()
    values = write(path)
    (path.parent / "some.reg").write_text("image\ncircle(251,121,4) # text={from the share}\nannulus(1,2,3,4)\n")
    yield path, values
    shutil.rmtree(path.parent)


@pytest.fixture
def picture(request: pytest.FixtureRequest, workspace: Workspace, original: tuple[Path, Any]) -> Workspace:
    """Show an image that no other test has drawn on, with the panel beside it."""
    path = original[0].with_name(f"{re.sub('[^a-z]+', '_', request.node.name.lower())[:60]}.fits")
    shutil.copy(original[0], path)
    workspace.open("sky", "regions", path.name)
    workspace.command("Regions")
    expect(panel(workspace)).to_be_visible()
    workspace.next_frame()
    return workspace


def panel(workspace: Workspace) -> Locator:
    return workspace.page.locator("toyz-regions-panel").locator("visible=true")


def rows(workspace: Workspace) -> Locator:
    return panel(workspace).locator(".option")


def field(workspace: Workspace, name: str) -> float:
    """Give a number of the selected region."""
    return float(panel(workspace).get_by_label(name, exact=True).input_value())


def put(workspace: Workspace, name: str, value: str) -> None:
    box = panel(workspace).get_by_label(name, exact=True)
    box.fill(value)
    box.press("Enter")
    box.blur()


def drag(workspace: Workspace, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over the picture, by fractions of it."""
    mouse = workspace.page.mouse
    workspace.point(*start)
    mouse.down()
    workspace.point((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    workspace.point(*end)
    mouse.up()


def outline(workspace: Workspace) -> dict[str, float]:
    """Give the box on the screen around the selected region: around the middle of its line, which is 2.5 px wide."""
    workspace.next_frame()
    found = workspace.page.locator("toyz-viewer .regions path.strong").bounding_box()
    assert found is not None
    half = 1.25
    return {
        "x": found["x"] + half,
        "y": found["y"] + half,
        "width": found["width"] - 2 * half,
        "height": found["height"] - 2 * half,
    }


# ---- drawing --------------------------------------------------------------------------------


def test_each_shape_is_drawn_where_the_mouse_is(picture: Workspace) -> None:
    start, end = (0.3, 0.35), (0.4, 0.45)
    (x0, y0), (x1, y1) = picture.read_at(*start), picture.read_at(*end)
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    expected = {
        "C": ("Circle", {"x (px)": x0, "y (px)": y0, "Radius (px)": math.dist((x0, y0), (x1, y1))}),
        "E": ("Ellipse", {"x (px)": middle[0], "y (px)": middle[1], "Semi-axis 1 (px)": abs(x1 - x0) / 2}),
        "B": ("Box", {"x (px)": middle[0], "y (px)": middle[1], "Height (px)": abs(y1 - y0), "Angle (°)": 0}),
        "L": ("Line", {"x 1 (px)": x0, "y 1 (px)": y0, "x 2 (px)": x1, "y 2 (px)": y1}),
        "M": ("Point", {"x (px)": x1, "y (px)": y1}),
        "T": ("Text", {"x (px)": x1, "y (px)": y1}),
    }
    for number, (key, (name, fields)) in enumerate(expected.items()):
        picture.press(key)
        drag(picture, start, end)
        expect(rows(picture)).to_have_count(number + 1)
        expect(panel(picture).get_by_role("heading", name=name, exact=True)).to_be_visible()
        for label, value in fields.items():
            assert field(picture, label) == pytest.approx(value, abs=0.15), (name, label)
    expect(panel(picture).get_by_label("Label", exact=True)).to_be_focused()
    picture.page.keyboard.type("Hello")
    picture.press("Enter")
    expect(rows(picture).last).to_have_text("Hello")
    picture.press("P")
    places = [(0.55, 0.5), (0.65, 0.52), (0.6, 0.65), (0.5, 0.6)]
    for place in places:
        picture.page.mouse.click(*picture.point(*place))
    picture.press("Backspace", "Enter")
    expect(rows(picture).last).to_contain_text("Polygon of 3 vertices")
    assert field(picture, "x 2 (px)") == pytest.approx(picture.read_at(*places[1])[0], abs=0.15)


def test_each_shape_is_drawn_without_a_pointer(picture: Workspace) -> None:
    x, y = picture.read_at(0.5, 0.5)
    picture.page.mouse.move(2, 2)
    names = {"M": "Point", "C": "Circle", "E": "Ellipse", "B": "Box", "P": "Polygon", "L": "Line", "T": "Text"}
    banner = picture.page.locator("toyz-region-hint")
    for number, (key, name) in enumerate(names.items(), start=1):
        picture.press(key)
        expect(banner).to_contain_text(f"{name} (Shift {key}): ")
        expect(banner).to_contain_text("Enter: in the middle of the view")
        picture.press("Enter")
        expect(rows(picture)).to_have_count(number)
        expect(panel(picture).get_by_role("heading", name=name, exact=True)).to_be_visible()
        if key in "MCEBT":
            assert field(picture, "x (px)") == pytest.approx(x, abs=1), name
            assert field(picture, "y (px)") == pytest.approx(y, abs=1), name
    expect(panel(picture).get_by_label("Label", exact=True)).to_be_focused()
    picture.press("Enter", "Shift+C", "Enter", "ArrowLeft")
    expect(rows(picture)).to_have_count(8)
    assert field(picture, "x (px)") == pytest.approx(x - 1, abs=1)
    assert field(picture, "Radius (px)") * picture.zoom() > 40
    picture.press("L")
    panel(picture).get_by_role("button", name="Go to the selected region").focus()
    banner.get_by_role("button", name="Done").focus()
    picture.press("Enter")
    expect(banner.get_by_role("button")).to_have_count(0)
    expect(rows(picture)).to_have_count(8)
    expect(picture.page.get_by_role("application")).to_be_focused()


@pytest.mark.parametrize("north_up", [False, True], ids=["as in the file", "north up"])
def test_a_region_lies_on_its_pixel_at_30_to_1(picture: Workspace, north_up: bool) -> None:
    """A box around one pixel is drawn where the picture has that pixel, though it is turned."""
    picture.command("Cuts: minimum and maximum")
    picture.command("Import or export regions")
    dialog = picture.page.get_by_role("dialog", name="Region files")
    dialog.get_by_label("DS9 or CASA regions").fill(f"image; box({BRIGHT[0] + 1},{BRIGHT[1] + 1},1,1,0)")
    dialog.get_by_role("button", name="Import the text").click()
    expect(dialog.get_by_text("1 region was imported.")).to_be_visible()
    picture.press("Escape")
    if north_up:
        picture.press("n")
        picture.page.wait_for_function("() => location.hash.includes('turn=')")
    picture.press("Z")
    expect(picture.status.locator(".zoom")).to_have_text("32:1")
    picture.settle()
    picture.arrive(BRIGHT[0] + 1, BRIGHT[1] + 1)
    picture.page.mouse.move(2, 2)
    drawn = outline(picture)
    picture.press("R")
    seen = bright(picture)
    # The corners of a pixel that stands on its tip end in screen pixels that are mostly background.
    blunt = 3.0 if north_up else 1.6
    for edge, length in (("x", "width"), ("y", "height")):
        assert drawn[edge] + drawn[length] / 2 == pytest.approx(seen[edge] + seen[length] / 2, abs=1.0), edge
        assert drawn[length] == pytest.approx(seen[length], abs=blunt), length


def bright(workspace: Workspace) -> dict[str, float]:
    """Give the box on the screen around what is white."""
    workspace.next_frame()
    pixels = np.asarray(Image.open(io.BytesIO(workspace.picture())).convert("L"))
    below, right = np.nonzero(pixels > 200)
    box = workspace.viewer.bounding_box()
    assert box is not None
    return {
        "x": box["x"] + 160 + int(right.min()),
        "y": box["y"] + 120 + int(below.min()),
        "width": int(np.ptp(right)) + 1,
        "height": int(np.ptp(below)) + 1,
    }


# ---- editing --------------------------------------------------------------------------------


def test_a_region_is_moved_sized_turned_nudged_and_undone(picture: Workspace) -> None:
    picture.press("B")
    drag(picture, (0.4, 0.4), (0.5, 0.5))
    first = {name: field(picture, name) for name in ("x (px)", "y (px)", "Width (px)", "Height (px)", "Angle (°)")}
    drag(picture, (0.45, 0.45), (0.5, 0.5))
    per_pixel = picture.zoom()
    box = picture.viewer.bounding_box()
    assert box is not None
    right = 0.05 * box["width"] / per_pixel
    expect(panel(picture).get_by_label("x (px)", exact=True)).not_to_have_value(str(first["x (px)"]))
    assert field(picture, "x (px)") == pytest.approx(first["x (px)"] + right, rel=0.02)
    drag(picture, (0.55, 0.5), (0.6, 0.5))
    assert field(picture, "Width (px)") == pytest.approx(first["Width (px)"] + right, rel=0.05)
    assert field(picture, "Height (px)") == pytest.approx(first["Height (px)"], abs=0.1)
    picture.next_frame()
    knob = picture.page.locator("toyz-viewer .regions circle.turn")
    x = box["x"] + float(knob.get_attribute("cx") or "nan")
    y = box["y"] + float(knob.get_attribute("cy") or "nan")
    mouse = picture.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 80, y + 60)
    mouse.up()
    assert 270 < field(picture, "Angle (°)") < 360
    before = field(picture, "x (px)")
    picture.press("ArrowLeft", "ArrowLeft")
    assert field(picture, "x (px)") == pytest.approx(before - 2, abs=1e-3)
    put(picture, "Label", "the box")
    expect(rows(picture)).to_have_text("the box")
    for _ in range(5):
        picture.press("Control+z")
    assert {name: field(picture, name) for name in first} == first
    picture.press("Control+z")
    expect(rows(picture)).to_have_count(0)
    picture.press("Control+Shift+z")
    expect(rows(picture)).to_have_count(1)


def test_what_is_typed_is_for_the_region_whose_field_it_was(picture: Workspace) -> None:
    picture.press("C")
    drag(picture, (0.3, 0.4), (0.35, 0.4))
    picture.press("B")
    drag(picture, (0.6, 0.4), (0.7, 0.5))
    circle, box = rows(picture).nth(0), rows(picture).nth(1)
    label = panel(picture).get_by_label("Label", exact=True)

    def select_the_box() -> None:
        picture.page.mouse.click(*picture.point(0.65, 0.45))
        expect(box).to_have_attribute("aria-selected", "true")

    circle.click()
    label.focus()
    picture.page.keyboard.type("mine")
    select_the_box()
    expect(circle).to_have_text("mine")
    expect(label).to_have_value("")
    picture.press("Tab")
    expect(box).to_contain_text("Box at")
    select_the_box()
    picture.press("D")
    expect(rows(picture)).to_have_count(3)
    picture.press("Delete")
    circle.click()
    panel(picture).get_by_label("x (px)", exact=True).fill("123.5")
    select_the_box()
    circle.click()
    assert field(picture, "x (px)") == 123.5
    panel(picture).get_by_label("y (px)", exact=True).fill("north")
    select_the_box()
    expect(picture.notice("mine stays as it was. y is a number.")).to_be_visible()
    circle.click()
    label.fill("still mine")
    picture.press("Escape")
    expect(label).to_have_count(0)
    expect(circle).to_have_text("still mine")
    expect(box).to_contain_text("Box at")


def test_the_focus_goes_on_where_what_had_it_is_gone(picture: Workspace) -> None:
    panel(picture).get_by_role("button", name="Draw: Circle").click()
    expect(picture.page.get_by_role("application")).to_be_focused()
    picture.press("Enter", "D")
    expect(rows(picture)).to_have_count(2)
    delete = panel(picture).get_by_role("button", name="Delete the selected regions")
    delete.focus()
    picture.press("Enter")
    expect(panel(picture).get_by_role("listbox")).to_be_focused()
    picture.press("ArrowDown", "Delete")
    expect(panel(picture).get_by_role("button", name="Draw: Point")).to_be_focused()


def test_the_list_takes_the_room_that_is_there(picture: Workspace) -> None:
    picture.command("Import or export regions")
    dialog = picture.page.get_by_role("dialog", name="Region files")
    dialog.get_by_label("DS9 or CASA regions").fill("image\n" + "\n".join(f"point({n}, 9)" for n in range(1, 13)))
    dialog.get_by_role("button", name="Import the text").click()
    expect(dialog.get_by_text("12 regions were imported.")).to_be_visible()
    expect(dialog.get_by_role("heading", name="Export the 12 selected regions")).to_be_visible()
    picture.press("Escape", "Escape")
    expect(rows(picture).last).to_be_in_viewport(ratio=1)
    rows(picture).first.click()
    box = panel(picture).get_by_role("listbox").bounding_box()
    assert box is not None
    assert box["height"] >= 210
    statistics = panel(picture).get_by_role("table", name="Statistics of the region")
    statistics.scroll_into_view_if_needed()
    expect(statistics).to_be_in_viewport()


def test_the_keyboard_reaches_all_of_the_list(picture: Workspace) -> None:
    for key, left in (("C", 0.3), ("C", 0.5), ("C", 0.7)):
        picture.press(key)
        drag(picture, (left, 0.4), (left + 0.04, 0.4))
    picture.press("Escape")
    panel(picture).get_by_role("listbox").focus()
    picture.press("End", "ArrowUp")
    expect(rows(picture).nth(1)).to_have_attribute("aria-selected", "true")
    # A key that follows before the next frame belongs to the label already: M alone would draw a point.
    picture.page.evaluate("() => { window.framesOf = requestAnimationFrame; window.requestAnimationFrame = () => 0; }")
    picture.press("F2")
    picture.page.keyboard.type("middle")
    picture.page.evaluate("() => { window.requestAnimationFrame = window.framesOf; }")
    picture.press("Enter")
    expect(rows(picture).nth(1)).to_have_text("middle")
    panel(picture).get_by_role("listbox").focus()
    picture.press("Delete")
    expect(rows(picture)).to_have_count(2)
    picture.press("A", "D")
    expect(rows(picture)).to_have_count(4)
    panel(picture).get_by_role("button", name="Lock the selected regions").click()
    picture.press("Delete")
    expect(rows(picture)).to_have_count(4)
    panel(picture).get_by_role("button", name="Unlock the selected regions").click()
    picture.press("Delete")
    expect(rows(picture)).to_have_count(2)


def test_a_region_is_there_after_a_reload(picture: Workspace) -> None:
    picture.press("C")
    drag(picture, (0.4, 0.4), (0.5, 0.5))
    put(picture, "Label", "kept")
    radius = field(picture, "Radius (px)")
    expect(picture.status.locator(".saving")).to_have_text("saved")
    picture.page.reload()
    expect(rows(picture)).to_have_text("kept")
    rows(picture).click()
    assert field(picture, "Radius (px)") == radius


# ---- statistics -----------------------------------------------------------------------------


def test_what_is_shown_of_a_region_is_what_numpy_finds(picture: Workspace, original: tuple[Path, Any]) -> None:
    picture.press("E")
    drag(picture, (0.4, 0.4), (0.5, 0.5))
    wanted = {
        "x (px)": "105.5",
        "y (px)": "201",
        "Semi-axis 1 (px)": "22.5",
        "Semi-axis 2 (px)": "9",
        "Angle (°)": "30",
    }
    for name, value in wanted.items():
        put(picture, name, value)
    region = regions.EllipsePixelRegion(regions.PixCoord(104.5, 200), 45, 18, 30 * units.deg)
    values = original[1][region.to_mask("center").to_image((HEIGHT, WIDTH)) > 0].astype("f8")
    good = values[np.isfinite(values)]
    expected = {
        "Mean": good.mean(),
        "Median": np.median(good),
        "Std deviation": good.std(),
        "Minimum": good.min(),
        "Maximum": good.max(),
        "Sum": good.sum(),
        "Pixels": good.size,
        "Without a value": values.size - good.size,
        "Area (px²)": math.pi * 22.5 * 9,
        "Area (arcsec²)": math.pi * 22.5 * 9 * 0.09,
    }
    table = panel(picture).get_by_role("table", name="Statistics of the region")
    expect(table.get_by_role("row", name="Pixels")).to_contain_text(str(good.size))
    for name, value in expected.items():
        shown = table.get_by_role("row", name=name, exact=False).first.inner_text().replace(name, "", 1)
        assert numbers(shown.replace("\u202f", ""))[0] == pytest.approx(float(value), rel=1e-5), name
    put(picture, "RA, Dec (ICRS)", "10:00:00 +02:00:00")
    expect(panel(picture).get_by_label("x (px)", exact=True)).to_have_value("200.5")
    put(picture, "Semi-axis 1 (″)", "3")
    expect(panel(picture).get_by_label("Semi-axis 1 (px)", exact=True)).to_have_value(
        re.compile("^(10|9.9999|10.0001)$")
    )


# ---- files ----------------------------------------------------------------------------------


def test_regions_go_to_a_file_and_come_back(picture: Workspace) -> None:
    picture.press("B")
    drag(picture, (0.4, 0.4), (0.5, 0.5))
    put(picture, "Angle (°)", "20")
    before = {name: field(picture, name) for name in ("x (px)", "y (px)", "Width (px)", "Height (px)", "Angle (°)")}
    picture.command("Import or export regions")
    dialog = picture.page.get_by_role("dialog", name="Region files")
    dialog.get_by_label("Coordinates").select_option("galactic")
    expect(dialog.get_by_role("heading", name="Export the selected region")).to_be_visible()
    dialog.get_by_role("button", name="Show the text").click()
    written = dialog.get_by_label("The DS9 file")
    expect(written).to_have_value(re.compile(r"galactic\nbox\("))
    with picture.page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert Path(download.value.path()).read_text() == written.input_value()
    text = written.input_value()
    dialog.get_by_label("DS9 or CASA regions").fill(text)
    dialog.get_by_role("button", name="Import the text").click()
    expect(dialog.get_by_text("1 region was imported.")).to_be_visible()
    expect(picture.notice("imported")).to_have_count(0)
    assert dialog.locator("datalist option").evaluate_all("all => all.map(({ value }) => value)") == [
        "sky/regions/some.reg"
    ]
    dialog.get_by_label("A file in a share").fill("sky/regions/some.reg")
    dialog.get_by_role("button", name="From a share").click()
    expect(dialog.get_by_text("One was left out: a shape that is not known here")).to_be_visible()
    dialog.get_by_label("DS9 or CASA regions").fill("<script>alert(1)</script>")
    dialog.get_by_role("button", name="Import the text").click()
    expect(dialog.get_by_role("alert")).to_contain_text("No region could be read")
    picture.press("Escape")
    expect(rows(picture)).to_have_count(3)
    expect(rows(picture).nth(2)).to_have_text("from the share")
    rows(picture).nth(1).click()
    for name, value in before.items():
        assert field(picture, name) == pytest.approx(value, abs=2e-3), name


# ---- fingers --------------------------------------------------------------------------------


def test_a_finger_draws_and_drags(
    chromium: Browser, server: Served, original: tuple[Path, Any], plain_settings: None
) -> None:
    shutil.copy(original[0], original[0].with_name("fingers.fits"))
    context = chromium.new_context(viewport=SIZE, has_touch=True)
    workspace = Workspace(context, server, server.url)
    workspace.open("sky", "regions", "fingers.fits")
    workspace.command("Regions")
    hand = Hand(workspace)
    panel(workspace).get_by_role("button", name="Draw: Circle").tap()
    hand.move([at(workspace, 0.5, 0.5)], [at(workspace, 0.6, 0.5)])
    expect(rows(workspace)).to_have_count(1)
    radius, x = field(workspace, "Radius (px)"), field(workspace, "x (px)")
    hand.move([at(workspace, 0.6, 0.5)], [at(workspace, 0.7, 0.5)])
    assert field(workspace, "Radius (px)") == pytest.approx(2 * radius, rel=0.05)
    hand.move([at(workspace, 0.55, 0.5)], [at(workspace, 0.5, 0.45)])
    assert field(workspace, "x (px)") < x - radius / 4
    context.close()
    assert workspace.problems == []
