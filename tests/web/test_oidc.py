"""Signing in with OpenID Connect, at a real provider."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.services.provider import CLIENT_SECRET, free_port, go_through, provider
from tests.web.harness import TOKEN, Served, Window, client, form_token, get, served
from tests.web.test_accounts import PASSWORD, closes, done, sign_in

LAB = {"email_verified": True, "groups": ["staff"]}
PEOPLE = {
    "1001": {"preferred_username": "ada", "email": "ada@lab.example", **LAB, "groups": ["staff", "survey"]},
    "1002": {"preferred_username": "ada", "email": "other@lab.example", **LAB},
    "1003": {"preferred_username": "local", "email": "local@lab.example", **LAB},
    "1004": {"preferred_username": "root of all", "email": "r@lab.example", **LAB},
    "1005": {"preferred_username": "eve", "email": "eve@lab.example", **LAB, "email_verified": False},
    "1006": {"preferred_username": "mallory", "email": "mallory@evil.example", **LAB},
    "1007": {"preferred_username": "finn", "email": "finn@lab.example", **LAB, "groups": ["guests"]},
    "1008": {"preferred_username": "boss", "email": "boss@LAB.example", **LAB, "groups": ["staff", "admins"]},
    "1009": {"email": "nameless@lab.example", **LAB},
    "1010": {"preferred_username": "bob", "email": "bob@lab.example", **LAB},
}


def settings(issuer: str, **others: str) -> str:
    """Give the configuration of the provider."""
    given = {
        "issuer": f'"{issuer}"',
        "client_id": '"toyz"',
        "client_secret": f'"{CLIENT_SECRET}"',
        "label": '"Sign in at the institute"',
        "groups_claim": '"groups"',
        "groups": '{ staff = "astro", survey = "survey" }',
        "allowed_groups": '["staff"]',
        "allowed_domains": '["lab.example"]',
        "admin_group": '"admins"',
        "create_users": "true",
        **others,
    }
    return "[oidc]\n" + "".join(f"{name} = {value}\n" for name, value in given.items())


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with a provider beside it."""
    folder: Path = tmp_path_factory.mktemp("lab")
    port = free_port()
    with (
        provider(f"http://127.0.0.1:{port}/", PEOPLE, folder / "provider") as issuer,
        served(folder, "--port", str(port), toml=settings(issuer)) as running,
    ):
        assert running.url == f"http://127.0.0.1:{port}/"
        done(folder, "user", "add", "local", "--password-stdin", given=PASSWORD + "\n")
        yield running


def come_back(server: Served, browser: httpx.Client, login: str, target: str = "/") -> str:
    """Go to the provider and sign in there; gives the address to which it sends the browser back."""
    away = browser.get("login/oidc", params={"next": target})
    assert away.status_code == 302, away.text
    return go_through(browser, away.headers["location"], login)


def arrive(server: Served, login: str) -> httpx.Response:
    """Sign in by way of the provider; the answer's header `cookie` is what the browser has then."""
    with client(server.url) as browser:
        answer = browser.get(come_back(server, browser, login))
        jar = [each for each in browser.cookies.jar if each.name.startswith("toyz-") and "-in-" not in each.name]
        answer.headers["cookie"] = "; ".join(f"{each.name}={each.value}" for each in jar)
        return answer


def test_signing_in_becoming_a_user_and_keeping_the_link(lab: Served) -> None:
    with client(lab.url) as browser:
        form = browser.get("login", params={"next": "/?file=sky/ramp.fits"}).text
        assert "Sign in at the institute" in form
        href = re.search(r'href="(/login/oidc[^"]*)"', form)
        assert href is not None
        away = browser.get(href[1].replace("&amp;", "&"))
        asked = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}
        assert asked["redirect_uri"] == f"{lab.url}login/oidc/callback"
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
        back = browser.get(go_through(browser, away.headers["location"], "1001"))
        assert (back.status_code, back.headers["location"]) == (303, "/?file=sky/ramp.fits")
        cookies = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)
        assert "-in-" not in cookies
    window = Window(lab.url, headers={"Cookie": cookies, "Origin": lab.url.rstrip("/")})
    me = window.call("me", "account", "show")
    assert me == {"name": "ada", "groups": ["astro", "survey"], "admin": False, "password": False, "invited": False}
    window.close()
    assert "ada\tno password\t@astro @survey" in done(lab.folder, "user", "list").splitlines()


def test_a_name_belongs_to_the_identity_that_had_it_first(lab: Served) -> None:
    assert arrive(lab, "1001").status_code == 303
    other = arrive(lab, "1002")
    assert other.status_code == 403
    assert "There is a user ada here already" in other.text


