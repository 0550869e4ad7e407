"""Who sees which share: granted to users, groups and everybody, and withdrawn while it is open."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from astropy.io import fits

from tests.web.harness import BEARER, PATIENCE, Served, Window, get, install_plugin, served
from tests.web.test_accounts import PASSWORD, cookie_of, done, toyz
from toyz.config import Config, Share
from toyz_web.opened_paths import shares_in
from toyz_web.shares import ANONYMOUS, Shares

TILE = "api/images/sky/ramp.fits/tiles/2/0/0?cuts=0,500"


def executing(window: Window, call: str) -> None:
    """Wait until a job has told that it works."""
    window.wait_for(lambda each: each.get("id") == call and each.get("progress") == 0.5)


def test_a_job_ends_with_the_share_it_works_on_and_with_its_user(tmp_path: Path) -> None:
    with served(tmp_path, site=install_plugin(tmp_path)) as server:
        done(tmp_path, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
        headers = cookie_of(server, "ada")
        done(tmp_path, "share", "grant", "sky", "ada")
        wait_for_names(server, headers, ["sky"])
        window = Window(server.url, headers=headers)
        window.ask("first", "patience", "wait_long", path="sky/never there")
        executing(window, "first")
        done(tmp_path, "share", "withdraw", "sky", "ada")
        assert window.answer("first")["error"]["code"] == "forbidden"
        done(tmp_path, "share", "grant", "sky", "ada")
        wait_for_names(server, headers, ["sky"])
        known = server.pids()
        window.ask("second", "patience", "wait_long", path="sky/never there")
        executing(window, "second")
        jobs = [child for child in server.children() if child.pid not in known]
        done(tmp_path, "user", "disable", "ada")
        _, alive = psutil.wait_procs(jobs, timeout=5)
        assert jobs
        assert alive == []


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve two shares to two users who have been granted nothing."""
    folder: Path = tmp_path_factory.mktemp("lab")
    more = folder / "more"
    more.mkdir()
    fits.PrimaryHDU(np.arange(90_000, dtype=np.int16).reshape(300, 300)).writeto(more / "other.fits")
    with served(folder) as running:
        done(folder, "group", "add", "astro")
        for name in ("ada", "bob"):
            done(folder, "user", "add", name, "--group", "astro", "--password-stdin", given=PASSWORD + "\n")
        done(folder, "share", "add", f"more={more}", "--write")
        yield running


def names(server: Served, headers: dict[str, str]) -> list[str]:
    answer = get(f"{server.url}api/files", headers=headers)
    return [entry["name"] for entry in answer.json()["entries"]]


