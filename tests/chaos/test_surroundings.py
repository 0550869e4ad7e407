"""A disk that is full, a file server that has gone away, a clock that jumps."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.conftest import Record
from tests.benchmarks.serving import TOKEN, Window
from tests.chaos.conftest import LIMITS, Bystander
from tests.web.harness import PATIENCE, served
from tests.web.test_shares import eventually

DAY = 86400
FAKETIME = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
)
STYLE = {"low": 0.0, "high": 1000.0}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 48 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "none", folder], check=False).returncode != 0:
        pytest.skip("a small disk cannot be mounted here: mount(2) is not allowed")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_the_disk_is_full(small_disk: Path, share: Path, record: Record) -> None:
    """State, cache and log on a disk that is full: an error for what cannot be kept, and everything else goes on."""
    with served(small_disk, share=share, token=TOKEN, toml=LIMITS) as server:
        bystander = Bystander(server.url, record)
        window = Window(server.url)
        window.call("settings", "set", key="before", value=1)

        def fault() -> str:
            with (small_disk / "filler").open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(1 << 16))
                except OSError:
                    pass
            for number in range(300):
                call = {"key": f"full.{number}", "value": "x" * 60_000}
                id = window.send({"module": "settings", "task": "set", "parameters": call})  # noqa: A001
                while True:
                    answer = window.receive()
                    if isinstance(answer, dict) and answer.get("id") == id:
                        break
                if answer["phase"] == "ERROR":
                    return str(answer["error"]["message"])
            raise AssertionError("a full disk took everything")

        message = bystander.during("the disk is full", fault)
        assert "full" in message
        (small_disk / "filler").unlink()
        window.call("settings", "set", key="after", value=2)
        assert window.call("settings", "get", key="before") == 1
        window.close()
    connection = sqlite3.connect(small_disk / "state" / "toyz.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


@pytest.fixture
def stalling(tmp_path: Path, share: Path) -> Iterator[tuple[Path, Path]]:
    """Give a folder like the share, and the file that makes its reads wait."""
    pytest.importorskip("mfusepy", reason="no mfusepy: run 'make chaos'", exc_type=ImportError)
    if not os.access("/dev/fuse", os.W_OK) or shutil.which("fusermount3") is None:
        pytest.skip("no file system can stall here: FUSE is missing (apt-get install fuse3)")
    at, flag = tmp_path / "far", tmp_path / "stalled"
    at.mkdir()
    command = [sys.executable, "-m", "tests.chaos.stalling", str(at), str(share), str(flag)]
    with subprocess.Popen(command) as process:
        eventually(lambda: os.path.ismount(at))
        yield at, flag
        flag.unlink(missing_ok=True)
        subprocess.run(["fusermount3", "-u", "-z", at], check=True)
        process.wait(PATIENCE)


def test_a_file_server_goes_away(tmp_path: Path, share: Path, stalling: tuple[Path, Path], record: Record) -> None:
    """Who looks at its files waits; nobody else does."""
    at, flag = stalling
    folder = tmp_path / "server"
    folder.mkdir()
    with served(folder, f"far={at}", share=share, token=TOKEN, toml=LIMITS) as server:
        bystander = Bystander(server.url, record)
        window = Window(server.url)
        info = window.call("images", "open", path="far/exposure.fits")

        def fault() -> str:
            flag.touch()
            return window.tile(info["image"], 0, 1, 1, STYLE)

        tile = bystander.during("a file server goes away", fault)
        other = Window(server.url)
        assert other.call("files", "list", path="sky")["total"] >= 1
        other.close()
        assert window.call("files", "list", path="sky")["total"] >= 1
        flag.unlink()
        window.collect({tile})
        window.close()


def test_the_clock_jumps(tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch, record: Record) -> None:
    """A day ahead, and back to the day before: nothing ends that has not, and nothing waits for a day."""
    library = next((each for each in FAKETIME if Path(each).is_file()), None)
    if library is None:
        pytest.skip("the clock cannot jump here: libfaketime is missing (apt-get install faketime)")
    clock = tmp_path / "clock"
    clock.write_text("+0d")
    with monkeypatch.context() as patch:
        for name, value in {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }.items():
            patch.setenv(name, value)
        serving = served(tmp_path, share=share, token=TOKEN, toml=LIMITS)
        server = serving.__enter__()
    try:
        begin = server.http.get("healthz").headers["date"]
        bystander = Bystander(server.url, record)
        window = Window(server.url)
        for name, days in (("a day ahead", "+1d"), ("a day back", "-1d")):
            bystander.during(f"the clock jumps {name}", lambda days=days: clock.write_text(days))  # type: ignore[misc]
            assert server.http.get("healthz").headers["date"] != begin
            bearer = {"Authorization": f"Bearer {TOKEN}"}
            assert server.http.get("api/files", headers=bearer).status_code == 200
            info = window.call("images", "open", path="sky/exposure.fits")
            began = time.monotonic()
            window.collect({window.tile(info["image"], 0, 1, 1, STYLE)})
            assert time.monotonic() - began < PATIENCE
        window.close()
    finally:
        serving.__exit__(None, None, None)
