"""Connections that answer for known tiles: in order, however the bytes arrive, and never more than is read."""

import asyncio
import contextlib
import http.client
import io
import re
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import psutil
import pytest
from tornado.httputil import HTTPHeaders
from tornado.testing import bind_unused_port
from tornado.web import Application

from tests.web.harness import BEARER, Served
from toyz_web.known_tiles import KnownTile, KnownTiles
from toyz_web.tile_stream import NEVER, Patience, TileServer

TILE = "api/images/sky/ramp.fits/tiles/2/0/0?cuts=0,500"


@contextmanager
def connection(server: Served) -> Iterator[socket.socket]:
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port), 20) as made:
        yield made


def asking(path: str, *headers: str, version: str = "1.1", end: str = "\r\n") -> bytes:
    lines = [f"GET /{path} HTTP/{version}", "Host: localhost", f"Authorization: {BEARER['Authorization']}", *headers]
    return (end.join(lines) + 2 * end).encode()


def answers(made: socket.socket, count: int) -> list[tuple[int, HTTPHeaders, bytes]]:
    """Read so many answers of a connection."""
    found: list[tuple[int, HTTPHeaders, bytes]] = []
    with made.makefile("rb") as stream:
        for _ in range(count):
            status = stream.readline().split()
            assert status, f"the connection ended after {len(found)} answers"
            lines = iter(stream.readline, b"\r\n")
            headers = HTTPHeaders.parse(b"".join(lines).decode())
            found.append((int(status[1]), headers, stream.read(int(headers["Content-Length"]))))
    return found


def etags(given: Sequence[tuple[int, HTTPHeaders, bytes]]) -> list[str]:
    return [headers.get("Etag", "") for _, headers, _ in given]


def test_answers_come_in_the_order_of_the_questions(server: Served) -> None:
    server.http.get(TILE)
    paths = [f"{TILE[:-1]}{number}" if number % 3 else "api/plugins" for number in range(40)]
    paths += [paths[1]] * 10 + ["api/images/sky/ramp.fits/tiles/99/0/0?cuts=0,500"]
    with connection(server) as one_by_one:
        single = []
        for path in paths:
            one_by_one.sendall(asking(path))
            single += answers(one_by_one, 1)
    with connection(server) as at_once:
        at_once.sendall(b"".join(map(asking, paths)))
        assert [(status, body) for status, _, body in answers(at_once, len(paths))] == [
            (status, body) for status, _, body in single
        ]
    assert len(set(etags(single))) > 20


def test_a_request_may_come_byte_by_byte(server: Served) -> None:
    server.http.get(TILE)
    with connection(server) as slow:
        slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in asking(TILE):
            slow.sendall(bytes([byte]))
        assert answers(slow, 1)[0][0] == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (asking(TILE, "Host: elsewhere"), 400),
        (asking(TILE).replace(b"Host: localhost\r\n", b""), 400),
        (asking(TILE, "Content-Length: x"), 400),
        (asking(TILE, "Content-Length: 2", "Content-Length: 3") + b"ab", 400),
        (asking(TILE, "Transfer-Encoding: zork"), 400),
        (asking(TILE, "no colon"), 400),
        (asking(TILE, "X: \x00"), 400),
        (asking(TILE, "X-Folded: a", "\tb"), 400),
        (asking(TILE).replace(b"Host: localhost", b"Host: a b/c@d"), 400),
        (asking(TILE).replace(b"Host: localhost", b"Host: a,b"), 400),
        (asking(TILE + "&colormap=gray viridis"), 400),
        (asking(TILE + "&colormap=gray\n"), 400),
        (asking(TILE, version="3.0"), 400),
        (asking(TILE, version="1.0"), 200),
        (asking(TILE, "Connection: close"), 200),
    ],
)
def test_what_is_not_plain_goes_the_long_way_and_ends_the_connection(
    server: Served, request_: bytes, status: int
) -> None:
    with connection(server) as made:
        made.sendall(asking(TILE))
        assert answers(made, 1)[0][0] == 200
        made.sendall(request_)
        everything = made.makefile("rb").read()
    assert re.match(rb"HTTP/1\.\d %d " % status, everything)


