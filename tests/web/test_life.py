"""A server's start and end: the terminal's words, ports, prefixes, signals, and what stays behind."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.web.harness import BEARER, PATIENCE, TOKEN, Served, Window, get, served, write_share
from toyz.errors import BadRequest
from toyz_web.listening import address_of, is_loopback, listen


def test_health_needs_no_sign_in(server: Served) -> None:
    answer = get(f"{server.url}healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_within_two_seconds(tmp_path: Path, number: signal.Signals) -> None:
    share = write_share(tmp_path)
    # A machine that is busy with something else gets another chance.
    assert any(_time_to_end(tmp_path, share, number) < 2 for _ in range(2))


def _time_to_end(folder: Path, share: Path, number: signal.Signals) -> float:
    """Start a server with two sessions, end it, see that nothing is left, and give the seconds it took."""
    with served(folder, share=share) as running, running.window() as window:
        window.call("a", "files", "list")
        running.http.get("api/files")
        children = running.children()
        assert len(children) >= 3  # the fork server, the window's session and the one for HTTP
        began = time.monotonic()
        running.process.send_signal(number)
        assert running.process.wait(PATIENCE) == 0
        took = time.monotonic() - began
        _, left = psutil.wait_procs(children, timeout=2)
        # The machine's first process may take its time to collect those that have ended.
        assert [each for each in left if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []
        return took


def test_nothing_outlives_a_killed_server(tmp_path: Path) -> None:
    with served(tmp_path) as running:
        window = Window(running.url)
        window.call("a", "files", "list")
        children = running.children()
        running.process.kill()
        running.process.wait(PATIENCE)
        _, alive = psutil.wait_procs(children, timeout=5)
        assert alive == []
        window.close()


def test_a_busy_port_makes_room(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with served(tmp_path, "--port", str(port)) as running:
            assert port < int(httpx.URL(running.url).port or 0) < port + 50
            assert running.http.get("healthz").status_code == 200


def test_every_address_honours_the_prefix(tmp_path: Path) -> None:
    with served(tmp_path, "--base-url", "/group/toyz") as running:
        assert running.url.endswith("/group/toyz/")
        root = running.url.removesuffix("group/toyz/")
        assert get(root).status_code == 404
        assert get(f"{root}group/toyz").headers["location"] == "/group/toyz/"
        assert get(running.url).headers["location"] == "/group/toyz/login"
        info = running.http.get("api/images/sky/ramp.fits").json()
        assert info["tiles"].startswith("/group/toyz/api/images/sky/ramp.fits/tiles/")
        tile = get(root.rstrip("/") + info["tiles"].format(z=0, x=0, y=0), headers=BEARER)
        assert tile.headers["content-type"] == "image/jpeg"
        browser = running.sign_in()
        cookies = {cookie.name.split("-")[0]: cookie for cookie in browser.cookies.jar}
        assert {cookie.path for cookie in cookies.values()} == {"/group/toyz/"}
        with running.window() as window:
            assert window.call("a", "files", "list", path="")["total"] == 1


def test_the_link_of_the_terminal_signs_in_once(tmp_path: Path) -> None:
    with served(tmp_path, token="") as running:
        first = get(f"{running.url}login", params={"token": running.ticket, "next": "/api/files"})
        assert first.status_code == 303
        assert first.headers["location"] == "/api/files"
        listing = get(f"{running.url}api/files", cookies=first.cookies)
        assert listing.json()["entries"][0]["name"] == "sky"
        again = get(f"{running.url}login", params={"token": running.ticket})
        assert again.status_code == 401
        assert "used before" in again.text
        # The token that was made up is where `toyz token` finds it, and nobody else.
        kept = tmp_path / "state" / "token"
        assert kept.stat().st_mode & 0o777 == 0o600
        printed = _toyz("token", "--state", str(tmp_path / "state")).stdout.strip()
        assert printed == kept.read_text()
        assert get(f"{running.url}api/files", headers={"Authorization": f"Bearer {printed}"}).status_code == 200


def test_two_servers_share_a_state_folder(tmp_path: Path) -> None:
    with served(tmp_path) as one, served(tmp_path, share=one.share) as two:
        assert one.url != two.url
        browser = one.sign_in()
        name, value = next((each.name, each.value) for each in browser.cookies.jar if each.name.startswith("toyz-"))
        assert get(f"{two.url}api/files", cookies={name: str(value)}).status_code == 200
        one.process.send_signal(signal.SIGINT)
        one.process.wait(PATIENCE)
        assert get(f"{two.url}api/files", cookies={name: str(value)}).status_code == 200


def _toyz(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "toyz_web.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_an_exposure_is_made_with_nothing_but_a_name(tmp_path: Path) -> None:
    made = _toyz("make-exposure", str(tmp_path / "sky.fits"), "--size", "small", "--ccds", "2")
    assert (made.returncode, "2 CCDs" in made.stderr) == (0, True), made.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sky.catalog.fits", "sky.fits"]
    again = _toyz("make-exposure", str(tmp_path / "sky.fits"), "--size", "small", "--ccds", "2")
    assert again.returncode == 2
    assert "Traceback" not in again.stderr


def test_a_token_that_nobody_uses_is_not_made_up(tmp_path: Path) -> None:
    answer = _toyz("token", "--state", str(tmp_path / "elsewhere"))
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "no server has kept a token" in answer.stderr
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "sky").mkdir()
    answer = _toyz("serve", str(tmp_path / "sky"), "--state", str(tmp_path / "file" / "state"), "--no-browser")
    assert answer.returncode == 2
    assert "the state folder" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("command", [(), ("serve",), ("token",), ("make-exposure",)])
def test_help_reads_well(command: tuple[str, ...]) -> None:
    answer = _toyz(*command, "--help")
    assert answer.returncode == 0
    assert "Usage: " in answer.stdout
    assert "None" not in answer.stdout


def test_version() -> None:
    assert _toyz("--version").stdout == "toyz 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("serve",), "nothing to serve"),
        (("serve", "/nowhere/at/all"), "not a directory: /nowhere/at/all"),
        (("serve", "a=/", "b=/tmp"), "overlap"),
        (("serve", "/tmp", "--base-url", "a b"), "not a URL prefix"),
        (("serve", "/tmp", "--config", "/nowhere.toml"), "configuration /nowhere.toml: no such file or directory\n"),
        (("serve", "/tmp", "--port", "70000"), "'70000' is not a whole number from 0 to 65535."),
        (("serve", "/tmp", "--port", "http"), "'http' is not a whole number from 0 to 65535."),
        (("serve", "/tmp", "--log-level", "loud"), "not a log level"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    answer = _toyz(*arguments, "--state", str(tmp_path))
    assert answer.returncode == 2
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_taken_port_is_said_in_one_line() -> None:
    with pytest.raises(BadRequest, match=r"cannot listen on 192\.0\.2\.1 port 1"):
        listen("192.0.2.1", 1)


def test_addresses_for_people() -> None:
    assert address_of("127.0.0.1", 8642, "/") == "http://127.0.0.1:8642/"
    assert address_of("::1", 1, "/a/") == "http://[::1]:1/a/"
    assert socket.gethostname() in address_of("0.0.0.0", 1, "/")
    assert [is_loopback(host) for host in ("localhost", "127.0.0.2", "::1")] == [True] * 3
    assert [is_loopback(host) for host in ("0.0.0.0", "example.org")] == [False] * 2


def test_the_token_is_never_logged(server: Served) -> None:
    server.http.get("api/files")
    get(f"{server.url}login", params={"token": "secret-ticket"})
    text = (server.folder / "log").read_text()
    assert TOKEN not in text
    assert "secret-ticket" not in text
