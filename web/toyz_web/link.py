"""The server's end of one session: what waits for an answer, which images are open, and what is asked again.

When the process dies, its successor is told to open the same images; then waiting tiles and reads are
sent again, once, and whatever else waited is answered with ``session_lost``. A request that killed two
processes is not tried on a third.
"""

import itertools
import time
from typing import Protocol

import msgspec
import structlog

from toyz.errors import Busy, ErrorInfo, Forbidden, SessionLost
from toyz.jobs import Phase
from toyz.protocol import TilePlace
from toyz_sessions.handle import SessionHandle
from toyz_sessions.messages import (
    CallTask,
    CallUpdate,
    CancelCall,
    Changed,
    Closed,
    Emitted,
    FromSession,
    Grant,
    LogLine,
    Opened,
    RenderData,
    RenderTile,
    TileDone,
    rendering,
)
from toyz_sessions.repeatable import is_repeatable
from toyz_web.meters import Meters
from toyz_web.opened_paths import shares_in
from toyz_web.tilecache import EncodedTile, TileCache

log = structlog.get_logger("toyz.session")
MAX_OPEN = 256
"""Images that are opened again in a new process."""
_LOST = ErrorInfo(SessionLost.code, "The session ended while it worked on this. It was restarted; try again.")
_WITHDRAWN = "This share has been withdrawn from you."
_ENDED = ErrorInfo(SessionLost.code, "The session has ended.")
_TRIES = 2


class Sink(Protocol):
    """Who hears what the session says."""

    def on_update(self, update: CallUpdate, payload: bytes) -> None:
        """A call stands otherwise."""

    def on_tile(self, answer: TileDone, payload: bytes) -> None:
        """A tile is there, or cannot be."""

    def on_event(self, event: Emitted, payload: bytes) -> None:
        """The session emitted an event."""

    def on_opened(self, parameters: bytes) -> None:
        """The session has opened an image, for the first time; as it was asked for."""

    def on_changed(self, change: Changed) -> None:
        """The session has changed files."""

    def on_log(self, line: LogLine) -> None:
        """The session logged a line for the user."""

    def on_session_lost(self, reason: str) -> None:
        """The process died."""

    def on_session_restored(self, number: int) -> None:
        """Another process took over, with the same images open."""

    def on_wanted(self) -> None:
        """Something is asked for while the session rests: start another one."""


class _Waiting(msgspec.Struct):
    id: str
    message: CallTask | RenderTile | RenderData
    payload: bytes
    tries: int = 0
    sent: bool = False
    since: float = 0.0

    @property
    def repeatable(self) -> bool:
        if isinstance(self.message, CallTask) and not is_repeatable(self.message.module, self.message.task):
            return False
        return self.tries < _TRIES


class _OpenImage(msgspec.Struct):
    task: str
    parameters: bytes
    image: str
    tries: int = 0


