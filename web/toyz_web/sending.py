"""What a session is asked, and when: calls at once, tiles only as fast as the client reads those that are there."""

from collections.abc import Callable

import structlog

from toyz.errors import Busy, ErrorInfo, SessionLost
from toyz.protocol import TilePlace
from toyz_sessions.handle import SessionHandle
from toyz_sessions.messages import CallTask, CancelCall, TileDone
from toyz_web.open_images import OpenImages
from toyz_web.sink import Sink
from toyz_web.tilecache import EncodedTile
from toyz_web.waiting import Waiting, WaitingList

log = structlog.get_logger("toyz.session")
AHEAD = 128
"""Tiles that a session is asked for at once: more than the largest screen shows."""
BACKLOG = 1 << 20
"""Bytes that wait to leave, with those of the tiles that are asked for; then no more are: who does not read has nothing
rendered, and who reads slowly can take back what he does not want any more."""
_USUAL = 32 << 10
"""Bytes that a tile is taken to have before there were any."""


class Sending:
    """Asks one session for what waits.

    Parameters
    ----------
    sink : Sink
    waiting : WaitingList
    images : OpenImages
        Nothing is asked before they are open again.
    cached : callable
        Gives a tile that needs no session.
    fail : callable
        Answers what waits with an error.

    Attributes
    ----------
    handle : SessionHandle or None
    ready : bool
        Whether its process is up.
    """

    def __init__(
        self,
        sink: Sink,
        waiting: WaitingList,
        images: OpenImages,
        cached: Callable[[TilePlace], EncodedTile | None],
        fail: Callable[[Waiting, ErrorInfo], None],
    ) -> None:
        self.handle: SessionHandle | None = None
        self.ready = False
        self._sink, self._waiting, self._images = sink, waiting, images
        self._cached, self._fail = cached, fail
        self._tile_bytes = float(_USUAL)

    @property
    def reads(self) -> bool:
        """Whether the client reads what it is sent."""
        return self._sink.backlog < BACKLOG

    def ask(self, waiting: Waiting) -> None:
        """Ask for something that has just begun to wait; where that cannot be now, it waits.

        Raises
        ------
        Busy
            It does not wait then.
        """
        if self.ready and not self._images.restoring:
            try:
                self._send_or_hold(waiting)
            except Busy:
                self._waiting.remove(waiting)
                raise

    def ask_all(self) -> None:
        """Ask for all that waits and has not been asked for."""
        for waiting in self._waiting:
            if waiting.sent or not self.ready:
                continue
            try:
                self._send_or_hold(waiting)
            except Busy as error:
                self._fail(waiting, error.info)

    def ask_held(self) -> None:
        """Ask for the most urgent of the tiles that were held, as far as there is room."""
        if self._images.restoring:
            return
        while self.ready and self._has_room() and (tile := self._waiting.take_held()) is not None:
            assert not isinstance(tile.message, CallTask)
            cached = self._cached(tile.message.address)
            if cached is not None:
                self._waiting.remove(tile)
                self._sink.on_tile(TileDone(tile.id, cached.format), cached.data)
                continue
            try:
                self._send_one(tile)
            except Busy as error:
                self._fail(tile, error.info)

    def tell(self, message: CancelCall | CallTask, payload: bytes = b"") -> None:
        """Send what nobody waits for."""
        assert self.handle is not None
        try:
            self.handle.send(message, payload)
        except SessionLost:
            self.ready = False
        except Busy:
            log.warning("a full queue refused a message", kind=type(message).__name__)

    def came(self, size: int) -> None:
        """Learn how large the tiles are that come."""
        if size:
            self._tile_bytes += (size - self._tile_bytes) / 8

    def _has_room(self) -> bool:
        """Whether the session may be asked for one more tile: the more waits to leave, the fewer it is asked for."""
        sent = self._waiting.tiles_sent
        return sent < AHEAD and self._sink.backlog + sent * self._tile_bytes < BACKLOG

    def _send_or_hold(self, waiting: Waiting) -> None:
        if waiting.is_call or self._has_room():
            self._send_one(waiting)
        else:
            self._waiting.hold(waiting)

    def _send_one(self, waiting: Waiting) -> None:
        assert self.handle is not None
        try:
            self.handle.send(waiting.message, waiting.payload)
        except SessionLost:
            self.ready = False
            return
        self._waiting.mark_sent(waiting)
