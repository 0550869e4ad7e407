"""Who abuses the way through another system: rows A1, A3, A5, A6 and A7 at a real OpenID Connect provider."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from tests.services.provider import CLIENT_SECRET, free_port, go_through, provider
from tests.web.harness import Served, client, get, post, served

PEOPLE = {"1": {"preferred_username": "ada"}, "2": {"preferred_username": "mallory"}}
PLANTED = "planted-by-somebody-else-00000000000000000000"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with a provider beside it."""
    folder: Path = tmp_path_factory.mktemp("elsewhere")
    port = free_port()
    with provider(f"http://127.0.0.1:{port}/", PEOPLE, folder / "provider") as issuer:
        toml = (
            f'[oidc]\nissuer = "{issuer}"\nclient_id = "toyz"\nclient_secret = "{CLIENT_SECRET}"\ncreate_users = true\n'
        )
        with served(folder, "--port", str(port), toml=toml) as running:
            yield running


def depart(browser: httpx.Client, target: str = "/") -> str:
    """Have a browser sent to the provider; gives the address there."""
    address: str = browser.get("login/oidc", params={"next": target}).headers["location"]
    return address


def login_of(browser: httpx.Client) -> str:
    """Give the value of a browser's login cookie; empty if it has none."""
    jar = [each for each in browser.cookies.jar if each.name.startswith("toyz-") and "-in-" not in each.name]
    return str(jar[0].value) if jar else ""


def refused(answer: httpx.Response, browser: httpx.Client) -> None:
    """Make sure that nobody has been signed in, and that it was told well."""
    assert answer.status_code == 401, answer.text
    assert "Traceback" not in answer.text
    assert login_of(browser) == ""


def test_a1_a_tampered_trip(elsewhere: Served) -> None:
    for spoil in (
        lambda value: value[:-1],
        lambda value: value.replace("|", "A", 1),
        lambda _: "",
        lambda _: "x" * 3000,
    ):
        with client(elsewhere.url) as browser:
            back = go_through(browser, depart(browser), "1")
            (trip,) = [each for each in browser.cookies.jar if "-in-" in each.name]
            browser.cookies.set(trip.name, spoil(str(trip.value)), domain=trip.domain, path=trip.path)
            refused(browser.get(back), browser)


def test_a3_the_answer_of_one_browser_signs_in_no_other(elsewhere: Served) -> None:
    """Login CSRF: Mallory's code in Ada's browser would have her work in his account."""
    with client(elsewhere.url) as mallory, client(elsewhere.url) as ada:
        back = go_through(mallory, depart(mallory), "2")
        refused(ada.get(back), ada)
        # Nor with a trip of her own.
        state = parse_qs(urlsplit(depart(ada)).query)["state"][0]
        refused(ada.get(back), ada)
        theirs = parse_qs(urlsplit(back).query)["state"][0]
        refused(ada.get(back.replace(f"state={theirs}", f"state={state}")), ada)


def test_a3_a_code_is_worth_something_once(elsewhere: Served) -> None:
    with client(elsewhere.url) as browser:
        away = depart(browser)
        kept = {each.name: str(each.value) for each in browser.cookies.jar}
        back = go_through(browser, away, "1")
        assert browser.get(back).status_code == 303
    with client(elsewhere.url, cookies=kept) as thief:
        refused(thief.get(back), thief)


def test_a3_a_sign_in_makes_a_new_id_and_ends_the_one_before(elsewhere: Served) -> None:
    with client(elsewhere.url) as browser:
        browser.get(go_through(browser, depart(browser), "1"))
        name = next(
            each.name for each in browser.cookies.jar if each.name.startswith("toyz-") and "-in-" not in each.name
        )
        first = login_of(browser)
    with client(elsewhere.url, cookies={name: PLANTED}) as browser:
        answer = browser.get(go_through(browser, depart(browser), "1"))
        assert answer.cookies[name] not in (PLANTED, first)
    with client(elsewhere.url, cookies={name: first}) as browser:
        browser.get(go_through(browser, depart(browser), "2"))
    assert get(f"{elsewhere.url}api/colormaps", headers={"Cookie": f"{name}={first}"}).status_code == 401


def test_a3_the_answer_of_another_provider_is_not_taken(elsewhere: Served) -> None:
    for wrong in ("https://evil.example", "", None):
        with client(elsewhere.url) as browser:
            back = go_through(browser, depart(browser), "1")
            issuer = re.search(r"[?&]iss=([^&]+)", back)
            assert issuer is not None
            changed = f"&iss={quote(wrong, safe='')}" if wrong is not None else ""
            refused(browser.get(back.replace(issuer[0], changed)), browser)


def test_a5_nothing_but_the_way_back_signs_in(elsewhere: Served) -> None:
    with client(elsewhere.url) as browser:
        back = go_through(browser, depart(browser), "1")
        for method in ("POST", "DELETE"):
            assert browser.request(method, back).status_code in (403, 405)
        browser.head(back)
        assert login_of(browser) == ""
    assert post(f"{elsewhere.url}login/oidc").status_code in (403, 405)
    assert get(f"{elsewhere.url}login/nowhere").status_code == 404
    assert get(f"{elsewhere.url}login/pam").status_code == 404
    assert get(f"{elsewhere.url}oauth_callback?code=a&state=b").status_code == 404


@pytest.mark.parametrize(
    "target", ["//evil.org", "/\\evil.org", "https:///evil%40b", "https://evil.org", "/%09/evil.org"]
)
def test_a6_the_way_back_leads_nowhere_else(elsewhere: Served, target: str) -> None:
    with client(elsewhere.url) as browser:
        assert browser.get(go_through(browser, depart(browser, target), "1")).headers["location"] == "/"


def test_a7_huge_answers(elsewhere: Served) -> None:
    with client(elsewhere.url) as browser:
        state = parse_qs(urlsplit(depart(browser)).query)["state"][0]
        for query in (
            {"state": "s" * 50_000},
            {"state": state, "code": "c" * 50_000, "iss": "i" * 5000},
            {"state": "\ud800é"},
        ):
            answer = browser.get(
                "login/oidc/callback", params={name: each.encode("utf-8", "replace") for name, each in query.items()}
            )
            assert answer.status_code in (400, 401, 431), answer.status_code
            assert login_of(browser) == ""
        # Many trips that nobody ends leave room for the next.
        for _ in range(40):
            depart(browser)
        assert sum("-in-" in each.name for each in browser.cookies.jar) <= 9
        assert browser.get(go_through(browser, depart(browser), "1")).status_code == 303
    lines = (elsewhere.folder / "log").read_bytes().splitlines()
    assert max(len(line) for line in lines) <= 1024
    secrets = (CLIENT_SECRET.encode(), b"code=", b"state=")
    assert not any(secret in line for line in lines for secret in secrets)
