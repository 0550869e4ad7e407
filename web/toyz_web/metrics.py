"""What Prometheus reads: the numbers of one server, gathered when it asks."""

import asyncio
import os
from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from toyz import __version__
from toyz.jobs import Phase
from toyz_web.auth import Authenticator
from toyz_web.hub import Hub
from toyz_web.meters import Histogram
from toyz_web.processes import Memory
from toyz_web.shared import Shared

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Metrics(Collector):
    """The metrics of a server.

    Parameters
    ----------
    shared : Shared
    hub : Hub
    auth : Authenticator
    """

    def __init__(self, shared: Shared, hub: Hub, auth: Authenticator) -> None:
        self._shared, self._hub, self._auth, self._meters = shared, hub, auth, shared.meters
        self._memory: dict[str, list[Memory]] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    async def expose(self) -> bytes:
        """Give all metrics as text; the memory of processes is read in a thread."""
        pids = {
            "server": [os.getpid()],
            "forkserver": [self._shared.sessions.forkserver.pid, self._shared.jobs.warm_pid],
            "session": [handle.pid for handle in self._shared.sessions.handles],
        }
        found = await asyncio.to_thread(self._shared.memories.measure, [pid for each in pids.values() for pid in each])
        self._memory = {kind: [found[pid] for pid in each if pid in found] for kind, each in pids.items()}
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        """Give the metrics as `prometheus_client` wants them."""
        yield InfoMetricFamily("toyz", "The version of Toyz.", {"version": __version__})
        yield from self._gauges()
        yield from self._counters()
        yield from self._times()

    def _gauges(self) -> Iterator[Metric]:
        windows, sessions = self._hub.windows(), self._shared.sessions
        yield _gauge("toyz_sockets", "Open websockets.", sum(each.connection is not None for each in windows))
        yield _gauge("toyz_windows", "Windows, connected or waiting to be found again.", len(windows))
        yield _gauge("toyz_users", "Users who have a window or a desk.", len(self._hub.users()))
        yield _gauge("toyz_sessions", "Processes of windows and desks.", len(sessions.handles))
        yield _gauge("toyz_sessions_limit", "Sessions that the server takes.", self._shared.config.limits.sessions)
        jobs = GaugeMetricFamily("toyz_jobs", "Jobs that have not ended, by phase.", labels=["phase"])
        for phase in (Phase.QUEUED, Phase.EXECUTING):
            jobs.add_metric([phase.value], self._shared.jobs.count(phase))
        yield jobs
        yield _gauge("toyz_builders_running", "Pyramids and unpacked files being built.", sessions.builders.running)
        yield _gauge("toyz_builders_queued", "Builds that wait.", sessions.builders.queued)
        yield _gauge("toyz_tile_cache_bytes", "Encoded tiles kept.", self._shared.tiles.used)
        yield _gauge("toyz_tile_cache_limit_bytes", "Room for encoded tiles.", self._shared.tiles.capacity)
        for kind, of in (("resident", 0), ("proportional", 1)):
            family = GaugeMetricFamily(
                f"toyz_process_{kind}_bytes", f"Memory of processes, {kind}, added up by kind.", labels=["process"]
            )
            for process, found in self._memory.items():
                family.add_metric([process], sum(memory[of] for memory in found))
            yield family

    def _counters(self) -> Iterator[Metric]:
        meters = self._meters
        yield _counter("toyz_tiles", "Tiles served, by where they came from.", "source", meters.tiles)
        yield _counter("toyz_messages", "Frames of websockets.", "direction", meters.messages)
        yield _counter("toyz_errors", "Errors told to clients, by code.", "code", meters.errors)
        logins = {"success": self._auth.sign_ins, "failure": self._auth.failures}
        yield _counter("toyz_logins", "Attempts to sign in, and wrong tokens.", "outcome", logins)
        yield _counter("toyz_jobs_ended", "Jobs that ended, by phase.", "phase", meters.jobs)
        moved = CounterMetricFamily("toyz_bytes", "Bytes of websockets and tiles.", labels=["direction", "way"])
        for key, value in sorted(meters.bytes.items()):
            moved.add_metric(list(key), value)
        yield moved
        yield CounterMetricFamily("toyz_sessions_lost", "Sessions that died.", meters.sessions_lost)
        yield CounterMetricFamily("toyz_sessions_rested", "Sessions ended as idle.", meters.sessions_rested)

    def _times(self) -> Iterator[Metric]:
        meters = self._meters
        yield _histogram("toyz_tile_seconds", "Time of a tile that a session renders.", {(): meters.tile_time})
        yield _histogram("toyz_event_loop_delay_seconds", "How late the event loop was.", {(): meters.loop_delay})
        writes = self._shared.database.write_time
        yield _histogram("toyz_database_write_seconds", "Time of a transaction, until it is on disk.", {(): writes})
        requests: dict[tuple[str, ...], Histogram] = {
            (handler, str(status)): each for (handler, status), each in sorted(meters.requests.items())
        }
        yield _histogram("toyz_request_seconds", "Time of HTTP requests.", requests, ("handler", "status"))


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value)


def _counter(name: str, words: str, label: str, counts: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, words, labels=[label])
    for key, value in sorted(counts.items()):
        family.add_metric([key], value)
    return family


def _histogram(name: str, words: str, found: dict[tuple[str, ...], Histogram], labels: tuple[str, ...] = ()) -> Metric:
    family = HistogramMetricFamily(name, words, labels=labels)
    for key, histogram in found.items():
        bounds = [*map(str, histogram.bounds), "+Inf"]
        family.add_metric(key, list(zip(bounds, accumulate(histogram.counts), strict=True)), histogram.total)
    return family
