"""What administrators do over the websocket, and what is kept of what everybody does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.harness import BEARER, Served, Window, client, get, served
from tests.web.test_accounts import PASSWORD, closes, cookie_of, done, sign_in
from toyz_web.auth import user_name
from toyz_web.modules.admin import plugin
from toyz_web.store.audit import TERMINAL


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with an ordinary user and an administrator."""
    folder: Path = tmp_path_factory.mktemp("lab")
    with served(folder) as running:
        done(folder, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
        done(folder, "user", "add", "root2", "--admin", "--password-stdin", given=PASSWORD + "\n")
        yield running


@pytest.fixture
def admin(lab: Served) -> Iterator[Window]:
    """Give the window of an administrator."""
    window = Window(lab.url, headers=cookie_of(lab, "root2"))
    yield window
    window.close()


EVERYTHING: tuple[tuple[str, dict[str, object]], ...] = (
    ("users", {}),
    ("add_user", {"name": "eve"}),
    ("invite", {"name": "root2"}),
    ("set_disabled", {"name": "root2", "disabled": True}),
    ("set_admin", {"name": "ada", "admin": True}),
    ("delete_user", {"name": "root2"}),
    ("quotas", {}),
    ("set_quota", {"name": "ada", "quota": {"unfinished": 1, "finished": 1}}),
    ("groups", {}),
    ("add_group", {"name": "mine"}),
    ("delete_group", {"name": "mine"}),
    ("join", {"group": "mine", "user": "ada"}),
    ("leave", {"group": "mine", "user": "ada"}),
    ("shares", {}),
    ("grant", {"share": "sky", "who": "ada", "level": "write"}),
    ("withdraw", {"share": "sky", "who": "ada"}),
    ("audit", {}),
    ("sandbox", {}),
)


def test_only_administrators_may(lab: Served, admin: Window) -> None:
    assert {task for task, _ in EVERYTHING} == set(plugin.tasks)
    window = Window(lab.url, headers=cookie_of(lab, "ada"))
    for task, parameters in EVERYTHING:
        assert window.error(task, "admin", task, **parameters)["code"] == "forbidden", task
    window.close()
    value = admin.call("token", "account", "create_token", name="script", scope="write")
    script = Window(lab.url, headers={"Authorization": f"Bearer {value}"})
    for task, parameters in EVERYTHING:
        assert script.error(task, "admin", task, **parameters)["code"] == "forbidden", task
    script.close()
    admin.call("end", "account", "end_token", name="script")
    assert {user["name"] for user in admin.call("users", "admin", "users")} == {user_name(), "ada", "root2"}


def test_who_is_no_administrator_any_more_may_not(lab: Served, admin: Window) -> None:
    done(lab.folder, "user", "add", "third", "--admin", "--password-stdin", given=PASSWORD + "\n")
    window = Window(lab.url, headers=cookie_of(lab, "third"))
    assert window.call("users", "admin", "users")
    admin.call("less", "admin", "set_admin", name="third", admin=False)
    assert window.error("again", "admin", "users")["code"] == "forbidden"
    window.close()
    admin.call("gone", "admin", "delete_user", name="third")


def test_a_user_is_invited_granted_and_shut_out(lab: Served, admin: Window) -> None:
    admin.call("group", "admin", "add_group", name="astro")
    invited = admin.call("add", "admin", "add_user", name="bob", groups=["astro"])
    assert admin.error("twice", "admin", "add_user", name="bob")["code"] == "conflict"
    assert "There is a user bob" in admin.error("alike", "admin", "add_user", name="BOB")["message"]
    with client(lab.url) as browser:
        assert browser.get("login", params={"token": invited["ticket"]}).status_code == 303
        cookies = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)
    headers = {"Cookie": cookies, "Origin": lab.url.rstrip("/")}
    bob = Window(lab.url, headers=headers)
    bob.call("password", "account", "set_password", new=PASSWORD)
    assert bob.call("nothing yet", "files", "list")["entries"] == []
    assert get(f"{lab.url}api/files", headers=headers).json()["entries"] == []
    admin.call("grant", "admin", "grant", share="sky", who="@astro")
    assert [each["name"] for each in get(f"{lab.url}api/files", headers=headers).json()["entries"]] == ["sky"]
    (share,) = admin.call("shares", "admin", "shares")
    assert share["granted"] == [{"share": "sky", "subject": "@astro", "level": "view"}]
    bob.event("server", "session_restored")
    image = bob.call("open", "images", "open", path="sky/ramp.fits")["image"]
    assert bob.tile("t", image, 0, 0, 0)[0].error is None
    admin.call("withdraw", "admin", "withdraw", share="sky", who="@astro")
    error = bob.tile("t2", image, 0, 0, 0)[0].error
    assert error is not None
    assert error.code == "forbidden"
    assert admin.error("none", "admin", "grant", share="nothing", who="bob")["code"] == "not_found"
    assert admin.error("write", "admin", "grant", share="sky", who="bob", level="write")["field"] == "parameters.level"
    admin.call("out", "admin", "set_disabled", name="bob", disabled=True)
    assert closes(bob, 1.0) == 4003
    assert admin.error("invite", "admin", "invite", name="bob")["code"] == "not_found"
    admin.call("in", "admin", "set_disabled", name="bob", disabled=False)
    assert sign_in(lab, "bob", PASSWORD).status_code == 303
    admin.call("leave", "admin", "leave", group="astro", user="bob")
    assert admin.call("groups", "admin", "groups") == {"astro": []}
    admin.call("delete", "admin", "delete_user", name="bob")
    admin.call("delete group", "admin", "delete_group", name="astro")
    assert sign_in(lab, "bob", PASSWORD).status_code == 401


