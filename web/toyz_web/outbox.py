"""What waits to be written to one socket: bounded, so that a client that does not read costs no memory."""

import asyncio
from collections import deque
from typing import Protocol

MAX_BYTES = 16 << 20
"""Bytes that may wait. One larger frame passes if nothing else waits."""
STALL = 30.0
"""Seconds that one frame may take to leave."""


class Connection(Protocol):
    """The socket, as an outbox needs it."""

    async def deliver(self, frame: bytes, *, binary: bool) -> None:
        """Write a frame and return when it has left.

        Raises
        ------
        ConnectionError
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
        self._bytes = 0
        self._writer: asyncio.Task[None] | None = None
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
        self._frames.append((frame, binary))
        self._bytes += len(frame)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def close(self) -> None:
        """Forget what waits."""
        self.closed = True
        self._frames.clear()
        self._bytes = 0

    def _give_up(self, reason: str) -> None:
        self.close()
        self._connection.drop(1008, reason)

    async def _write(self) -> None:
        try:
            while self._frames:
                frame, binary = self._frames[0]
                async with asyncio.timeout(self._stall):
                    await self._connection.deliver(frame, binary=binary)
                if self.closed:
                    return
                self._frames.popleft()
                self._bytes -= len(frame)
        except TimeoutError:
            self._give_up("not reading")
        except ConnectionError:
            self.close()
        finally:
            self._writer = None
