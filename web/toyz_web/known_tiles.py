"""The short way of tiles of images that are open: no handler, no decoding of what was decoded before.

A viewer asks for hundreds of tiles that differ in three numbers. Who asks, which image it is and what
its values become were found out with the first of them; for the next ones that is looked up. Whatever
is not known, or not a plain GET of a tile, goes the long way, which answers alike and refuses what
must be refused.
"""

import re
from collections import OrderedDict
from collections.abc import Awaitable
from contextlib import suppress
from http.client import responses
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

import msgspec
from tornado.httputil import HTTPConnection, HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine
from tornado.iostream import StreamClosedError

from toyz.errors import ErrorInfo, ToyzError, from_info
from toyz.protocol import TileAddress
from toyz_sessions.messages import TileDone
from toyz_web.desk import Desk
from toyz_web.handlers.base import shown_in
from toyz_web.headers import security_headers
from toyz_web.image_query import key_of
from toyz_web.operations import decode_query
from toyz_web.services import Services
from toyz_web.tile_wish import FRESH, MEDIA, CutsWish, Place, TileQuery, etag_of, parse_cuts

_REMEMBERED_QUERIES = 4000
_LONG_WAY = ("If-None-Match", "Transfer-Encoding", "Content-Length", "Upgrade")
"""Headers of requests that are more than a plain GET."""
_JSON = "application/json; charset=utf-8"
_OK = ResponseStartLine("HTTP/1.1", 200, "OK")


class _Query(NamedTuple):
    # What a query string says, decoded once.
    query: TileQuery
    cuts: CutsWish


class KnownTile(NamedTuple):
    """A tile, and who has its image open."""

    desk: Desk
    address: TileAddress


class KnownTiles:
    """Answers requests for tiles from what is known.

    Parameters
    ----------
    services : Services
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._pattern = re.compile(
            re.escape(services.base_url) + r"api/images/([^?]+/[^?]+)/tiles/([0-9]{1,3})/([0-9]{1,9})/([0-9]{1,9})"
        )
        self._queries: OrderedDict[str, _Query] = OrderedDict()
        self._constant = security_headers(https=services.cookies.https)
        self._headers: dict[tuple[str, str], HTTPHeaders] = {}

    def find(self, start: RequestStartLine, headers: HTTPHeaders) -> KnownTile | None:
        """Find the tile that a request asks for; None if it must go the long way."""
        uri = start.path
        if start.method != "GET" or "/tiles/" not in uri or any(name in headers for name in _LONG_WAY):
            return None
        path, _, query_text = uri.partition("?")
        match = self._pattern.fullmatch(path)
        query = self._query(query_text)
        identity = self._services.auth.recall(shown_in(headers))
        desk = self._services.hub.known_desk(identity.user) if identity is not None else None
        if match is None or query is None or desk is None:
            return None
        info = desk.known_image(key_of(unquote(match[1]), query.query))
        cuts = query.cuts.known(desk, info) if info is not None else None
        if info is None or cuts is None:
            return None
        place = Place(int(match[2]), int(match[3]), int(match[4]))
        with suppress(ToyzError):
            return KnownTile(desk, place.address(info, query.query.style(*cuts)))
        return None

    def _query(self, text: str) -> _Query | None:
        known = self._queries.get(text)
        if known is not None:
            return known
        try:
            given = {name: [each.encode() for each in values] for name, values in parse_qs(text, True, True).items()}
            decoded = decode_query(given, TileQuery)
            assert isinstance(decoded, TileQuery)
            made = _Query(decoded, parse_cuts(decoded.cuts))
        except (ToyzError, ValueError):
            return None
        self._queries[text] = made
        if len(self._queries) > _REMEMBERED_QUERIES:
            self._queries.popitem(last=False)
        return made

    def headers(self, media: str, keep: str) -> HTTPHeaders:
        """Give the headers of an answer, to be completed and sent before the next is asked for: they are used again.

        Parameters
        ----------
        media : str
            The Content-Type.
        keep : str
            The Cache-Control.
        """
        known = self._headers.get((media, keep))
        if known is None:
            more = {"Content-Type": media, "Cache-Control": keep}
            known = self._headers[media, keep] = HTTPHeaders(self._constant | more)
        known.pop("Connection", None)  # of an answer after which that one was closed
        return known


class ShortWay(HTTPMessageDelegate):
    """A request that takes the short way if it can.

    Parameters
    ----------
    inner : HTTPMessageDelegate
        The long way.
    connection : HTTPConnection
    known : KnownTiles
    """

    def __init__(self, inner: HTTPMessageDelegate, connection: HTTPConnection, known: KnownTiles) -> None:
        self._inner = inner
        self._connection = connection
        self._known = known
        self._tile: KnownTile | None = None
        self._asked = ""

    def headers_received(
        self, start_line: "RequestStartLine | ResponseStartLine", headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Choose the way."""
        assert isinstance(start_line, RequestStartLine)
        self._tile = self._known.find(start_line, headers)
        return None if self._tile is not None else self._inner.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Pass it on: what takes the short way has no body."""
        return self._inner.data_received(chunk)

    def finish(self) -> None:
        """Answer: the request is there whole."""
        if self._tile is None:
            self._inner.finish()
            return
        cached = self._tile.desk.cached_tile(self._tile.address)
        if cached is not None:
            self._write(cached.format, cached.data, FRESH)
            return
        try:
            self._asked = self._tile.desk.ask_tile(self._tile.address, self._settle)
        except ToyzError as error:
            self._refuse(error.status, error.info)

    def on_connection_close(self) -> None:
        """Take the tile back: nobody waits for it."""
        if self._tile is None:
            self._inner.on_connection_close()
        else:
            self._tile.desk.take_back(self._asked)

    def _settle(self, done: TileDone, data: bytes) -> None:
        if done.error is None:
            self._write(done.format, data, FRESH if done.cacheable else "no-store")
        else:
            self._refuse(from_info(done.error).status, done.error)

    def _write(self, form: str, data: bytes, keep: str) -> None:
        assert self._tile is not None
        headers = self._known.headers(MEDIA[form], keep)
        headers["Etag"] = etag_of(self._tile.address)
        self._send(_OK, headers, data)

    def _refuse(self, status: int, error: ErrorInfo) -> None:
        headers = self._known.headers(_JSON, "no-store")
        start = ResponseStartLine("HTTP/1.1", status, responses.get(status, error.code))
        self._send(start, headers, msgspec.json.encode(error))

    def _send(self, start: ResponseStartLine, headers: HTTPHeaders, body: bytes) -> None:
        headers["Content-Length"] = str(len(body))
        with suppress(StreamClosedError):
            self._connection.write_headers(start, headers, body)
            self._connection.finish()
