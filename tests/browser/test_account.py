"""One's account in the browser: signing in with a password, changing it, logins, tokens, signing out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import BUNDLE
from tests.browser.workspace import signed_in
from tests.web.harness import Served, get, served
from tests.web.test_accounts import PASSWORD, cookie_of, done, sign_in

NEW = "a new password of mine"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with a user who has a password and may look at the share."""
    if not BUNDLE.is_file():
        pytest.fail("There is no page to test: build it with 'make front-end'.")
    folder: Path = tmp_path_factory.mktemp("lab")
    with served(folder) as running:
        done(folder, "group", "add", "astro")
        done(folder, "share", "grant", "sky", "@astro")
        yield running


@pytest.fixture
def page(chromium: Browser, lab: Served) -> Iterator[Page]:
    """Give a page on which a new user has signed in by the form."""
    done(lab.folder, "user", "add", "ada", "--group", "astro", "--password-stdin", given=PASSWORD + "\n")
    opened = signed_in(chromium, lab, "ada", PASSWORD)
    yield opened
    opened.context.close()
    done(lab.folder, "user", "delete", "ada", "--yes")


def test_a_wrong_password_is_told_in_the_form(chromium: Browser, lab: Served) -> None:
    done(lab.folder, "user", "add", "bob", "--password-stdin", given=PASSWORD + "\n")
    context = chromium.new_context()
    opened = context.new_page()
    opened.goto(f"{lab.url}?file=sky/ramp.fits")
    opened.get_by_label("Name").fill("bob")
    opened.get_by_label("Password").fill("not this one")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    expect(opened.get_by_label("Name")).to_have_value("bob")
    opened.get_by_label("Password").fill(PASSWORD)
    opened.keyboard.press("Enter")
    expect(opened).to_have_url(f"{lab.url}?file=sky/ramp.fits")
    expect(opened.locator("toyz-status-line .connection")).to_contain_text("connected")
    context.close()


def test_one_sees_who_one_is_and_only_what_was_granted(page: Page) -> None:
    expect(page.get_by_role("row").filter(has_text="sky").first).to_be_visible()
    page.get_by_role("button", name="Account").click()
    dialog = page.get_by_role("dialog", name="Account")
    expect(dialog).to_contain_text("ada")
    expect(dialog).to_contain_text("User, in astro")
    expect(dialog.locator("toyz-own-logins li")).to_have_count(1)
    expect(dialog.locator("toyz-own-logins li")).to_contain_text(re.compile("Chrome on Linux · here"))
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_password_is_changed_and_other_logins_end(page: Page, lab: Served) -> None:
    elsewhere = cookie_of(lab, "ada")
    page.get_by_role("button", name="Account").click()
    own = page.locator("toyz-own-password")
    own.get_by_label("Current").fill(PASSWORD)
    own.get_by_label("New", exact=True).fill(NEW)
    own.get_by_label("New, again").fill(NEW + "!")
    own.get_by_role("button", name="Change the password").click()
    expect(own.get_by_role("alert")).to_contain_text("differ")
    own.get_by_label("New, again").fill(NEW)
    own.get_by_label("Current").fill("wrong")
    own.get_by_role("button", name="Change the password").click()
    expect(own.get_by_role("alert")).to_contain_text("not your password")
    own.get_by_label("Current").fill(PASSWORD)
    own.get_by_role("button", name="Change the password").click()
    expect(own.get_by_role("status")).to_contain_text("changed")
    assert get(f"{lab.url}api/files", headers=elsewhere).status_code == 401
    assert sign_in(lab, "ada", NEW).status_code == 303
    expect(page.locator("toyz-status-line .connection")).to_contain_text("connected")


def test_a_login_elsewhere_is_ended(page: Page, lab: Served) -> None:
    elsewhere = cookie_of(lab, "ada")
    page.get_by_role("button", name="Account").click()
    logins = page.locator("toyz-own-logins")
    expect(logins.get_by_role("listitem")).to_have_count(2)
    logins.get_by_role("button", name=re.compile("^Sign out: python-httpx")).click()
    expect(logins.get_by_role("listitem")).to_have_count(1)
    assert get(f"{lab.url}api/files", headers=elsewhere).status_code == 401


def test_a_token_is_made_used_and_ended(page: Page, lab: Served) -> None:
    page.get_by_role("button", name="Account").click()
    tokens = page.locator("toyz-own-tokens")
    tokens.get_by_label("Name").fill("my script")
    tokens.get_by_role("button", name="Make a token").click()
    value = tokens.locator(".value").inner_text().strip()
    bearer = {"Authorization": f"Bearer {value}"}
    assert get(f"{lab.url}api/files", headers=bearer).status_code == 200
    item = tokens.get_by_role("listitem")
    expect(item).to_contain_text("my script")
    expect(item).to_contain_text("never used")
    tokens.get_by_role("button", name="End the token my script").click()
    expect(item).to_have_count(0)
    assert get(f"{lab.url}api/files", headers=bearer).status_code == 401


def test_signing_out_leads_to_the_form(page: Page) -> None:
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in to Toyz")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in to Toyz")).to_be_visible()


def test_who_is_shut_out_is_told(page: Page, lab: Served) -> None:
    done(lab.folder, "user", "disable", "ada")
    expect(page.locator("toyz-notices li").filter(has_text="You are signed out.")).to_be_visible(timeout=20_000)
