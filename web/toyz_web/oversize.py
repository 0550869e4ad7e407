"""Answer a body that is too large with 413 and JSON; Tornado by itself drops the connection with a bare 400."""

import asyncio
import os
import re
import socket
from collections.abc import Awaitable

import msgspec
from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream, StreamClosedError

from toyz.errors import ErrorInfo, TooLarge
from toyz_web.headers import SECURITY_HEADERS

MAX_BODY = 1 << 20
"""Bytes of a request's body; little that is sent here is large."""
LARGER = {"/api/workspaces": 6 << 20}
"""By the end of the path, without a query: where more is taken (a workspace of 4 MB, written legibly)."""
_DRAIN = 8 << 20
_PATIENCE = 2.0
_MOMENT = 0.1


class SizeGate(HTTPMessageDelegate):
    """Looks at the announced length before a body is taken.

    Parameters
    ----------
    inner : HTTPMessageDelegate
        Takes what is not too large.
    connection : HTTPConnection
    unlimited : re.Pattern
        Matches method and path of requests whose handlers look at the length themselves.
    """

    def __init__(self, inner: HTTPMessageDelegate, connection: HTTPConnection, unlimited: re.Pattern[str]) -> None:
        self._inner = inner
        self._connection = connection
        self._unlimited = unlimited

    def headers_received(
        self, start_line: "RequestStartLine | ResponseStartLine", headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Refuse the request, or pass it on."""
        length = headers.get("Content-Length", "0")
        path = start_line.path.partition("?")[0] if isinstance(start_line, RequestStartLine) else ""
        most = next((size for end, size in LARGER.items() if path.endswith(end)), MAX_BODY)
        if length.isascii() and length.isdigit() and int(length[:20]) > most and not self._is_unlimited(start_line):
            return _refuse(self._connection, most)
        if most > MAX_BODY and isinstance(self._connection, HTTP1Connection):
            self._connection.set_max_body_size(most)
        return self._inner.headers_received(start_line, headers)

    def _is_unlimited(self, start_line: "RequestStartLine | ResponseStartLine") -> bool:
        assert isinstance(start_line, RequestStartLine)
        return self._unlimited.fullmatch(f"{start_line.method} {start_line.path.partition('?')[0]}") is not None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Pass it on."""
        return self._inner.data_received(chunk)

    def finish(self) -> None:
        """Pass it on."""
        self._inner.finish()

    def on_connection_close(self) -> None:
        """Pass it on."""
        self._inner.on_connection_close()


async def _refuse(connection: HTTPConnection, most: int) -> None:
    body = msgspec.json.encode(ErrorInfo(TooLarge.code, f"A request's body takes at most {most >> 20} MB."))
    headers = HTTPHeaders(SECURITY_HEADERS)
    headers["Content-Type"] = "application/json; charset=utf-8"
    headers["Content-Length"] = str(len(body))
    headers["Connection"] = "close"
    await connection.write_headers(ResponseStartLine("HTTP/1.1", TooLarge.status, "Payload Too Large"), headers, body)
    stream: IOStream = connection.detach()  # type: ignore[attr-defined]
    _let_linger(stream)


def outlive(stream: IOStream) -> None:
    """Have a connection that is about to be closed last until its client has read the answer.

    It has sent more than was read: its bytes would be answered with a reset, and the answer lost.
    """
    _let_linger(IOStream(socket.socket(fileno=os.dup(stream.socket.fileno()))), shut=True)


def _let_linger(stream: IOStream, *, shut: bool = False) -> None:
    task = asyncio.create_task(_linger(stream, shut=shut))
    _lingering.add(task)
    task.add_done_callback(_lingering.discard)


_lingering: set[asyncio.Task[None]] = set()


async def _linger(stream: IOStream, *, shut: bool) -> None:
    """Read some of what is still sent: closing at once would reset the connection before the answer is read."""
    drained = 0
    try:
        if shut:
            # After the answer, which another takes care of, has left.
            await asyncio.sleep(_MOMENT)
            stream.socket.shutdown(socket.SHUT_WR)
        async with asyncio.timeout(_PATIENCE):
            while drained < _DRAIN:
                drained += len(await stream.read_bytes(65536, partial=True))
    except (StreamClosedError, TimeoutError, OSError):
        pass
    finally:
        stream.close()
