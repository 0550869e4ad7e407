"""Some people who look at images: ``python -m tests.benchmarks.viewers URL TOKEN COUNT SECONDS PATH…``.

Each pans and zooms, waits for what he then sees, and looks at it for a moment. The last line printed
is JSON: milliseconds of each tile, and how many answers were errors.
"""

import asyncio
import json
import random
import sys
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from toyz.protocol import decode_binary

LOOKS = 0.5
"""Seconds for which a view is looked at."""
SIDE = 3
"""Tiles of a view, each way."""


class Viewer:
    """One person with one window."""

    def __init__(self, socket: ClientConnection, path: str, seed: int) -> None:
        self._socket = socket
        self._path = path
        self._random = random.Random(seed)
        self._calls = 0
        self.times: list[float] = []
        self.errors = 0

    async def look(self, until: float) -> None:
        """Look around until a moment of the clock."""
        info = await self._open()
        level, x, y = info["levels"] - 1, 0, 0
        while time.monotonic() < until:
            level, x, y = self._move(info, level, x, y)
            columns, rows = self._grid(info, level)
            wanted = [(i, j) for i in range(x, min(x + SIDE, columns)) for j in range(y, min(y + SIDE, rows))]
            await self._see(info, level, wanted)
            await asyncio.sleep(LOOKS * self._random.uniform(0.5, 1.5))

    def _grid(self, info: dict[str, Any], level: int) -> tuple[int, int]:
        return -(-info["width"] // (256 << level)), -(-info["height"] // (256 << level))

    def _move(self, info: dict[str, Any], level: int, x: int, y: int) -> tuple[int, int, int]:
        """Pan by a tile or two, or zoom."""
        zoom = self._random.choice((0, 0, 0, -1, 1))
        new = min(max(level + zoom, 0), info["levels"] - 1)
        if new != level:
            x, y = (2 * x + 1, 2 * y + 1) if new < level else (x // 2, y // 2)
        columns, rows = self._grid(info, new)
        x, y = x + self._random.randint(-2, 2), y + self._random.randint(-2, 2)
        return new, min(max(x, 0), max(columns - SIDE, 0)), min(max(y, 0), max(rows - SIDE, 0))

    async def _open(self) -> dict[str, Any]:
        await self._send({"id": "open", "module": "images", "task": "open", "parameters": {"path": self._path}})
        while True:
            frame = await self._socket.recv()
            if isinstance(frame, str):
                message = json.loads(frame)
                if message.get("id") == "open" and message["phase"] in ("COMPLETED", "ERROR"):
                    assert message["phase"] == "COMPLETED", message
                    return dict(message["result"])

    async def _see(self, info: dict[str, Any], level: int, wanted: list[tuple[int, int]]) -> None:
        style = {"low": info["cuts"]["low"], "high": info["cuts"]["high"] * self._random.uniform(1, 1.5)}
        asked: dict[str, float] = {}
        for x, y in wanted:
            self._calls += 1
            asked[f"t{self._calls}"] = time.perf_counter()
            address = {"image": info["image"], "level": level, "x": x, "y": y, "style": style}
            await self._send({"id": f"t{self._calls}", "tile": address})
        while asked:
            frame = await self._socket.recv()
            if isinstance(frame, bytes):
                header, _ = decode_binary(frame)
                self.times.append((time.perf_counter() - asked.pop(header.id)) * 1e3)
                self.errors += header.error is not None

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send(json.dumps(message))


async def main(url: str, token: str, count: int, seconds: float, paths: list[str]) -> dict[str, Any]:
    """Have so many people look for so long."""
    headers = {"Authorization": f"Bearer {token}"}
    address = f"ws{url[4:]}api/socket"
    sockets = [
        await connect(address, additional_headers=headers, max_size=None, compression=None) for _ in range(count)
    ]
    viewers = [Viewer(socket, paths[number % len(paths)], number) for number, socket in enumerate(sockets)]
    until = time.monotonic() + seconds
    await asyncio.gather(*(viewer.look(until) for viewer in viewers))
    for socket in sockets:
        await socket.close()
    times = [each for viewer in viewers for each in viewer.times]
    return {"times": times, "errors": sum(viewer.errors for viewer in viewers)}


if __name__ == "__main__":
    _, _url, _token, _count, _seconds, *_paths = sys.argv
    print(json.dumps(asyncio.run(main(_url, _token, int(_count), float(_seconds), _paths))))
