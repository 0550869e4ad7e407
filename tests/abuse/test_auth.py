"""Who tries to come in without being let: rows A1, A3 to A9 as far as one user's token goes."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.harness import BEARER, TOKEN, Served, client, form_token, get, post, served


def login_cookie(browser: httpx.Client) -> tuple[str, str]:
    """Give the name and value of a browser's login cookie."""
    return next((each.name, str(each.value)) for each in browser.cookies.jar if each.name.startswith("toyz-"))


def status_with(server: Served, name: str, value: str) -> int:
    return get(f"{server.url}api/files", headers={"Cookie": f"{name}={value}"}).status_code


def test_a1_tampered_cookies(server: Served) -> None:
    name, value = login_cookie(server.sign_in())
    assert status_with(server, name, value) == 200
    for forged in (value[:-1], value + "A", value.swapcase(), "", "x" * 5000, "root", f'"{value}', value[::-1]):
        assert status_with(server, name, forged) == 401, forged[:60]
    assert status_with(server, f"__Host-{name}", value) == 401


def test_a1_a_cookie_does_not_outlive_its_token(tmp_path: Path) -> None:
    with served(tmp_path, token="the first token") as first:
        share = first.share
        with client(first.url) as browser:
            form = browser.get("login")
            browser.post("login", data={"token": "the first token", "_xsrf": form_token(form.text)})
            name, value = login_cookie(browser)
        assert status_with(first, name, value) == 200
    with served(tmp_path, token="the second token", share=share) as second:
        assert status_with(second, name, value) == 401
        assert get(f"{second.url}api/files", headers={"Authorization": "Bearer the first token"}).status_code == 401


def test_a2_a_cookie_is_dead_at_once_after_signing_out(server: Served) -> None:
    browser = server.sign_in()
    name, value = login_cookie(browser)
    assert status_with(server, name, value) == 200
    assert browser.post("logout", headers={"X-XSRFToken": browser.cookies["_xsrf"]}).status_code == 303
    assert status_with(server, name, value) == 401


def test_a3_a_sign_in_makes_a_new_id(server: Served) -> None:
    planted = "planted-by-somebody-else-00000000000000000000"
    name, _ = login_cookie(server.sign_in())
    with client(server.url, cookies={name: planted}) as browser:
        form = browser.get("login")
        answer = browser.post("login", data={"token": TOKEN, "_xsrf": form_token(form.text)})
        fresh = answer.cookies[name]
    assert fresh != planted
    assert status_with(server, name, planted) == 401
    assert status_with(server, name, fresh) == 200


