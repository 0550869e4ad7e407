"""What comes back: after a reload, a link, a killed session, a lost network."""

import math
import os
import re
import signal
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import SIZE
from tests.browser.relay import Relay
from tests.browser.workspace import Workspace
from tests.web.harness import TOKEN, Served

PLACE = (1500, 2100)
OFFLINE_MS = 5000


def _look_somewhere(workspace: Workspace) -> tuple[float, float]:
    workspace.open("sky", "exposure.fits.fz")
    workspace.zoom_by_key("1", "1:1")
    workspace.go_to("{}, {}".format(*PLACE))
    workspace.press("s")
    expect(workspace.status.locator(".style")).to_have_text("log zscale")
    return workspace.read_at()


def _is_the_same(workspace: Workspace, place: tuple[float, float], style: str = "log zscale") -> None:
    expect(workspace.status.locator(".zoom")).to_have_text("1:1")
    expect(workspace.status.locator(".style")).to_have_text(style)
    assert math.dist(workspace.read_at(), place) < 1.5


def test_a_reload_comes_back_to_the_same_session(workspace: Workspace) -> None:
    place = _look_somewhere(workspace)
    session = workspace.session()
    workspace.page.wait_for_timeout(1500)  # a view is kept a moment after the last movement
    workspace.page.reload()
    _is_the_same(workspace, place)
    assert workspace.session() & session, "the session lives on"
    assert not workspace.session() - session, "no other session was started"


def test_a_link_opens_the_same_view_in_another_window(workspace: Workspace, chromium: Browser, server: Served) -> None:
    workspace.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    place = _look_somewhere(workspace)
    workspace.press("y")
    expect(workspace.notice("link")).to_be_visible()
    link = workspace.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(server.url)
    context = chromium.new_context(viewport=SIZE)
    other = Workspace(context, server, link)
    _is_the_same(other, place)
    context.close()
    assert other.problems == []


def test_a_link_survives_the_sign_in(workspace: Workspace, chromium: Browser, server: Served) -> None:
    _look_somewhere(workspace)
    workspace.page.wait_for_timeout(1500)  # the address follows the view a moment later
    context = chromium.new_context(viewport=SIZE)
    page = context.new_page()
    page.goto(workspace.page.url)
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("toyz-status-line .zoom")).to_have_text("1:1")
    assert urlsplit(page.url).fragment == urlsplit(workspace.page.url).fragment
    context.close()


def test_a_killed_session_is_replaced_and_the_view_stays(workspace: Workspace) -> None:
    place = _look_somewhere(workspace)
    workspace.mark()
    killed = workspace.session()
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    before = workspace.picture()
    workspace.press("+", "+")
    workspace.settle()
    workspace.zoom_by_key("1", "1:1")
    _is_the_same(workspace, place)
    assert workspace.value() > 0
    assert workspace.marked(), "the page was not loaded again"
    assert workspace.session() - killed, "another session took its place"
    workspace.settle()
    assert len(workspace.picture()) == pytest.approx(len(before), rel=0.2)


def test_a_session_killed_in_mid_pan_brings_fresh_tiles_of_the_same_view(workspace: Workspace) -> None:
    _look_somewhere(workspace)
    workspace.mark()
    killed = workspace.session()
    held = workspace.read_at(0.8, 0.8)
    x, y = workspace.point(0.8, 0.8)
    workspace.page.mouse.down()
    workspace.page.mouse.move(x - 200, y - 150, steps=10)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    workspace.page.mouse.move(x - 700, y - 500, steps=30)
    workspace.page.wait_for_timeout(300)  # a hand that rests before it lets go leaves no swing
    workspace.page.mouse.up()
    workspace.settle()
    workspace.page.mouse.move(x - 699, y - 500)
    for _ in range(50):
        if math.dist(workspace.pixel(), held) < 3:
            break
        workspace.page.wait_for_timeout(100)
    assert math.dist(workspace.pixel(), held) < 3, "what was held is still under the hand"
    assert workspace.session() - killed, "another session took its place"
    assert workspace.marked(), "the page was not loaded again"
    red, green, _ = np.moveaxis(workspace.pixels("#ff00ff"), 2, 0)
    assert not ((red == 255) & (green == 0)).any(), "there are tiles everywhere"


@pytest.fixture
def relay(server: Served) -> Iterator[Relay]:
    port = urlsplit(server.url).port
    assert port is not None
    relay = Relay(port)
    yield relay
    relay.close()


def test_a_lost_network_loses_nothing(chromium: Browser, server: Served, relay: Relay, plain_settings: None) -> None:
    context = chromium.new_context(viewport=SIZE)
    workspace = Workspace(context, server, f"http://127.0.0.1:{relay.port}/")
    place = _look_somewhere(workspace)
    workspace.mark()
    session = workspace.session()
    relay.cut()
    expect(workspace.connection).to_contain_text("offline")
    # What is asked for meanwhile is answered afterwards.
    workspace.unfold("Display").get_by_role("button", name="min–max").click()
    workspace.page.wait_for_timeout(OFFLINE_MS)
    expect(workspace.connection).to_contain_text("offline")
    relay.mend()
    expect(workspace.connection).to_contain_text("connected")
    expect(workspace.status.locator(".style")).to_have_text("log min–max")
    assert math.dist(workspace.read_at(), place) < 1.5
    assert workspace.marked()
    assert not workspace.session() - session, "no other session was started"
    context.close()
    assert workspace.problems == []


def test_a_picture_that_is_greyed_says_why(
    chromium: Browser, server: Served, relay: Relay, plain_settings: None
) -> None:
    context = chromium.new_context(viewport=SIZE)
    workspace = Workspace(context, server, f"http://127.0.0.1:{relay.port}/")
    workspace.open("sky", "cube.fits")
    relay.cut()
    expect(workspace.connection).to_have_class(re.compile("lost"))
    assert workspace.page.locator("dialog[open]").count() == 0, "no dialog covers the work"
    relay.mend()
    expect(workspace.connection).to_have_class(re.compile("open"))
    context.close()
