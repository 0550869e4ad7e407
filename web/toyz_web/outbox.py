"""What waits to be written to one socket: bounded, so that a client that does not read costs no memory."""

import asyncio
from collections import deque
from collections.abc import Awaitable
from typing import Protocol

MAX_BYTES = 16 << 20
"""Bytes that may wait. One larger frame passes if nothing else waits."""
STALL = 30.0
"""Seconds that one frame may take to leave."""


class Connection(Protocol):
    """The socket, as an outbox needs it."""

    def send_frame(self, frame: bytes, *, binary: bool) -> Awaitable[None] | None:
        """Write a frame; give what is to be awaited until it has left, or None if it has left already.

        Raises
        ------
        ConnectionError
            At once, or from what is awaited.
        """

    def drop(self, code: int, reason: str) -> None:
        """Close the connection at once, whether the client reads or not."""


class Outbox:
    """Writes frames in order, and drops a client that does not read.

    Parameters
    ----------
    connection : Connection
    max_bytes : int
    stall : float
        Seconds.
    """

    def __init__(self, connection: Connection, max_bytes: int = MAX_BYTES, stall: float = STALL) -> None:
        self._connection = connection
        self._max_bytes = max_bytes
        self._stall = stall
        self._frames: deque[tuple[bytes, bool]] = deque()
        self._newest: dict[str, bytes] = {}
        self._bytes = 0
        self._writer: asyncio.Task[None] | None = None  # held, or it might be collected
        self.closed = False

    @property
    def waiting(self) -> int:
        """Bytes that wait."""
        return self._bytes

    def put(self, frame: bytes, *, binary: bool = False) -> None:
        """Queue a frame; nothing happens once the outbox is closed."""
        if self.closed:
            return
        if self._frames and self._bytes + len(frame) > self._max_bytes:
            self._give_up("not reading")
            return
        # Most frames leave at once: a task for each would take longer than the writing.
        rest = None if self._frames else self._begin(frame, binary)
        if self._frames or rest is not None:
            self._frames.append((frame, binary))
            self._bytes += len(frame)
        if rest is not None:
            self._writer = asyncio.create_task(self._write(rest))

    def put_newest(self, key: str, frame: bytes) -> None:
        """Queue a text frame behind all others; a later one with the same key takes its place while it waits."""
        if self._frames and not self.closed:
            self._newest[key] = frame
        else:
            self.put(frame)

    def close(self) -> None:
        """Forget what waits."""
        self.closed = True
        self._newest.clear()
        self._frames.clear()
        self._bytes = 0

    def _give_up(self, reason: str) -> None:
        self.close()
        self._connection.drop(1008, reason)

    def _begin(self, frame: bytes, binary: bool) -> Awaitable[None] | None:
        try:
            return self._connection.send_frame(frame, binary=binary)
        except ConnectionError:
            self.close()
            return None

    async def _write(self, rest: Awaitable[None] | None) -> None:
        """Wait for the first frame, which is on its way, and write the others."""
        try:
            while True:
                if rest is not None:
                    async with asyncio.timeout(self._stall):
                        await rest
                if self._frames:
                    self._bytes -= len(self._frames.popleft()[0])
                if not self._frames and self._newest:
                    frame = self._newest.pop(next(iter(self._newest)))
                    self._frames.append((frame, False))
                    self._bytes += len(frame)
                if not self._frames:
                    return
                rest = self._begin(*self._frames[0])
        except TimeoutError:
            self._give_up("not reading")
        except ConnectionError:
            self.close()
