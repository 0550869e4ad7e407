"""Sessions through real processes: start, calls, death, respawn, limits, the end."""

import asyncio
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.sessions.rig import (
    PATIENCE,
    STANDIN,
    Listener,
    Window,
    alive,
    exists,
    looped,
    make_config,
    managed,
    open_window,
)
from toyz.errors import Busy, Conflict, SessionLost
from toyz.jobs import Phase
from toyz.protocol import Style, TileAddress
from toyz_sessions.backoff import Backoff
from toyz_sessions.files import grants_of
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.manager import SessionManager
from toyz_sessions.messages import CallTask, LogLine, RenderTile, TileDone


@looped
async def test_calls_are_answered_by_another_process(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window = await open_window(manager)
        assert await window.call("echo", text="α Cen", number=1.5) == {"text": "α Cen", "number": 1.5}
        who = await window.call("who")
        assert who["pid"] == window.handle.pid != os.getpid()
        assert who["user"] == "ann"


@looped
async def test_on_ready_follows_open(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        listener = Listener()
        handle = await manager.open("w", "ann", grants_of(manager.config), listener)
        assert listener.ready == []
        await listener.until(lambda: listener.ready == [1])
        assert handle.number == 1


@looped
async def test_payloads_come_whole_and_in_order(tmp_path: Path, forkserver: ForkServer) -> None:
    address = TileAddress("image", 0, 0, 0, Style(0, 1))
    async with managed(make_config(tmp_path), forkserver) as manager:
        window = await open_window(manager)
        for index in range(500):
            window.handle.send(RenderTile(str(index), address))
        messages = window.listener.messages
        await window.listener.until(lambda: len(messages) == 500)
        tiles = [message.id for message, _ in messages if isinstance(message, TileDone)]
        assert tiles == [str(index) for index in range(500)]
        assert all(payload == b"tile" * 5000 for _, payload in messages)


@looped
async def test_threads_may_send(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window = await open_window(manager)
        assert await window.call("threads", count=8, messages=250) == 2000
        lines = [message.message for message, _ in window.listener.messages if isinstance(message, LogLine)]
        assert len(lines) == 2000
        for thread in range(8):
            mine = [line for line in lines if line.startswith(f"{thread} ")]
            assert mine == [f"{thread} {index}" for index in range(250)]


@looped
async def test_killed_session_is_back_within_a_second(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window, other = await open_window(manager), await open_window(manager, "w2")
        first = window.handle.pid
        began = time.monotonic()
        os.kill(first, signal.SIGKILL)
        await window.listener.until(lambda: window.listener.ready == [1, 2])
        assert time.monotonic() - began < 1.0
        assert len(window.listener.lost) == 1
        assert window.handle.number == 2
        assert window.handle.pid != first
        assert await window.call("echo", again=True) == {"again": True}
        assert other.listener.lost == []
        assert await other.call("echo", here=True) == {"here": True}


@looped
async def test_sending_to_a_dead_session_says_so(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window = await open_window(manager)
        for _ in range(3):
            window.post("exit", code=3)
            lost = len(window.listener.lost)
            await window.listener.until(lambda lost=lost: len(window.listener.lost) > lost)  # type: ignore[misc]
            with pytest.raises(SessionLost):
                window.handle.send(CallTask("x", "standin", "echo"), b"{}")
            ready = len(window.listener.ready)
            await window.listener.until(lambda ready=ready: len(window.listener.ready) > ready)  # type: ignore[misc]
        assert window.listener.ready == [1, 2, 3, 4]


@looped
async def test_stuck_session_is_killed(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path, heartbeat=0.8), forkserver) as manager:
        window = await open_window(manager)
        window.post("block", seconds=50)
        await window.listener.until(lambda: window.listener.ready == [1, 2])
        assert window.listener.lost == ["it gave no sign of life"]
        await asyncio.sleep(0)
        assert await window.call("echo", awake=True) == {"awake": True}


@looped
async def test_session_that_works_keeps_its_life(tmp_path: Path, forkserver: ForkServer) -> None:
    """Many short calls over several heartbeats."""
    async with managed(make_config(tmp_path, heartbeat=0.4), forkserver) as manager:
        window = await open_window(manager)
        for _ in range(15):
            await window.call("block", seconds=0.1)
        assert window.listener.ready == [1]


@looped
async def test_nonsense_from_a_session_ends_it(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window = await open_window(manager)
        window.post("nonsense")
        await window.listener.until(lambda: window.listener.ready == [1, 2])
        assert window.listener.lost == ["what came is not a message"]


@looped
async def test_full_queue_is_busy(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path, queue=50), forkserver) as manager:
        window = await open_window(manager)
        window.post("block", seconds=1.0)
        with pytest.raises(Busy):  # noqa: PT012 - some are taken first
            for _ in range(5000):
                window.post("echo", filler="x" * 4000)
        window.listener.messages.clear()
        await window.listener.until(lambda: len(window.listener.messages) >= 50)


@looped
async def test_limits_on_sessions(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path, sessions=3, sessions_per_user=2), forkserver) as manager:
        first = await open_window(manager, "1")
        await open_window(manager, "2")
        with pytest.raises(Busy):
            await open_window(manager, "3")
        with pytest.raises(Conflict):
            await open_window(manager, "1", user="bob")
        await open_window(manager, "3", user="bob")
        with pytest.raises(Busy):
            await open_window(manager, "4", user="eve")
        await first.handle.end()
        await open_window(manager, "5", user="eve")
        assert len(manager.handles) == 3


@looped
async def test_end_lets_the_workshop_close(tmp_path: Path, forkserver: ForkServer) -> None:
    """The stand-in writes a file when it is closed; the scratch folder goes, so a share takes it."""
    async with managed(make_config(tmp_path, write=True), forkserver) as manager:
        window = await open_window(manager)
        mark = tmp_path / "data" / "closed"
        await window.call("mark_on_close", path=str(mark))
        scratch = (await window.call("who"))["scratch"]
        assert exists(scratch)
        pid = window.handle.pid
        await window.handle.end()
        assert mark.exists()
        assert not alive(pid)
        assert not exists(scratch)
        assert window.listener.lost == []
        with pytest.raises(SessionLost):
            window.handle.send(CallTask("x", "standin", "echo"), b"{}")


@looped
async def test_ending_a_session_that_is_being_started_again(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window = await open_window(manager)
        os.kill(window.handle.pid, signal.SIGKILL)
        await window.listener.until(lambda: bool(window.listener.lost))
        await window.handle.end()
        assert manager.handles == ()
        assert window.handle.pid == 0
        await window.handle.end()


@looped
async def test_workshop_that_cannot_be_made_is_an_error(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver, "tests.sessions.standins:BrokenWorkshop") as manager:
        listener = Listener()
        with pytest.raises(SessionLost):
            await asyncio.wait_for(manager.open("w", "ann", grants_of(manager.config), listener), 10)
        assert manager.handles == ()


@looped
async def test_missing_share_holds_nothing(tmp_path: Path, forkserver: ForkServer) -> None:
    config = make_config(tmp_path)
    (tmp_path / "data").rmdir()
    async with managed(config, forkserver) as manager:
        window = await open_window(manager)
        with pytest.raises(Exception, match="there is no data/a"):
            await window.call("open", path="data/a")


def test_close_is_quick_even_when_sessions_are_stuck(tmp_path: Path) -> None:
    async def run() -> tuple[list[int], float]:
        manager = SessionManager(make_config(tmp_path), workshop=STANDIN)
        await manager.start()
        windows = [await open_window(manager, str(number)) for number in range(4)]
        for window in windows[:2]:
            window.post("block", seconds=60)
        pids = [window.handle.pid for window in windows]
        began = time.monotonic()
        await manager.close()
        return pids, time.monotonic() - began

    pids, seconds = asyncio.run(run())
    assert seconds < 2.0
    assert not any(alive(pid) for pid in pids)


def test_backoff_grows_and_forgets() -> None:
    backoff = Backoff()
    assert [backoff.after(0.1) for _ in range(6)] == [0.0, 0.25, 0.5, 1.0, 2.0, 4.0]
    assert max(backoff.after(0.1) for _ in range(20)) == 30.0
    assert backoff.after(60.0) == 0.0


@looped
async def test_phase_of_a_refused_build(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window = await open_window(manager)
        await window.call("build", build={"key": "k", "kind": "pyramid", "share": "other", "path": "a"})
        lines = window.listener.messages
        await window.listener.until(lambda: any(isinstance(message, LogLine) for message, _ in lines))
        line = next(message.message for message, _ in lines if isinstance(message, LogLine))
        assert line.startswith(f"k {Phase.ERROR}")
        assert "not_found" in line


def wait_for_child(process: psutil.Process, before: list[psutil.Process]) -> psutil.Process:
    while not (started := [child for child in process.children() if child not in before]):
        time.sleep(0.01)
    return started[0]


@looped
async def test_a_session_survives_the_fork_server_that_dies_while_it_starts(tmp_path: Path) -> None:
    manager = SessionManager(make_config(tmp_path), workshop="tests.sessions.standins:SlowWorkshop")
    await manager.start()
    try:
        forkserver = psutil.Process(manager.forkserver.pid)
        before = forkserver.children()
        listener = Listener()
        opening = asyncio.create_task(manager.open("w", "ann", grants_of(manager.config), listener))
        first = await asyncio.to_thread(wait_for_child, forkserver, before)
        assert not opening.done()
        forkserver.kill()
        await asyncio.to_thread(psutil.wait_procs, [first], PATIENCE)
        (tmp_path / "data" / "go").touch()
        handle = await opening
        await listener.until(lambda: bool(listener.ready))
        window = Window(handle, listener)
        assert await window.call("echo", here=True) == {"here": True}
        assert handle.number > 1
        assert not forkserver.is_running()
    finally:
        await manager.close()
