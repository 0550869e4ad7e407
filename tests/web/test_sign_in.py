"""Signing in and out, as a browser does it."""

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.web.harness import TOKEN, Served, Window, client, form_token, get
from toyz_web.cookies import CookiePolicy
from toyz_web.redirects import safe_next
from toyz_web.throttle import BURST, Throttle


def cookie_header(browser: httpx.Client) -> dict[str, str]:
    """Give the cookies of a browser as it would send them."""
    return {"Cookie": "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)}


def test_strangers_are_led_to_the_form_and_back(server: Served) -> None:
    away = get(f"{server.url}?file=sky/ramp.fits")
    assert away.status_code == 302
    assert away.headers["location"] == "/login?next=%2F%3Ffile%3Dsky%2Framp.fits"
    with client(server.url) as browser:
        form = browser.get(away.headers["location"])
        assert 'value="/?file=sky/ramp.fits"' in form.text
        assert "<script" not in form.text
        data = {"token": TOKEN, "_xsrf": form_token(form.text), "next": "/?file=sky/ramp.fits"}
        back = browser.post("login", data=data)
        assert (back.status_code, back.headers["location"]) == (303, "/?file=sky/ramp.fits")
        assert browser.get("/").status_code == 200
        assert browser.get("login").headers["location"] == "/"


def test_a_wrong_token_is_told_in_the_form(server: Served) -> None:
    with client(server.url) as browser:
        form = browser.get("login")
        wrong = browser.post("login", data={"token": "<b>no</b>", "_xsrf": form_token(form.text)})
        assert wrong.status_code == 401
        assert "not a token" in wrong.text
        assert "<b>no" not in wrong.text
        assert browser.get("api/files").status_code == 401


def test_signing_out_ends_the_login_and_its_sockets(server: Served) -> None:
    browser = server.sign_in()
    other = server.sign_in()
    headers = {**cookie_header(browser), "Origin": server.url.rstrip("/")}
    window = Window(server.url, headers=headers)
    staying = Window(server.url, headers={**cookie_header(other), "Origin": server.url.rstrip("/")})
    page = browser.get("/")
    assert page.status_code == 200
    token = browser.cookies["_xsrf"]
    before = cookie_header(browser)
    out = browser.post("logout", headers={"X-XSRFToken": token})
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    with pytest.raises(ConnectionClosed) as closed:
        window.wait_for(lambda each: False)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4003
    assert get(f"{server.url}api/files", headers=before).status_code == 401
    assert staying.call("a", "patience", "count") == 1
    window.close()
    staying.close()


ELSEWHERE = (
    *(None, "", "//evil.org", "/\\evil.org", "https:///evil%40b", "https://evil.org", "evil", "/a//b", "/..//evil.org"),
    *("/%2f%2fevil.org", "/%5cevil.org", "/\tevil", "/a\r\nSet-Cookie: a=b", "javascript:alert(1)", "/é"),
    "/" + "a" * 3000,
)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_sign_in_leads_nowhere_else(target: str | None) -> None:
    assert safe_next(target, "/") == "/"


def test_a_sign_in_leads_into_this_server() -> None:
    assert safe_next("/?file=a/b.fits&x=%2F%2F", "/") == "/?file=a/b.fits&x=%2F%2F"
    assert safe_next("/toyz/api/files", "/toyz/") == "/toyz/api/files"
    assert safe_next("/other/", "/toyz/") == "/toyz/"
    assert safe_next("/toyz/../other/", "/toyz/") == "/toyz/"


def test_names_and_flags_of_the_cookie() -> None:
    root = CookiePolicy("abc", "/", https=True)
    assert root.name == "__Host-toyz-abc"
    assert root.flags["path"] == "/"
    assert (root.flags["secure"], root.flags["httponly"], root.flags["samesite"]) == (True, True, "Lax")
    prefix = CookiePolicy("abc", "/toyz/", https=True)
    assert (prefix.name, prefix.flags["path"]) == ("__Secure-toyz-abc", "/toyz/")
    plain = CookiePolicy("abc", "/", https=False)
    assert (plain.name, plain.flags["secure"], plain.flags["httponly"]) == ("toyz-abc", False, True)


def test_guesses_run_out_and_come_back() -> None:
    now = 1000.0
    throttle = Throttle(lambda: now)
    for _ in range(BURST):
        assert throttle.wait("one") == 0
        throttle.record_failure("one")
    assert throttle.wait("one") == pytest.approx(2)
    assert throttle.wait("two") == 0
    now += 2
    assert throttle.wait("one") == 0
    throttle.record_failure("one")
    assert throttle.wait("one") > 0
    now += 3600
    assert throttle.wait("one") == 0
