"""A viewer that goes away takes its picture back."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from toyz.errors import Busy
from toyz_sessions.messages import Grant
from toyz_web.handlers.iiif import IiifImageHandler
from toyz_web.meters import Meters
from toyz_web.routes import ROUTES

PATIENCE = 10.0
INFO = {"image": "abc", "width": 700, "height": 500, "channels": 1, "levels": 3, "pyramid": "none", "complete": True}


class SlowDesk:
    """A desk whose session is busy until it is told."""

    def __init__(self) -> None:
        self.asked, self.told, self.taken_back = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def image(self, key: object) -> dict[str, Any]:
        """Every image is open."""
        return INFO | {"cuts": {"low": 0.0, "high": 1.0, "method": "zscale"}, "path": str(key)}

    async def call(self, *called: object) -> None:
        """Wait."""
        self.asked.set()
        try:
            await self.told.wait()
        except asyncio.CancelledError:
            self.taken_back.set()
            raise
        raise Busy(f"{len(called)} things are too many")


@pytest.fixture
async def desk() -> SlowDesk:
    return SlowDesk()


@pytest.fixture
async def port(desk: SlowDesk) -> AsyncIterator[int]:
    """Serve pictures of one share to everybody."""

    async def find_desk(user: str) -> SlowDesk:
        assert user == "anonymous"
        return desk

    async def check_cookie(value: str) -> None:
        assert value == ""

    services = SimpleNamespace(
        base_url="/",
        hub=SimpleNamespace(desk=find_desk),
        auth=SimpleNamespace(check_cookie=check_cookie),
        cookies=SimpleNamespace(https=False, name="toyz"),
        shared=SimpleNamespace(
            meters=Meters(),
            config=SimpleNamespace(cors_origins=()),
            grants_for=lambda _: (Grant("open", "/open", "/cache"),),
        ),
    )
    (route,) = [route for route in ROUTES if route.handler is IiifImageHandler]
    server = HTTPServer(Application([(route.pattern("/"), route.handler)], services=services))
    (socket,) = bind_sockets(0, "127.0.0.1")
    server.add_sockets([socket])
    yield socket.getsockname()[1]
    server.stop()
    await server.close_all_connections()
    socket.close()


async def ask(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /iiif/3/open~1a.fits/full/100,/0/default.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return reader, writer


async def test_a_picture_that_nobody_waits_for_is_taken_back(port: int, desk: SlowDesk) -> None:
    _, writer = await ask(port)
    await asyncio.wait_for(desk.asked.wait(), PATIENCE)
    assert not desk.taken_back.is_set()
    writer.close()
    await asyncio.wait_for(desk.taken_back.wait(), PATIENCE)


async def test_who_waits_is_answered(port: int, desk: SlowDesk) -> None:
    reader, writer = await ask(port)
    await asyncio.wait_for(desk.asked.wait(), PATIENCE)
    desk.told.set()
    assert b" 503 " in await asyncio.wait_for(reader.readline(), PATIENCE)
    assert not desk.taken_back.is_set()
    writer.close()
