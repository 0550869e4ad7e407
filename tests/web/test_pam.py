"""Signing in with the password of the operating system: a real libpam, with a service file of the test's own."""

import ctypes.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.web.harness import PATIENCE, Served, Window, client, form_token, get, served
from tests.web.test_accounts import PASSWORD, closes, cookie_of, done, sign_in
from toyz_web.throttle import BURST, FIRST, REFILL

SERVICES = Path("/etc/pam.d")
RIGHT = "the pass word of the system"
pytestmark = [
    pytest.mark.skipif(ctypes.util.find_library("pam") is None, reason="there is no libpam here"),
    pytest.mark.skipif(not os.access(SERVICES, os.W_OK), reason="a service of PAM cannot be made: not root"),
]
CHECK = """#!/bin/sh
# What PAM would ask a directory: NAME:PASSWORD a line. A name that hangs, and one that kills who asks.
read -r password
case "$PAM_USER" in
  slow) exec sleep 300 ;;
  bomb) kill -SEGV $PPID ;;
esac
echo "$PAM_USER $PAM_RHOST" >> FOLDER/asked
grep -qxF "$PAM_USER:$password" FOLDER/known
"""
ACCOUNT = """#!/bin/sh
! grep -qxF "$PAM_USER" FOLDER/expired
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a service of PAM that asks two scripts, one for each phase."""
    folder: Path = tmp_path_factory.mktemp("pam")
    for name, script in (("check", CHECK), ("account", ACCOUNT)):
        (folder / name).write_text(script.replace("FOLDER", str(folder)))
        (folder / name).chmod(0o755)
    (folder / "known").write_text(f"ada:{RIGHT}\nbob:{RIGHT}\ngone:{RIGHT}\nlocal:{RIGHT}\ncleo:{RIGHT}\n")
    (folder / "expired").write_text("gone\n")
    service = SERVICES / f"toyz-test-{os.getpid()}"
    service.write_text(
        f"auth required pam_exec.so expose_authtok quiet {folder}/check\n"
        f"account required pam_exec.so quiet {folder}/account\n"
    )
    yield folder
    service.unlink()