def eventually(holds: Callable[[], bool]) -> None:
    """Ask the server again and again until something holds: it looks for changes twice a second."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline


def wait_for_names(server: Served, headers: dict[str, str], wanted: list[str]) -> None:
    eventually(lambda: names(server, headers) == wanted)


@pytest.mark.row("X1")
def test_nobody_sees_what_was_not_granted(lab: Served) -> None:
    ada = cookie_of(lab, "ada")
    wait_for_names(lab, BEARER, ["more", "sky"])
    assert names(lab, ada) == []
    assert get(f"{lab.url}api/files/sky", headers=ada).status_code == 404
    assert get(f"{lab.url}{TILE}", headers=ada).status_code == 404
    absent, hidden = (get(f"{lab.url}api/files/{name}", headers=ada) for name in ("nothing", "more"))
    assert (absent.status_code, absent.json()["code"]) == (hidden.status_code, hidden.json()["code"])
    window = Window(lab.url, headers=ada)
    assert window.error("open", "images", "open", path="sky/ramp.fits")["code"] == "not_found"
    window.close()


@pytest.mark.row("X2")
def test_a_share_is_granted_to_a_group_and_withdrawn_while_it_is_open(lab: Served) -> None:
    ada, bob = cookie_of(lab, "ada"), cookie_of(lab, "bob")
    done(lab.folder, "share", "grant", "sky", "@astro")
    done(lab.folder, "share", "grant", "more", "ada", "--write")
    wait_for_names(lab, ada, ["more", "sky"])
    wait_for_names(lab, bob, ["sky"])
    window = Window(lab.url, headers=ada)
    sky = window.call("sky", "images", "open", path="sky/ramp.fits")["image"]
    more = window.call("more", "images", "open", path="more/other.fits")["image"]
    assert window.tile("t1", sky, 0, 0, 0)[0].error is None
    assert get(f"{lab.url}{TILE}", headers=ada).status_code == 200
    other = Window(lab.url, headers=bob)
    seen = other.call("sky", "images", "open", path="sky/ramp.fits")["image"]
    done(lab.folder, "group", "leave", "astro", "ada")
    window.event("server", "session_lost")
    # The same tile, which is in the server's cache, and another one.
    for number, high in enumerate((500, 501)):
        error = window.tile(f"gone {number}", sky, 0, 0, 0, high=high)[0].error
        assert error is not None
        assert error.code == "forbidden"
    assert window.tile("kept", more, 0, 0, 0)[0].error is None
    assert get(f"{lab.url}{TILE}", headers=ada).status_code == 403
    assert window.error("again", "images", "open", path="sky/ramp.fits")["code"] == "not_found"
    # Nobody else has noticed.
    assert other.tile("t", seen, 0, 0, 0)[0].error is None
    assert other.call("count", "account", "show")["name"] == "bob"
    done(lab.folder, "group", "join", "astro", "ada")
    window.event("server", "session_restored")
    again = window.call("back", "images", "open", path="sky/ramp.fits")["image"]
    assert window.tile("back", again, 0, 0, 0)[0].error is None
    window.close()
    other.close()


def test_everybody_may_be_granted_a_share(lab: Served) -> None:
    address = f"{lab.url}iiif/3/more%2Fother.fits/info.json"
    assert get(address).status_code == 401
    done(lab.folder, "share", "grant", "more", "anonymous")
    eventually(lambda: get(address).status_code == 200)
    bob = cookie_of(lab, "bob")
    assert "more" in names(lab, bob)
    done(lab.folder, "share", "withdraw", "more", "anonymous")
    eventually(lambda: get(address).status_code == 401)


def test_a_share_that_is_removed_is_gone_for_all(lab: Served, tmp_path: Path) -> None:
    folder = tmp_path / "third"
    folder.mkdir()
    done(lab.folder, "share", "add", f"third={folder}")
    done(lab.folder, "share", "grant", "third", "bob")
    bob = cookie_of(lab, "bob")
    wait_for_names(lab, BEARER, ["more", "sky", "third"])
    wait_for_names(lab, bob, ["sky", "third"])
    assert f"third\t{folder}\tbob:view" in done(lab.folder, "share", "list").splitlines()
    done(lab.folder, "share", "remove", "third")
    wait_for_names(lab, BEARER, ["more", "sky"])
    wait_for_names(lab, bob, ["sky"])
    assert "third" not in done(lab.folder, "share", "list")


def refused(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    answer = toyz(folder, "share", *arguments)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    return answer


def test_what_the_terminal_is_asked_wrongly(tmp_path: Path) -> None:
    inner = tmp_path / "sky" / "inner"
    inner.mkdir(parents=True)
    done(tmp_path, "share", "add", f"sky={tmp_path / 'sky'}", "--write")
    for arguments, message in (
        (("add", f"inner={inner}"), "overlap"),
        (("add", f"sky={tmp_path / 'sky'}"), "two shares"),
        (("add", str(tmp_path / "nothing")), "not a directory"),
        (("add", f"own={tmp_path / 'state'}"), "server's own state"),
        (("remove", "none"), "no share none"),
        (("grant", "sky", "nobody"), "no user nobody"),
        (("grant", "sky", "@none"), "no group none"),
        (("grant", "../x", "nobody"), "not a share name"),
        (("grant", "sky", "anonymous", "--write"), "look only"),
        (("withdraw", "sky", "nobody"), "has not been granted"),
    ):
        assert message in refused(tmp_path, *arguments).stderr, arguments


def test_levels_and_places(tmp_path: Path) -> None:
    shares = [Share(name=name, path=str(tmp_path / name), write=name != "fixed") for name in ("fixed", "free", "open")]
    config = Config(shares=(*shares[:2],), cache=str(tmp_path / "cache"), state=str(tmp_path / "state"))
    book = Shares(config)
    assert book.grants_for("ada") == ()
    levels = {"ada": {"fixed": "write", "free": "write", "gone": "write"}, ANONYMOUS: {"open": "view"}}
    inside = Share(name="inside", path=str(tmp_path / "free" / "inner"))
    book.update([shares[2], inside, Share(name="free", path="/elsewhere")], levels, ["root"])
    assert book.names == ("fixed", "free", "open")

    def rights(user: str) -> dict[str, bool]:
        return {each.name: each.write for each in book.grants_for(user)}

    assert rights("ada") == {"fixed": False, "free": True, "open": False}
    assert rights("root") == {"fixed": False, "free": True, "open": True}
    assert rights(ANONYMOUS) == {"open": False}
    assert {Path(each.cache).parent for each in book.grants_for("root")} == {(tmp_path / "cache").resolve()}


def test_the_shares_that_a_call_names() -> None:
    assert shares_in(b'{"path": "sky/a.fits", "hdu": 1}') == {"sky"}
    assert shares_in(b'{"red": {"path": "a/1"}, "green": [{"path": "b/2"}], "blue": {"path": "a/3"}}') == {"a", "b"}
    assert shares_in(b"") == shares_in(b"null") == shares_in(b'{"path": 3}') == set()
