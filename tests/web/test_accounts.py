"""Accounts: made in the terminal, used in the browser, and ended while windows are open."""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.web.harness import BEARER, PATIENCE, Served, Window, client, form_token, get, post, served
from toyz.errors import Conflict, InvalidParameter, NotFound
from toyz_web.auth import user_name
from toyz_web.passwords import hash_now, is_password
from toyz_web.store.accounts import AccountStore, check_name
from toyz_web.store.database import Database
from toyz_web.store.logins import LoginStore
from toyz_web.store.settings import SettingStore
from toyz_web.store.tokens import TokenStore
from toyz_web.throttle import BURST, FIRST

PASSWORD = "correct horse battery"


def toyz(folder: Path, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a command of ``toyz`` over the state of a server of the tests."""
    command = [sys.executable, "-m", "toyz_web.cli", *arguments, "--state", str(folder / "state")]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=PATIENCE, check=False)


def done(folder: Path, *arguments: str, given: str = "") -> str:
    """Run a command that succeeds, and give what it prints."""
    answer = toyz(folder, *arguments, given=given)
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with a user who has a password, and one who has none yet."""
    folder: Path = tmp_path_factory.mktemp("lab")
    with served(folder) as running:
        done(folder, "group", "add", "astro")
        done(folder, "user", "add", "ada", "--group", "astro", "--password-stdin", given=PASSWORD + "\n")
        yield running


def sign_in(server: Served, name: str, password: str) -> httpx.Response:
    """Fill in the form as a browser does."""
    with client(server.url) as browser:
        form = browser.get("login")
        data = {"username": name, "password": password, "_xsrf": form_token(form.text)}
        answer = browser.post("login", data=data)
        answer.headers["cookie"] = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)
        return answer


def cookie_of(server: Served, name: str, password: str = PASSWORD) -> dict[str, str]:
    """Sign in, and give the headers of a page that did."""
    answer = sign_in(server, name, password)
    assert answer.status_code == 303, answer.text
    return {"Cookie": answer.headers["cookie"], "Origin": server.url.rstrip("/")}


def closes(window: Window, within: float) -> int:
    """Wait until a socket is closed; gives the code."""
    began = time.monotonic()
    with pytest.raises(ConnectionClosed) as closed:
        window.wait_for(lambda each: False)
    assert time.monotonic() - began < within
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_a_user_signs_in_with_a_password(lab: Served) -> None:
    headers = cookie_of(lab, "ada")
    assert get(f"{lab.url}api/colormaps", headers=headers).status_code == 200
    window = Window(lab.url, headers=headers)
    assert window.hello["user"] == "ada"
    me = window.call("me", "account", "show")
    assert me == {"name": "ada", "groups": ["astro"], "admin": False, "password": True, "invited": False}
    window.close()


@pytest.mark.row("A8")
def test_a_wrong_name_and_a_wrong_password_are_told_alike(lab: Served) -> None:
    wrong = [sign_in(lab, "ada", "something else"), sign_in(lab, "nobody at all", PASSWORD), sign_in(lab, "", "")]
    assert {each.status_code for each in wrong} == {401}
    # What was typed as the name comes back, and the focus is on what is to be typed next.
    texts = {re.sub(r'value="[^"]*"| autofocus', "", each.text) for each in wrong}
    assert len(texts) == 1
    assert "name or the password is wrong" in texts.pop()


def test_who_runs_the_server_is_an_administrator_without_a_password(lab: Served) -> None:
    lines = done(lab.folder, "user", "list").splitlines()
    assert f"{user_name()}\tadministrator, no password\t" in lines
    assert "ada\tuser\t@astro" in lines
    assert done(lab.folder, "group", "list") == "astro\tada\n"


@pytest.mark.row("A2")
def test_a_password_that_is_set_elsewhere_ends_logins_and_sockets_at_once(lab: Served) -> None:
    done(lab.folder, "user", "add", "bob", "--password-stdin", given=PASSWORD + "\n")
    headers = cookie_of(lab, "bob")
    window, other = Window(lab.url, headers=headers), Window(lab.url, headers=cookie_of(lab, "ada"))
    done(lab.folder, "user", "passwd", "bob", "--password-stdin", given="another password\n")
    assert closes(window, 1.0) == 4003
    assert get(f"{lab.url}api/colormaps", headers=headers).status_code == 401
    assert sign_in(lab, "bob", PASSWORD).status_code == 401
    assert sign_in(lab, "bob", "another password").status_code == 303
    assert other.call("me", "account", "show")["name"] == "ada"
    other.close()


