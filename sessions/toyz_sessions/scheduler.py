"""Which tile is rendered next: the most urgent one that nobody took back."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from toyz.errors import Busy, ErrorInfo
from toyz.protocol import TilePlace
from toyz_sessions.messages import Render

QUICK = 0.004
"""Seconds: a tile that took less came from memory, and so will the next, most likely."""


class Rendered(NamedTuple):
    """What became of a tile: its encoding and bytes, or why there is none.

    Attributes
    ----------
    final : bool
        Whether the same address will always give the same.
    """

    format: str = ""
    data: bytes = b""
    final: bool = False
    error: ErrorInfo | None = None


@dataclass(eq=False)
class _Job:
    """One tile, and all who wait for it: their ids, in the order of their asking, with their priorities."""

    first: Render
    priority: float
    number: int = 0
    calls: dict[str, float] = field(default_factory=dict)

    @property
    def address(self) -> TilePlace:
        return self.first.address


class TileScheduler:
    """A bounded priority queue of tiles and the threads that empty it.

    Rendering releases the GIL for nearly all of its time, so two threads use two cores, and a
    tile that waits for a cold disk does not hold up the others. A tile that several ask for is
    rendered once. Where a tile is alone and quick it is rendered by who brought it (`settle`):
    two changes of threads would take as long as half of it.

    Parameters
    ----------
    render : callable
        ``render(request)`` renders one tile, for the first who asked; it must not raise.
    answer : callable
        ``answer(calls, rendered)`` tells all who waited for it.
    limit : int
        How many requests may wait.
    workers : int
    """

    def __init__(
        self,
        render: Callable[[Render], Rendered],
        answer: Callable[[Sequence[str], Rendered], None],
        *,
        limit: int,
        workers: int = 2,
    ) -> None:
        self._render, self._answer = render, answer
        self._limit = limit
        self._heap: list[tuple[float, int, _Job]] = []
        self._jobs: dict[TilePlace, _Job] = {}
        self._waiting: dict[str, _Job] = {}
        self._running: set[TilePlace] = set()
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._held = False
        self._quick = False
        self._threads = [
            threading.Thread(target=self._work, name=f"tiles-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def __len__(self) -> int:
        return len(self._waiting)

    def submit(self, request: Render, *, hold: bool = False) -> None:
        """Queue a tile; one that waits already is moved to its new priority.

        With `hold` it may wait until `settle` is called, which must come soon.

        Raises
        ------
        Busy
            If too many wait.
        """
        with self._changed:
            if request.id not in self._waiting and len(self._waiting) >= self._limit:
                raise Busy("Too many tiles are waiting; ask again in a moment.")
            self._leave(request.id)
            job = self._jobs.setdefault(request.address, _Job(request, request.priority))
            job.calls[request.id] = request.priority
            self._waiting[request.id] = job
            self._place(job)
            if hold and not self._held and len(self._jobs) == 1 and not self._running:
                self._held = True
            else:
                self._release()

    def settle(self) -> None:
        """Render a held tile here and now if it is alone and the last one was quick; else leave it to a thread."""
        if not self._held:
            return
        with self._changed:
            if not self._quick or len(self._jobs) != 1 or self._running:
                self._release()
                return
            self._held = False
            found = self._pop()
        if found is not None:
            self._finish(*found)

    def _release(self) -> None:
        self._changed.notify(2 if self._held else 1)
        self._held = False

    def cancel(self, call: str) -> bool:
        """Take a request out of the queue; False if it is not in it (any more)."""
        with self._changed:
            return self._leave(call)

    def close(self) -> None:
        """Stop the threads after the tile they are at; what waits is dropped."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._jobs.clear()
            self._changed.notify_all()

    def _leave(self, call: str) -> bool:
        job = self._waiting.pop(call, None)
        if job is None:
            return False
        del job.calls[call]
        if not job.calls:
            del self._jobs[job.address]
        return True

    def _place(self, job: _Job) -> None:
        """Queue a tile where the most urgent of those who wait for it wants it."""
        job.priority, job.number = min(job.calls.values()), next(self._order)
        heapq.heappush(self._heap, (job.priority, job.number, job))
        self._forget_stale_entries()

    def _forget_stale_entries(self) -> None:
        """Rebuild the heap when most of it was cancelled, so that it stays as small as the queue."""
        if len(self._heap) > 64 + 2 * len(self._jobs):
            self._heap = [(job.priority, job.number, job) for job in self._jobs.values()]
            heapq.heapify(self._heap)

    def _next(self) -> tuple[_Job, list[str]] | None:
        """Wait for the most urgent tile that is not being rendered already, and give it with those who wait for it."""
        with self._changed:
            while not self._closed:
                found = self._pop()
                if found is not None:
                    return found
                self._changed.wait()
        return None

    def _pop(self) -> tuple[_Job, list[str]] | None:
        while self._heap:
            _, number, job = heapq.heappop(self._heap)
            live = self._jobs.get(job.address) is job and job.number == number
            if live and job.address not in self._running:
                return job, self._take(job)
        return None

    def _take(self, job: _Job) -> list[str]:
        """Render a tile for those who wait now; who comes meanwhile waits on, and `_work` decides."""
        calls = list(job.calls)
        del self._jobs[job.address]
        for call in calls:
            del self._waiting[call]
        self._running.add(job.address)
        return calls

    def _late(self, address: TilePlace, *, final: bool) -> list[str]:
        """Give those who came while the tile was rendered, unless its pixels may have become others meanwhile."""
        with self._changed:
            self._running.discard(address)
            job = self._jobs.get(address)
            if job is None:
                return []
            if not final:
                self._place(job)
                self._changed.notify()
                return []
            calls = self._take(job)
            self._running.discard(address)
            return calls

    def _work(self) -> None:
        while (found := self._next()) is not None:
            self._finish(*found)

    def _finish(self, job: _Job, calls: list[str]) -> None:
        start = time.monotonic()
        rendered = self._render(job.first)
        self._quick = time.monotonic() - start < QUICK
        late = self._late(job.address, final=rendered.final and rendered.error is None)
        self._answer([*calls, *late], rendered)
