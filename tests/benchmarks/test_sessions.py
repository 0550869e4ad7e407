"""What a session costs: its start, its memory, a message to it and back, and its replacement.

``pytest -m benchmark -s tests/benchmarks/test_sessions.py``
"""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zmq

from tests.benchmarks.conftest import Record
from tests.sessions.rig import STANDIN, Window, make_config, open_window
from toyz_sessions.manager import SessionManager
from toyz_sessions.messages import CallTask, FromSession

pytestmark = pytest.mark.benchmark
SESSIONS = 30
REAL = "toyz_sessions.workshop:Workshop"


def memory(pid: int) -> dict[str, float]:
    """USS and PSS in MB, from the kernel."""
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split()[:2]
        fields[name.rstrip(":")] = int(value) / 1024
    return {"uss": fields["Private_Clean"] + fields["Private_Dirty"], "pss": fields["Pss"]}


def python_start() -> float:
    """Milliseconds that a plain interpreter takes to start and import numpy and astropy's FITS: the peer."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import numpy, astropy.io.fits, astropy.wcs, zmq"], check=True)
    return (time.perf_counter() - began) * 1e3


async def echo(window: Window, count: int) -> list[float]:
    """Microseconds of `count` calls to and fro."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[float] = loop.create_future()

    def arrive(message: FromSession, payload: bytes) -> None:
        arrived.set_result(time.perf_counter())

    window.listener.on_message = arrive  # type: ignore[method-assign]
    times = []
    for number in range(count):
        arrived = loop.create_future()
        began = time.perf_counter()
        window.handle.send(CallTask(str(number), "standin", "echo"), b"{}")
        times.append((await arrived - began) * 1e6)
    return times


def pipe_floor(folder: Path, count: int) -> float:
    """Microseconds of a bare ZeroMQ round trip over ipc between two processes that do nothing else: the floor."""
    code = (
        "import sys, zmq\ns = zmq.Context().socket(zmq.PAIR)\ns.connect(sys.argv[1])\n"
        f"for _ in range({count}): s.send_multipart(s.recv_multipart())\n"
    )
    endpoint = f"ipc://{folder}/floor"
    with zmq.Context() as context, context.socket(zmq.PAIR) as server:
        server.bind(endpoint)
        with subprocess.Popen([sys.executable, "-c", code, endpoint]):
            times = []
            for _ in range(count):
                began = time.perf_counter()
                server.send_multipart((b"header" * 5, b"{}"))
                server.recv_multipart()
                times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times[count // 10 :])


@pytest.mark.parametrize("workshop", [STANDIN, REAL], ids=["stand-in", "real"])
def test_start_and_memory(tmp_path: Path, workshop: str, record: Record) -> None:
    async def run() -> tuple[list[float], list[dict[str, float]], dict[str, float]]:
        manager = SessionManager(make_config(tmp_path), workshop=workshop)
        await manager.start()
        starts, windows = [], []
        for number in range(SESSIONS):
            began = time.perf_counter()
            windows.append(await open_window(manager, str(number)))
            starts.append((time.perf_counter() - began) * 1e3)
        costs = [memory(window.handle.pid) for window in windows]
        server = memory(manager.forkserver.pid)
        await manager.close()
        return starts, costs, server

    starts, costs, server = asyncio.run(run())
    peer = statistics.median(python_start() for _ in range(3))
    start = statistics.median(starts)
    uss, pss = (statistics.median(cost[kind] for cost in costs) for kind in ("uss", "pss"))
    kind = "stand-in" if workshop == STANDIN else "real"
    record(f"start, {kind}", start, "ms", "a fresh interpreter with the same imports", peer, "≤ 50 ms")
    record(f"USS of each of {SESSIONS}, {kind}", uss, "MB", bar="≤ 15 MB")
    record(f"PSS of each of {SESSIONS}, {kind}", pss, "MB", bar="≤ 15 MB")
    record(f"PSS of the fork server, {kind}", server["pss"], "MB")


def test_round_trip(tmp_path: Path, record: Record) -> None:
    async def run() -> list[float]:
        manager = SessionManager(make_config(tmp_path), workshop=STANDIN)
        await manager.start()
        window = await open_window(manager)
        await echo(window, 300)
        times = await echo(window, 3000)
        await manager.close()
        return times

    floor = pipe_floor(tmp_path, 3000)
    times = asyncio.run(run())
    median = statistics.median(times)
    record("round trip, p50", median, "µs", "bare ZeroMQ ipc", floor)
    record("round trip, p99", statistics.quantiles(times, n=100)[98], "µs")


def test_recovery(tmp_path: Path, record: Record) -> None:
    async def run() -> list[float]:
        times = []
        manager = SessionManager(make_config(tmp_path), workshop=STANDIN)
        await manager.start()
        for number in range(10):
            window = await open_window(manager, str(number))
            began = time.perf_counter()
            os.kill(window.handle.pid, signal.SIGKILL)
            await window.listener.until(lambda window=window: window.listener.ready == [1, 2])  # type: ignore[misc]
            await window.call("echo")
            times.append((time.perf_counter() - began) * 1e3)
        await manager.close()
        return times

    times = asyncio.run(run())
    record("kill −9 to the next answer, median", statistics.median(times), "ms", bar="≤ 1 s")
    record("kill −9 to the next answer, slowest", max(times), "ms", bar="≤ 1 s")
