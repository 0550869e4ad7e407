"""The administration in the browser: users invited, groups, grants, and the log of what was done."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import BUNDLE
from tests.browser.test_access import AXE
from tests.browser.workspace import signed_in
from tests.web.harness import Served, get, served
from tests.web.test_accounts import PASSWORD, done, sign_in


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with an administrator and a user."""
    if not BUNDLE.is_file():
        pytest.fail("There is no page to test: build it with 'make front-end'.")
    folder: Path = tmp_path_factory.mktemp("lab")
    with served(folder) as running:
        done(folder, "user", "add", "chief", "--admin", "--password-stdin", given=PASSWORD + "\n")
        done(folder, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
        yield running


@pytest.fixture
def page(chromium: Browser, lab: Served) -> Iterator[Page]:
    """Give a page of the administrator."""
    made = signed_in(chromium, lab, "chief", PASSWORD)
    yield made
    made.context.close()


def part(page: Page, name: str) -> Locator:
    """Show a part of the administration."""
    dialog = page.get_by_role("dialog", name="Administration")
    if dialog.count() == 0:
        menu = page.get_by_role("button", name="Menu", exact=True)
        if menu.count():
            menu.click()
        page.get_by_role("button", name="Account").click()
        page.get_by_role("dialog", name="Account").get_by_role("button", name="Administration").click()
    dialog.get_by_role("button", name=name, exact=True).click()
    return dialog


def test_a_user_is_invited_and_sees_what_is_granted_until_it_is_withdrawn(
    chromium: Browser, lab: Served, page: Page
) -> None:
    dialog = part(page, "Users")
    dialog.get_by_label("Name of a new user").fill("bob")
    dialog.get_by_role("button", name="Add and invite").click()
    link = dialog.locator(".value").inner_text().strip()
    assert link.startswith(f"{lab.url}login?token=")
    expect(dialog.get_by_role("listitem").filter(has_text="bob")).to_contain_text("no password yet")
    guest = chromium.new_context().new_page()
    guest.goto(link)
    expect(guest.locator("toyz-status-line .connection")).to_contain_text("connected")
    own = guest.get_by_role("dialog", name="Account")
    expect(own).to_contain_text("The link that you came by signs in once.")
    own.get_by_role("button", name="Sign out").click()
    expect(own.get_by_role("alertdialog")).to_contain_text("You have no password")
    own.get_by_role("button", name="Stay").click()
    for label in ("New", "New, again"):
        own.get_by_label(label, exact=True).fill(PASSWORD)
    own.get_by_role("button", name="Set the password").click()
    expect(own).to_contain_text("The password is set.")
    expect(own.get_by_text("signs in once")).to_have_count(0)
    guest.keyboard.press("Escape")
    dialog = part(page, "Groups")
    dialog.get_by_label("Name of a new group").fill("astro")
    dialog.get_by_role("button", name="Add the group").click()
    dialog.get_by_label("Put into astro").select_option("bob")
    expect(dialog.get_by_role("listitem")).to_contain_text("bob")
    dialog = part(page, "Shares")
    dialog.get_by_label("Whom to grant sky").select_option("@astro")
    dialog.get_by_role("button", name="Grant sky").click()
    expect(dialog.locator(".chip")).to_have_text(re.compile("@astro"))
    expect(guest.locator("toyz-notices li").filter(has_text="You may see sky now.")).to_be_visible()
    guest.get_by_role("row").filter(has_text="sky").first.dblclick()
    guest.get_by_role("row").filter(has_text="ramp.fits").first.dblclick()
    expect(guest.locator("toyz-status-line .zoom")).to_have_text(re.compile(r"\d"))
    dialog.get_by_role("button", name="Withdraw sky from @astro").click()
    expect(dialog).to_contain_text("Granted to nobody")
    expect(guest.locator("toyz-notices li").filter(has_text="You may no longer see sky")).to_be_visible()
    guest.get_by_role("navigation", name="Panels").get_by_role("button", name="Images").click()
    absent = guest.locator("toyz-images-panel").filter(has_text="This share has been withdrawn from you.")
    expect(absent).to_be_visible()
    dialog = part(page, "Shares")
    dialog.get_by_label("Whom to grant sky").select_option("@astro")
    dialog.get_by_role("button", name="Grant sky").click()
    expect(absent).to_have_count(0)
    expect(guest.locator("toyz-status-line .zoom")).to_have_text(re.compile(r"\d"))
    dialog.get_by_role("button", name="Withdraw sky from @astro").click()
    expect(absent).to_be_visible()
    dialog = part(page, "Log")
    dialog.get_by_label("Filter the log").fill("bob")
    rows = dialog.locator("tbody tr")
    expect(rows.filter(has_text="open sky/ramp.fits").first).to_be_visible()
    expect(rows.filter(has_text="join group bob astro")).to_have_count(1)
    dialog = part(page, "Users")
    dialog.get_by_role("button", name="Shut out bob").click()
    expect(guest.locator("toyz-notices li").filter(has_text="You are signed out.")).to_be_visible()
    expect(guest.get_by_role("group", name="Status").get_by_role("button", name="Sign in")).to_be_visible()
    expect(dialog.get_by_role("listitem").filter(has_text="bob")).to_contain_text("Shut out")
    dialog.get_by_role("button", name="Delete bob").first.click()
    dialog.get_by_role("button", name="Keep").click()
    dialog.get_by_role("button", name="Delete bob").first.click()
    dialog.get_by_role("button", name="Delete bob").last.click()
    expect(dialog.get_by_role("listitem").filter(has_text="bob")).to_have_count(0)
    dialog = part(page, "Groups")
    expect(dialog.get_by_role("listitem")).to_contain_text("Nobody")
    dialog.get_by_role("button", name="Delete the group astro").click()
    expect(dialog.get_by_role("listitem")).to_have_count(0)
    guest.context.close()


def test_what_is_wrong_is_said_where_it_was_typed(page: Page, lab: Served) -> None:
    dialog = part(page, "Users")
    dialog.get_by_label("Name of a new user").fill("ada")
    dialog.get_by_role("button", name="Add and invite").click()
    expect(dialog.get_by_role("alert")).to_contain_text("There is a user ada already.")
    expect(dialog.get_by_role("button", name="Shut out chief")).to_be_disabled()
    dialog.get_by_role("button", name="Invite").nth(1).click()
    expect(dialog.locator(".value")).to_contain_text("login?token=")
    assert sign_in(lab, "ada", PASSWORD).status_code == 303


def test_a_quota_is_set_and_taken_back(page: Page) -> None:
    dialog = part(page, "Quotas")
    ada = dialog.get_by_role("list", name="Quotas").get_by_role("listitem").filter(has_text="ada")
    expect(ada).to_contain_text("0 B of 512 GB uploaded, 0 B of 128 GB on the way")
    dialog.get_by_role("button", name="Change the quota of ada").click()
    expect(dialog.get_by_label("In all (GB) of ada")).to_be_focused()
    page.keyboard.type("1.5")
    dialog.get_by_role("button", name="Set the quota").click()
    expect(ada).to_contain_text("0 B of 1.50 GB uploaded, 0 B of 128 GB on the way, a quota of its own")
    dialog.get_by_role("button", name="Change the quota of ada").click()
    dialog.get_by_role("button", name="As everybody").click()
    expect(ada).to_contain_text("of 512 GB uploaded")


def test_others_have_no_administration(chromium: Browser, lab: Served) -> None:
    page = signed_in(chromium, lab, "ada", PASSWORD)
    page.get_by_role("button", name="Account").click()
    dialog = page.get_by_role("dialog", name="Account")
    expect(dialog).to_contain_text("User")
    expect(dialog.get_by_role("button", name="Administration")).to_have_count(0)
    page.context.close()
    assert get(f"{lab.url}api/files").status_code == 401


@pytest.mark.parametrize("name", ["Users", "Groups", "Shares", "Quotas", "Sandbox", "Log"])
def test_axe_finds_no_serious_fault(chromium: Browser, lab: Served, name: str) -> None:
    page = signed_in(chromium, lab, "chief", PASSWORD, width=420)
    part(page, name)
    expect(page.get_by_role("dialog", name="Administration").locator("li, tr, form").first).to_be_visible()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [fault for fault in found["violations"] if fault["impact"] in ("serious", "critical")]
    assert [f"{fault['id']}: {fault['nodes'][0]['html'][:160]}" for fault in serious] == []
    page.context.close()


def test_the_layers_of_the_sandbox_are_shown(page: Page) -> None:
    dialog = part(page, "Sandbox")
    layers = dialog.get_by_role("list", name="Layers of the sandbox").get_by_role("listitem")
    expect(layers.filter(has_text="Landlock: files")).to_contain_text("in force")
    expect(layers.filter(has_text="Namespaces")).to_contain_text("not in use")


def test_an_administrator_is_told_that_the_sandbox_is_off_and_others_are_not(chromium: Browser, tmp_path: Path) -> None:
    with served(tmp_path, "--no-sandbox") as running:
        done(tmp_path, "user", "add", "chief", "--admin", "--password-stdin", given=PASSWORD + "\n")
        done(tmp_path, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
        told = signed_in(chromium, running, "chief", PASSWORD)
        expect(told.locator("toyz-notices li").filter(has_text="The sandbox is off")).to_be_visible()
        expect(part(told, "Sandbox")).to_contain_text("The sandbox is off: a hostile file reaches all")
        other = signed_in(chromium, running, "ada", PASSWORD)
        expect(other.locator("toyz-status-line .connection")).to_contain_text("connected")
        expect(other.locator("toyz-notices li").filter(has_text="sandbox")).to_have_count(0)
        for each in (told, other):
            each.context.close()