def test_a_quota_is_set_and_taken_back(lab: Served, admin: Window) -> None:
    quota = {"unfinished": 10**9, "finished": 2 * 10**9}
    admin.call("set", "admin", "set_quota", name="ada", quota=quota)
    found = admin.call("quotas", "admin", "quotas")
    assert found == {
        "everybody": {"unfinished": 128 * 10**9, "finished": 512 * 10**9},
        "own": {"ada": quota},
        "used": {},
    }
    for wrong in ({"unfinished": -1, "finished": 1}, {"unfinished": 2**60, "finished": 1}, {"finished": 1}, 5):
        assert (
            admin.error(f"wrong {wrong}", "admin", "set_quota", name="ada", quota=wrong)["code"] == "invalid_parameter"
        )
    assert admin.error("who", "admin", "set_quota", name="nobody")["code"] == "not_found"
    admin.call("back", "admin", "set_quota", name="ada")
    assert admin.call("quotas again", "admin", "quotas")["own"] == {}


def test_what_was_done_can_be_read(lab: Served, admin: Window) -> None:
    done(lab.folder, "group", "add", "watched")
    sign_in(lab, "ada", "not this one")
    window = Window(lab.url, headers=BEARER)
    window.call("open", "images", "open", path="sky/ramp.fits")
    window.call("again", "images", "open", path="sky/ramp.fits")
    window.close()
    admin.call("grant", "admin", "grant", share="sky", who="ada")
    admin.call("withdraw", "admin", "withdraw", share="sky", who="ada")
    found = admin.call("audit", "admin", "audit", limit=1000)
    done_by = [(entry["user"], entry["action"], entry["subject"], entry["detail"]) for entry in found]
    assert done_by.count((user_name(), "open", "sky/ramp.fits", "")) == 1
    assert (TERMINAL, "add_group", "watched", "") in done_by
    assert ("ada", "wrong_password", "", "127.0.0.1") in done_by
    assert ("root2", "sign_in", "", "127.0.0.1 (password)") in done_by
    assert done_by.index(("root2", "withdraw", "sky", "ada")) < done_by.index(("root2", "grant", "sky", "ada: view"))
    assert [entry["id"] for entry in found] == sorted((entry["id"] for entry in found), reverse=True)
    older = admin.call("older", "admin", "audit", before=found[2]["id"], limit=2)
    assert [entry["id"] for entry in older] == [entry["id"] for entry in found[3:5]]
    only = admin.call("only", "admin", "audit", text="WATCHED")
    assert {entry["subject"] for entry in only} == {"watched"}


def test_a_session_that_comes_back_opens_nothing_anew(lab: Served, admin: Window) -> None:
    known = lab.pids()
    window = Window(lab.url, headers=BEARER)
    window.call("open", "images", "open", path="sky/night 1/three #1.fits")
    (session,) = (child for child in lab.children() if child.pid not in known)
    session.kill()
    window.event("server", "session_restored")
    assert window.call("open again", "images", "open", path="sky/night 1/three #1.fits")
    window.close()
    found = admin.call("after", "admin", "audit", limit=1000, text="three #1")
    assert [entry["action"] for entry in found] == ["open"]
