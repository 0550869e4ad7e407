"""Servers are killed while everybody works: what was acknowledged is there afterwards, and nothing is torn."""

import hashlib
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.benchmarks.conftest import Record
from tests.chaos import hostile
from tests.web.harness import Served, install_plugin, served
from tests.web.tus import Tus, sha256

LONGEST = 1.0
"""Seconds of work before the server is killed, at most."""
KEYS = 40
SIZE = 300_000
GONE = (ConnectionClosed, OSError, httpx.HTTPError, TimeoutError, AssertionError)
"""What a client sees of a server that is killed; an assertion is an answer that was not what was asked for."""


@dataclass
class Ledger:
    """What was acknowledged; a later value than the acknowledged one may be there too."""

    settings: dict[str, int] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)
    jobs: set[str] = field(default_factory=set)
    uploads: set[str] = field(default_factory=set)
    workspace: str = ""
    count: int = 0
    acknowledged: int = 0

    def next(self) -> int:
        """Count up, over all kills."""
        self.count += 1
        return self.count

    def note(self, begun: threading.Event) -> None:
        """Count what was acknowledged."""
        self.acknowledged += 1
        begun.set()


def content(name: str) -> bytes:
    """Give what is uploaded under a name, so that it can be known again."""
    return hashlib.shake_256(name.encode()).digest(SIZE)


def set_settings(server: Served, ledger: Ledger, begun: threading.Event) -> None:
    with server.window() as window:
        while True:
            number = ledger.next()
            key = f"chaos.{number % KEYS}"
            window.call(f"s{number}", "settings", "set", key=key, value=number)
            ledger.settings[key] = number
            ledger.note(begun)


def change_entries(server: Served, ledger: Ledger, begun: threading.Event) -> None:
    with server.window() as window:
        if not ledger.workspace:
            ledger.workspace = window.call("create", "workspaces", "create", name="chaos")["id"]
        while True:
            number = ledger.next()
            key = f"chaos/{number % KEYS}"
            given = {"workspace": ledger.workspace, "entries": {key: number}}
            window.call(f"c{number}", "workspaces", "change", **given)
            ledger.entries[key] = number
            ledger.note(begun)


def submit_jobs(server: Served, ledger: Ledger, begun: threading.Event) -> None:
    with httpx.Client(base_url=server.url, headers=dict(server.http.headers)) as http:
        while True:
            answer = http.post("api/jobs", json={"module": "hostile", "task": "work", "parameters": {}})
            assert answer.status_code == 201, answer.text
            ledger.jobs.add(answer.json()["id"])
            ledger.note(begun)


