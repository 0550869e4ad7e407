"""The fork server: speed is the benchmark's; here that nothing outlives it, and what it lets through."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sessions.rig import alive, children_of, looped, wait_until_gone
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.rundir import RunDirectory

ROOT = Path(__file__).parents[2]


def start_server(folder: Path, *options: str) -> tuple["subprocess.Popen[str]", dict[str, list[int]]]:
    path = os.pathsep.join(
        [str(ROOT), *(str(ROOT / part) for part in ("toyz_core", "extensions", "tiles", "sessions"))]
    )
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/sessions/orphan_server.py"), str(folder), *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(folder)},
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def test_nothing_outlives_a_killed_server(tmp_path: Path) -> None:
    process, told = start_server(tmp_path)
    family = children_of(process.pid)
    assert set(told["pids"]) <= set(family)
    assert len(family) >= 4
    process.kill()
    process.wait()
    wait_until_gone(family, 2.0)
    assert [pid for pid in family if alive(pid)] == []
    assert process.stdout is not None
    process.stdout.close()


def test_nothing_outlives_a_server_that_ends(tmp_path: Path) -> None:
    process, told = start_server(tmp_path, "--graceful")
    assert process.wait(30) == 0
    assert [pid for pid in told["pids"] if alive(pid)] == []
    assert list(tmp_path.glob("toyz-run-*")) == []
    assert process.stdout is not None
    process.stdout.close()


def test_main_script_is_not_imported_again(tmp_path: Path) -> None:
    process, told = start_server(tmp_path, "--graceful")
    assert process.wait(30) == 0
    assert told["mains"] == []
    assert process.stdout is not None
    process.stdout.close()


@looped
async def test_exit_codes_and_signals_are_told(forkserver: ForkServer) -> None:
    async def run(code: int) -> int:
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        await forkserver.launch(os._exit, code, on_exit=ended.set_result)
        return await ended

    assert [await run(code) for code in (0, 7)] == [0, 7]
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    child = await forkserver.launch(time.sleep, 60, on_exit=ended.set_result)
    assert child.code is None
    child.kill()
    assert await ended == -signal.SIGKILL
    child.kill()


@looped
async def test_launching_does_not_block_the_loop(forkserver: ForkServer) -> None:
    """While 20 processes start, the loop turns: its longest pause is far below the time they take."""
    ends: list[int] = []
    pauses: list[float] = []

    async def clock() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            pauses.append(time.perf_counter() - before)

    ticking = asyncio.create_task(clock())
    began = time.perf_counter()
    children = [await forkserver.launch(os._exit, 0, on_exit=ends.append) for _ in range(20)]
    elapsed = time.perf_counter() - began
    for child in children:
        await child.wait()
    ticking.cancel()
    assert len(ends) == 20
    assert len(pauses) > 20
    assert sorted(pauses)[len(pauses) // 2] < elapsed / 4


@looped
async def test_fork_server_that_was_killed_is_started_again() -> None:
    server = ForkServer()
    await server.start()
    try:
        first = server.pid
        codes: list[int] = []
        child = await server.launch(time.sleep, 60, on_exit=codes.append)
        os.kill(first, signal.SIGKILL)
        await child.wait()
        assert codes == [255]
        assert wait_until_gone([child.pid, first], 2.0) < 2.0
        await server.start()
        assert server.pid != first
    finally:
        await server.close()


def test_run_directory_is_private_short_and_swept(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    assert run.path.stat().st_mode & 0o777 == 0o700
    assert len(run.endpoint()) < 100 + len("ipc://") or len(str(tmp_path)) > 40
    assert run.endpoint() != run.endpoint()
    stale = tmp_path / "toyz-run-stale"
    (stale / "scratch-1").mkdir(parents=True)
    (stale / "lock").touch()
    other = RunDirectory(tmp_path)
    assert not stale.exists()
    assert run.path.is_dir()
    for directory in (run, other):
        directory.remove()
    assert list(tmp_path.iterdir()) == []


def test_socket_paths_fit_even_where_temporary_files_live_far_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    run = RunDirectory()
    try:
        assert len(run.endpoint().removeprefix("ipc://")) <= 100
    finally:
        run.remove()