def test_changing_ones_password_keeps_this_login_and_ends_the_others(lab: Served) -> None:
    done(lab.folder, "user", "add", "cleo", "--password-stdin", given=PASSWORD + "\n")
    here, there = cookie_of(lab, "cleo"), cookie_of(lab, "cleo")
    window, other = Window(lab.url, headers=here), Window(lab.url, headers=there)
    logins = window.call("logins", "account", "logins")
    assert [each["here"] for each in logins].count(True) == 1
    assert len(logins) == 2
    assert window.error("wrong", "account", "set_password", new="a new password", old="no")["field"] == "parameters.old"
    assert window.error("short", "account", "set_password", new="short", old=PASSWORD)["code"] == "invalid_parameter"
    window.call("change", "account", "set_password", new="a new password", old=PASSWORD)
    assert closes(other, 1.0) == 4003
    assert get(f"{lab.url}api/colormaps", headers=there).status_code == 401
    assert get(f"{lab.url}api/colormaps", headers=here).status_code == 200
    assert len(window.call("again", "account", "logins")) == 1
    window.close()


def test_a_login_had_for_a_token_does_not_outlive_it(lab: Served) -> None:
    done(lab.folder, "user", "add", "tom", "--password-stdin", given=PASSWORD + "\n")
    window = Window(lab.url, headers=cookie_of(lab, "tom"))
    token = window.call("t", "account", "create_token", name="door", scope="admin", days=0.5)
    with client(lab.url) as browser:
        data = {"token": token, "_xsrf": form_token(browser.get("login").text)}
        assert browser.post("login", data=data).status_code == 303
        cookie = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)
    other = Window(lab.url, headers={"Cookie": cookie, "Origin": lab.url.rstrip("/")})
    (had,) = (each for each in other.call("l", "account", "logins") if each["here"])
    assert 43000 < had["expires"] - had["created"] <= 43200
    window.call("e", "account", "end_token", name="door")
    assert closes(other, 1.0) == 4003
    assert get(f"{lab.url}api/colormaps", headers={"Cookie": cookie}).status_code == 401
    window.close()


def test_logins_are_listed_and_ended(lab: Served) -> None:
    done(lab.folder, "user", "add", "dora", "--password-stdin", given=PASSWORD + "\n")
    window = Window(lab.url, headers=cookie_of(lab, "dora"))
    phone = cookie_of(lab, "dora")
    stolen = Window(lab.url, headers=phone)
    (there,) = (each for each in window.call("l", "account", "logins") if not each["here"])
    assert there["address"] == "127.0.0.1"
    assert there["agent"].startswith("python-httpx")
    ada = Window(lab.url, headers=cookie_of(lab, "ada"))
    assert ada.error("x", "account", "end_login", login=there["id"])["code"] == "not_found"
    window.call("end", "account", "end_login", login=there["id"])
    assert closes(stolen, 1.0) == 4003
    assert get(f"{lab.url}api/colormaps", headers=phone).status_code == 401
    for _ in range(2):
        cookie_of(lab, "dora")
    window.call("others", "account", "end_other_logins")
    assert len(window.call("l2", "account", "logins")) == 1
    window.close()
    ada.close()


@pytest.mark.row("A2")
def test_who_is_shut_out_loses_everything_at_once(lab: Served) -> None:
    done(lab.folder, "user", "add", "eve", "--password-stdin", given=PASSWORD + "\n")
    headers = cookie_of(lab, "eve")
    window = Window(lab.url, headers=headers)
    token = window.call("t", "account", "create_token", name="script", scope="write")
    bearer = {"Authorization": f"Bearer {token}"}
    assert get(f"{lab.url}api/colormaps", headers=bearer).status_code == 200
    before = lab.pids()
    done(lab.folder, "user", "disable", "eve")
    assert closes(window, 1.0) == 4003
    assert {get(f"{lab.url}api/colormaps", headers=each).status_code for each in (headers, bearer)} == {401}
    assert sign_in(lab, "eve", PASSWORD).status_code == 401
    deadline = time.monotonic() + 5
    while lab.pids() >= before:
        assert time.monotonic() < deadline, "the session of who is shut out lives on"
    done(lab.folder, "user", "enable", "eve")
    assert sign_in(lab, "eve", PASSWORD).status_code == 303
    assert get(f"{lab.url}api/colormaps", headers=bearer).status_code == 200
    done(lab.folder, "user", "delete", "eve", "--yes")
    assert sign_in(lab, "eve", PASSWORD).status_code == 401
    assert toyz(lab.folder, "user", "disable", "eve").returncode == 2


