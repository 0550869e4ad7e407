"""Signing in at an OpenID Connect provider, as a person does: button, sign-in there, consent, back to the picture."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import BUNDLE
from tests.browser.test_access import AXE
from tests.services.provider import CLIENT_SECRET, free_port, provider
from tests.web.harness import Served, served
from tests.web.test_accounts import PASSWORD, done


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with a provider beside it, and passwords as well."""
    if not BUNDLE.is_file():
        pytest.fail("There is no page to test: build it with 'make front-end'.")
    folder: Path = tmp_path_factory.mktemp("lab")
    port = free_port()
    people = {"1001": {"preferred_username": "ada", "groups": ["astro"]}}
    with provider(f"http://127.0.0.1:{port}/", people, folder / "provider") as issuer:
        toml = (
            f'[oidc]\nissuer = "{issuer}"\nclient_id = "toyz"\nclient_secret = "{CLIENT_SECRET}"\ncreate_users = true\n'
        )
        toml += 'groups_claim = "groups"\nlabel = "Sign in at the institute"\n'
        with served(folder, "--port", str(port), toml=toml) as running:
            done(folder, "group", "add", "astro")
            done(folder, "share", "grant", "sky", "@astro")
            done(folder, "user", "add", "bob", "--password-stdin", given=PASSWORD + "\n")
            yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1200, "height": 800})
    # The provider's own pages ask for a font from far away.
    context.route("https://fonts.googleapis.com/**", lambda route: route.abort())
    yield context.new_page()
    context.close()


def test_button_consent_and_back_to_the_picture_of_the_link(page: Page, lab: Served) -> None:
    page.goto(f"{lab.url}#file=sky/ramp.fits")
    page.get_by_role("link", name="Sign in at the institute").click()
    page.get_by_placeholder("Enter any login").fill("1001")
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("toyz-status-line .connection")).to_contain_text("connected")
    expect(page).to_have_url(re.compile(re.escape(lab.url) + r"#.*ramp\.fits"))
    expect(page.locator("toyz-status-line .zoom")).to_have_text(re.compile(r"\d"))
    # And out again, there as well.
    page.keyboard.press("u")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="You are signed out of Toyz")).to_be_visible()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("link", name="Sign in at the institute")).to_be_visible()
    # A place that was kept for one sign-in is not gone to by the next.
    page.get_by_role("link", name="Sign in at the institute").click()
    expect(page.get_by_placeholder("Enter any login")).to_be_visible()


@pytest.mark.parametrize("width", [1200, 400])
def test_the_sign_in_page_offers_what_is_configured(page: Page, lab: Served, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{lab.url}login")
    for control in (
        page.get_by_role("link", name="Sign in at the institute"),
        page.get_by_label("Name"),
        page.get_by_label("Password"),
        page.get_by_text("Sign in with a token"),
    ):
        expect(control).to_be_visible()
        box = control.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate("axe.run(document).then(found => found.violations.map(each => each.id))") == []
