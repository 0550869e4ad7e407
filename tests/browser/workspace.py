"""What a person does in the window, and what they see there."""

import io
import math
import re
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.web.harness import Served

NUMBER = re.compile(r"[-+−]?\d+(?:\.\d+)?")
COVERED = """(corners, over) => corners.filter(corner => {
    const box = corner.getBoundingClientRect();
    return box.width * box.height > 0 && box.left < over.x + over.width && box.right > over.x
        && box.top < over.y + over.height && box.bottom > over.y;
}).map(corner => corner.className)"""
PATIENCE = 20_000
"""Milliseconds for anything to happen."""
expect.set_options(timeout=PATIENCE)


def signed_in(chromium: Browser, server: Served, name: str, password: str, width: int = 1200) -> Page:
    """Sign a user in by the form, in a context of its own, which who asks closes."""
    page = chromium.new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(server.url)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.locator("toyz-status-line .connection")).to_contain_text("connected")
    return page


class Desk:
    """A page on which somebody works.

    Parameters
    ----------
    page : Page

    Attributes
    ----------
    problems : list of str
        What the page's scripts threw, and what its shaders were refused.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if "GL_INVALID" in message.text:
            self.problems.append(message.text)

    # ---- what is seen ---------------------------------------------------------------------

    @property
    def status(self) -> Locator:
        """The line below the picture."""
        return self.page.locator("toyz-status-line")

    @property
    def connection(self) -> Locator:
        """Whether the server is there."""
        return self.status.locator(".connection")

    @property
    def viewer(self) -> Locator:
        """The picture."""
        return self.page.locator("toyz-viewer")

    @property
    def files(self) -> Locator:
        """The list of files that is in sight."""
        return self.page.get_by_role("grid", name="Files").locator("visible=true")

    def file(self, name: str) -> Locator:
        """Give the row of a file."""
        return self.files.get_by_role("row").filter(has=self.page.get_by_text(name, exact=True))

    def notice(self, text: str | re.Pattern[str]) -> Locator:
        """Give a notice."""
        return self.page.locator("toyz-notices li").filter(has_text=text)

    def pixel(self) -> tuple[float, float]:
        """Give the FITS pixel under the cursor."""
        expect(self.status.locator(".x").first).to_have_text(re.compile(r"\d"))
        x, y = self.status.locator(".x").all_inner_texts()
        return float(x), float(y)

    def value(self) -> float:
        """Give the value under the cursor, once the exact one has come."""
        expect(self.status.locator(".value")).to_have_text(re.compile(r"^[^≈]*\d"))
        return numbers(self.status.locator(".value").inner_text())[0]

    def zoom(self) -> float:
        """Give the screen pixels for one image pixel."""
        top, bottom = self.status.locator(".zoom").inner_text().split(":")
        return float(top) / float(bottom)

    def picture(self) -> bytes:
        """Give the picture as it is seen (PNG), without what lies over it at the edges."""
        box = self.viewer.bounding_box()
        assert box is not None
        inner = {"x": box["x"] + 160, "y": box["y"] + 120, "width": box["width"] - 320, "height": box["height"] - 320}
        return self.page.screenshot(clip=inner)  # type: ignore[arg-type]

    def pixels(self, ground: str = "") -> Any:
        """Give the picture as it is seen, rows of red, green and blue; `ground` colours what no tile covers."""
        self.viewer.evaluate("(viewer, ground) => { viewer.style.background = ground; }", ground)
        return np.asarray(Image.open(io.BytesIO(self.picture())).convert("RGB")).astype(int)

    def covered(self, banner: Locator) -> list[str]:
        """Give what stands in the corners of the picture and is covered by what is said above it."""
        over = banner.bounding_box()
        assert over is not None
        found: Any = self.viewer.locator(".corner").evaluate_all(COVERED, over)
        return list(found)

    # ---- what is done ---------------------------------------------------------------------

    def open(self, *names: str) -> None:
        """Open a file by the dialog of an empty workspace: folder by folder, by double click."""
        for name in names:
            self.file(name).dblclick()
        expect(self.status.locator(".zoom")).to_have_text(re.compile(r"\d"))
        self.settle()

    def settle(self) -> None:
        """Wait until no tile is on its way."""
        expect(self.status.locator("[role=progressbar][aria-label=Tiles]")).to_have_count(0)

    def next_frame(self) -> None:
        """Wait until the page has been laid out and drawn again."""
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def point(self, right: float = 0.5, down: float = 0.5) -> tuple[float, float]:
        """Move the cursor to a fraction of the picture's width and height, and give where that is."""
        box = self.viewer.bounding_box()
        assert box is not None
        x, y = box["x"] + right * box["width"], box["y"] + down * box["height"]
        self.page.mouse.move(x, y)
        return x, y

    def read_at(self, right: float = 0.5, down: float = 0.5) -> tuple[float, float]:
        """Point, and give the FITS pixel there once the readout has come."""
        self.page.mouse.move(2, 2)
        expect(self.status.locator(".x").first).to_have_text("–")
        self.point(right, down)
        return self.pixel()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def zoom_by_key(self, key: str, zoom: str) -> None:
        """Press a key that zooms, and wait until it has."""
        self.press(key)
        expect(self.status.locator(".zoom")).to_have_text(zoom)
        self.settle()

    def show_tiles(self, kind: str) -> None:
        """Have tiles of a kind, ``values`` or ``JPEG``."""
        shown = self.status.locator(".kind")
        if shown.inner_text() != kind:
            self.press("v")
        expect(shown).to_have_text(kind)
        self.settle()

    def command(self, text: str) -> None:
        """Type into the palette what a command or a position is called, and take the first it offers."""
        self.press("/")
        box = self.page.get_by_role("combobox", name="Command or position")
        box.fill(text)
        self.press("Enter")
        expect(box).to_have_count(0)

    def go_to(self, position: str) -> None:
        """Go to a position, and wait until the movement has ended there."""
        self.command(position)
        self.arrive(*(float(part) for part in position.split(",")))

    def arrive(self, x: float, y: float) -> None:
        """Wait until a FITS pixel stands in the middle of the picture."""
        for _ in range(100):
            at = self.read_at()
            if math.dist(at, (x, y)) * self.zoom() < 3:
                break
        assert math.dist(at, (x, y)) * self.zoom() < 3
        self.settle()

    def unfold(self, name: str) -> Locator:
        """Bring a panel of the inspector to sight by its tab, and give it."""
        tab = self.page.get_by_role("tab", name=name, exact=True)
        if tab.get_attribute("aria-selected") != "true":
            tab.click()
        return self.page.locator(f"toyz-{name.lower()}-panel")

    def mark(self) -> None:
        """Leave a mark that a reload would wipe out."""
        self.page.evaluate("window.mark = 1")

    def marked(self) -> bool:
        """Whether the page has not been loaded again."""
        found: Any = self.page.evaluate("window.mark === 1")
        return bool(found)