def test_tokens_do_what_their_scope_says(lab: Served) -> None:
    window = Window(lab.url, headers=cookie_of(lab, "ada"))
    values = {
        scope: window.call(scope, "account", "create_token", name=scope, scope=scope)
        for scope in ("read", "write", "admin")
    }
    asked = {scope: {"Authorization": f"Bearer {value}"} for scope, value in values.items()}
    job = {"module": "nothing", "task": "here"}
    for scope, headers in asked.items():
        assert get(f"{lab.url}api/colormaps", headers=headers).status_code == 200
        expected = 403 if scope == "read" else 404
        assert post(f"{lab.url}api/jobs", headers=headers, json=job).status_code == expected
    with pytest.raises(InvalidStatus) as refused:
        Window(lab.url, headers=asked["read"])
    assert refused.value.response.status_code == 403
    script = Window(lab.url, headers=asked["write"])
    assert script.call("who", "account", "show")["name"] == "ada"
    for task, parameters in (
        ("tokens", {}),
        ("create_token", {"name": "more"}),
        ("logins", {}),
        ("end_other_logins", {}),
    ):
        assert script.error(task, "account", task, **parameters)["code"] == "forbidden"
    assert script.error("p", "account", "set_password", new="taken over!", old=PASSWORD)["code"] == "forbidden"
    listed = window.call("list", "account", "tokens")
    assert sorted(each["name"] for each in listed) == ["admin", "read", "write"]
    assert not any(value in str(listed) for value in values.values())
    window.call("end", "account", "end_token", name="write")
    assert closes(script, 1.0) == 4003
    assert get(f"{lab.url}api/colormaps", headers=asked["write"]).status_code == 401
    assert window.error("gone", "account", "end_token", name="write")["code"] == "not_found"
    assert window.error("twice", "account", "create_token", name="read")["code"] == "conflict"
    assert window.error("odd", "account", "create_token", name="x", scope="root")["code"] == "invalid_parameter"
    window.close()


def test_a_link_signs_in_who_has_no_password_yet(lab: Served) -> None:
    link = done(lab.folder, "user", "add", "finn", "--link").strip()
    assert link.startswith(f"{lab.url}login?token=")
    ticket = link.partition("token=")[2]
    with client(lab.url) as browser:
        # A chat that previews the link does not use it up.
        assert browser.head("login", params={"token": ticket}).status_code == 200
        assert browser.get("login", params={"token": ticket}).status_code == 303
        cookies = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)
    window = Window(lab.url, headers={"Cookie": cookies, "Origin": lab.url.rstrip("/")})
    window.call("p", "account", "set_password", new=PASSWORD)
    assert window.call("who", "account", "show")["password"] is True
    window.close()
    assert sign_in(lab, "finn", PASSWORD).status_code == 303
    with client(lab.url) as browser:
        assert browser.get("login", params={"token": ticket}).status_code == 401


