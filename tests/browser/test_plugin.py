"""A plugin that somebody has installed, as its users meet it: its panel, form, long task and kind of file."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import LIMITS, SIZE, forget_workspaces
from tests.browser.workspace import Workspace
from tests.examples.installing import install_example
from tests.web.harness import Served, served

ROWS, COLUMNS = 60, 90


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, share: Path) -> Iterator[Served]:
    """Serve the share with the example installed, and a file of the kind that only the example can read."""
    folder = tmp_path_factory.mktemp("hello")
    ramp = np.arange(ROWS * COLUMNS, dtype=np.uint32).reshape(ROWS, COLUMNS) % 251
    (share / "ramp.pgm").write_bytes(b"P5 %d %d 255\n" % (COLUMNS, ROWS) + ramp.astype(np.uint8).tobytes())
    with served(folder, share=share, site=install_example(folder), toml=LIMITS) as running:
        yield running
    (share / "ramp.pgm").unlink()


@pytest.fixture
def workspace(chromium: Browser, server: Served) -> Iterator[Workspace]:
    """Open a window on that server."""
    forget_workspaces(server)
    context = chromium.new_context(viewport=SIZE)
    workspace = Workspace(context, server, server.url)
    yield workspace
    context.close()
    assert workspace.problems == []


def hello(workspace: Workspace) -> Locator:
    """Open the plugin's panel by its command, unless it stands open from the last time."""
    panel = workspace.page.locator("toyz-plugin-panel")
    if panel.count() == 0:
        workspace.command("Hello")
    expect(panel.get_by_role("button", name="Measure the background")).to_be_visible()
    return panel


def test_a_form_drawn_from_the_task_runs_it_and_the_session_remembers(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    panel = hello(workspace)
    for count in (1, 2):
        panel.get_by_label("Name").fill("Vera")
        panel.get_by_role("button", name="Run").click()
        expect(panel).to_contain_text("Hello, Vera!")
        expect(panel).to_contain_text(re.compile(rf"count\W+{count}\b", re.IGNORECASE))
    panel.get_by_label("How often").fill("9")
    panel.get_by_role("button", name="Run").click()
    expect(panel.locator("[aria-invalid=true]")).to_have_count(1)


def test_a_long_task_shows_its_rows_and_goes_to_one(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    panel = hello(workspace)
    panel.get_by_role("button", name="Measure the background").click()
    expect(panel.get_by_text(re.compile(r"^\d+ boxes$"))).to_be_visible()
    row = panel.get_by_role("button", name=re.compile("±")).first
    x, y = (float(part) for part in row.inner_text().partition(" at ")[2].split(","))
    workspace.zoom_by_key("1", "1:1")
    row.click()
    workspace.arrive(x, y)


def test_its_kind_of_file_opens_by_the_dialog(workspace: Workspace) -> None:
    workspace.open("sky", "ramp.pgm")
    x, y = workspace.read_at(0.4, 0.6)
    row = ROWS - round(y)
    assert workspace.value() == (row * COLUMNS + round(x) - 1) % 251
