"""Workspaces in the browser: what comes back by itself, what is undone, and what two people see of each other."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, WebSocketRoute, expect

from tests.browser.conftest import SIZE
from tests.browser.relay import Relay
from tests.browser.workspace import Desk, Workspace, signed_in
from tests.web.harness import Served, served
from tests.web.test_accounts import PASSWORD, done


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, share: Path) -> Iterator[Served]:
    """Serve with a teacher and a student who may see the share, and a guest who may not."""
    folder = tmp_path_factory.mktemp("class")
    with served(folder, share=share, toml="[limits]\nsessions_per_user = 50\ngrace = 5\n") as running:
        for name in ("ada", "bob", "eve"):
            done(folder, "user", "add", name, "--password-stdin", given=PASSWORD + "\n")
        for name in ("ada", "bob"):
            done(folder, "share", "grant", "sky", name)
        yield running


class Person(Desk):
    """A page, and what it tells of the workspace."""

    def begin(self) -> None:
        """Go out of the workspace of the test before."""
        self.menu.click()
        self.page.get_by_role("button", name="New workspace").click()
        expect(self.menu).to_have_attribute("aria-label", "Workspace Untitled, empty")

    @property
    def menu(self) -> Locator:
        return self.page.locator("toyz-workspace-menu .title")

    @property
    def saved(self) -> Locator:
        return self.status.locator(".saving")

    @property
    def images(self) -> Locator:
        return self.page.locator("toyz-images-panel section[aria-label='Open images'] li")


@pytest.fixture
def people(chromium: Browser, lab: Served) -> Iterator[dict[str, Person]]:
    """Give a page of each."""
    desks = {name: Person(signed_in(chromium, lab, name, PASSWORD, width=1440)) for name in ("ada", "bob", "eve")}
    yield desks
    for desk in desks.values():
        desk.page.context.close()
        assert desk.problems == []


def _share(desk: Person, level: str) -> str:
    """Make a link in the dialog, and give it."""
    desk.command("Share the workspace")
    dialog = desk.page.get_by_role("dialog", name="Share this workspace")
    dialog.get_by_label("One may").select_option(level)
    dialog.get_by_role("button", name="Make a link").click()
    link = dialog.locator("pre.value")
    expect(link).to_contain_text("#workspace=")
    address = link.inner_text()
    desk.page.keyboard.press("Escape")
    return address


def _go(desk: Person, link: str) -> None:
    """Follow a link as from a mail."""
    desk.page.evaluate("link => { location.href = link; }", link)
    expect(desk.page.locator("toyz-workspace-menu .people")).to_be_visible()
    desk.settle()


def _undo(desk: Desk, keys: str = "Control+z") -> None:
    desk.page.keyboard.press(keys)


def test_a_reload_and_another_machine_bring_all_back(people: dict[str, Person], chromium: Browser, lab: Served) -> None:
    ada = people["ada"]
    ada.open("sky", "cube.fits")
    ada.press("s", "i")
    expect(ada.status.locator(".style")).to_have_text("log zscale")
    ada.page.keyboard.press("o")
    ada.file("colours.png").dblclick()
    expect(ada.page.locator("h1")).to_have_text("colours.png")
    ada.page.keyboard.press(",")
    expect(ada.page.locator("h1")).to_have_text("cube.fits")
    expect(ada.saved).to_have_text("saved")
    ada.page.reload()
    expect(ada.page.locator("h1")).to_have_text("cube.fits")
    expect(ada.status.locator(".style")).to_have_text("log zscale")
    ada.command("Images and HDUs")
    expect(ada.images).to_have_count(2)
    ada.page.wait_for_timeout(600)
    ada.page.goto("about:blank")
    other = Person(signed_in(chromium, lab, "ada", PASSWORD))
    expect(other.page.locator("h1")).to_have_text("cube.fits")
    expect(other.status.locator(".style")).to_have_text("log zscale")
    expect(other.images).to_have_count(2)  # in the panel that she left open
    other.page.context.close()


def test_a_workspace_with_a_name_brings_its_own_panels_back(people: dict[str, Person]) -> None:
    ada = people["ada"]
    ada.begin()
    ada.open("sky", "cube.fits")
    tabs = ada.page.get_by_role("tab")
    usual = {name.strip() for name in tabs.all_inner_texts()}
    expect(ada.saved).to_have_text("saved")
    ada.press("W")
    row = ada.page.get_by_role("dialog", name="Workspaces").get_by_role("listitem").filter(has_text="open here")
    row.get_by_role("button", name="Rename").click()
    ada.page.get_by_role("textbox", name="Name", exact=True).fill("Lesson 1")
    ada.press("Enter")
    expect(ada.menu).to_have_text("Lesson 1")
    expect(row.get_by_role("button", name="Rename")).to_be_enabled()
    ada.press("Escape")
    for panel in ("Notes", "Log", "Server"):
        ada.page.get_by_role("button", name=panel, exact=True).click()
    expect(tabs.filter(has_text=re.compile("Notes|Log|Server"))).to_have_count(3)
    opened = {name.strip() for name in tabs.all_inner_texts()}
    expect(ada.saved).to_have_text("saved")
    for _ in range(2):  # what is put back is also what is kept
        ada.page.reload()
        expect(ada.page.locator("h1")).to_have_text("cube.fits")
        expect(tabs).to_have_count(len(opened))
        assert {name.strip() for name in tabs.all_inner_texts()} == opened
        expect(ada.saved).to_have_text("saved")
    ada.begin()
    ada.open("sky", "cube.fits")
    expect(tabs).to_have_count(len(usual))
    assert {name.strip() for name in tabs.all_inner_texts()} == usual


def test_what_was_done_is_undone_and_done_again(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    style = workspace.status.locator(".style")
    expect(style).to_have_text("linear zscale")
    workspace.press("s")
    expect(style).to_have_text("log zscale")
    workspace.press("/")
    expect(workspace.page.get_by_text("Undo: Change the stretch")).to_be_visible()
    workspace.press("Escape")
    expect(workspace.page.get_by_role("combobox", name="Command or position")).to_have_count(0)
    _undo(workspace)
    expect(style).to_have_text("linear zscale")
    _undo(workspace, "Control+Shift+z")
    expect(style).to_have_text("log zscale")
    workspace.command("Close the image")
    expect(workspace.files).to_be_visible()
    _undo(workspace)
    expect(workspace.page.locator("h1")).to_have_text("cube.fits")
    expect(style).to_have_text("log zscale")


@pytest.fixture
def relay(server: Served) -> Iterator[Relay]:
    port = urlsplit(server.url).port
    assert port is not None
    relay = Relay(port)
    yield relay
    relay.close()


def test_what_is_changed_offline_is_sent_afterwards(
    chromium: Browser, server: Served, relay: Relay, plain_settings: None
) -> None:
    context = chromium.new_context(viewport=SIZE)
    workspace = Workspace(context, server, f"http://127.0.0.1:{relay.port}/")
    workspace.open("sky", "cube.fits")
    saving = workspace.status.locator(".saving")
    expect(saving).to_have_text("saved")
    relay.cut()
    expect(workspace.connection).to_contain_text("offline")
    workspace.press("s")
    expect(saving).to_have_text("not saved")
    relay.mend()
    expect(saving).to_have_text("saved")
    with server.window() as window:
        kept = window.call("l", "workspaces", "latest")["elsewhere"]["id"]
        entries = window.call("o", "workspaces", "open", workspace=kept)["state"]["entries"]
    assert [value["style"]["stretch"] for key, value in entries.items() if key.startswith("style/")] == ["log"]
    context.close()
    assert workspace.problems == []


def test_two_see_each_other_and_a_class_follows(people: dict[str, Person]) -> None:
    ada, bob = people["ada"], people["bob"]
    ada.begin()
    ada.open("sky", "exposure.fits.fz")
    expect(ada.saved).to_have_text("saved")
    _go(bob, _share(ada, "view"))
    expect(bob.page.locator("h1")).to_have_text("exposure.fits.fz")
    expect(bob.saved).to_have_text("view only")
    expect(ada.page.get_by_role("button", name="Follow bob")).to_be_visible()
    # The cursor of the one is where the other sees the same pixel.
    ada.zoom_by_key("1", "1:1")
    at = ada.read_at(0.4, 0.6)
    ada.press("J")
    expect(bob.page.locator("toyz-lead-banner .banner")).to_contain_text("You follow ada")
    bob.arrive(*ada.read_at(0.5, 0.5))
    ada.point(0.4, 0.6)
    cursor = bob.page.locator("toyz-cursors .cursor")
    expect(cursor).to_contain_text("ada")
    bob.settle()
    box, picture = cursor.bounding_box(), bob.viewer.bounding_box()
    assert box is not None
    assert picture is not None
    seen = bob.read_at((box["x"] - picture["x"]) / picture["width"], (box["y"] - picture["y"]) / picture["height"])
    assert abs(seen[0] - at[0]) < 3
    assert abs(seen[1] - at[1]) < 3
    # What the leader chooses is seen, too; also another file.
    ada.press("s")
    expect(bob.status.locator(".style")).to_have_text("log zscale")
    ada.page.keyboard.press("o")
    ada.file("cube.fits").dblclick()
    expect(bob.page.locator("h1")).to_have_text("cube.fits")
    ada.settle()
    bob.settle()
    ada.press("]")
    expect(bob.page.get_by_role("spinbutton", name="Plane").first).to_have_value("2")
    # Who moves the picture goes a way of one's own, and comes back.
    bob.viewer.hover()
    bob.page.mouse.wheel(0, -300)
    expect(bob.page.locator("toyz-lead-banner .banner")).to_contain_text("ada leads")
    bob.page.get_by_role("button", name="Follow again").click()
    expect(bob.page.locator("toyz-lead-banner .banner")).to_contain_text("You follow ada")
    ada.page.set_viewport_size({"width": 1000, "height": 800})
    leads = ada.page.locator("toyz-lead-banner .banner")
    expect(leads).to_contain_text("You lead")
    assert ada.covered(leads) == []
    ada.press("J")
    expect(bob.page.locator("toyz-lead-banner .banner")).to_have_count(0)
    # Alone there is nobody to lead.
    bob.page.goto("about:blank")
    expect(ada.page.get_by_role("button", name="Follow bob")).to_have_count(0)
    ada.press("J")
    expect(ada.notice("Nobody else is in this workspace.")).to_be_visible()


def test_who_follows_goes_on_when_the_workspace_is_ahead_of_the_leader(people: dict[str, Person]) -> None:
    ada, bob = people["ada"], people["bob"]
    held: list[Callable[[], None]] | None = None

    def hold_presence(page: WebSocketRoute) -> None:
        def pass_on(message: str | bytes) -> None:
            if held is not None and '"presence"' in str(message):
                held.append(lambda: page.send(message))
            else:
                page.send(message)

        server = page.connect_to_server()
        page.on_message(server.send)
        server.on_message(pass_on)

    bob.page.route_web_socket(re.compile("/api/socket"), hold_presence)
    bob.page.reload()
    ada.begin()
    ada.open("sky", "exposure.fits.fz")
    ada.page.keyboard.press("o")
    ada.file("cube.fits").dblclick()
    expect(ada.page.locator("h1")).to_have_text("cube.fits")
    expect(ada.saved).to_have_text("saved")
    _go(bob, _share(ada, "view"))
    expect(bob.page.locator("h1")).to_have_text("cube.fits")
    ada.press("J")
    expect(bob.page.locator("toyz-lead-banner .banner")).to_contain_text("You follow ada")
    bob.settle()
    held = []
    ada.press("]")
    # The plane of before is an image that the workspace has no more; which one is seen instead is not told yet.
    expect(bob.page.locator("h1")).to_have_text("exposure.fits.fz")
    expect(bob.page.locator("toyz-lead-banner .banner")).to_contain_text("You follow ada")
    released, held = held, None
    for send in released:
        send()
    expect(bob.page.get_by_role("spinbutton", name="Plane").first).to_have_value("2")
    ada.press("s")
    expect(bob.status.locator(".style")).to_have_text("log zscale")
    expect(bob.page.locator("toyz-lead-banner .banner")).to_contain_text("You follow ada")


def test_two_edit_and_each_undoes_what_is_ones_own(people: dict[str, Person]) -> None:
    ada, bob = people["ada"], people["bob"]
    ada.begin()
    ada.open("sky", "cube.fits")
    expect(ada.saved).to_have_text("saved")
    _go(bob, _share(ada, "edit"))
    expect(bob.page.locator("h1")).to_have_text("cube.fits")
    bob.press("s")
    expect(ada.status.locator(".style")).to_have_text("log zscale")
    _undo(ada)  # the opening of the file is hers, and would be undone; the stretch is his
    expect(ada.page.locator("h1")).to_have_text("Toyz")
    _undo(ada, "Control+Shift+z")
    expect(ada.page.locator("h1")).to_have_text("cube.fits")
    expect(bob.page.locator("h1")).to_have_text("cube.fits")


def test_a_revoked_link_empties_the_page(people: dict[str, Person]) -> None:
    ada, bob = people["ada"], people["bob"]
    ada.begin()
    ada.open("sky", "cube.fits")
    expect(ada.saved).to_have_text("saved")
    link = _share(ada, "edit")
    _go(bob, link)
    ada.command("Share the workspace")
    expect(ada.page.get_by_text("opened by bob")).to_be_visible()
    ada.page.get_by_role("button", name=re.compile("Revoke")).click()
    expect(bob.notice("no longer shared")).to_be_visible()
    expect(bob.files).to_be_visible()
    bob.page.evaluate("link => { location.href = link; }", link)
    expect(bob.notice("no such link")).to_be_visible()


def test_who_may_not_see_the_share_sees_its_place_only(people: dict[str, Person]) -> None:
    ada, eve = people["ada"], people["eve"]
    ada.begin()
    ada.open("sky", "cube.fits")
    expect(ada.saved).to_have_text("saved")
    _go(eve, _share(ada, "view"))
    place = eve.page.locator(".message")
    expect(place).to_contain_text("The images of this workspace do not open")
    expect(place).to_contain_text(re.compile(r"cube\.fits: \w"))
    expect(eve.page.locator("h1")).to_have_text("Toyz")
    eve.page.get_by_role("button", name="Images", exact=True).click()
    expect(eve.images).to_have_count(1)


def test_a_file_is_exported_and_opens_in_another_account(people: dict[str, Person], tmp_path: Path) -> None:
    ada, bob = people["ada"], people["bob"]
    ada.begin()
    ada.open("sky", "cube.fits")
    ada.press("s")
    expect(ada.saved).to_have_text("saved")
    ada.press("W")
    dialog = ada.page.get_by_role("dialog", name="Workspaces")
    row = dialog.get_by_role("listitem").filter(has_text="open here")
    pencil = row.get_by_role("button", name="Rename")
    pencil.click()
    expect(dialog.get_by_role("textbox", name="Name")).to_be_focused()
    ada.page.keyboard.press("Escape")
    expect(dialog.get_by_role("textbox", name="Name")).to_have_count(0)
    pencil.click()
    ada.page.keyboard.type("Night of the cube")
    ada.page.keyboard.press("Enter")
    expect(row).to_contain_text("Night of the cube")
    # The field is gone; one is in the dialog still.
    expect(dialog.locator(":focus")).to_have_count(1)
    with ada.page.expect_download() as download:
        row.get_by_role("link", name="Export").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "Night_of_the_cube.toyz.json"
    assert json.loads(file.read_text())["toyz_workspace"] == 1
    bob.menu.click()
    bob.page.locator("toyz-workspaces-dialog input[type=file]").set_input_files(file)
    expect(bob.menu).to_have_text(re.compile("Night of the cube"))
    expect(bob.page.locator("h1")).to_have_text("cube.fits")
    expect(bob.status.locator(".style")).to_have_text("log zscale")


def test_they_are_listed_opened_deleted_and_had_back(people: dict[str, Person]) -> None:
    bob = people["bob"]
    bob.begin()
    bob.open("sky", "colours.png")
    expect(bob.saved).to_have_text("saved")
    bob.press("W")
    dialog = bob.page.get_by_role("dialog", name="Workspaces")
    row = dialog.get_by_role("listitem").filter(has_text="open here")
    row.get_by_role("button", name="Duplicate").click()
    expect(dialog.get_by_title("Open Untitled (copy)")).to_be_visible()
    dialog.get_by_role("button", name="Share this one").click()
    shared = bob.page.get_by_role("dialog", name="Share this workspace")
    shared.get_by_role("button", name="Make a link").click()
    expect(shared.get_by_role("button", name="Make a link")).to_be_focused()
    bob.page.keyboard.press("Escape")
    bob.press("W")
    row.get_by_role("button", name="Delete").click()
    expect(row.get_by_role("alertdialog")).to_contain_text("Others have it by a link, which ends for good.")
    row.get_by_role("button", name="Keep").click()
    row.get_by_role("button", name="Delete").click()
    row.get_by_role("button", name="Delete", exact=True).click()
    expect(bob.files.first).to_be_visible()
    expect(bob.notice("is in the trash")).to_be_visible()
    dialog.get_by_text("Trash").click()
    dialog.get_by_role("list", name="Trash").get_by_role("button", name="Take it back").first.click()
    dialog.get_by_title("Open Untitled (copy)").click()
    expect(bob.page.locator("h1")).to_have_text("colours.png")
    expect(bob.menu).to_have_text(re.compile(r"Untitled \(copy\)"))