class Link:
    """One session as its window sees it; a `toyz_sessions.handle.SessionListener`.

    On the channel every request has an id of its own, ``{number}:{id of the caller}``: a tile may be asked
    for again under the same id while the answer to the first, taken back, is on its way.

    Parameters
    ----------
    sink : Sink
    tiles : TileCache
        Shared by all links.
    limit : int
        How many calls and tiles may wait.
    meters : Meters

    Attributes
    ----------
    used : float
        When something was last asked for, by `time.monotonic`.
    """

    def __init__(self, sink: Sink, tiles: TileCache, limit: int, meters: Meters) -> None:
        self.used = time.monotonic()
        self.handle: SessionHandle | None = None
        self._sink = sink
        self._tiles = tiles
        self._limit = limit
        self._meters = meters
        self._before = 0
        self._resting = False
        self._ready = False
        self._closed = False
        self._numbers = itertools.count(1)
        self._waiting: dict[str, _Waiting] = {}
        self._channel_ids: dict[str, str] = {}
        self._images: dict[str, _OpenImage] = {}
        self._restoring: dict[str, _OpenImage] = {}
        self._names: set[str] = set()
        self._withdrawn: set[str] = set()
        self._gone: dict[str, bytes] = {}

    @property
    def number(self) -> int:
        """Which process of the window serves it now, from 1."""
        return self._before + (self.handle.number if self.handle is not None else 0)

    @property
    def pid(self) -> int:
        """Of the process that serves it now; 0 while there is none."""
        return self.handle.pid if self.handle is not None else 0

    @property
    def open_images(self) -> int:
        """How many images are open."""
        return len(self._images) + len(self._restoring)

    @property
    def resting(self) -> bool:
        """Whether there is no session, since nobody used it; the next thing asked for starts one."""
        return self._resting

    def adopt(self, handle: SessionHandle) -> None:
        """Begin, or go on after a rest: the session of this handle is up."""
        self.handle = handle
        self._names = set(handle.grants)
        self._resting = False
        if self._before == 0:
            self._ready = True
            self._send_waiting()

    async def rest(self) -> None:
        """End the session until something is asked for again; its images are open in the next one."""
        handle = self.handle
        if handle is None or self._waiting or self._restoring or self._closed:
            return
        self._before, self.handle = self.number, None
        self._resting, self._ready = True, False
        self._meters.sessions_rested += 1
        await handle.end()

    def fail_all(self, error: ErrorInfo) -> None:
        """Answer everything that waits with an error."""
        for waiting in tuple(self._waiting.values()):
            self._fail(waiting, error)

    def regrant(self, grants: tuple[Grant, ...]) -> None:
        """Go on with a session that may see other shares: what showed one that is withdrawn is closed at once."""
        names = {grant.name for grant in grants}
        self._withdrawn = (self._withdrawn | self._names) - names
        self._names = names
        for image, opened in tuple(self._images.items()):
            if not shares_in(opened.parameters) <= names:
                self._gone[image] = self._images.pop(image).parameters
                self._tiles_of_gone(image)
        self._gone = {image: asked for image, asked in self._gone.items() if not shares_in(asked) <= names}
        if self.handle is not None:
            self.handle.regrant(grants)

    def check_share(self, path: str) -> None:
        """Refuse a path in a share that was withdrawn.

        Raises
        ------
        Forbidden
        """
        if path.partition("/")[0] in self._withdrawn:
            raise Forbidden(_WITHDRAWN)

    def _tiles_of_gone(self, image: str) -> None:
        for waiting in tuple(self._waiting.values()):
            if not isinstance(waiting.message, CallTask) and waiting.message.address.image == image:
                self._fail(waiting, Forbidden(_WITHDRAWN).info)

    async def close(self) -> None:
        """End the session; what waits is answered with ``session_lost``, and nothing more is taken."""
        self._closed = True
        self.fail_all(_ENDED)
        if self.handle is not None:
            await self.handle.end()

    def has_open(self, image: str) -> bool:
        """Whether the session has an image open."""
        return image in self._images

    # ---- asking ---------------------------------------------------------------------------

    def call(self, id: str, module: str, task: str, parameters: bytes, data: bytes | None = None) -> None:  # noqa: A002
        """Call a task of the session, with binary data beside the parameters if there is any.

        Raises
        ------
        Busy, SessionLost
        """
        if id not in self._waiting:
            beside, payload = (b"", parameters) if data is None else (parameters, data)
            self._ask(_Waiting(id, CallTask(self._channel_id(id), module, task, beside), payload))

    def cached(self, tile: TilePlace) -> EncodedTile | None:
        """Give a tile from the cache, if the session has its image open."""
        found = self._tiles.get(tile) if tile.image in self._images else None
        if found is not None:
            self._meters.tiles["cache"] += 1
        return found

    def render(self, id: str, tile: TilePlace, priority: float = 0.0) -> None:  # noqa: A002
        """Ask for a tile: from the cache, if the session has the image open.

        Raises
        ------
        Busy, SessionLost
        """
        if tile.image in self._gone:
            raise Forbidden(_WITHDRAWN)
        cached = self.cached(tile)
        if cached is not None:
            self._sink.on_tile(TileDone(id, cached.format), cached.data)
        elif id not in self._waiting:
            self._ask(_Waiting(id, rendering(self._channel_id(id), tile, priority), b""))

    def cancel(self, id: str) -> None:  # noqa: A002
        """Take a call or a tile back, if it waits."""
        waiting = self._waiting.get(id)
        if waiting is None:
            return
        if waiting.sent:
            self._send(CancelCall(waiting.message.id))
        if not isinstance(waiting.message, CallTask):
            self._forget(waiting)
        elif not waiting.sent:
            self._forget(waiting)
            self._sink.on_update(CallUpdate(id, Phase.ABORTED), b"")

    def cancel_tiles(self) -> None:
        """Take all tiles back: nobody looks."""
        for waiting in tuple(self._waiting.values()):
            if not isinstance(waiting.message, CallTask):
                self.cancel(waiting.id)

    def _channel_id(self, id: str) -> str:  # noqa: A002
        return f"{next(self._numbers)}:{id}"

    def _ask(self, waiting: _Waiting) -> None:
        if self._closed:
            raise SessionLost(_ENDED.message)
        if len(self._waiting) >= self._limit:
            raise Busy("Too much is waiting already; try again in a moment.")
        self.used = waiting.since = time.monotonic()
        self._waiting[waiting.id] = waiting
        self._channel_ids[waiting.message.id] = waiting.id
        if self._resting:
            self._sink.on_wanted()
        elif self._ready and not self._restoring:
            try:
                self._send_one(waiting)
            except Busy:
                self._forget(waiting)
                raise

    def _forget(self, waiting: _Waiting) -> None:
        del self._waiting[waiting.id]
        del self._channel_ids[waiting.message.id]

    def _send_one(self, waiting: _Waiting) -> None:
        assert self.handle is not None
        try:
            self.handle.send(waiting.message, waiting.payload)
        except SessionLost:
            self._ready = False
            return
        waiting.sent = True
        waiting.tries += 1

    def _send(self, message: CancelCall | CallTask, payload: bytes = b"") -> None:
        assert self.handle is not None
        try:
            self.handle.send(message, payload)
        except SessionLost:
            self._ready = False
        except Busy:
            log.warning("a full queue refused a message", kind=type(message).__name__)

    def _send_waiting(self) -> None:
        for waiting in tuple(self._waiting.values()):
            if waiting.sent or not self._ready:
                continue
            try:
                self._send_one(waiting)
            except Busy as error:
                self._fail(waiting, error.info)

    # ---- hearing --------------------------------------------------------------------------

    def on_message(self, message: FromSession, payload: bytes) -> None:
        """Take a message of the session."""
        if isinstance(message, TileDone):
            self._on_tile(message, payload)
        elif isinstance(message, CallUpdate):
            self._on_update(message, payload)
        elif isinstance(message, Emitted):
            self._sink.on_event(message, payload)
        elif isinstance(message, Opened):
            self._on_opened(message, payload)
        elif isinstance(message, Closed):
            if message.stale:
                self._tiles.drop_image(message.image)
            else:
                self._images.pop(message.image, None)
        elif isinstance(message, Changed):
            self._sink.on_changed(message)
        elif isinstance(message, LogLine) and message.shown:
            message.id = self._channel_ids.get(message.id, "")
            self._sink.on_log(message)

    def _on_opened(self, message: Opened, parameters: bytes) -> None:
        if message.image not in self._images and not self._restoring:
            self._sink.on_opened(parameters)
        self._images[message.image] = _OpenImage(message.task, parameters, message.image)
        while len(self._images) > MAX_OPEN:
            del self._images[next(iter(self._images))]

    def on_ready(self, number: int) -> None:
        """Bring a new process to where the last one was."""
        self._ready = True
        if self._before + number <= 1:
            return
        images, self._images = self._images, {}
        for image in images.values():
            if image.tries < _TRIES:
                image.tries += 1
                self._restoring[self._channel_id("restore")] = image
        for id, image in tuple(self._restoring.items()):  # noqa: A001
            self._send(CallTask(id, "images", image.task), image.parameters)
        self._finish_restoring()

    def on_lost(self, reason: str) -> None:
        """Answer or put back what waited."""
        self._ready = False
        self._meters.sessions_lost += 1
        for image in self._restoring.values():
            self._images.setdefault(image.image, image)
        self._restoring.clear()
        self._sink.on_session_lost(reason)
        for waiting in tuple(self._waiting.values()):
            if not waiting.sent:
                continue
            if waiting.repeatable:
                waiting.sent = False
            else:
                self._fail(waiting, _LOST)

    def _on_tile(self, message: TileDone, payload: bytes) -> None:
        waiting = self._waiting_for(message.id)
        if waiting is None or isinstance(waiting.message, CallTask):
            return
        self._forget(waiting)
        self._meters.tiles["session"] += 1
        self._meters.tile_time.observe(time.monotonic() - waiting.since)
        if message.error is None and message.cacheable:
            self._tiles.put(waiting.message.address, EncodedTile(message.format, payload))
        message.id = waiting.id
        self._sink.on_tile(message, payload)

    def _on_update(self, message: CallUpdate, payload: bytes) -> None:
        if message.id in self._restoring:
            if message.phase.final:
                del self._restoring[message.id]
                self._finish_restoring()
            return
        waiting = self._waiting_for(message.id)
        if waiting is None:
            return
        if message.phase.final:
            self._forget(waiting)
        message.id = waiting.id
        self._sink.on_update(message, payload)

    def _waiting_for(self, channel_id: str) -> _Waiting | None:
        return self._waiting.get(self._channel_ids.get(channel_id, ""))

    def _finish_restoring(self) -> None:
        if self._restoring or not self._ready:
            return
        self._sink.on_session_restored(self.number)
        self._send_waiting()

    def _fail(self, waiting: _Waiting, error: ErrorInfo) -> None:
        self._forget(waiting)
        if isinstance(waiting.message, CallTask):
            self._sink.on_update(CallUpdate(waiting.id, Phase.ERROR, error=error), b"")
        else:
            self._sink.on_tile(TileDone(waiting.id, error=error), b"")