def upload(server: Served, ledger: Ledger, begun: threading.Event) -> None:
    tus = Tus(server)
    while True:
        name = f"{ledger.next()}.bin"
        data = content(name)
        url = tus.begin(f"lab/{name}", SIZE, sha256=sha256(data))
        ledger.note(begun)
        assert tus.patch(url, 0, data[: SIZE // 2]).status_code == 204
        assert tus.patch(url, SIZE // 2, data[SIZE // 2 :]).status_code == 204
        ledger.uploads.add(name)
        ledger.note(begun)


WORK = (set_settings, change_entries, submit_jobs, upload)


def kill_in_mid_work(server: Served, ledger: Ledger, seconds: float) -> None:
    """Have everybody work until each has been answered once, and for so long; then kill the server."""

    def run(work: Callable[[Served, Ledger, threading.Event], None], begun: threading.Event) -> None:
        with suppress(*GONE):
            work(server, ledger, begun)
        if not killed.is_set():
            lost.append(work.__name__)
        begun.set()

    lost: list[str] = []
    killed = threading.Event()
    events = [threading.Event() for _ in WORK]
    threads = [threading.Thread(target=run, args=each) for each in zip(WORK, events, strict=True)]
    for thread in threads:
        thread.start()
    for event in events:
        assert event.wait(60)
    time.sleep(seconds)
    killed.set()
    server.process.kill()
    server.process.wait()
    for thread in threads:
        thread.join()
    assert lost == [], "these ended while the server ran"


def check_database(folder: Path) -> None:
    connection = sqlite3.connect(folder / "state" / "toyz.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def check_server(server: Served, ledger: Ledger) -> None:
    """Ask the next server for all that the one before has acknowledged."""
    with server.window() as window:
        for key, value in ledger.settings.items():
            assert window.call(f"g{ledger.next()}", "settings", "get", key=key) >= value, key
        if ledger.entries:
            state = window.call("open", "workspaces", "changes", workspace=ledger.workspace, since=0)
            kept = state["entries"]
            for key, value in ledger.entries.items():
                assert kept[key] >= value, key
    for job in ledger.jobs:
        record = server.http.get(f"api/jobs/{job}").json()
        assert record["phase"] in {"COMPLETED", "ERROR"}, record
        assert record["phase"] == "COMPLETED" or "restart" in record["error"]["message"]
    ledger.jobs.clear()


def check_files(lab: Path, ledger: Ledger, *, since: set[str]) -> set[str]:
    """Look at every file that has come: whole, and none that was acknowledged is missing."""
    there = {name for name in os.listdir(lab) if not name.startswith(".")}
    for name in there - since:
        assert (lab / name).read_bytes() == content(name), f"{name} is torn"
    assert ledger.uploads <= there
    return there


def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path, pytestconfig: pytest.Config, record: Record) -> None:
    kills = int(pytestconfig.getoption("--kills", 20))
    lab = tmp_path / "lab"
    lab.mkdir()
    site = hostile.install(install_plugin(tmp_path))
    toml = f'[shares]\nlab = {{path = "{lab}", write = true}}\n'
    ledger, chance, seen = Ledger(), random.Random(1), set[str]()
    starts = list[float]()
    for kill in range(kills + 1):
        begin = time.monotonic()
        with served(tmp_path, site=site, toml=toml, share=share_of(tmp_path)) as server:
            starts.append(time.monotonic() - begin)
            check_server(server, ledger)
            seen = check_files(lab, ledger, since=seen)
            if kill == kills:
                break
            kill_in_mid_work(server, ledger, chance.uniform(0.0, LONGEST))
        check_database(tmp_path)
        if kill % 50 == 49:
            print(f"{kill + 1} servers killed, {ledger.acknowledged} changes acknowledged, none lost", flush=True)
    record("servers killed in mid-work", kills, "kills")
    record("changes, jobs and pieces of uploads acknowledged meanwhile", ledger.acknowledged, "")
    record("of those lost or torn", 0, "", bar="0")
    record("start of a server after a kill, slowest", max(starts), "s", bar="≤ 3 s")


def share_of(folder: Path) -> Path:
    """Give a share beside the one that is written to."""
    path = folder / "empty"
    path.mkdir(exist_ok=True)
    return path


def test_a_migration_is_killed_halfway(tmp_path: Path, pytestconfig: pytest.Config, record: Record) -> None:
    """At whatever moment: the database is of the old schema or of the new one, and whole."""
    import subprocess
    import sys

    from toyz_web.store.migrations import STEPS

    source = (Path(__file__).parents[1] / "web" / "schemas" / "1.sql").read_text()
    code = "import sys; from toyz_web.store.database import Database; from pathlib import Path;"
    code += "print('go', flush=True); Database(Path(sys.argv[1])).close()"
    kills, found, chance = int(pytestconfig.getoption("--kills", 20)), dict[int, int](), random.Random(2)
    for number in range(min(kills, 200)):
        path = tmp_path / f"{number}.sqlite"
        with sqlite3.connect(path) as connection:
            connection.executescript(source)
        connection.close()
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", code, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "go\n"
            time.sleep(chance.uniform(0.0, 0.04))
            process.kill()
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        found[version] = found.get(version, 0) + 1
        assert connection.execute("select count(*) from settings").fetchone()[0] >= 0
        connection.close()
    for version, count in sorted(found.items()):
        record(f"migrations killed, found at schema {version} of {len(STEPS)}", count, "")
