"""A class follows; what the leader's movement costs the server, and how far behind the followers are."""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.benchmarks.conftest import Record
from tests.web.harness import BEARER, PATIENCE, Served, served

FOLLOWERS = 30
MOVEMENTS = 200
PERIOD = 0.05
"""Seconds between two movements: as often as the server passes them on."""
IMAGE = {"path": "sky/ramp.fits", "hdu": 0}
STYLE = {"low": 880.25, "high": 1310.5, "stretch": "asinh", "colormap": "viridis", "contrast": 1.25, "bias": 0.45}
VIEW = {"x": 12045.25, "y": 8123.5, "zoom": 0.5, "width": 1440, "height": 900}


@asynccontextmanager
async def _windows(server: Served, count: int) -> AsyncIterator[list[ClientConnection]]:
    address = f"ws{server.url.removeprefix('http')}api/socket?window="
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                connect(address, additional_headers=BEARER, compression=None, max_size=None, open_timeout=PATIENCE)
            )
            for _ in range(count)
        ]


async def _call(window: ClientConnection, task: str, **parameters: Any) -> Any:
    await window.send(json.dumps({"id": task, "module": "workspaces", "task": task, "parameters": parameters}))
    while True:
        message = json.loads(await window.recv())
        if message.get("id") == task:
            assert message["phase"] == "COMPLETED", message
            return message.get("result")


async def _watch(window: ClientConnection, sent: dict[int, float], lags: list[float]) -> None:
    """Note how long after it was sent each movement arrives, to the last one."""
    async for frame in window:
        message = json.loads(frame)
        if message.get("event") == "presence":
            number = round(message["data"]["presence"]["cursor"][0])
            lags.append(time.perf_counter() - sent[number])
            if number == MOVEMENTS - 1:
                return


async def _lead(server: Served) -> tuple[list[float], float, float]:
    """Give the lags of all followers, and the processor's seconds of the server with the movements and without."""
    process = psutil.Process(server.process.pid)
    async with _windows(server, FOLLOWERS + 1) as (leader, *followers):
        workspace = (await _call(leader, "create"))["id"]
        for window in (leader, *followers):
            await _call(window, "open", workspace=workspace)
        before = sum(process.cpu_times()[:2])
        await asyncio.sleep(MOVEMENTS * PERIOD)
        quiet = sum(process.cpu_times()[:2]) - before
        sent: dict[int, float] = {}
        lags: list[float] = []
        watchers = [asyncio.create_task(_watch(window, sent, lags)) for window in followers]
        before = sum(process.cpu_times()[:2])
        for number in range(MOVEMENTS):
            presence = {"image": IMAGE, "style": STYLE, "view": VIEW, "cursor": [number, 4.5], "leading": True}
            sent[number] = time.perf_counter()
            await leader.send(json.dumps({"presence": presence}))
            await asyncio.sleep(PERIOD)
        await asyncio.wait_for(asyncio.gather(*watchers), PATIENCE)
        return lags, sum(process.cpu_times()[:2]) - before, quiet


@pytest.mark.benchmark
def test_thirty_follow_one_who_leads(tmp_path: Path, record: Record) -> None:
    with served(tmp_path, toml="[limits]\nsessions_per_user = 64\n") as server:
        lags, busy, quiet = asyncio.run(_lead(server))
    ordered = sorted(lags)
    cost = (busy - quiet) / MOVEMENTS
    record("lag of a follower, median", statistics.median(ordered) * 1e3, "ms", bar="≤ 20")
    record("lag of a follower, p99", ordered[int(0.99 * len(ordered))] * 1e3, "ms", bar="≤ 100")
    record(f"server's processor for a movement seen by {FOLLOWERS}", cost * 1e3, "ms", bar="≤ 2.5 (5 % at 20 a second)")
    assert len(lags) > 0.8 * FOLLOWERS * MOVEMENTS
    assert cost < 2.5e-3
