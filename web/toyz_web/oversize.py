"""Answer a body that is too large with 413 and JSON; Tornado by itself drops the connection with a bare 400."""

import asyncio
import os
import re
import socket
from collections.abc import Awaitable, Sequence
from typing import NamedTuple

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
from toyz_web.gate import Gate
from toyz_web.headers import SECURITY_HEADERS

MAX_BODY = 1 << 20
"""Bytes of a request's body; little that is sent here is large."""
_DRAIN = 8 << 20
_PATIENCE = 2.0
_MOMENT = 0.1


WORDS = "A request's body takes at most {} MB."


class Limit(NamedTuple):
    """Bytes of the body of requests whose method and path match; None where the handler sees to that itself.

    `words` say what is wrong with more, ``{}`` being the megabytes.
    """

    pattern: re.Pattern[str]
    most: int | None
    words: str = WORDS


_ELSEWHERE = Limit(re.compile(".*"), MAX_BODY)


class SizeGate(Gate):
    """Looks at the announced length before a body is taken.

    Parameters
    ----------
    inner : HTTPMessageDelegate
        Takes what is not too large.
    connection : HTTPConnection
    limits : sequence of Limit
        Where another size is taken than `MAX_BODY`.
    """

    def __init__(self, inner: HTTPMessageDelegate, connection: HTTPConnection, limits: Sequence[Limit]) -> None:
        super().__init__(inner)
        self._connection = connection
        self._limits = limits

    def headers_received(
        self, start_line: "RequestStartLine | ResponseStartLine", headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Refuse the request, or pass it on."""
        assert isinstance(start_line, RequestStartLine)
        length, limit = headers.get("Content-Length", "0"), self._limit(start_line)
        most = limit.most
        if most is not None and length.isascii() and length.isdigit() and int(length[:20]) > most:
            return _refuse(self._connection, limit.words.format(most >> 20))
        if most is not None and most > MAX_BODY and isinstance(self._connection, HTTP1Connection):
            self._connection.set_max_body_size(most)
        return super().headers_received(start_line, headers)

    def _limit(self, start_line: RequestStartLine) -> Limit:
        asked = f"{start_line.method} {start_line.path.partition('?')[0]}"
        return next((limit for limit in self._limits if limit.pattern.fullmatch(asked)), _ELSEWHERE)


async def _refuse(connection: HTTPConnection, words: str) -> None:
    body = msgspec.json.encode(ErrorInfo(TooLarge.code, words))
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
