"""Connections that answer requests for known tiles themselves, before anything is made of them.

Tornado reads a request's headers into objects, starts timers and calls delegates: for a tile that is a
look-up away, or that another process renders, this takes longer than all the rest. A `TileStream` looks
at the bytes of each request that begins. Those that `toyz_web.known_tiles` knows it answers; all others
Tornado receives as if nothing had been there before them.
"""

import asyncio
import socket
from typing import Any, NamedTuple

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, SSLIOStream, StreamClosedError
from tornado.web import Application

from toyz.errors import ToyzError
from toyz_sessions.messages import TileDone
from toyz_web.known_tiles import KnownTile, KnownTiles
from toyz_web.tls import Certificate, Greeting

PATIENCE = 30.0
_OUT = ("out", "tile")
NEVER = 1e8
"""Seconds that Tornado waits for headers: how long that may take is looked after here."""


class Patience(NamedTuple):
    """Seconds that a connection may be silent.

    Attributes
    ----------
    first : float
        Until the headers of its first request are there.
    later : float
        Between an answer and the headers of the next request.
    """

    first: float
    later: float = PATIENCE


class TileServer(HTTPServer):
    """An HTTP server whose connections are `TileStream`.

    Its ``idle_connection_timeout`` should be `NEVER`.

    Parameters
    ----------
    application : Application
    known : KnownTiles
    patience : Patience
    certificate : Certificate, optional
        To speak TLS.
    address : str
        URL of the server, for those who come without TLS.
    **options
        Of Tornado's server.
    """

    def initialize(  # type: ignore[override]
        self,
        application: Application,
        known: KnownTiles,
        patience: Patience,
        certificate: Certificate | None = None,
        address: str = "",
        **options: Any,
    ) -> None:
        """Take the arguments; Tornado's servers have this in the place of a constructor."""
        self._known, self._patience = known, patience
        self._certificate, self._address = certificate, address
        self._greetings: set[Greeting] = set()
        super().initialize(application, **options)

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """Serve a connection."""
        sizes = {"max_buffer_size": stream.max_buffer_size, "read_chunk_size": stream.read_chunk_size}
        if self._certificate is None:
            super().handle_stream(TileStream(stream.socket, self._known, self._patience, **sizes), address)
            return
        certificate, serve = self._certificate, super().handle_stream

        def proceed(connected: socket.socket) -> None:
            secured = certificate.context.wrap_socket(connected, server_side=True, do_handshake_on_connect=False)
            serve(SecureTileStream(secured, self._known, self._patience, **sizes), address)

        greeting = Greeting(stream.socket, self._patience.first, self._address, proceed)
        self._greetings.add(greeting)
        greeting.on_end(self._greetings.discard)

    async def close_all_connections(self) -> None:
        """Close them, those that have not said anything yet as well."""
        for greeting in tuple(self._greetings):
            greeting.close()
        await super().close_all_connections()


class TileStream(IOStream):
    """A connection; between its requests it is the one that listens.

    Parameters
    ----------
    connected : socket.socket
    known : KnownTiles
    patience : Patience
    **sizes
        Of the buffers.
    """

    # Tornado's streams have as many attributes as share their names' memory: these would cost 800 bytes more.
    __slots__ = (
        "_busy",
        "_call",
        "_early",
        "_ending",
        "_known",
        "_later",
        "_listening",
        "_listening_since",
        "_long_way",
        "_loop",
        "_patience",
        "_tile",
        "_watch",
    )

    def __init__(self, connected: socket.socket, known: KnownTiles, patience: Patience, **sizes: Any) -> None:
        super().__init__(connected, **sizes)
        super().set_nodelay(True)
        self._known, self._patience, self._later = known, patience.first, patience.later
        self._loop = asyncio.get_running_loop()
        self._ending: tuple[bytes, int | None] = (b"", None)
        self._long_way: asyncio.Future[bytes] | None = None
        self._listening, self._listening_since = False, 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._tile: KnownTile | None = None
        self._call = ""
        self._busy = False
        self._early: bytes | None = None

    def set_nodelay(self, value: bool) -> None:
        """Do nothing: answers leave at once from the first, where Tornado would switch that with each of them."""

    def read_until_regex(self, regex: bytes, max_bytes: int | None = None) -> "asyncio.Future[bytes]":
        """Give the headers of the next request that is not answered here."""
        self._ending = regex, max_bytes
        request = self._long_way = self._loop.create_future()
        self._listen()
        return request

    def close(self, exc_info: Any = False) -> None:
        """Close the connection."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        super().close(exc_info)

    def _listen(self) -> None:
        self._listening, self._listening_since = True, self._loop.time()
        if self._watch is None:
            self._watch = self._loop.call_later(self._patience, self._look)
        try:
            asyncio.ensure_future(super().read_until_regex(*self._ending)).add_done_callback(self._arrived)
        except StreamClosedError as error:
            self._fail(error)

    def _look(self) -> None:
        """Close the connection if nothing came for too long; a tile may take its time."""
        self._watch = None
        if self._long_way is None:
            return
        left = self._patience if self._busy else self._listening_since + self._patience - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._look)
        else:
            self.close()

    def _arrived(self, request: "asyncio.Future[bytes]") -> None:
        self._listening = False
        error = request.exception()
        if error is not None:
            self._fail(error)
        elif self._busy:
            # One after the other, as they were asked; nothing more is read until the first is answered.
            self._early = request.result()
        else:
            self._take(request.result())

    def _take(self, head: bytes) -> None:
        self._patience = self._later
        tile = self._known.find(head)
        if tile is None:
            waiting, self._long_way = self._long_way, None
            if waiting is not None and not waiting.done():
                waiting.set_result(head)
            return
        self._busy = True
        cached = tile.cached()
        if cached is not None:
            self._answer(self._known.picture(tile, cached.format, cached.data))
        else:
            self._ask(tile)

    def _ask(self, tile: KnownTile) -> None:
        self._tile = tile
        try:
            self._call = tile.desk.ask_tile(tile.address, self._settle)
        except ToyzError as error:
            self._tile = None
            self._answer(self._known.refusal(error.status, error.info))
            return
        if not self._listening:
            # Whoever goes away meanwhile is heard of by reading on.
            self._listen()

    def _settle(self, done: TileDone, data: bytes) -> None:
        tile, self._tile = self._tile, None
        assert tile is not None
        self._answer(self._known.rendered(tile, done, data))

    def _answer(self, message: bytes) -> None:
        self._known.meters.bytes[_OUT] += len(message)
        try:
            sent = self.write(message)
        except StreamClosedError as error:
            self._fail(error)
            return
        if sent.done():
            self._go_on(sent)
        else:
            # A client that does not read is not listened to: its answers would fill the memory.
            sent.add_done_callback(self._go_on)

    def _go_on(self, sent: "asyncio.Future[None]") -> None:
        self._busy = False
        error = sent.exception()
        early, self._early = self._early, None
        if error is not None:
            self._fail(error)
        elif early is not None:
            self._take(early)
        elif not self._listening:
            self._listen()

    def _fail(self, error: BaseException) -> None:
        """Give up what is asked for here, and let Tornado know that the connection is gone."""
        if self._tile is not None:
            self._tile.desk.take_back(self._call)
            self._tile = None
        waiting, self._long_way = self._long_way, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)


class SecureTileStream(TileStream, SSLIOStream):
    """The same over TLS; its handshake is part of its first request."""
