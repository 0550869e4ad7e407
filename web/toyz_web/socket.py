"""The websocket: it lets in who may, and hands frames to and from a window."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable
from typing import Any

import structlog
from tornado.httputil import HTTPHeaders
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketHandler

from toyz.errors import Forbidden, InvalidParameter, ToyzError
from toyz.turn import Turn
from toyz_web.handlers.base import SIGNED, BaseHandler
from toyz_web.window import Window

log = structlog.get_logger("toyz.socket")
MAX_SEQ = 1 << 53
UNSENT = 128 << 10
"""Bytes that the kernel keeps of what the network has not taken yet; more is kept here, where it can be counted."""


class SocketHandler(WebSocketHandler, BaseHandler):
    """One websocket of a window."""

    # Tornado's handlers have as many attributes as share their names' memory: one more costs 800 bytes.
    __slots__ = ("_turn",)
    window: Window | None = None

    @property
    def scope(self) -> str:
        """Tasks may change things."""
        return "write"

    async def prepare(self) -> None:
        """Refuse before the upgrade who is not signed in, or could be another site's page."""
        self.identity = await self.identify()
        if self.identity is None:
            raise Forbidden("Sign in first, or send Authorization: Bearer TOKEN.")
        if not self.identity.may(self.scope):
            raise Forbidden(f"The scope of this token, {self.identity.scope}, does not allow this.")
        headers = self.request.headers
        if self.ambient and "Origin" not in headers and "Sec-Fetch-Site" not in headers:
            # No browser leaves both out; what does, proves with the token that it may use the cookie.
            self.check_xsrf_cookie()
        self.get_seq()

    def get_seq(self) -> int | None:
        """Give the number of the last message that the client saw; None if it says nothing.

        Raises
        ------
        InvalidParameter
        """
        text = self.get_query_argument("seq", "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 16):
            raise InvalidParameter("it is not a sequence number", field="seq")
        return int(text)

    async def open(self, *args: str, **kwargs: str) -> None:
        """Connect to the window."""
        del args, kwargs
        self.set_nodelay(True)
        self._keep_little_unsent()
        self._forget_the_request()
        self._turn = Turn()
        name = self.get_query_argument("window", "")
        try:
            self.window = await self.services.hub.connect(self, self.user, name, self.get_seq())
        except ToyzError as error:
            log.warning("no window", user=self.user, error=error.message)
            self.close(1013 if error.status == 503 else 1008, error.message[:100])
            return
        if self.ws_connection is None:
            # It was closed while the session started.
            self.services.hub.lose(self)

    def _keep_little_unsent(self) -> None:
        """Have a client that reads slowly, or not at all, noticed before megabytes lie in the kernel."""
        stream = getattr(self.ws_connection, "stream", None)
        if stream is None or stream.closed() or stream.socket.family == socket.AF_UNIX:
            return
        with contextlib.suppress(OSError):  # it closes just now
            stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)

    def _forget_the_request(self) -> None:
        """Keep of both sides' headers only those that say who it is: of hundreds who are idle, they are a fifth."""
        shown = self.request.headers
        self.request.headers = HTTPHeaders({name: shown[name] for name in SIGNED if name in shown})
        self._headers = HTTPHeaders()

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a frame to the window, unless another page has taken it over; where many come, others have turns."""
        meters = self.services.shared.meters
        meters.messages["in"] += 1
        meters.bytes["in", "socket"] += len(message)
        if self.window is not None and self.window.connection is self:
            self.window.receive(message)
        if not self._turn.over():
            return None
        self._turn.begin()
        return asyncio.sleep(0)

    def on_close(self) -> None:
        """Let the window go on without a socket."""
        self.services.hub.lose(self)

    def get_compression_options(self) -> dict[str, Any] | None:
        """Compress nothing: tiles are compressed already, and a deflate bomb has no door."""
        return None

    # ---- toyz_web.outbox.Connection -------------------------------------------------------

    def send_frame(self, frame: bytes, *, binary: bool) -> Awaitable[None] | None:
        """Write a frame; None if it has left at once.

        Tornado's `write_message` makes a task for each, which takes longer than the writing.
        """
        stream = getattr(self.ws_connection, "stream", None)
        if stream is None or self.ws_connection is None or self.ws_connection.is_closing():
            raise ConnectionResetError("the socket is closed")
        try:
            written = stream.write(frame_head(len(frame), binary=binary) + frame)
        except StreamClosedError as error:
            raise ConnectionResetError("the socket is closed") from error
        meters = self.services.shared.meters
        meters.messages["out"] += 1
        meters.bytes["out", "socket"] += len(frame)
        if written.done():
            written.exception()
            return None
        return _left(written)

    def drop(self, code: int, reason: str) -> None:
        """Close at once, whether the client reads or not."""
        connection = self.ws_connection
        if connection is None:
            return
        self.close(code, reason)
        stream = getattr(connection, "stream", None)
        if stream is not None and stream.writing():
            # The close frame stands in line behind what the client does not read.
            asyncio.get_running_loop().call_later(1.0, stream.close)


async def _left(written: Awaitable[None]) -> None:
    try:
        await written
    except StreamClosedError as error:
        raise ConnectionResetError("the socket is closed") from error


def frame_head(length: int, *, binary: bool) -> bytes:
    """Give what stands before the payload of an unmasked frame that is a whole message (RFC 6455, 5.2)."""
    kind = 0x82 if binary else 0x81
    if length < 126:
        return struct.pack(">BB", kind, length)
    if length < 1 << 16:
        return struct.pack(">BBH", kind, 126, length)
    return struct.pack(">BBQ", kind, 127, length)