@pytest.fixture(scope="module")
def lab(system: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with it."""
    folder: Path = tmp_path_factory.mktemp("lab")
    toml = f'[pam]\nservice = "toyz-test-{os.getpid()}"\ncreate_users = true\npatience = 6\nhours = 2\n'
    with served(folder, toml=toml) as running:
        done(folder, "user", "add", "local", "--password-stdin", given=PASSWORD + "\n")
        yield running


def test_a_user_of_the_system_signs_in_and_becomes_one_here(lab: Served, system: Path) -> None:
    headers = cookie_of(lab, "ada", RIGHT)
    window = Window(lab.url, headers=headers)
    me = window.call("me", "account", "show")
    assert (me["name"], me["admin"], me["password"]) == ("ada", False, False)
    (login,) = window.call("l", "account", "logins")
    assert 7100 < login["expires"] - login["created"] <= 7200
    window.close()
    assert "ada\tno password\t" in done(lab.folder, "user", "list").splitlines()
    assert "ada 127.0.0.1" in (system / "asked").read_text().splitlines()
    # The same one again, and not another.
    assert sign_in(lab, "ada", RIGHT).status_code == 303


def test_what_is_wrong_is_told_alike(lab: Served) -> None:
    wrong = [
        sign_in(lab, "ada", "no"),
        sign_in(lab, "nobody", RIGHT),
        sign_in(lab, "gone", RIGHT),
        sign_in(lab, "", ""),
    ]
    assert {each.status_code for each in wrong} == {401}
    assert all("The name or the password is wrong." in each.text for each in wrong)
    assert "gone" not in done(lab.folder, "user", "list")


@pytest.mark.parametrize("password", [f"{RIGHT}\0more", "x" * 600, RIGHT.upper(), ""])
def test_a_password_is_the_whole_of_it(lab: Served, password: str) -> None:
    assert sign_in(lab, "cleo", password).status_code == 401


def test_a_local_user_is_not_taken_over(lab: Served) -> None:
    refused = sign_in(lab, "local", RIGHT)
    assert refused.status_code == 403
    assert "There is a user local here already" in refused.text
    assert sign_in(lab, "local", PASSWORD).status_code == 303
    done(lab.folder, "user", "admit", "local", "pam")
    assert sign_in(lab, "local", RIGHT).status_code == 303
    assert sign_in(lab, "local", PASSWORD).status_code == 303


def test_who_is_disabled_here_stays_out(lab: Served) -> None:
    headers = cookie_of(lab, "bob", RIGHT)
    window = Window(lab.url, headers=headers)
    done(lab.folder, "user", "disable", "bob")
    assert closes(window, 1.0) == 4003
    assert sign_in(lab, "bob", RIGHT).status_code == 403
    assert get(f"{lab.url}api/colormaps", headers=headers).status_code == 401


def test_a_module_that_hangs_or_dies_costs_its_own_sign_in(lab: Served) -> None:
    began = time.monotonic()
    died = sign_in(lab, "bomb", RIGHT)
    assert died.status_code == 503
    assert "Traceback" not in died.text
    with client(lab.url) as browser:
        form = browser.get("login")
        hanging = sign_in(lab, "slow", RIGHT)
        assert form.status_code == 200
    assert hanging.status_code == 503
    assert "does not answer" in hanging.text
    assert time.monotonic() - began < PATIENCE
    assert sign_in(lab, "ada", RIGHT).status_code == 303
    assert sign_in(lab, "local", PASSWORD).status_code == 303
    # Neither the process nor what the module had started is left.
    assert not [each for each in lab.children() if "sleep" in each.name() or "pam_child" in " ".join(each.cmdline())]


def test_no_password_is_in_the_log(lab: Served) -> None:
    sign_in(lab, "cleo", "a wrong one to look for")
    log = (lab.folder / "log").read_text()
    assert RIGHT not in log
    assert "a wrong one to look for" not in log
    assert any(line.get("event") == "PAM refused" and line.get("user") == "cleo" for line in lab.log)


def test_guessing_is_throttled(lab: Served) -> None:
    """Row A8 for this way in; last, for it slows this address down."""
    with client(lab.url) as browser, ThreadPoolExecutor(30) as pool:
        token = form_token(browser.get("login").text)

        def guess(number: int) -> int:
            data = {"username": "eve", "password": f"guess {number}", "_xsrf": token}
            return browser.post("login", data=data).status_code

        # All at once: none of them may be the first.
        began = time.monotonic()
        statuses = list(pool.map(guess, range(40)))
    assert set(statuses) == {401, 429}
    took = time.monotonic() - began
    assert statuses.count(401) <= BURST + FIRST + REFILL * took + 1
    # Who has been here before is not slowed down.
    assert sign_in(lab, "ada", RIGHT).status_code == 303


@pytest.mark.skipif(shutil.which("useradd") is None or os.geteuid() != 0, reason="no user of the system can be made")
def test_a_real_account_of_the_system_and_its_groups(tmp_path: Path) -> None:
    """Through pam_unix, as most machines have it; the test makes the account and removes it."""
    name, group = f"toyz{os.getpid()}", f"astro{os.getpid()}"
    service = SERVICES / f"toyz-unix-{os.getpid()}"
    service.write_text("auth required pam_unix.so nodelay\naccount required pam_unix.so\n")
    subprocess.run(["groupadd", group], check=True)
    subprocess.run(["useradd", "--no-create-home", "--groups", group, name], check=True)
    try:
        subprocess.run(["chpasswd"], input=f"{name}:{RIGHT}\n", text=True, check=True)
        toml = f'password_sign_in = false\n[pam]\nservice = "{service.name}"\nallowed_groups = ["{group}"]\n'
        with served(tmp_path, toml=toml) as running:
            unknown = sign_in(running, name, RIGHT)
            assert unknown.status_code == 403
            assert f"You have no account here, {name}" in unknown.text
            done(tmp_path, "user", "add", name, "--by", "pam")
            assert sign_in(running, name, RIGHT).status_code == 303
            assert sign_in(running, name, "not this one").status_code == 401
            subprocess.run(["usermod", "--expiredate", "1970-01-02", name], check=True)
            assert sign_in(running, name, RIGHT).status_code == 401
            subprocess.run(["usermod", "--expiredate", "", name], check=True)
            subprocess.run(["gpasswd", "--delete", name, group], check=True, capture_output=True)
            assert sign_in(running, name, RIGHT).status_code == 401
            # Passwords of this server are switched off.
            done(tmp_path, "user", "add", "local", "--password-stdin", given=PASSWORD + "\n")
            assert sign_in(running, "local", PASSWORD).status_code == 401
    finally:
        subprocess.run(["userdel", name], check=False)
        subprocess.run(["groupdel", group], check=False)
        service.unlink()