@pytest.mark.row("A8")
def test_guesses_are_slowed_down_and_a_class_at_the_same_address_is_not(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        for name in ("ada", "bob", "carl"):
            done(tmp_path, "user", "add", name, "--password-stdin", given=PASSWORD + "\n")
        assert sign_in(server, "bob", PASSWORD).status_code == 303
        answers = [sign_in(server, "ada", f"guess {number}").status_code for number in range(24)]
        assert answers[0] == 401
        assert answers[-1] == 429
        # Whoever guesses there next is slowed down soon, but neither who has signed in from there before, nor who comes
        # for the first time and knows the password, or has a link.
        assert sign_in(server, "bob", PASSWORD).status_code == 303
        tries = [sign_in(server, "dora", f"guess {number}").status_code for number in range(FIRST + 8)]
        assert (tries[:FIRST], tries[-1]) == ([401] * FIRST, 429)
        assert sign_in(server, "carl", PASSWORD).status_code == 303
        link = done(tmp_path, "user", "link", "ada").split()[-1]
        assert get(link).status_code == 303
        # Who is signed in changes the password whatever others guess, and has guesses of its own.
        window = Window(server.url, headers=cookie_of(server, "bob"))
        for number in range(24):
            sign_in(server, "bob", f"guess {number}")
        window.call("change", "account", "set_password", old=PASSWORD, new="another password")
        wrong = [
            window.error(f"{n}", "account", "set_password", old="no", new=PASSWORD)["code"] for n in range(BURST + 1)
        ]
        assert wrong == ["invalid_parameter"] * BURST + ["busy"]
        window.close()


def test_what_the_terminal_is_asked_wrongly(tmp_path: Path) -> None:
    wrong = [
        (["user", "add", "a b", "--link"], "name of a user"),
        (["user", "add", "anonymous", "--link"], "anonymous"),
        (["user", "add", "ok", "--group", "none", "--link"], "no group none"),
        (["user", "passwd", "ok"], "no user ok"),
        (["user", "add", "ok", "--password-stdin"], "8 to 1000"),
        (["group", "join", "none", "ok"], "no group"),
        (["user", "link", "ok"], "no user ok"),
    ]
    for arguments, message in wrong:
        answer = toyz(tmp_path, *arguments, given="short\n")
        assert answer.returncode == 2, arguments
        assert message in answer.stderr
        assert "Traceback" not in answer.stderr
    assert done(tmp_path, "user", "list") == ""


# ---- the parts by themselves ---------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "toyz.sqlite")
    yield made
    made.close()


def test_one_administrator_is_always_left(database: Database) -> None:
    async def run() -> None:
        accounts = AccountStore(database)
        await accounts.ensure_admin("root")
        for change in (accounts.delete("root"), accounts.set_admin("root", False), accounts.set_disabled("root", True)):
            with pytest.raises(Conflict, match="One administrator"):
                await change
        await accounts.add("second", admin=True)
        await accounts.set_admin("root", False)
        with pytest.raises(Conflict):
            await accounts.delete("second")
        with pytest.raises(Conflict):
            await accounts.add("root")
        await accounts.ensure_admin("root")
        await accounts.delete("second")
        assert [user.name for user in await accounts.list()] == ["root"]

    asyncio.run(run())


def test_a_user_who_goes_takes_everything_along(database: Database) -> None:
    async def run() -> None:
        accounts, logins = AccountStore(database), LoginStore(database)
        await accounts.ensure_admin("root")
        await accounts.add_group("astro")
        await accounts.add("ada", groups=("astro",))
        value, ticket = await logins.create("ada", "secret"), await logins.issue_ticket("ada")
        token = await TokenStore(database).create("ada", "script", "read", 60)
        await SettingStore(database).set("ada", "theme", b'"dark"')
        await accounts.delete("ada")
        assert await logins.find(value) is None
        assert await logins.use_ticket(ticket) is None
        assert await TokenStore(database).find(token) is None
        assert await SettingStore(database).get("ada", "theme") == b"null"
        assert await accounts.groups() == {"astro": ()}
        with pytest.raises(NotFound):
            await accounts.leave("astro", "ada")
        await accounts.delete_group("astro")
        assert await accounts.groups() == {}

    asyncio.run(run())


def test_passwords_are_argon2id_and_bounded() -> None:
    hashed = hash_now(PASSWORD)
    assert hashed.startswith("$argon2id$")
    assert PASSWORD not in hashed

    async def run() -> list[bool]:
        tried = (
            (PASSWORD, hashed),
            ("wrong", hashed),
            (PASSWORD, ""),
            ("x" * 10_000_000, hashed),
            (PASSWORD, "$nonsense"),
        )
        return [await is_password(password, stored) for password, stored in tried]

    assert asyncio.run(run()) == [True, False, False, False, False]
    for password in ("", "1234567", "x" * 1001):
        with pytest.raises(InvalidParameter):
            hash_now(password)


def test_names_of_users() -> None:
    for name in ("ada", "a.b-c_d", "ada@example.org", "A" * 64):
        assert check_name(name) == name
    for name in ("", "anonymous", "a b", "-x", "a/b", "ä", "A" * 65, "a\n", "@group"):
        with pytest.raises(InvalidParameter):
            check_name(name)


def test_the_bearer_of_the_server_is_its_administrator(lab: Served) -> None:
    window = Window(lab.url, headers=BEARER)
    assert window.call("who", "account", "show")["admin"] is True
    window.close()
