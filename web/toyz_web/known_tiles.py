"""The short way of tiles of images that are open: no handler, no decoding of what was decoded before.

A viewer asks for hundreds of tiles that differ in three numbers. Who asks, which image it is and what
its values become were found out with the first of them; for the next ones that is looked up. Whatever
is not known, or not a plain GET of a tile, goes the long way, which answers alike and refuses what
must be refused.
"""

import re
from collections import OrderedDict
from contextlib import suppress
from http.client import responses
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

import msgspec
from tornado.httputil import HTTPHeaders, HTTPInputError

from toyz.errors import ErrorInfo, ToyzError, from_info
from toyz.protocol import TileAddress
from toyz_sessions.messages import TileDone
from toyz_web.auth import Identity, Shown
from toyz_web.desk import Desk
from toyz_web.handlers.base import HOST, shown_in
from toyz_web.headers import security_headers
from toyz_web.image_query import key_of
from toyz_web.operations import decode_query
from toyz_web.services import Services
from toyz_web.tile_wish import FRESH, MEDIA, CutsWish, Place, TileQuery, etag_of, parse_cuts
from toyz_web.tilecache import EncodedTile

_REMEMBERED_QUERIES = 4000
_LONG_QUERY = 1000
"""Characters of a query that is not remembered any more."""
_REMEMBERED_HEADERS = 1000
_LONG_HEADERS = 4096
"""Bytes of headers that are not remembered any more."""
_LONG_WAY = ("If-None-Match", "Transfer-Encoding", "Content-Length", "Upgrade", "Expect", "Connection")
"""Headers of requests that are more than a plain GET; `_KEPT` is what every browser says of the connection."""
_KEPT = "keep-alive"
_JSON = "application/json; charset=utf-8"
_LINE = re.compile(rb"GET ([!-~]+) HTTP/1\.1")


class _Query(NamedTuple):
    # What a query string says, decoded once.
    query: TileQuery
    cuts: CutsWish


class KnownTile(NamedTuple):
    """A tile, and who has its image open."""

    desk: Desk
    address: TileAddress

    def cached(self) -> EncodedTile | None:
        """Give the tile if it was rendered before."""
        return self.desk.cached_tile(self.address)


class KnownTiles:
    """Finds what is known of requests for tiles, and writes the answers.

    Parameters
    ----------
    services : Services
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self.meters = services.shared.meters
        self._pattern = re.compile(
            re.escape(services.base_url) + r"api/images/([^?]+/[^?]+)/tiles/([0-9]{1,3})/([0-9]{1,9})/([0-9]{1,9})"
        )
        self._queries: OrderedDict[str, _Query] = OrderedDict()
        self._shown: OrderedDict[bytes, Shown] = OrderedDict()
        self._constant = security_headers(https=services.cookies.https)
        self._heads: dict[tuple[int, str, str], str] = {}

    def find(self, head: bytes) -> KnownTile | None:
        """Find the tile that a request asks for; None if it must go the long way.

        Parameters
        ----------
        head : bytes
            The request up to the empty line after its headers.
        """
        line, _, headers = head.partition(b"\r\n")
        plain = _LINE.fullmatch(line) if b"/tiles/" in line else None
        # What ends its lines otherwise is for Tornado to take apart: two readers must not see two requests.
        if plain is None or not head.count(b"\n") == head.count(b"\r") == head.count(b"\r\n"):
            return None
        path, _, query_text = plain[1].decode().partition("?")
        match = self._pattern.fullmatch(path)
        identity = self._identity(headers) if match is not None else None
        desk = self._services.hub.known_desk(identity.user) if identity is not None else None
        query = self._query(query_text) if desk is not None else None
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
            self._queries.move_to_end(text)
            return known
        try:
            given = {name: [each.encode() for each in values] for name, values in parse_qs(text, True, True).items()}
            decoded = decode_query(given, TileQuery)
            assert isinstance(decoded, TileQuery)
            made = _Query(decoded, parse_cuts(decoded.cuts))
        except (ToyzError, ValueError):
            return None
        if len(text) <= _LONG_QUERY:
            self._queries[text] = made
        if len(self._queries) > _REMEMBERED_QUERIES:
            self._queries.popitem(last=False)
        return made

    def _identity(self, headers: bytes) -> Identity | None:
        """Say who sends these headers; None if they ask for more than a tile, or who it is must be checked."""
        shown = self._shown.get(headers)
        if shown is not None:
            return self._services.auth.recall(shown)
        shown = _plainly_shown(headers)
        identity = self._services.auth.recall(shown) if shown is not None else None
        # Only of those who have signed in, or anybody could fill the memory.
        if shown is not None and identity is not None and len(headers) <= _LONG_HEADERS:
            self._shown[headers] = shown
            if len(self._shown) > _REMEMBERED_HEADERS:
                self._shown.popitem(last=False)
        return identity

    def picture(self, tile: KnownTile, form: str, data: bytes, keep: str = FRESH) -> bytes:
        """Write the answer that is a picture.

        Parameters
        ----------
        tile : KnownTile
        form : str
            Format of the picture.
        data : bytes
        keep : str
            The Cache-Control.
        """
        head = self._head(200, MEDIA[form], keep)
        return f"{head}Etag: {etag_of(tile.address)}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data

    def rendered(self, tile: KnownTile, done: TileDone, data: bytes) -> bytes:
        """Write the answer that a session has given."""
        if done.error is not None:
            return self.refusal(from_info(done.error).status, done.error)
        return self.picture(tile, done.format, data, FRESH if done.cacheable else "no-store")

    def refusal(self, status: int, error: ErrorInfo) -> bytes:
        """Write the answer that is an error."""
        self.meters.error(error.code)
        body = msgspec.json.encode(error)
        return f"{self._head(status, _JSON, 'no-store')}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def _head(self, status: int, media: str, keep: str) -> str:
        """Give the lines that answers of a kind have in common, made once."""
        known = self._heads.get((status, media, keep))
        if known is None:
            fields = self._constant | {"Content-Type": media, "Cache-Control": keep}
            lines = [f"HTTP/1.1 {status} {responses.get(status, 'Error')}"]
            lines += [f"{name}: {value}" for name, value in fields.items()]
            known = self._heads[status, media, keep] = "\r\n".join(lines) + "\r\n"
        return known


def _plainly_shown(headers: bytes) -> Shown | None:
    """Say what the headers of a plain GET show of who asks; None if it is more than that, or not well formed."""
    try:
        fields = HTTPHeaders.parse(headers.decode("latin-1"))
    except (HTTPInputError, ValueError):
        return None
    if fields.get("Connection", _KEPT).lower() == _KEPT:
        fields.pop("Connection", None)
    hosts = fields.get_list("Host")
    if len(hosts) != 1 or not HOST.fullmatch(hosts[0]) or any(name in fields for name in _LONG_WAY):
        return None
    return shown_in(fields)
