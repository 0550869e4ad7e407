"""What stands around the picture and over it: it can be read, covers nothing, and stays in its place."""

import io
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FloatRect, Locator, expect

from tests.browser.conftest import SIZE
from tests.browser.workspace import Workspace

WIDTHS = (1440, 1150, 1000, 900, 800, 700, 650, 600, 500, 400)


@pytest.fixture
def long_name(share: Path) -> Iterator[str]:
    """Give the name of an exposure, as long as those of archives are."""
    path = share / "c4d_260301_051234_ooi_r_v1_a_very_long_name_of_an_exposure_in_some_archive.fits.fz"
    shutil.copy(share / "exposure.fits.fz", path)
    yield path.name
    path.unlink()


def shades(place: Locator) -> np.ndarray:
    """Give the greys of what is seen in a place."""
    return np.asarray(Image.open(io.BytesIO(place.screenshot())).convert("L"), int)


def box_of_notice(workspace: Workspace) -> FloatRect:
    """Copy the link, and give where that is told, before the notice goes."""
    box = None
    while box is None:
        workspace.press("y")
        workspace.next_frame()  # what was measured stands where it belongs
        box = workspace.notice("link").first.bounding_box()
    return box


def overlap(one: FloatRect, place: Locator) -> float:
    """Give the area that a box and an element share, in square pixels."""
    other = place.bounding_box()
    assert other is not None
    width = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    height = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return max(width, 0) * max(height, 0)


@pytest.mark.parametrize("name", ["toyz-scale-bar", "toyz-compass"])
@pytest.mark.parametrize("invert", [False, True], ids=["white", "black"])
def test_scale_bar_and_compass_are_read_on_any_picture(workspace: Workspace, name: str, invert: bool) -> None:
    workspace.open("sky", "exposure.fits.fz")
    workspace.zoom_by_key("1", "1:1")
    workspace.press("m")
    display = workspace.unfold("Display")
    display.get_by_label("Low", exact=False).first.fill("-9000")
    display.get_by_label("High", exact=False).first.fill("-8000")
    workspace.press("Enter")
    if invert:
        display.get_by_role("button", name="Invert").click()
    workspace.settle()
    workspace.page.wait_for_timeout(500)
    found = shades(workspace.page.locator(name))[8:-8, 8:-8]
    ground = np.median(found)
    assert ground < 115, "4.5:1 below white"
    assert np.count_nonzero(found > 200) > 60, "the lines are white"


def test_notices_leave_the_minimap_and_the_panels_alone(workspace: Workspace) -> None:
    workspace.open("sky", "exposure.fits.fz")
    workspace.unfold("Header")
    for width in (1440, 950, 700, 400):
        workspace.page.set_viewport_size({"width": width, "height": 800})
        notice = box_of_notice(workspace)
        places = ["toyz-minimap", "toyz-scale-bar", "toyz-status-line", "toyz-topbar"]
        places += ["toyz-header-panel", "toyz-rail"] if width >= 900 else []
        covered = {place: overlap(notice, workspace.page.locator(place)) for place in places}
        assert not any(covered.values()), (width, covered)


@pytest.mark.parametrize("width", [1440, 345, 320, 285, 240])
def test_the_minimap_leaves_the_scale_bar_alone(workspace: Workspace, width: int) -> None:
    workspace.page.set_viewport_size({"width": width, "height": 700})
    workspace.open("sky", "exposure.fits.fz")
    scale, minimap = (workspace.page.locator(name) for name in ("toyz-scale-bar", "toyz-minimap"))
    for _ in range(8):  # the bar has another length at each
        workspace.press("+")
        box = scale.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width
        assert not minimap.is_visible() or overlap(box, minimap) == 0
    assert minimap.is_visible() == (width > 280)