def test_a4_flags_of_the_cookie(server: Served) -> None:
    with client(server.url) as browser:
        form = browser.get("login")
        answer = browser.post("login", data={"token": TOKEN, "_xsrf": form_token(form.text)})
    (made,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("toyz-")]
    flags = {flag.strip().lower() for flag in made.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert not any(flag.startswith("domain") for flag in flags)


@pytest.mark.parametrize(("prefix", "name"), [("/", "__Host-toyz-"), ("/group/", "__Secure-toyz-")])
def test_a4_flags_behind_https(tmp_path: Path, prefix: str, name: str) -> None:
    with served(tmp_path, "--base-url", prefix, toml="https = true\n") as running:
        form = get(f"{running.url}login")
        assert form.headers["strict-transport-security"].startswith("max-age=")
        data = {"token": TOKEN, "_xsrf": form_token(form.text)}
        # The client would keep what is marked secure to itself, for the address is plain http.
        xsrf = form.headers["set-cookie"].split(";")[0]
        answer = post(f"{running.url}login", data=data, headers={"Cookie": xsrf})
        assert answer.status_code == 303
        made = answer.headers["set-cookie"]
        assert made.startswith(name)
        flags = {flag.strip().lower() for flag in made.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", f"path={prefix}"} <= flags
        cookie = f"{made.split(';')[0]}; {xsrf}"
        assert get(f"{running.url}api/files", headers={"Cookie": cookie}).status_code == 200


def test_a4_only_a_digest_is_kept(server: Served) -> None:
    _, value = login_cookie(server.sign_in())
    state = server.folder / "state"
    for path in state.glob("toyz.sqlite*"):
        assert value.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    assert state.stat().st_mode & 0o077 == 0


BODY = {"module": "patience", "task": "wait_long", "parameters": {"path": "sky/ramp.fits"}}


def test_a5_posts_need_the_xsrf_token(server: Served) -> None:
    browser = server.sign_in()
    token = str(browser.cookies["_xsrf"])
    assert browser.post("api/jobs", json=BODY).status_code == 403
    assert browser.post("api/jobs", json=BODY, headers={"X-XSRFToken": "wrong"}).status_code == 403
    assert browser.delete("api/jobs/x").status_code == 403
    assert browser.post("logout").status_code == 403
    right = {"X-XSRFToken": token}
    assert browser.post("api/jobs", json=BODY, headers=right).status_code == 201
    # What a page of another site can send without asking: a form, or a script in mode no-cors.
    for site in ("cross-site", "same-site"):
        headers = {**right, "Sec-Fetch-Site": site, "Origin": "https://evil.example"}
        assert browser.post("api/jobs", json=BODY, headers=headers).status_code == 403
    assert browser.post("api/jobs", json=BODY, headers={**right, "Origin": "https://evil.example"}).status_code == 403
    assert browser.post("api/jobs", json=BODY, headers={**right, "Origin": "null"}).status_code == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = browser.post("api/jobs", content=b"{}", headers={**right, "Content-Type": kind})
        assert answer.status_code == 400, kind


def test_a5_a_bearer_needs_no_xsrf_token(server: Served) -> None:
    headers = {**BEARER, "Origin": "https://notebook.example", "Sec-Fetch-Site": "cross-site"}
    assert post(f"{server.url}api/jobs", json=BODY, headers=headers).status_code == 201
    wrong = {**headers, "Authorization": "Bearer wrong"}
    assert post(f"{server.url}api/jobs", json=BODY, headers=wrong).status_code in (401, 403)
    # With a cookie beside it the browser's rules hold.
    browser = server.sign_in()
    assert browser.post("api/jobs", json=BODY, headers=headers).status_code == 403


def test_a5_a_form_of_another_site_signs_nobody_in(server: Served) -> None:
    assert post(f"{server.url}login", data={"token": TOKEN}).status_code == 403
    with client(server.url) as browser:
        form = browser.get("login")
        data = {"token": TOKEN, "_xsrf": form_token(form.text)}
        answer = browser.post("login", data=data, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "target", ["//evil.org", "/\\evil.org", "https:///evil%40b", "https://evil.org", "/%09/evil.org", "/..//evil.org"]
)
def test_a6_a_sign_in_leads_nowhere_else(server: Served, target: str) -> None:
    browser = server.sign_in()
    assert browser.get("login", params={"next": target}).headers["location"] == "/"


def test_a7_a_huge_token_is_refused_and_not_logged(server: Served) -> None:
    huge = "A" * (10 << 20)
    assert post(f"{server.url}login", data={"token": huge}).status_code == 413
    with client(server.url) as browser:
        form = browser.get("login")
        data = {"token": "A" * 500_000, "_xsrf": form_token(form.text)}
        assert browser.post("login", data=data).status_code == 401
    lines = (server.folder / "log").read_bytes().splitlines(keepends=True)
    assert max(len(line) for line in lines) <= 1024
    assert b"AAAAAAAA" not in b"".join(lines)


@pytest.fixture
def guessed(tmp_path: Path) -> Iterator[Served]:
    """Serve with a token that could be guessed."""
    with served(tmp_path, token="sesame") as running:
        yield running


def test_a8_guessing_is_throttled_and_cookies_are_not(guessed: Served) -> None:
    with client(guessed.url) as browser:
        form = browser.get("login")
        browser.post("login", data={"token": "sesame", "_xsrf": form_token(form.text)})
        statuses = [
            get(f"{guessed.url}api/files", headers={"Authorization": f"Bearer {number}"}).status_code
            for number in range(40)
        ]
        assert statuses[0] == 401
        assert statuses[-1] == 429
        # Guessing right among them does not help: a chosen token is throttled too ...
        answer = get(f"{guessed.url}api/files", headers={"Authorization": "Bearer sesame"})
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 3
        assert answer.json()["code"] == "busy"
        form = get(f"{guessed.url}login")
        data = {"token": "sesame", "_xsrf": form_token(form.text)}
        cookies = {"_xsrf": form.cookies["_xsrf"]}
        assert post(f"{guessed.url}login", data=data, cookies=cookies).status_code == 429
        # ... while who is signed in notices nothing.
        assert browser.get("api/files").status_code == 200


def test_a8_correct_sign_ins_are_never_counted(server: Served) -> None:
    assert {get(f"{server.url}healthz", headers=BEARER).status_code for _ in range(100)} == {200}
    assert {get(f"{server.url}api/plugins", headers=BEARER).status_code for _ in range(60)} == {200}


def test_a8_a_made_up_token_passes_while_others_guess(tmp_path: Path) -> None:
    with served(tmp_path, token="") as running:
        token = (tmp_path / "state" / "token").read_text()
        for number in range(40):
            get(f"{running.url}api/files", headers={"Authorization": f"Bearer {number}"})
        assert get(f"{running.url}api/files", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a9_forwarded_headers_change_nothing(server: Served) -> None:
    forged = {
        "X-Forwarded-For": "10.0.0.1",
        "X-Real-Ip": "10.0.0.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Scheme": "https",
        "Forwarded": "for=10.0.0.1;proto=https;host=evil.example",
        "X-Forwarded-User": "root",
        "Remote-User": "root",
    }
    assert get(f"{server.url}api/files", headers=forged).status_code == 401
    away = get(server.url, headers=forged)
    assert away.headers["location"] == "/login"
    with client(server.url) as browser:
        form = browser.get("login", headers=forged)
        answer = browser.post("login", data={"token": TOKEN, "_xsrf": form_token(form.text)}, headers=forged)
        assert answer.headers["location"] == "/"
        assert "Secure" not in answer.headers["set-cookie"]
    assert all(line.get("address", "127.0.0.1") == "127.0.0.1" for line in server.log)


@pytest.mark.parametrize("value", ["Basic cm9vdDpyb290", "Bearer", "", "Bearer a b", f"Digest {TOKEN}", TOKEN])
def test_odd_authorizations(server: Served, value: str) -> None:
    answer = get(f"{server.url}api/files", headers={"Authorization": value})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