class Workspace(Desk):
    """A window on the server.

    Parameters
    ----------
    context : BrowserContext
    server : Served
    url : str
        Where the page is; another than the server's where a relay stands between.
    """

    def __init__(self, context: BrowserContext, server: Served, url: str) -> None:
        self.server = server
        self.url = url
        self._before = {window for window, _ in self._sessions()}
        cookies = server.sign_in().cookies.jar
        context.add_cookies([{"name": cookie.name, "value": str(cookie.value), "url": url} for cookie in cookies])
        context.set_default_timeout(PATIENCE)
        super().__init__(context.new_page())
        self.page.goto(url)
        expect(self.connection).to_contain_text("connected")

    def session(self) -> set[int]:
        """Give the pids of the sessions that this window has brought about, as the server knows them."""
        return {pid for window, pid in self._sessions() if pid and window not in self._before}

    def _sessions(self) -> list[tuple[str, int]]:
        """Give the sessions of all windows, each with its process; what answers requests without a window is none."""
        shown = self.server.http.get("api/status").json()["sessions"]
        return [(each["window"], each["pid"]) for each in shown if each["window"]]


def numbers(text: str) -> list[float]:
    """Give the numbers in a text."""
    return [float(found.replace("−", "-")) for found in NUMBER.findall(text)]
