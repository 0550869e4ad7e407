"""The panel of the server: its load, one's own sessions, and for administrators those of all, which can be ended."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import BUNDLE
from tests.browser.test_access import AXE
from tests.browser.workspace import signed_in
from tests.web.harness import PATIENCE, Served, served
from tests.web.nginx import free_ports
from tests.web.test_accounts import PASSWORD, done


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with an administrator and a user."""
    if not BUNDLE.is_file():
        pytest.fail("There is no page to test: build it with 'make front-end'.")
    folder: Path = tmp_path_factory.mktemp("lab")
    with served(folder) as running:
        done(folder, "user", "add", "chief", "--admin", "--password-stdin", given=PASSWORD + "\n")
        # Whose page nobody has arranged.
        done(folder, "user", "add", "deputy", "--admin", "--password-stdin", given=PASSWORD + "\n")
        done(folder, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
        done(folder, "share", "grant", "sky", "ada")
        yield running


def _open_panel(page: Page) -> None:
    page.locator("toyz-topbar").get_by_role("button", name=re.compile("command", re.IGNORECASE)).click()
    page.get_by_role("combobox", name="Command or position").fill("server load")
    page.keyboard.press("Enter")
    expect(page.locator("toyz-server-panel section[aria-label=Load]")).to_be_visible()


def _open_ramp(page: Page) -> None:
    page.get_by_role("row").filter(has_text="sky").first.dblclick()
    page.get_by_role("row").filter(has_text="ramp.fits").first.dblclick()
    expect(page.locator("toyz-status-line .zoom")).to_have_text(re.compile(r"\d"))


def test_an_administrator_ends_a_session_and_its_page_goes_on_with_another(chromium: Browser, lab: Served) -> None:
    guest, chief = signed_in(chromium, lab, "ada", PASSWORD), signed_in(chromium, lab, "chief", PASSWORD)
    _open_ramp(guest)
    guest.keyboard.press("w")
    own = guest.locator("toyz-server-panel")
    expect(own.get_by_role("listitem")).to_have_count(1)
    expect(own).to_contain_text("This window")
    expect(own.get_by_role("meter", name="Sessions")).to_have_attribute("aria-valuetext", re.compile("of 200"))
    expect(own).not_to_contain_text("Last backup")
    _open_panel(chief)
    panel = chief.locator("toyz-server-panel")
    expect(panel).to_contain_text("Last backup")
    of_guest = panel.get_by_role("region", name="Windows of ada").get_by_role("listitem")
    expect(of_guest).to_contain_text("1 image")
    with guest.expect_websocket():
        panel.get_by_role("button", name="of ada").click()
        panel.get_by_role("button", name="End", exact=True).click()
    expect(guest.locator("toyz-status-line .connection")).to_contain_text("connected")
    expect(guest.locator("toyz-status-line .zoom")).to_have_text(re.compile(r"\d"))
    expect(of_guest).to_contain_text("1 image")
    for page in (guest, chief):
        page.context.close()


@pytest.mark.parametrize("width", [1200, 400])
def test_axe_finds_no_serious_fault(chromium: Browser, lab: Served, width: int) -> None:
    page = signed_in(chromium, lab, "deputy", PASSWORD, width=width)
    _open_panel(page)
    shots = os.environ.get("TOYZ_SCREENSHOTS")
    if shots:
        page.screenshot(path=f"{shots}/status_{width}.png")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [fault for fault in found["violations"] if fault["impact"] in ("serious", "critical")]
    assert [f"{fault['id']}: {fault['nodes'][0]['html'][:160]}" for fault in serious] == []
    page.context.close()


def test_a_page_goes_on_by_itself_after_a_restart(chromium: Browser, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with served(tmp_path, "--port", str(port)) as running:
        done(tmp_path, "user", "add", "ada", "--admin", "--password-stdin", given=PASSWORD + "\n")
        page = signed_in(chromium, running, "ada", PASSWORD)
        _open_ramp(page)
        running.process.send_signal(signal.SIGTERM)
        expect(page.locator("toyz-notices li").filter(has_text="being restarted")).to_be_visible()
        running.process.wait(PATIENCE)
    page.locator("toyz-viewer").hover(position={"x": 300, "y": 300})  # what nobody can answer now
    with served(tmp_path, "--port", str(port), share=tmp_path / "sky") as again:
        assert again.url == running.url
        expect(page.locator("toyz-status-line .connection")).to_contain_text("connected")
        expect(page.locator("toyz-status-line .value")).to_have_text(re.compile(r"\d"))
        page.context.close()
