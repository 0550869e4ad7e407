"""For everybody: axe finds no serious fault, everything is reached by keys, a narrow window works."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.workspace import Workspace
from tests.web.harness import Served

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
NARROW: ViewportSize = {"width": 400, "height": 800}


def _faults(workspace: Workspace) -> list[str]:
    """Give what axe finds, the serious and the critical."""
    if not AXE.is_file():
        pytest.fail("axe-core is not installed: run 'npm ci' in web/ (or 'make front-end').")
    # Text that fades in is measured once it stands.
    workspace.page.wait_for_function(
        "document.getAnimations().every(a => a.playState !== 'running' || a.effect.getTiming().iterations === Infinity)"
    )
    if not workspace.page.evaluate("typeof axe !== 'undefined'"):
        workspace.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = workspace.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {fault['help']}: {node['target']} {node['html'][:160]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def _rail(name: str) -> Callable[[Workspace], None]:
    def show(workspace: Workspace) -> None:
        workspace.page.get_by_role("button", name=name, exact=True).first.click()
        expect(workspace.page.locator(f"toyz-{name.lower()}-panel")).to_be_visible()

    return show


def _open(workspace: Workspace) -> None:
    workspace.open("sky", "exposure.fits.fz")
    for name in ("Statistics", "Header"):
        workspace.unfold(name)
    expect(workspace.page.locator("toyz-header-panel .card").first).to_be_visible()


def _dialog(key: str, name: str) -> Callable[[Workspace], None]:
    def show(workspace: Workspace) -> None:
        workspace.open("sky", "cube.fits")
        workspace.press(key)
        expect(workspace.page.get_by_role("dialog", name=name)).to_be_visible()

    return show


def _detail(workspace: Workspace) -> None:
    workspace.file("sky").dblclick()
    workspace.file("exposure.fits.fz").click()
    expect(workspace.page.get_by_text("62 HDUs").locator("visible=true")).to_be_visible()


def _form(workspace: Workspace) -> None:
    _rail("Plugins")(workspace)
    panel = workspace.page.locator("toyz-plugins-panel")
    panel.get_by_role("button", name="Count").click()
    panel.get_by_label("Step").fill("0")
    panel.get_by_role("button", name="Run").click()
    expect(panel.get_by_text("At least 1.")).to_be_visible()


def _colormaps(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    workspace.unfold("Display").get_by_role("button", name="Colormap").click()
    expect(workspace.page.locator("toyz-display-panel").get_by_role("option").first).to_be_visible()


def _regions(workspace: Workspace) -> None:
    workspace.open("sky", "exposure.fits.fz")
    _rail("Regions")(workspace)
    workspace.press("B")
    box = workspace.viewer.bounding_box()
    assert box is not None
    workspace.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(workspace.page.get_by_role("table", name="Statistics of the region")).to_be_visible()
    workspace.press("P")


def _region_files(workspace: Workspace) -> None:
    workspace.open("sky", "exposure.fits.fz")
    workspace.command("Import or export regions")
    expect(workspace.page.get_by_role("dialog", name="Region files")).to_be_visible()


def _notes(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    workspace.press("N")
    workspace.page.keyboard.type("# Title\n\n- a [link](https://example.org)\n- `code`")
    workspace.press("Control+Enter")
    expect(workspace.page.locator("toyz-notes-panel article .markdown a").first).to_be_visible()
    workspace.press("N")


def _workspaces(workspace: Workspace) -> None:
    _dialog("W", "Workspaces")(workspace)
    dialog = workspace.page.get_by_role("dialog", name="Workspaces")
    dialog.get_by_role("button", name="Duplicate").first.click()
    dialog.get_by_role("button", name="Rename Untitled (copy)").click()
    expect(dialog.get_by_role("textbox", name="Name")).to_be_visible()


def _share(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    expect(workspace.status.locator(".saving")).to_have_text("saved")
    workspace.command("Share the workspace")
    dialog = workspace.page.get_by_role("dialog", name="Share this workspace")
    dialog.get_by_role("button", name="Make a link").click()
    expect(dialog.get_by_text("not opened yet")).to_be_visible()


def _nothing(workspace: Workspace) -> None:
    expect(workspace.file("sky")).to_be_visible()


SCREENS: dict[str, Callable[[Workspace], None]] = {
    "first screen": _nothing,
    "a file's detail": _detail,
    "an exposure with the inspector": _open,
    "colormaps": _colormaps,
    "file dialog": _dialog("o", "Open a file"),
    "palette": _dialog("/", "Commands"),
    "keys": _dialog("?", "Keys and gestures"),
    "account": _dialog("u", "Account"),
    "workspaces": _workspaces,
    "sharing": _share,
    "images": _rail("Images"),
    "jobs": _rail("Jobs"),
    "log": _rail("Log"),
    "plugins": _rail("Plugins"),
    "a form": _form,
    "regions": _regions,
    "notes": _notes,
    "region files": _region_files,
    "settings": _rail("Settings"),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_serious_fault(workspace: Workspace, screen: str) -> None:
    SCREENS[screen](workspace)
    faults = []
    for theme in ("dark", "light"):
        workspace.page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        faults += [f"{theme}: {fault}" for fault in _faults(workspace)]
    assert faults == []


def test_the_readout_is_said_on_request(workspace: Workspace) -> None:
    workspace.open("sky", "exposure.fits.fz")
    workspace.read_at()
    workspace.press("r")
    said = workspace.status.locator(".unseen[role=status]")
    expect(said).to_contain_text("ICRS")
    expect(said).to_contain_text("x ")


def test_a_narrow_window_opens_a_file(chromium: Browser, server: Served, plain_settings: None) -> None:
    context = chromium.new_context(viewport=NARROW, has_touch=True)
    workspace = Workspace(context, server, server.url)
    workspace.file("sky").tap()
    workspace.file("cube.fits").tap()
    workspace.page.get_by_role("button", name="Open", exact=True).locator("visible=true").tap()
    expect(workspace.page.locator("toyz-topbar")).to_contain_text("cube.fits")
    overflow = workspace.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
    assert _faults(workspace) == []
    # The bar has the name, or as much of it as there is room for; what it has no room for the menu has.
    workspace.page.goto("about:blank")
    workspace.page.goto(server.url)
    expect(workspace.page.locator("h1")).to_have_text("cube.fits")
    name, end = workspace.page.locator("toyz-topbar .name"), "box => box.getBoundingClientRect().right"
    workspace.page.get_by_role("button", name="Menu").tap()
    workspace.page.get_by_role("button", name="Share", exact=True).tap()
    expect(workspace.page.get_by_role("dialog", name="Share this workspace")).to_be_visible()
    workspace.press("Escape", "o")
    workspace.file("exposure.fits.fz").tap()
    workspace.file("exposure.fits.fz").tap()
    expect(name).to_have_text("exposure.fits.fz")
    assert name.evaluate(end) <= workspace.page.locator("toyz-topbar .crumbs").evaluate(end)
    expect(workspace.viewer.locator("toyz-compass svg")).to_be_visible()
    workspace.command("Draw: Circle")
    hint = workspace.page.locator("toyz-region-hint .banner")
    expect(hint).to_contain_text("drag from its centre")
    assert workspace.covered(hint) == []
    hint.get_by_role("button", name="Done").tap()
    expect(hint).to_have_count(0)
    context.close()
    assert workspace.problems == []
