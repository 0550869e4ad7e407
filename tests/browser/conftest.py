"""A real server with a small exposure, and a real Chromium with a window on it."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image
from playwright.sync_api import Browser, ViewportSize

from tests.browser.held import HeldBrowser
from tests.browser.workspace import PATIENCE, Workspace
from tests.web.harness import Served, install_plugin, served
from toyz_exposures import make_exposure

BROWSER = HeldBrowser()
BUNDLE = Path(__file__).parents[2] / "web" / "toyz_web" / "static" / "index.html"
SETTINGS = ("layout", "theme", "notices", "recent_files", "bookmarks", "bad_pixels", "tiles")
LIMITS = "[limits]\nsessions_per_user = 200\ngrace = 40\n"
"""Every test is a window of the one user, and its session outlives it for a while."""
SIZE: ViewportSize = {"width": 1440, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _write_others(share: Path) -> None:
    planes = np.arange(3 * 90 * 120, dtype=np.float32).reshape(3, 90, 120)
    cube = fits.PrimaryHDU(planes)
    cube.header["OBJECT"] = ("<img src=x onerror=alert(1)>", "<b>not markup</b>")
    cube.writeto(share / "cube.fits")
    whole = (share / "cube.fits").read_bytes()
    (share / "cut_short.fits").write_bytes(whole[: len(whole) // 3])
    (share / "not_a_picture.fits").write_bytes(b"SIMPLE  = nonsense" + b"\0" * 100)
    (share / "notes.txt").write_text("clear sky\n")
    (share / ".hidden.fits").write_bytes(whole)
    Image.fromarray(np.full((40, 60, 3), (200, 60, 20), np.uint8)).save(share / "colours.png")
    many = share / "many"
    many.mkdir()
    for number in range(3000):
        (many / f"frame_{number:04d}.fits").touch()


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a share: an exposure of 61 small CCDs, a cube, a colour picture, broken files, a long folder."""
    folder = tmp_path_factory.mktemp("sky") / "sky"
    folder.mkdir()
    make_exposure(folder / "exposure.fits.fz", size="small")
    _write_others(folder)
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, share: Path) -> Iterator[Served]:
    """Serve the share, with the plugin of the server's tests installed."""
    if not BUNDLE.is_file():
        pytest.fail("There is no page to test: build it with 'make front-end'.")
    folder = tmp_path_factory.mktemp("server")
    with served(folder, share=share, site=install_plugin(folder), toml=LIMITS) as running:
        yield running


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """End the browser when tests of another folder follow: while Playwright runs, asyncio thinks that a loop does."""
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        BROWSER.close()


@pytest.fixture
def chromium() -> Browser:
    """Give the browser."""
    return BROWSER.get()


@pytest.fixture
def plain_settings(server: Served) -> None:
    """Forget what other tests left in the settings and the workspaces of the user."""
    _wait_until_alone(server)
    with server.window() as window:
        for key in SETTINGS:
            window.call(key, "settings", "set", key=key, value=None)
    forget_workspaces(server)


def _wait_until_alone(server: Served) -> None:
    """Wait until the last words of closed pages have come: they keep the layout as the page is left."""
    for _ in range(PATIENCE // 50):
        if "\ntoyz_sockets 0.0\n" in server.http.get("metrics").text:
            return
        time.sleep(0.05)
    pytest.fail("A window of an earlier test is still open.")


def forget_workspaces(server: Served) -> None:
    """Have the next page begin with nothing open."""
    with server.window() as window:
        for each in window.call("workspaces", "workspaces", "list"):
            if not each["deleted"]:
                window.call(each["id"], "workspaces", "delete", workspace=each["id"])


@pytest.fixture
def workspace(chromium: Browser, server: Served, plain_settings: None) -> Iterator[Workspace]:
    """Open a window of 1440 × 900, signed in; the test fails if its scripts did."""
    context = chromium.new_context(viewport=SIZE)
    workspace = Workspace(context, server, server.url)
    yield workspace
    context.close()
    assert workspace.problems == []


@pytest.fixture
def scratch_file(share: Path) -> Iterator[Path]:
    """Give the path of a file in the share that is gone afterwards."""
    path = share / "scratch.fits"
    shutil.copy(share / "cube.fits", path)
    yield path
    path.unlink(missing_ok=True)
