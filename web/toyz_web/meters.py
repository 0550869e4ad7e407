"""What a server counts, as plain numbers: counting must cost nothing where a tile passes.

Everything is counted on the event loop, or by one thread alone, so nothing is locked. `toyz_web.metrics`
turns the numbers into what Prometheus reads.
"""

import asyncio
from bisect import bisect_left
from collections import Counter

REQUEST_TIMES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""
_CODES = 100
"""Kinds of errors that are told apart; plugins have codes of their own."""
_INTERVAL = 0.5


class Histogram:
    """How often something took how long.

    Parameters
    ----------
    bounds : tuple of float
        Upper bounds in seconds, ascending.

    Attributes
    ----------
    counts : list of int
        Of each bucket, the last one without a bound; not added up.
    total : float
        Seconds altogether.
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...] = REQUEST_TIMES) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds


class Meters:
    """What one server has counted since it started.

    Attributes
    ----------
    tiles : Counter
        Tiles that were served, by where they came from: ``cache`` or ``session``.
    tile_time : Histogram
        From asking a session for a tile to its answer.
    requests : dict
        `Histogram` of HTTP requests by handler and status; tiles that the connection itself answers are not among them.
    messages : Counter
        Of websockets, by direction: ``in`` and ``out``.
    bytes : Counter
        Of websockets and of tiles over HTTP, by direction and way: ``("out", "tile")``.
    errors : Counter
        By code.
    jobs : Counter
        That ended, by phase.
    loop_delay : Histogram
        How late the event loop was.
    sessions_lost, sessions_rested : int
        Sessions that died, and those that were ended because nobody used them.
    """

    def __init__(self) -> None:
        self.tiles: Counter[str] = Counter()
        self.tile_time = Histogram()
        self.requests: dict[tuple[str, int], Histogram] = {}
        self.messages: Counter[str] = Counter()
        self.bytes: Counter[tuple[str, str]] = Counter()
        self.errors: Counter[str] = Counter()
        self.jobs: Counter[str] = Counter()
        self.loop_delay = Histogram()
        self.sessions_lost = 0
        self.sessions_rested = 0
        self._watch: asyncio.Task[None] | None = None

    def request(self, handler: str, status: int, seconds: float) -> None:
        """Count an HTTP request."""
        found = self.requests.get((handler, status))
        if found is None:
            found = self.requests[handler, status] = Histogram()
        found.observe(seconds)

    def error(self, code: str) -> None:
        """Count an error that a client was told."""
        self.errors[code if code in self.errors or len(self.errors) < _CODES else "other"] += 1

    def start(self) -> None:
        """Begin to watch the event loop."""
        self._watch = asyncio.create_task(self._watch_loop(), name="delay of the event loop")

    async def close(self) -> None:
        """Watch it no more."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})

    async def _watch_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _INTERVAL
            await asyncio.sleep(_INTERVAL)
            self.loop_delay.observe(max(0.0, loop.time() - due))
