"""What waits to be written to one socket: bounded, so that a client that does not read costs no memory."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from toyz_web.numbered import Numbered

MAX_BYTES = 16 << 20
"""Bytes that may wait. One larger frame passes if nothing else waits."""
TOTAL = 64 << 20
"""Bytes that may wait for all clients together before those with much waiting are dropped."""
FAIR = 1 << 20
"""Bytes that may wait for one client however much waits for others."""
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


class Budget:
    """How much waits for all clients of a server together.

    Parameters
    ----------
    limit : int
        Bytes.
    """

    def __init__(self, limit: int = TOTAL) -> None:
        self.limit = limit
        self.used = 0


class _Frame(NamedTuple):
    data: bytes | Numbered
    binary: bool


class Outbox:
    """Writes frames in order, tiles after all others, and drops a client that does not read.

    Parameters
    ----------
    connection : Connection
    budget : Budget
        Shared by all.
    on_left : callable, optional
        Called when a frame that had to wait has left, or was taken back.
    max_bytes : int
    stall : float
        Seconds.
    """

    def __init__(
        self,
        connection: Connection,
        budget: Budget,
        on_left: Callable[[], None] = lambda: None,
        max_bytes: int = MAX_BYTES,
        stall: float = STALL,
    ) -> None:
        self._connection = connection
        self._budget = budget
        self._on_left = on_left
        self._max_bytes = max_bytes
        self._stall = stall
        self._leaving: _Frame | None = None
        self._frames: deque[_Frame] | None = None  # an empty one takes 760 bytes, and most clients read
        self._tiles: dict[str, _Frame] = {}
        self._newest: dict[str, bytes] = {}
        self._bytes = 0
        self._writer: asyncio.Task[None] | None = None  # held, or it might be collected
        self.closed = False

    @property
    def waiting(self) -> int:
        """Bytes that wait, with those that are leaving."""
        return self._bytes

    def put(self, frame: bytes | Numbered, *, binary: bool = False) -> None:
        """Queue a frame; nothing happens once the outbox is closed."""
        if self._takes(frame, binary=binary):
            if self._frames is None:
                self._frames = deque()
            self._frames.append(_Frame(frame, binary))

    def put_tile(self, id: str, frame: bytes) -> None:  # noqa: A002
        """Queue a tile, behind all that is not one: what is said of a call does not wait for a picture."""
        if self._takes(frame, binary=True):
            self._tiles[id] = _Frame(frame, True)

    def put_newest(self, key: str, frame: bytes) -> None:
        """Queue a text frame behind all others; a later one with the same key takes its place while it waits."""
        if self._leaving is not None and not self.closed:
            self._newest[key] = frame
        else:
            self.put(frame)

    def take_back(self, id: str) -> None:  # noqa: A002
        """Forget a tile that has not begun to leave."""
        tile = self._tiles.pop(id, None)
        if tile is not None:
            self._count(-len(tile.data))
            self._on_left()

    def close(self) -> None:
        """Forget what waits."""
        self.closed = True
        self._leaving = None
        self._frames = None
        self._newest.clear()
        self._tiles.clear()
        self._count(-self._bytes)

    def _takes(self, frame: bytes | Numbered, *, binary: bool) -> bool:
        """Count a frame that has to wait; False if it has left, or never will."""
        if self.closed:
            return False
        if self._leaving is None:
            self._send(_Frame(frame, binary))
            return False
        if self._is_too_much(self._bytes + len(frame)):
            self._give_up("not reading")
            return False
        self._count(len(frame))
        return True

    def _send(self, frame: _Frame) -> None:
        """Send a frame that nothing stands before; most leave at once, and a task for each would take longer."""
        rest = self._begin(frame)
        if rest is not None:
            self._leaving = frame
            self._count(len(frame.data))
            self._writer = asyncio.create_task(self._write(rest))

    def _is_too_much(self, waiting: int) -> bool:
        crowded = self._budget.used > self._budget.limit and waiting > FAIR
        return crowded or waiting > self._max_bytes

    def _count(self, change: int) -> None:
        self._bytes += change
        self._budget.used += change

    def _give_up(self, reason: str) -> None:
        self.close()
        self._connection.drop(1008, reason)

    def _begin(self, frame: _Frame) -> Awaitable[None] | None:
        data = frame.data.frame() if isinstance(frame.data, Numbered) else frame.data
        try:
            return self._connection.send_frame(data, binary=frame.binary)
        except ConnectionError:
            self.close()
            return None

    def _next(self) -> _Frame | None:
        if self._frames:
            return self._frames.popleft()
        if self._tiles:
            return self._tiles.pop(next(iter(self._tiles)))
        if self._newest:
            frame = _Frame(self._newest.pop(next(iter(self._newest))), False)
            self._count(len(frame.data))
            return frame
        return None

    async def _write(self, rest: Awaitable[None] | None) -> None:
        """Wait for the first frame, which is on its way, and write the others."""
        try:
            while True:
                if rest is not None:
                    async with asyncio.timeout(self._stall):
                        # What is given up is closed with its connection; a write that is cancelled is an error in it.
                        await asyncio.shield(rest)
                if self._leaving is None:
                    return  # closed meanwhile
                self._count(-len(self._leaving.data))
                self._leaving = following = self._next()
                if following is None:
                    break
                rest = self._begin(following)
                self._on_left()
        except TimeoutError:
            self._give_up("not reading")
        except ConnectionError:
            self.close()
        else:
            # This writer is done: what is put now begins anew.
            self._on_left()
