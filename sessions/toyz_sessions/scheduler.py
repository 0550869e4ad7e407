"""Which tile is rendered next: the most urgent one that nobody took back."""

import heapq
import itertools
import threading
from collections.abc import Callable

from toyz.errors import Busy
from toyz_sessions.messages import Render


class TileScheduler:
    """A bounded priority queue of tiles and the threads that empty it.

    Rendering releases the GIL for nearly all of its time, so two threads use two cores, and a
    tile that waits for a cold disk does not hold up the others.

    Parameters
    ----------
    render : callable
        Renders one tile and sends the answer; it must not raise.
    limit : int
        How many tiles may wait.
    workers : int
    """

    def __init__(self, render: Callable[[Render], None], *, limit: int, workers: int = 2) -> None:
        self._render = render
        self._limit = limit
        self._heap: list[tuple[float, int, str]] = []
        self._waiting: dict[str, tuple[int, Render]] = {}
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"tiles-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def __len__(self) -> int:
        return len(self._waiting)

    def submit(self, request: Render) -> None:
        """Queue a tile; one that waits already is moved to its new priority.

        Raises
        ------
        Busy
            If too many wait.
        """
        with self._changed:
            if request.id not in self._waiting and len(self._waiting) >= self._limit:
                raise Busy("Too many tiles are waiting; ask again in a moment.")
            number = next(self._order)
            self._waiting[request.id] = (number, request)
            heapq.heappush(self._heap, (request.priority, number, request.id))
            self._forget_stale_entries()
            self._changed.notify()

    def cancel(self, call: str) -> bool:
        """Take a tile out of the queue; False if it is not in it (any more)."""
        with self._changed:
            return self._waiting.pop(call, None) is not None

    def close(self) -> None:
        """Stop the threads after the tile they are at; what waits is dropped."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def _forget_stale_entries(self) -> None:
        """Rebuild the heap when most of it was cancelled, so that it stays as small as the queue."""
        if len(self._heap) > 64 + 2 * len(self._waiting):
            self._heap = [(request.priority, number, call) for call, (number, request) in self._waiting.items()]
            heapq.heapify(self._heap)

    def _next(self) -> Render | None:
        with self._changed:
            while not self._closed:
                while self._heap:
                    _, number, call = heapq.heappop(self._heap)
                    entry = self._waiting.get(call)
                    if entry is not None and entry[0] == number:
                        del self._waiting[call]
                        return entry[1]
                self._changed.wait()
        return None

    def _work(self) -> None:
        while (request := self._next()) is not None:
            self._render(request)