@pytest.mark.parametrize(
    "request_",
    [
        asking(TILE, end="\n"),
        asking(TILE, "Content-Length: 5") + b"GET /",
        asking(TILE, "Transfer-Encoding: chunked") + b"5\r\nGET /\r\n0\r\n\r\n",
        asking(TILE, 'If-None-Match: "x"'),
        asking(TILE, "X-Long: " + 5000 * "x"),
        asking(TILE, "Connection: Keep-Alive"),
    ],
)
def test_what_is_unusual_is_read_to_its_end(server: Served, request_: bytes) -> None:
    server.http.get(TILE)
    with connection(server) as made:
        made.sendall(asking(TILE) + request_ + asking("api/plugins") + asking(TILE))
        found = answers(made, 4)
    assert [status for status, _, _ in found] == [200] * 4
    assert found[0][2] == found[1][2] == found[3][2] != found[2][2]


def test_two_readers_see_one_request(server: Served) -> None:
    server.http.get(TILE)
    hidden = asking("api/files")
    line = f"GET /{TILE}&colormap=gray HTTP/1.1\nContent-Length: {len(hidden)}\nX: HTTP/1.1\r\n".encode()
    _, _, headers = asking(TILE).partition(b"\r\n")
    with connection(server) as made:
        made.sendall(asking(TILE) + line + headers + hidden + asking("api/plugins", "Connection: close"))
        everything = made.makefile("rb").read()
    assert b"ramp.fits" not in everything
    assert b'"entries"' not in everything


def test_strangers_fill_no_memory(server: Served) -> None:
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    with connection(server) as made:
        for number in range(1500):
            path = f"api/images/x/y/tiles/1/0/0?contrast=1.{number:050000d}"
            made.sendall(f"GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert answers(made, 1)[0][0] == 401
    assert process.memory_info().rss - before < 32 << 20


def test_who_does_not_read_is_not_answered_on(server: Served) -> None:
    server.http.get(TILE)
    process = psutil.Process(server.process.pid)
    with connection(server) as deaf:
        deaf.sendall(asking(TILE))
        size = len(answers(deaf, 1)[0][2])
        before = process.memory_info().rss
        many = asking(TILE) * (1 + (256 << 20) // size)
        deaf.settimeout(2.0)
        with pytest.raises(TimeoutError):
            deaf.sendall(many)
        assert server.http.get(TILE).status_code == 200
        assert process.memory_info().rss - before < 32 << 20


class _Ignorance(KnownTiles):
    # Of a server that has nothing open.

    def __init__(self) -> None:
        pass

    def find(self, head: bytes) -> KnownTile | None:
        del head
        return None


@contextlib.asynccontextmanager
async def ignorant_server(patience: Patience) -> AsyncIterator[int]:
    bound, port = bind_unused_port()
    server = TileServer(Application([]), _Ignorance(), patience=patience, idle_connection_timeout=NEVER)
    server.add_socket(bound)
    try:
        yield port
    finally:
        server.stop()
        await server.close_all_connections()


async def test_a_connection_without_a_request_is_closed() -> None:
    async with ignorant_server(Patience(0.05, 0.05)) as port:
        for begin in (b"", b"GET / HTTP/1.1\r\nHost: x\r\n", asking("") + b"GET"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begin)
            async with asyncio.timeout(10):
                everything = await reader.read()
            assert everything.startswith(b"HTTP/1.1 404") == begin.endswith(b"GET")
            writer.close()


def test_the_head_of_an_answer_is_one_that_python_reads(server: Served) -> None:
    server.http.get(TILE)
    with connection(server) as made:
        made.sendall(asking(TILE.replace("sky/ramp", "sky/none")) + asking(TILE))
        assert answers(made, 2)[0][0] == 404
        made.sendall(asking(TILE))
        text = made.recv(1 << 20)
    fields = http.client.parse_headers(io.BytesIO(text.partition(b"\r\n")[2]))
    assert (fields["Server"], fields["X-Content-Type-Options"]) == ("Toyz", "nosniff")
