"""Panels around the picture: dragged by hand, moved by commands, remembered, and got back when all goes wrong."""

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, ViewportSize, expect

from tests.browser.workspace import PATIENCE, Workspace
from tests.web.harness import Served

PANEL_WIDTH = 320
NARROW: ViewportSize = {"width": 700, "height": 900}
SAVED_MS = 1200
"""A layout is kept a moment after the last change."""


@pytest.fixture
def exposure(workspace: Workspace) -> Workspace:
    workspace.open("sky", "exposure.fits.fz")
    return workspace


@pytest.fixture
def another(chromium: Browser, server: Served) -> Iterator[Workspace]:
    """Open a second window of the same user, as on another day."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    workspace = Workspace(context, server, server.url)
    yield workspace
    context.close()
    assert workspace.problems == []


def _tab(workspace: Workspace, name: str) -> Locator:
    return workspace.page.get_by_role("tab", name=name, exact=True)


def _group(workspace: Workspace, name: str) -> Locator:
    """Give the group whose panel in sight is called so."""
    return workspace.page.locator(f"toyz-dock .dv-groupview[aria-label='{name}']")


def _box(locator: Locator) -> dict[str, float]:
    expect(locator).to_be_visible()
    box = locator.bounding_box()
    assert box is not None
    return dict(box)  # type: ignore[arg-type]


def _side(workspace: Workspace, name: str) -> str:
    """Give where a panel is, seen from the picture."""
    panel, picture = _box(_group(workspace, name)), _box(workspace.viewer)
    if panel["x"] + panel["width"] <= picture["x"] + 1:
        return "left"
    if panel["x"] >= picture["x"] + picture["width"] - 1:
        return "right"
    if panel["y"] >= picture["y"] + picture["height"] - 1:
        return "below"
    return "above" if panel["y"] + panel["height"] <= picture["y"] + 1 else "over"


def _expect_side(workspace: Workspace, name: str, side: str) -> None:
    expect(_group(workspace, name)).to_be_visible()
    for _ in range(PATIENCE // 50):
        if _side(workspace, name) == side:
            break
        workspace.page.wait_for_timeout(50)
    assert _side(workspace, name) == side


def _drag(workspace: Workspace, name: str, right: float, down: float) -> None:
    """Drag a tab with the mouse to a fraction of the picture."""
    tab, mouse = _box(_tab(workspace, name)), workspace.page.mouse
    picture = _box(workspace.viewer)
    mouse.move(tab["x"] + tab["width"] / 3, tab["y"] + tab["height"] / 2)
    mouse.down()
    mouse.move(tab["x"] + tab["width"] / 3 + 10, tab["y"] + tab["height"] / 2 + 10)
    mouse.move(picture["x"] + right * picture["width"], picture["y"] + down * picture["height"], steps=10)
    mouse.up()


def _boxes(workspace: Workspace) -> dict[str, list[int]]:
    """Give the boxes of all groups by the name of the panel in sight, once they have come to rest."""
    for _ in range(PATIENCE // 100):
        before = _boxes_now(workspace)
        workspace.page.wait_for_timeout(100)
        found = _boxes_now(workspace)
        if found == before:
            break
    return found


def _boxes_now(workspace: Workspace) -> dict[str, list[int]]:
    found: Any = workspace.page.locator("toyz-dock .dv-groupview[aria-label]:not([aria-hidden])").evaluate_all(
        "groups => groups.filter(g => g.checkVisibility({visibilityProperty: true})).map(g => [g.ariaLabel,"
        " ['x', 'y', 'width', 'height'].map(k => Math.round(g.getBoundingClientRect()[k]))])"
    )
    return dict(found)


PLACE = """() => {
    const way = [document.activeElement];
    while (way[0].shadowRoot?.activeElement) way.unshift(way[0].shadowRoot.activeElement);
    const panel = way.find(part => /-(panel|line)$/.test(part.localName));
    return panel?.localName ?? way[0].closest('.dv-groupview')?.ariaLabel ?? way[0].localName;
}"""
"""The panel that has the focus, or the group whose tabs do."""


def _saved(workspace: Workspace) -> None:
    workspace.page.wait_for_timeout(SAVED_MS)


def test_the_first_layout_has_the_inspector_at_the_right(workspace: Workspace) -> None:
    expect(_group(workspace, "Display")).not_to_be_visible()  # of which picture?
    workspace.open("sky", "exposure.fits.fz")
    _expect_side(workspace, "Display", "right")
    assert _box(_group(workspace, "Display"))["width"] == PANEL_WIDTH
    names = workspace.page.get_by_role("tab").all_inner_texts()
    assert [name.strip() for name in names] == ["Display", "Statistics", "Header"]


def test_a_tab_is_dragged_to_a_side_and_floated_and_both_are_remembered(
    exposure: Workspace, another: Workspace
) -> None:
    _drag(exposure, "Statistics", 0.5, 0.95)
    _expect_side(exposure, "Statistics", "below")
    _drag(exposure, "Header", 0.5, 0.5)
    _expect_side(exposure, "Header", "over")
    before = _boxes(exposure)
    assert before["Display"][2] == PANEL_WIDTH
    _saved(exposure)
    exposure.page.reload()
    _expect_side(exposure, "Header", "over")
    assert _boxes(exposure) == before
    another.page.reload()
    another.open("sky", "exposure.fits.fz")
    _expect_side(another, "Header", "over")
    assert _boxes(another) == before


def test_a_floating_panel_is_moved_by_its_bar_and_docked_by_its_tab(exposure: Workspace) -> None:
    _drag(exposure, "Header", 0.5, 0.4)
    _expect_side(exposure, "Header", "over")
    before, mouse = _box(_group(exposure, "Header")), exposure.page.mouse
    mouse.move(before["x"] + before["width"] / 2, before["y"] + 12)
    mouse.down()
    mouse.move(before["x"] + before["width"] / 2 - 1, before["y"] + 12)  # it is held from the first movement on
    mouse.move(before["x"] + before["width"] / 2 - 201, before["y"] + 62, steps=6)
    mouse.up()
    after = _box(_group(exposure, "Header"))
    assert (round(after["x"] - before["x"]), round(after["y"] - before["y"])) == (-200, 50)
    _drag(exposure, "Header", 0.03, 0.8)
    _expect_side(exposure, "Header", "left")


def test_the_picture_keeps_its_centre_and_scale(exposure: Workspace) -> None:
    exposure.zoom_by_key("1", "1:1")
    place = exposure.read_at()
    exposure.page.get_by_role("button", name="Images", exact=True).click()
    _expect_side(exposure, "Images", "left")
    exposure.command("Move the panel below the picture")
    _expect_side(exposure, "Images", "below")
    expect(exposure.status.locator(".zoom")).to_have_text("1:1")
    assert math.dist(exposure.read_at(), place) < 1.5


@pytest.mark.parametrize(("key", "side"), [("Shift+ArrowDown", "below"), ("Shift+ArrowUp", "above")])
def test_a_panel_moved_from_beside_the_picture_leaves_it_its_width(exposure: Workspace, key: str, side: str) -> None:
    whole = _box(exposure.viewer)
    exposure.page.get_by_role("button", name="Images", exact=True).click()
    _expect_side(exposure, "Images", "left")
    _tab(exposure, "Images").click()
    exposure.press(key)
    _expect_side(exposure, "Images", side)
    picture, images = _box(exposure.viewer), _box(_group(exposure, "Images"))
    assert _box(_group(exposure, "Display"))["width"] == PANEL_WIDTH
    assert picture["width"] == images["width"] == whole["width"]
    assert picture["height"] + images["height"] == whole["height"]
    before = _boxes(exposure)
    _saved(exposure)
    exposure.page.reload()
    _expect_side(exposure, "Display", "right")  # once the image is there again
    _expect_side(exposure, "Images", side)
    assert _boxes(exposure) == before


def _narrow(workspace: Workspace, sash: int, by: int) -> None:
    """Drag the edge of a panel as far as it goes."""
    sashes, mouse = workspace.page.locator(".dv-horizontal > .dv-sash-container > .dv-sash"), workspace.page.mouse
    edge = _box(sashes.nth(sash))
    mouse.move(edge["x"] + 2, 400)
    mouse.down()
    mouse.move(edge["x"] + by, 400, steps=5)
    mouse.up()


CUT = """panel => {
    const edge = panel.getBoundingClientRect().right;
    const boxed = part => part.checkVisibility() && getComputedStyle(part).display !== 'inline';
    return [...panel.shadowRoot.querySelectorAll('button, select, label, label > span, h3, .meta > span')].filter(boxed)
        .filter(part => part.scrollWidth > part.offsetWidth + 1 || part.getBoundingClientRect().right > edge)
        .map(part => part.textContent.trim());
}"""
OVERLAPS = """panel => {
    const parts = [...panel.shadowRoot.querySelectorAll('label > span, h3, button, select, input, .facts')];
    const boxes = parts.map(part => part.getBoundingClientRect()).filter(box => box.width > 1);
    const shared = (a, b, from, to) => Math.min(a[to], b[to]) - Math.max(a[from], b[from]) > 1;
    const over = (a, b) => shared(a, b, 'left', 'right') && shared(a, b, 'top', 'bottom');
    return boxes.filter((a, i) => boxes.slice(0, i).some(b => over(a, b))).length;
}"""


@pytest.mark.parametrize("name", ["Settings", "Log", "Images", "Display", "Statistics"])
def test_a_panel_is_legible_at_its_least_width(exposure: Workspace, name: str) -> None:
    if name in ("Display", "Statistics"):
        exposure.unfold(name)
        _narrow(exposure, 0, 300)
    else:
        exposure.page.get_by_role("button", name=name, exact=True).click()
        _expect_side(exposure, name, "left")
        _narrow(exposure, 0, -300)
    if name == "Log":
        exposure.press("o")
        exposure.file("notes.txt").dblclick()
        expect(exposure.page.locator("toyz-log-panel li.error")).to_be_visible()
    assert _box(_group(exposure, name))["width"] == 180
    panel = exposure.page.locator(f"toyz-{name.lower()}-panel")
    assert panel.evaluate(CUT) == []
    assert panel.evaluate(OVERLAPS) == 0
    expect(_tab(exposure, name).locator(".title")).to_be_in_viewport(ratio=1)


def test_every_act_is_a_command(exposure: Workspace) -> None:
    exposure.command("Header")
    expect(_tab(exposure, "Header")).to_have_attribute("aria-selected", "true")
    for command, side in (
        ("Move the panel left of the picture", "left"),
        ("Move the panel above the picture", "above"),
        ("Move the panel below the picture", "below"),
        ("Float the panel, or dock it again", "over"),
        ("Float the panel, or dock it again", "below"),
        ("Move the panel right of the picture", "right"),
    ):
        exposure.command(command)
        _expect_side(exposure, "Header", side)
    assert set(_boxes(exposure)) == {"Header"}, "it joined the tabs at the right"
    exposure.command("Split the panel from its tabs")
    _expect_side(exposure, "Statistics", "right")
    assert _box(_group(exposure, "Header"))["y"] > _box(_group(exposure, "Statistics"))["y"]
    width = _box(_group(exposure, "Header"))["width"]
    exposure.command("Make the panel wider")
    assert _box(_group(exposure, "Header"))["width"] > width
    exposure.command("Close the panel")
    expect(_tab(exposure, "Header")).to_have_count(0)
    exposure.press("h")
    _expect_side(exposure, "Header", "right")


def test_a_plugins_panel_is_a_panel_like_the_others(exposure: Workspace) -> None:
    exposure.page.get_by_role("button", name="Show", exact=True).click()
    _expect_side(exposure, "Show", "left")
    before = _boxes(exposure)
    _saved(exposure)
    exposure.page.reload()
    _expect_side(exposure, "Show", "left")
    expect(_group(exposure, "Display")).to_be_visible()
    assert _boxes(exposure) == before
    exposure.page.get_by_role("button", name="Show", exact=True).click()
    expect(_tab(exposure, "Show")).to_have_count(0)


def test_keys_move_and_close_the_panel_that_was_used_last(exposure: Workspace) -> None:
    _tab(exposure, "Statistics").click()
    exposure.press("Shift+ArrowLeft")
    _expect_side(exposure, "Statistics", "left")
    exposure.press("Shift+F")
    _expect_side(exposure, "Statistics", "over")
    exposure.press("Shift+X")
    expect(_tab(exposure, "Statistics")).to_have_count(0)


def test_a_panel_that_floated_finds_its_place_among_the_tabs(exposure: Workspace) -> None:
    _tab(exposure, "Statistics").click()
    exposure.press("Shift+F")
    _expect_side(exposure, "Statistics", "over")
    exposure.press("Shift+F")
    _expect_side(exposure, "Statistics", "right")
    names = exposure.page.get_by_role("tab").all_inner_texts()
    assert [name.strip() for name in names] == ["Display", "Statistics", "Header"]


def test_tabs_are_chosen_and_closed_by_keys(exposure: Workspace) -> None:
    _tab(exposure, "Display").focus()
    exposure.press("ArrowRight", "Enter")
    expect(_tab(exposure, "Statistics")).to_have_attribute("aria-selected", "true")
    expect(exposure.page.locator("toyz-statistics-panel")).to_be_visible()
    _tab(exposure, "Statistics").focus()
    exposure.press("Delete")
    expect(_tab(exposure, "Statistics")).to_have_count(0)


def test_a_panel_that_moves_keeps_its_state(exposure: Workspace) -> None:
    header = exposure.unfold("Header")
    header.get_by_role("searchbox").fill("EXPTIME")
    header.get_by_role("searchbox").blur()
    header.evaluate("element => { element.mark = 1; }")
    exposure.command("Float the panel")
    _expect_side(exposure, "Header", "over")
    exposure.command("Move the panel left")
    _expect_side(exposure, "Header", "left")
    assert header.evaluate("element => element.mark") == 1
    expect(header.get_by_role("searchbox")).to_have_value("EXPTIME")


def test_the_inspector_goes_and_comes_as_it_was(exposure: Workspace) -> None:
    exposure.page.get_by_role("button", name="Jobs", exact=True).click()
    before = _boxes(exposure)
    exposure.press("p")
    expect(_group(exposure, "Display")).not_to_be_visible()
    expect(_group(exposure, "Jobs")).to_be_visible()
    exposure.press("p")
    _expect_side(exposure, "Display", "right")
    assert _boxes(exposure) == before


def test_full_window_hides_the_panels_and_brings_them_back(exposure: Workspace) -> None:
    _drag(exposure, "Header", 0.5, 0.5)
    _expect_side(exposure, "Header", "over")
    before = _boxes(exposure)
    exposure.press("f")
    expect(_group(exposure, "Header")).not_to_be_visible()
    expect(exposure.page.locator("toyz-rail")).to_have_count(0)
    exposure.press("f")
    _expect_side(exposure, "Header", "over")
    assert _boxes(exposure) == before


def test_reset_brings_the_first_layout_back(exposure: Workspace) -> None:
    first = _boxes(exposure)
    _drag(exposure, "Header", 0.5, 0.95)
    _drag(exposure, "Display", 0.5, 0.5)
    exposure.page.get_by_role("button", name="Log", exact=True).click()
    expect(_group(exposure, "Log")).to_be_visible()
    exposure.command("Reset the layout")
    _expect_side(exposure, "Display", "right")
    assert _boxes(exposure) == first


BROKEN: dict[str, Any] = {
    "another shape": {"version": 1, "view": {"grid": {"root": {"type": "leaf"}}}},
    "a newer version": {"version": 99},
    "no object": "sideways",
    "no picture": {
        "version": 1,
        "view": {
            "grid": {
                "root": {
                    "type": "branch",
                    "size": 800,
                    "data": [{"type": "leaf", "size": 300, "data": {"id": "1", "views": ["jobs"]}}],
                },
                "width": 1000,
                "height": 800,
                "orientation": "HORIZONTAL",
            },
            "panels": {"jobs": {"id": "jobs"}},
        },
    },
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_layout_gives_the_first_one_and_loses_nothing_else(
    workspace: Workspace, server: Served, kind: str
) -> None:
    _saved(workspace)
    with server.window() as window:
        window.call("broken", "settings", "set", key="layout", value={"dock": BROKEN[kind], "frame": "galactic"})
    workspace.page.reload()
    workspace.open("sky", "exposure.fits.fz")
    _expect_side(workspace, "Display", "right")
    assert set(_boxes(workspace)) == {"Display"}
    expect(workspace.status.get_by_role("button", name=re.compile("Gal"))).to_be_visible()
    assert workspace.page.locator("toyz-notices li").count() == 0


def test_a_panel_of_a_plugin_that_is_gone_is_left_out(exposure: Workspace, server: Served) -> None:
    _saved(exposure)
    with server.window() as window:
        layout: Any = window.call("get", "settings", "get", key="layout")
        text = str(layout["dock"]).count("statistics")
        assert text > 0

        def renamed(value: Any) -> Any:
            if isinstance(value, dict):
                return {renamed(key): renamed(item) for key, item in value.items()}
            if isinstance(value, list):
                return [renamed(item) for item in value]
            return "plugin:gone:panel" if value == "statistics" else value

        window.call("set", "settings", "set", key="layout", value=renamed(layout))
    exposure.page.reload()
    _expect_side(exposure, "Display", "right")
    expect(exposure.page.get_by_role("tab")).to_have_count(2)
    assert exposure.page.locator("toyz-notices li").count() == 0


def test_a_narrow_window_has_sheets_and_a_wide_one_its_panels_again(exposure: Workspace) -> None:
    _drag(exposure, "Statistics", 0.5, 0.95)
    _expect_side(exposure, "Statistics", "below")
    before = _boxes(exposure)
    exposure.page.set_viewport_size(NARROW)
    expect(_group(exposure, "Statistics")).not_to_be_visible()
    picture = _box(exposure.viewer)
    assert picture["width"] == NARROW["width"]
    exposure.press("p")
    expect(exposure.page.locator("toyz-inspector toyz-display-panel")).to_be_visible()
    exposure.press("Escape")
    exposure.page.get_by_role("button", name="Menu").click()
    exposure.page.get_by_role("button", name="Images", exact=True).click()
    expect(exposure.page.locator("toyz-side-panel toyz-images-panel")).to_be_visible()
    exposure.press("Escape")
    exposure.page.set_viewport_size({"width": 1440, "height": 900})
    _expect_side(exposure, "Statistics", "below")
    assert _boxes(exposure) == before


def test_a_click_in_the_middle_of_a_tab_brings_it_to_the_front(exposure: Workspace) -> None:
    for name in ("Log", "Images"):
        exposure.page.get_by_role("button", name=name, exact=True).click()
    for name in ("Log", "Images", "Log"):
        _tab(exposure, name).click()
        expect(_tab(exposure, name)).to_have_attribute("aria-selected", "true")
    _tab(exposure, "Images").hover()
    _tab(exposure, "Images").locator(".close").click()
    expect(_tab(exposure, "Images")).to_have_count(0)
    expect(_tab(exposure, "Log")).to_have_attribute("aria-selected", "true")


def test_the_tab_in_use_is_whole_in_a_full_row(exposure: Workspace) -> None:
    names = ("Images", "Regions", "Notes", "Plugins", "Jobs", "Server", "Log", "Settings")
    rail = exposure.page.get_by_role("navigation", name="Panels")
    listed = exposure.page.locator(".dv-tabs-overflow-dropdown-default")
    for name in names:
        rail.get_by_role("button", name=name, exact=True).click()
        expect(_tab(exposure, name)).to_have_attribute("aria-selected", "true")
    expect(listed).to_be_visible()
    for name in ("Settings", "Images", "Plugins", "Log"):
        tab = _tab(exposure, name)
        if tab.get_attribute("aria-selected") != "true":
            rail.get_by_role("button", name=name, exact=True).click()
        expect(tab).to_have_attribute("aria-selected", "true")
        exposure.next_frame()
        whole, row = _box(tab), _box(exposure.page.locator(".dv-tabs-container").first)
        assert row["x"] <= whole["x"] + 1, name
        assert whole["x"] + whole["width"] <= _box(listed)["x"] + 1, name


def test_tab_goes_from_the_tabs_of_a_panel_to_what_it_holds(exposure: Workspace) -> None:
    exposure.page.get_by_role("button", name="Notes", exact=True).click()
    _expect_side(exposure, "Notes", "left")
    _tab(exposure, "Notes").focus()
    order: list[str] = []
    for _ in range(60):
        exposure.press("Tab")
        order.append(exposure.page.evaluate(PLACE))
        if order[-1] == "toyz-status-line":
            break
    places = [place for place, before in zip(order, ["", *order], strict=False) if place != before]
    assert places == ["Notes", "toyz-notes-panel", "Display", "toyz-display-panel", "toyz-status-line"]
    back: list[str] = []
    for _ in order[:-1]:
        exposure.press("Shift+Tab")
        back.append(exposure.page.evaluate(PLACE))
    assert back == order[-2::-1]