def test_a_local_user_is_not_taken_over_and_can_be_admitted(lab: Served) -> None:
    assert arrive(lab, "1003").status_code == 403
    done(lab.folder, "user", "admit", "local", "oidc")
    assert arrive(lab, "1003").status_code == 303
    assert sign_in(lab, "local", PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("login", "words"),
    [
        ("1004", "cannot be the name of a user"),
        ("1005", "e-mail address"),
        ("1006", "e-mail address"),
        ("1007", "none of the groups"),
        ("1009", "does not say what you are called"),
    ],
)
def test_who_is_not_let_in_is_told_why(lab: Served, login: str, words: str) -> None:
    answer = arrive(lab, login)
    assert answer.status_code == 403
    assert words in answer.text
    assert answer.headers["cookie"] == ""


def test_an_administrator_of_theirs_is_one_here(lab: Served) -> None:
    assert arrive(lab, "1008").status_code == 303
    assert "boss\tadministrator, no password\t@astro" in done(lab.folder, "user", "list").splitlines()


def test_who_is_disabled_here_stays_out(lab: Served) -> None:
    cookie = arrive(lab, "1010").headers["cookie"]
    window = Window(lab.url, headers={"Cookie": cookie, "Origin": lab.url.rstrip("/")})
    done(lab.folder, "user", "disable", "bob")
    assert closes(window, 1.0) == 4003
    again = arrive(lab, "1010")
    assert again.status_code == 403
    assert "disabled" in again.text
    assert get(f"{lab.url}api/colormaps", headers={"Cookie": cookie}).status_code == 401


def test_refusing_at_the_provider(lab: Served) -> None:
    with client(lab.url) as browser:
        away = browser.get("login/oidc").headers["location"]
        state = parse_qs(urlsplit(away).query)["state"][0]
        issuer = away.partition("/auth?")[0]
        query = {"state": state, "error": "access_denied", "error_description": "<b>no</b>", "iss": issuer}
        answer = browser.get("login/oidc/callback", params=query)
    assert answer.status_code == 401
    assert "refused" in answer.text
    assert "<b>no" not in answer.text


def test_signing_out_leads_to_the_providers_end_of_session(lab: Served) -> None:
    with client(lab.url) as browser:
        browser.get(come_back(lab, browser, "1001"))
        browser.get("/")
        out = browser.post("logout", headers={"X-XSRFToken": browser.cookies["_xsrf"]})
        assert out.status_code == 200
        there = re.search(r'<meta http-equiv="refresh" content="1; url=([^"]+)"', out.text)
        assert there is not None
        assert browser.get("api/colormaps").status_code == 401
        url = there[1].replace("&amp;", "&")
        asked = parse_qs(urlsplit(url).query)
        assert asked["post_logout_redirect_uri"] == [f"{lab.url}login"]
        page = browser.get(url)
        assert page.status_code == 200, page.text
        form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text)) | {"logout": "yes"}
        action = re.search(r'action="([^"]+)"', page.text)
        assert action is not None
        back = browser.post(action[1], data=form)
        assert back.headers["location"] == f"{lab.url}login"


@pytest.mark.parametrize(("prefix", "cookie"), [("/", "__Host-toyz-"), ("/group/", "__Secure-toyz-")])
def test_the_redirect_uri_behind_a_proxy(tmp_path: Path, lab: Served, prefix: str, cookie: str) -> None:
    issuer = (lab.folder / "toyz.toml").read_text().partition('issuer = "')[2].partition('"')[0]
    with served(tmp_path, "--base-url", prefix, toml=f"https = true\n{settings(issuer)}") as running:
        away = get(f"{running.url}login/oidc", headers={"Host": "sky.lab.example"})
        asked = parse_qs(urlsplit(away.headers["location"]).query)
        assert asked["redirect_uri"] == [f"https://sky.lab.example{prefix}login/oidc/callback"]
        made = away.headers["set-cookie"]
        assert made.startswith(cookie)
        flags = {flag.strip().lower() for flag in made.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", f"path={prefix}", "max-age=600"} <= flags


def test_a_provider_that_is_down(tmp_path: Path) -> None:
    toml = settings(f"http://127.0.0.1:{free_port()}")
    with served(tmp_path, toml=toml) as running:
        answer = get(f"{running.url}login/oidc")
        assert answer.status_code == 503
        assert "does not answer" in answer.text
        assert "Traceback" not in answer.text
        with client(running.url) as browser:
            data = {"token": TOKEN, "_xsrf": form_token(browser.get("login").text)}
            assert browser.post("login", data=data).status_code == 303
