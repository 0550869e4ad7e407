"""What goes wrong for one user, and what another notices of it."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.benchmarks.conftest import Record
from tests.benchmarks.serving import TOKEN, Window
from tests.chaos.conftest import Bystander
from tests.web.harness import PATIENCE, Served, client, form_token
from tests.web.test_accounts import PASSWORD, done

IDLE = 500
CLASS = 300.0
"""Milliseconds: where many begin at once, others may notice it (security, "a class begins")."""
STYLE = {"low": 0.0, "high": 1000.0}


@pytest.fixture
def victim(server: Served) -> Iterator[Window]:
    """Open a window that has the exposure open."""
    window = Window(server.url)
    yield window
    window.close()


def opened(window: Window) -> dict[str, Any]:
    info: dict[str, Any] = window.call("images", "open", path="sky/exposure.fits")
    window.collect({window.tile(info["image"], info["levels"] - 1, 0, 0, STYLE)})
    return info


def sessions_since(server: Served, before: "set[int]") -> list[psutil.Process]:
    """Give the sessions that have come since, the newest first; builders step aside for others, sessions do not."""
    since = [each for each in server.children() if each.pid not in before and each.nice() == 0]
    return sorted(since, key=psutil.Process.create_time, reverse=True)


def job_error(window: Window, task: str) -> dict[str, Any]:
    """Run a job that goes wrong, and give its error."""
    call = window.send({"module": "hostile", "task": task, "parameters": {}})
    while True:
        got = window.receive(120)
        if isinstance(got, dict) and got.get("id") == call and got["phase"] in ("COMPLETED", "ERROR", "ABORTED"):
            assert got["phase"] == "ERROR", got
            error: dict[str, Any] = got["error"]
            return error


def test_sessions_are_killed(server: Served, bystander: Bystander, record: Record) -> None:
    """One each of ten windows: a session that dies again and again is waited for longer and longer."""
    windows: list[tuple[Window, dict[str, Any], psutil.Process]] = []
    for _ in range(10):
        before = server.pids()
        window = Window(server.url)
        windows.append((window, opened(window), sessions_since(server, before)[0]))

    def fault() -> list[float]:
        lost = []
        for window, info, session in windows:
            begin = time.monotonic()
            session.kill()
            window.wait_event("session_restored")
            window.collect({window.tile(info["image"], 0, 1, 1, STYLE | {"high": 900.0})})
            lost.append(time.monotonic() - begin)
        return lost

    lost = bystander.during("ten sessions are killed", fault)
    record("from kill -9 of a session to its next tile, slowest of ten", max(lost), "s", bar="≤ 1 s")
    for window, *_ in windows:
        window.close()


def test_a_session_crashes_in_c(server: Served, bystander: Bystander, victim: Window) -> None:
    opened(victim)

    def fault() -> dict[str, Any]:
        call = victim.send({"module": "hostile", "task": "crash_here", "parameters": {}})
        while True:
            got = victim.receive()
            if isinstance(got, dict) and got.get("id") == call:
                return got

    answer = bystander.during("a session crashes in C", fault)
    assert answer["error"]["code"] == "session_lost"
    assert victim.call("files", "list", path="sky")["total"] >= 1


@pytest.mark.parametrize("task", ["take_memory", "crash"])
def test_a_job_goes_wrong(server: Served, bystander: Bystander, victim: Window, task: str) -> None:
    error = bystander.during(f"a job goes wrong ({task})", lambda: job_error(victim, task))
    assert error["message"]
    assert "Traceback" not in error["message"]
    assert victim.call("files", "list", path="sky")["total"] >= 1


def test_a_job_hangs_in_c_and_is_cancelled(server: Served, bystander: Bystander, victim: Window) -> None:
    def fault() -> str:
        call = victim.send({"module": "hostile", "task": "hang", "parameters": {}})
        while True:
            got = victim.receive()
            if isinstance(got, dict) and got.get("id") == call:
                if got["phase"] in ("ABORTED", "ERROR", "COMPLETED"):
                    return str(got["phase"])
                if got.get("progress"):
                    victim.socket.send(f'{{"id": "{call}", "cancel": true}}')

    assert bystander.during("a job hangs in C and is cancelled", fault) == "ABORTED"


def test_a_client_does_not_read(server: Served, bystander: Bystander, record: Record) -> None:
    before = psutil.Process(server.process.pid).memory_info().rss
    window = Window(server.url)
    info = opened(window)

    def fault() -> int:
        most = 0
        for number in range(6000):
            try:
                window.tile(info["image"], 0, number % 4, number // 4 % 4, STYLE | {"high": 500.0 + number})
            except OSError:
                break
            most = max(most, psutil.Process(server.process.pid).memory_info().rss)
        return most

    most = bystander.during("a client asks and does not read", fault)
    record("the server's memory meanwhile, more than before", (most - before) / 1e6, "MB")
    window.close()


def test_the_network_drops(server: Served, bystander: Bystander) -> None:
    """Forty times in mid-pan; each time the window goes on where it was, and is told what it missed."""
    windows = [Window(server.url) for _ in range(10)]
    infos = [opened(window) for window in windows]

    def fault() -> None:
        for number in range(40):
            window, info = windows[number % 10], infos[number % 10]
            style = STYLE | {"high": 300.0 + number}
            for each in range(50):
                window.tile(info["image"], 0, each % 4, each // 4 % 4, style)
            call: dict[str, Any] = {
                "id": window.next_id,
                "module": "files",
                "task": "list",
                "parameters": {"path": "sky"},
            }
            window.send(call)
            window.socket.cut()
            window.come_back()
            assert window.hello["resumed"]
            # It may have come to the server or not; asked twice, it is answered once.
            window.socket.send(json.dumps(call))
            assert window.wait_answer(call["id"])["phase"] == "COMPLETED"
            window.collect({window.tile(info["image"], 0, each % 4, each // 4, style) for each in range(16)})

    bystander.during("40 connections drop in mid-pan, and go on", fault)
    for window in windows:
        window.close()


def test_windows_come_and_go(server: Served, bystander: Bystander) -> None:
    """No fault, but what a class does: a session each, an image opened, tiles asked for that nobody waits for."""

    def fault() -> None:
        for number in range(40):
            window = Window(server.url)
            info = opened(window)
            for each in range(50):
                window.tile(info["image"], 0, each % 4, each // 4 % 4, STYLE | {"high": 300.0 + number})
            window.close()

    bystander.during("40 windows come, pan and go", fault)


def test_idle_windows(server: Served, bystander: Bystander, record: Record) -> None:
    own = psutil.Process(server.process.pid)
    before = own.memory_info().rss

    def begin() -> list[Window]:
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(lambda _: Window(server.url), range(IDLE)))

    windows = bystander.during(f"{IDLE} windows are opened", begin)
    grown = own.memory_info().rss - before
    record(f"the server's memory for {IDLE} idle windows, more than before", grown / 1e6, "MB", bar="≤ 5 MB")

    def fault() -> list[float]:
        times = []
        for number in range(200):
            begin = time.perf_counter()
            windows[number].socket.send('{"ping": 1}')
            while "pong" not in windows[number].receive():
                pass
            times.append((time.perf_counter() - begin) * 1e3)
        return times

    times = bystander.during(f"{IDLE} idle windows", fault)
    record("a ping among them, p99", sorted(times)[197], "ms", bar="≤ 5 ms")

    def leave() -> None:
        for window in windows:
            window.close()

    bystander.during(f"{IDLE} windows are closed", leave)


def test_a_class_of_hundreds(server: Served, bystander: Bystander, record: Record) -> None:
    """No fault of section 4: as many as the server takes use their windows at once, pause, and leave at once."""
    own = psutil.Process(server.process.pid)
    before, known = own.memory_info().rss, server.pids()

    def use(_: int) -> Window:
        window = Window(server.url)
        window.call("files", "list")
        return window

    def begin() -> list[Window]:
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(use, range(IDLE)))

    windows = bystander.during(f"{IDLE} windows are opened and used", begin, most=CLASS)
    grown = own.memory_info().rss - before
    record(f"the server's memory for {IDLE} windows with a session each, more than before", grown / 1e6, "MB")
    sessions = [each for each in server.children() if each.pid not in known]
    private = sorted(each.memory_full_info().uss for each in sessions)
    record("private memory of an idle session, median", private[len(private) // 2] / 1e6, "MB", bar="≤ 15 MB")
    record("the largest", private[-1] / 1e6, "MB", bar="≤ 15 MB")
    bystander.during(f"{IDLE} idle windows with a session each", lambda: None)

    def leave() -> None:
        for window in windows:
            window.close()

    bystander.during(f"{IDLE} windows with a session each are closed", leave, most=CLASS)


def test_a_file_is_cut_short_and_replaced(server: Served, share: Path, bystander: Bystander, victim: Window) -> None:
    whole = (share / "exposure.fits").read_bytes()
    path = share / "victim.fits"
    path.write_bytes(whole)
    info = victim.call("images", "open", path="sky/victim.fits")

    def fault() -> None:
        for number in range(10):
            with path.open("r+b") as file:
                file.truncate(len(whole) // 3)
            for each in range(16):
                victim.tile(info["image"], 0, each % 4, each // 4, STYLE | {"high": 100.0 + number})
            other = path.with_suffix(".new")
            other.write_bytes(whole)
            other.rename(path)

    bystander.during("an open file is cut short and replaced", fault)
    again = victim.call("images", "open", path="sky/victim.fits")
    victim.collect({victim.tile(again["image"], 0, 1, 1, STYLE)})
    path.unlink()


def test_a_hundred_sign_ins(server: Served, bystander: Bystander, record: Record) -> None:
    done(server.folder, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
    done(server.folder, "share", "grant", "sky", "ada")
    browsers = [client(server.url) for _ in range(100)]

    def sign_in(browser: Any) -> int:
        form = form_token(browser.get("login").text)
        data = {"username": "ada", "password": PASSWORD, "_xsrf": form}
        status: int = browser.post("login", data=data).status_code
        return status

    def fault() -> float:
        begin = time.monotonic()
        with ThreadPoolExecutor(100) as pool:
            assert set(pool.map(sign_in, browsers)) == {303}
        return time.monotonic() - begin

    took = bystander.during("100 sign-ins at once", fault, most=CLASS)
    record("100 sign-ins at once", took, "s", bar="≤ 15 s")
    for browser in browsers:
        browser.close()


def test_the_database_is_locked_for_five_seconds(server: Served, bystander: Bystander, victim: Window) -> None:
    code = (
        "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN IMMEDIATE');"
        "print('locked', flush=True); time.sleep(5); c.rollback()"
    )
    path = str(server.folder / "state" / "toyz.sqlite")

    def fault() -> tuple[float, float]:
        with subprocess.Popen(["python3", "-c", code, path], stdout=subprocess.PIPE, text=True) as locker:
            assert locker.stdout is not None
            assert locker.stdout.readline() == "locked\n"
            begin = time.monotonic()
            written: list[float] = []

            def write() -> None:
                window = Window(server.url)
                window.call("settings", "set", key="locked", value=1)
                written.append(time.monotonic() - begin)
                window.close()

            writer = threading.Thread(target=write)
            writer.start()
            assert victim.call("files", "list", path="sky")["total"] >= 1
            listed = time.monotonic() - begin
            writer.join()
        return listed, written[0]

    listed, written = bystander.during("the database is locked for 5 s", fault)
    assert listed < 2.5 < written
    assert victim.call("settings", "get", key="locked") == 1


def test_a_process_of_the_server_is_killed(server: Served, bystander: Bystander, victim: Window) -> None:
    """The fork server: its sessions end with it and come back with what they had open, from its successor."""
    parents = [each for each in psutil.Process(server.process.pid).children() if each.children()]
    assert parents, "the fork server has sessions"

    def fault() -> None:
        parents[0].kill()
        window = Window(server.url)
        assert window.call("files", "list", path="sky")["total"] >= 1
        window.close()

    bystander.during("the fork server is killed", fault)


def test_it_is_well_after_all(server: Served) -> None:
    with client(server.url, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        assert http.get("healthz").status_code == 200
    assert server.process.poll() is None
    deadline = time.monotonic() + PATIENCE
    while len(server.children()) > 8:
        assert time.monotonic() < deadline, "sessions are left"
        time.sleep(0.1)
