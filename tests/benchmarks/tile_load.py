"""One client for every tile server, ours or a peer's: latency of one connection, throughput of several."""

import http.client
import multiprocessing
import random
import socket
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from multiprocessing.queues import Queue
from typing import NamedTuple, Self

SECONDS = 5.0
_PATIENCE = 600.0
_ENDED = (http.client.HTTPException, OSError)


class Latency(NamedTuple):
    """Milliseconds of a tile, one after the other over one connection; `bad` answers were no picture."""

    p50: float
    p99: float
    bad: int


class Load(NamedTuple):
    """What one server gave."""

    first_s: float
    new: Latency
    repeated: Latency
    two_new_per_s: float
    two_repeated_per_s: float


class Client:
    """One connection that is kept."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._port = port
        self._headers = dict(headers or {})
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def get(self, path: str) -> tuple[float, int, bytes]:
        """Give the seconds that an answer took, its status and its body."""
        for attempt in (0, 1):
            try:
                start = time.perf_counter()
                self._connection.request("GET", path, headers=self._headers)
                response = self._connection.getresponse()
                return time.perf_counter() - start, response.status, response.read()
            except _ENDED:
                # Some servers close a connection after so many requests.
                self._connection.close()
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
                if attempt:
                    raise
        raise AssertionError


def get_once(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[float, int, bytes]:
    """Give what one request over a connection of its own gives."""
    with Client(port, headers) as client:
        return client.get(path)


def latency(port: int, paths: Sequence[str], headers: Mapping[str, str] | None = None) -> Latency:
    """Ask for tiles one after the other."""
    times, bad = [], 0
    with Client(port, headers) as client:
        for path in paths:
            seconds, status, body = client.get(path)
            times.append(seconds * 1e3)
            bad += status != 200 or len(body) < 100
    ordered = sorted(times)
    return Latency(statistics.median(times), ordered[int(0.99 * (len(ordered) - 1))], bad)


def _hammer(port: int, paths: Sequence[str], headers: Mapping[str, str] | None, told: "Queue[float]") -> None:
    count, start = 0, time.perf_counter()
    with Client(port, headers) as client:
        while time.perf_counter() - start < SECONDS:
            client.get(paths[count % len(paths)])
            count += 1
    told.put(count / (time.perf_counter() - start))


def throughput(port: int, lists: Sequence[Sequence[str]], headers: Mapping[str, str] | None = None) -> float:
    """Tiles per second of as many clients as there are lists, each a process."""
    context = multiprocessing.get_context("spawn")
    told: Queue[float] = context.Queue()
    clients = [context.Process(target=_hammer, args=(port, paths, headers, told)) for paths in lists]
    for client in clients:
        client.start()
    total = sum(told.get() for _ in clients)
    for client in clients:
        client.join()
    return total


def measure(
    port: int, first: str, new: Sequence[str], more: Sequence[str], headers: Mapping[str, str] | None = None
) -> Load:
    """Measure a server.

    Parameters
    ----------
    first : str
        A tile of an image that it has not seen.
    new : sequence of str
        A hundred tiles.
    more : sequence of str
        So many others that none is asked for twice.
    """
    seconds, status, _ = get_once(port, first, headers)
    assert status == 200, f"{first}: {status}"
    fresh, again = latency(port, new, headers), latency(port, new, headers)
    half = len(more) // 2
    two_new = throughput(port, [more[:half], more[half:]], headers)
    assert two_new * SECONDS < len(more), "the tiles ran out, and a cache would be measured"
    return Load(seconds, fresh, again, two_new, throughput(port, [new] * 2, headers))


def some_tiles(width: int, height: int) -> list[tuple[int, int]]:
    """Choose up to a thousand tiles of 256 px at random, the same for every server: column and row."""
    columns, rows = -(-width // 256), -(-height // 256)
    places = [(number % columns, number // columns) for number in range(columns * rows)]
    return random.Random(5).sample(places, min(1000, len(places)))


def free_port() -> int:
    """Find a port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a server listens."""
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"the server ended with {process.returncode}")