def test_a_fitted_picture_is_fitted_again_until_it_is_moved(workspace: Workspace) -> None:
    workspace.page.set_viewport_size({"width": 380, "height": 700})
    workspace.open("sky", "exposure.fits.fz")
    narrow = workspace.zoom()
    workspace.page.set_viewport_size(SIZE)
    expect(workspace.page.locator("toyz-display-panel")).to_be_visible()
    workspace.press("p")
    workspace.settle()
    wide = workspace.zoom()
    assert wide > 2 * narrow
    workspace.press("0")
    workspace.settle()
    assert workspace.zoom() == wide, "as large as a fit makes it"
    workspace.press("+")
    workspace.page.wait_for_timeout(600)
    zoom = workspace.status.locator(".zoom").inner_text()
    workspace.page.set_viewport_size({"width": 1000, "height": 700})
    workspace.settle()
    expect(workspace.status.locator(".zoom")).to_have_text(zoom)


def test_the_status_line_of_an_empty_workspace_has_no_fields(workspace: Workspace) -> None:
    expect(workspace.file("sky")).to_be_visible()
    expect(workspace.connection).to_contain_text("connected")
    assert "–" not in workspace.status.inner_text()
    expect(workspace.status.locator(".value")).to_have_count(0)


def test_the_status_line_drops_fields_that_have_no_room(workspace: Workspace) -> None:
    workspace.open("sky", "exposure.fits.fz")
    line = workspace.status.locator(".line")
    shown: list[set[str]] = []
    for width in WIDTHS:
        workspace.page.set_viewport_size({"width": width, "height": 800})
        workspace.read_at()
        overflow = line.evaluate("line => line.scrollWidth - line.clientWidth")
        assert overflow <= 0, f"{overflow} pixels are cut off at a width of {width}"
        names = [".value", ".zoom", ".position", ".frame", ".ccd", ".style"]
        shown.append({name for name in names if workspace.status.locator(name).is_visible()})
        assert {".value", ".zoom"} <= shown[-1]
    assert all(after <= before for before, after in pairwise(shown)), "narrower shows less"
    assert {".position", ".frame"} <= shown[-1], "what matters most is there to the last"


def test_a_narrow_status_line_reads_whole(workspace: Workspace) -> None:
    workspace.page.set_viewport_size({"width": 400, "height": 800})
    workspace.open("sky", "exposure.fits.fz")
    workspace.read_at()
    expect(workspace.status.locator(".value")).to_have_text(re.compile(r"^\d+\.\d+ adu$"))
    for name in (".value", ".position"):
        field = workspace.status.locator(name)
        assert field.evaluate("field => field.scrollWidth - field.clientWidth") <= 0, name
    value, position = (workspace.status.locator(name).bounding_box() for name in (".value", ".position"))
    assert value is not None
    assert position is not None
    assert position["y"] >= value["y"] + value["height"], "below, not over each other"


def test_a_picture_without_a_sky_has_no_frame(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    expect(workspace.status.locator(".position")).to_have_text("no sky position")
    expect(workspace.status.locator(".frame")).to_have_count(0)


@pytest.mark.parametrize("width", [900, 700, 400])
def test_a_long_name_leaves_the_bar_its_buttons(workspace: Workspace, long_name: str, width: int) -> None:
    workspace.page.set_viewport_size({"width": width, "height": 800})
    workspace.open("sky", long_name)
    bar = workspace.page.locator("toyz-topbar")
    # All at one moment: the bar moves when the workspace has been saved.
    measure = (
        "all => all.map(e => e.getBoundingClientRect()).map(({x, width}) => ({x, width})).filter(b => b.width > 0)"
    )
    boxes = bar.locator("button, select, input").evaluate_all(measure)
    assert all(one["x"] + one["width"] <= other["x"] for one, other in pairwise(boxes)), boxes
    assert boxes[-1]["x"] + boxes[-1]["width"] <= width


@pytest.mark.parametrize("width", [1440, 700])
def test_nothing_jumps_as_numbers_come_and_go(workspace: Workspace, width: int) -> None:
    workspace.open("sky", "exposure.fits.fz")
    workspace.page.set_viewport_size({"width": width, "height": 800})

    def places() -> list[float]:
        fields = workspace.status.locator(".x, .value, .position, .frame, .zoom").all()
        return [box["x"] for field in fields if (box := field.bounding_box())]

    workspace.page.mouse.move(2, 2)
    expect(workspace.status.locator(".x").first).to_have_text("–")
    empty = places()
    workspace.point()
    workspace.pixel()
    assert places() == empty
