"""People who look at images at a steady rate: ``python -m tests.chaos.load URL TOKEN VIEWERS RATE SECONDS PATH…``.

Each asks for so many tiles a second whether or not the last have come, on a walk through his image. The
last line printed is JSON: milliseconds of each tile from when it was due, and how many answers were errors.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from toyz.protocol import decode_binary


class Viewer:
    """One person with one window."""

    def __init__(self, socket: ClientConnection, seed: int) -> None:
        self._socket = socket
        self._random = random.Random(seed)
        self._ids = itertools.count()
        self._due: dict[str, float] = {}
        self.times: list[float] = []
        self.errors = 0

    async def look(self, path: str, rate: float, seconds: float) -> None:
        """Look at an image."""
        info = await self._open(path)
        total = int(rate * seconds)
        receiving = asyncio.create_task(self._receive(total))
        start = time.perf_counter()
        for number, (level, x, y) in enumerate(itertools.islice(self._walk(info), total)):
            due = start + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            call = f"t{next(self._ids)}"
            self._due[call] = due
            # The contrast changes now and then, and with it all that is in the server's cache.
            style = {"low": 0.0, "high": info["cuts"]["high"] * (1 + number // 100 % 10 / 100)}
            address = {"image": info["image"], "level": level, "x": x, "y": y, "style": style}
            await self._socket.send(json.dumps({"id": call, "tile": address}))
        await asyncio.wait_for(receiving, 30)

    def _walk(self, info: dict[str, Any]) -> Any:
        level, x, y = 0, 0, 0
        while True:
            if self._random.random() < 0.05:
                level = self._random.randrange(info["levels"])
            columns, rows = (-(-info[side] // (256 << level)) for side in ("width", "height"))
            x = min(max(x + self._random.randint(-1, 1), 0), columns - 1)
            y = min(max(y + self._random.randint(-1, 1), 0), rows - 1)
            yield level, x, y

    async def _open(self, path: str) -> dict[str, Any]:
        call = {"id": "open", "module": "images", "task": "open", "parameters": {"path": path}}
        await self._socket.send(json.dumps(call))
        async for frame in self._socket:
            message = json.loads(frame) if isinstance(frame, str) else {}
            if message.get("id") == "open" and message["phase"] in ("COMPLETED", "ERROR"):
                assert message["phase"] == "COMPLETED", message
                return dict(message["result"])
        raise AssertionError("the socket was closed")

    async def _receive(self, total: int) -> None:
        while len(self.times) < total:
            frame = await self._socket.recv()
            if isinstance(frame, bytes):
                header, _ = decode_binary(frame)
                self.times.append((time.perf_counter() - self._due.pop(header.id)) * 1e3)
                self.errors += header.error is not None


async def main(url: str, token: str, count: int, rate: float, seconds: float, paths: list[str]) -> dict[str, Any]:
    """Have so many people look for so long."""
    headers = {"Authorization": f"Bearer {token}"}
    address = f"ws{url.removeprefix('http')}api/socket"
    options: dict[str, Any] = {"additional_headers": headers, "max_size": None, "compression": None}
    sockets = [await connect(address, **options) for _ in range(count)]
    viewers = [Viewer(socket, seed) for seed, socket in enumerate(sockets)]
    looks = [viewer.look(paths[number % len(paths)], rate, seconds) for number, viewer in enumerate(viewers)]
    await asyncio.gather(*looks)
    for socket in sockets:
        await socket.close()
    times = [each for viewer in viewers for each in viewer.times]
    return {"times": times, "errors": sum(viewer.errors for viewer in viewers)}


if __name__ == "__main__":
    _, _url, _token, _count, _rate, _seconds, *_paths = sys.argv
    print(json.dumps(asyncio.run(main(_url, _token, int(_count), float(_rate), float(_seconds), _paths))))
