"""What was asked of a session and waits for an answer."""

import heapq
import itertools
import time
from collections.abc import Iterator

import msgspec

from toyz.errors import Busy
from toyz_sessions.messages import CallTask, RenderData, RenderTile
from toyz_sessions.repeatable import is_repeatable

_TRIES = 2


class Waiting(msgspec.Struct, eq=False):
    """One request, as the session is told of it."""

    id: str
    message: CallTask | RenderTile | RenderData
    payload: bytes
    tries: int = 0
    sent: bool = False
    since: float = 0.0

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again to a new process, should this one die of it."""
        if isinstance(self.message, CallTask) and not is_repeatable(self.message.module, self.message.task):
            return False
        return self.tries < _TRIES

    @property
    def is_call(self) -> bool:
        """Whether it is a call, and not a tile, which is kept for nobody."""
        return isinstance(self.message, CallTask)


class WaitingList:
    """All that waits, in the order in which it was asked for.

    On the channel every request has an id of its own, ``{number}:{id of the caller}``: a tile may be asked
    for again under the same id while the answer to the first, taken back, is on its way.

    Parameters
    ----------
    limit : int
        How many calls and tiles may wait.

    Attributes
    ----------
    tiles_sent : int
        Tiles that the session has been asked for.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._numbers = itertools.count(1)
        self._waiting: dict[str, Waiting] = {}
        self._channel_ids: dict[str, str] = {}
        self._held: list[tuple[float, int, Waiting]] = []
        self.tiles_sent = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __contains__(self, id: object) -> bool:  # noqa: A002
        return id in self._waiting

    def __iter__(self) -> Iterator[Waiting]:
        """Go through what waits now, whatever becomes of it meanwhile."""
        return iter(tuple(self._waiting.values()))

    def channel_id(self, id: str) -> str:  # noqa: A002
        """Give a new id for the channel."""
        return f"{next(self._numbers)}:{id}"

    def add(self, waiting: Waiting) -> None:
        """Have something wait.

        Raises
        ------
        Busy
            If too much does.
        """
        if len(self._waiting) >= self._limit:
            raise Busy("Too much is waiting already; try again in a moment.")
        waiting.since = time.monotonic()
        self._waiting[waiting.id] = waiting
        self._channel_ids[waiting.message.id] = waiting.id

    def remove(self, waiting: Waiting) -> None:
        """Have it wait no longer."""
        del self._waiting[waiting.id]
        del self._channel_ids[waiting.message.id]
        self._count(waiting, -1)

    def mark_sent(self, waiting: Waiting) -> None:
        """The session has been asked for it."""
        waiting.sent = True
        waiting.tries += 1
        self._count(waiting, 1)

    def mark_lost(self, waiting: Waiting) -> None:
        """The session that was asked for it is no more."""
        self._count(waiting, -1)
        waiting.sent = False

    def hold(self, tile: Waiting) -> None:
        """Keep a tile until there is room for it in the session; `take_held` gives it."""
        assert not isinstance(tile.message, CallTask)
        heapq.heappush(self._held, (tile.message.priority, next(self._numbers), tile))
        if len(self._held) > 64 + 2 * len(self._waiting):
            self._held = [entry for entry in self._held if self._is_held(entry[2])]
            heapq.heapify(self._held)

    def take_held(self) -> Waiting | None:
        """Give the most urgent tile that is kept and still waits."""
        while self._held:
            *_, tile = heapq.heappop(self._held)
            if self._is_held(tile):
                return tile
        return None

    def get(self, id: str) -> Waiting | None:  # noqa: A002
        """Find what waits by the id of its caller."""
        return self._waiting.get(id)

    def caller_of(self, channel_id: str) -> str:
        """Give the caller's id of what waits; empty if it does not."""
        return self._channel_ids.get(channel_id, "")

    def answered_by(self, channel_id: str) -> Waiting | None:
        """Find what waits by its id on the channel."""
        return self._waiting.get(self.caller_of(channel_id))

    def _is_held(self, tile: Waiting) -> bool:
        return not tile.sent and self._waiting.get(tile.id) is tile

    def _count(self, waiting: Waiting, change: int) -> None:
        if waiting.sent and not waiting.is_call:
            self.tiles_sent += change
