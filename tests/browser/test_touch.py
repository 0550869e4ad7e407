"""Fingers: one pans, two zoom about the middle between them, also on a turned picture."""

import math
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession

from tests.browser.conftest import SIZE
from tests.browser.workspace import Workspace
from tests.web.harness import Served

Finger = tuple[float, float]
STEPS = 12


class Hand:
    """Fingers on the screen, as the browser gets them from the system."""

    def __init__(self, workspace: Workspace) -> None:
        self._page = workspace.page
        self._session: CDPSession = workspace.page.context.new_cdp_session(workspace.page)

    def _send(self, kind: str, fingers: list[Finger]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(fingers)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def move(self, start: list[Finger], end: list[Finger]) -> None:
        """Put fingers down, move them, let them rest, and lift them."""
        self._send("touchStart", start)
        for step in range(1, STEPS + 1):
            part = step / STEPS
            now = [(a + part * (c - a), b + part * (d - b)) for (a, b), (c, d) in zip(start, end, strict=True)]
            self._send("touchMove", now)
            self._page.wait_for_timeout(16)
        # A hand that rests before it lets go leaves no swing.
        self._page.wait_for_timeout(300)
        self._send("touchEnd", [])


@pytest.fixture
def exposure(chromium: Browser, server: Served, plain_settings: None) -> Iterator[Workspace]:
    context = chromium.new_context(viewport=SIZE, has_touch=True)
    workspace = Workspace(context, server, server.url)
    workspace.open("sky", "exposure.fits.fz")
    workspace.zoom_by_key("1", "1:1")
    yield workspace
    context.close()
    assert workspace.problems == []


@pytest.fixture(params=[False, True], ids=["as in the file", "north up"])
def either(request: pytest.FixtureRequest, exposure: Workspace) -> Workspace:
    if request.param:
        exposure.press("n")
        exposure.page.wait_for_function("() => location.hash.includes('turn=')")
        exposure.settle()
    return exposure


def at(workspace: Workspace, right: float, down: float) -> Finger:
    box = workspace.viewer.bounding_box()
    assert box is not None
    return box["x"] + right * box["width"], box["y"] + down * box["height"]


def test_two_fingers_zoom_about_their_middle(either: Workspace) -> None:
    place = (0.58, 0.45)
    x, y = at(either, *place)
    before = either.read_at(*place)
    Hand(either).move([(x - 40, y - 30), (x + 40, y + 30)], [(x - 120, y - 90), (x + 120, y + 90)])
    either.settle()
    assert either.zoom() == pytest.approx(3, rel=0.05)
    assert math.dist(either.read_at(*place), before) < 3, "what was between the fingers is still there"
    Hand(either).move([(x - 120, y - 90), (x + 120, y + 90)], [(x - 40, y - 30), (x + 40, y + 30)])
    either.settle()
    assert either.zoom() == pytest.approx(1, rel=0.05)
    assert math.dist(either.read_at(*place), before) < 4


def test_two_fingers_carry_the_picture_along(either: Workspace) -> None:
    x, y = at(either, 0.4, 0.5)
    held = either.read_at(0.4, 0.5)
    Hand(either).move([(x - 50, y), (x + 50, y)], [(x + 100, y + 60), (x + 300, y + 60)])
    either.settle()
    assert either.zoom() == pytest.approx(2, rel=0.05)
    box = either.viewer.bounding_box()
    assert box is not None
    assert math.dist(either.read_at(0.4 + 200 / box["width"], 0.5 + 60 / box["height"]), held) < 4


def test_one_finger_pans(either: Workspace) -> None:
    x, y = at(either, 0.5, 0.5)
    held = either.read_at(0.5, 0.5)
    Hand(either).move([(x, y)], [(x + 130, y - 80)])
    either.settle()
    box = either.viewer.bounding_box()
    assert box is not None
    assert math.dist(either.read_at(0.5 + 130 / box["width"], 0.5 - 80 / box["height"]), held) < 4
    assert either.zoom() == 1
