"""The server's end of one session: what waits for an answer, which images are open, and what is asked again.

When the process dies, its successor is told to open the same images; then waiting tiles and reads are
sent again, once, and whatever else waited is answered with ``session_lost``. A request that killed two
processes is not tried on a third.
"""

import itertools
import time

import structlog

from toyz.errors import ErrorInfo, Forbidden, SessionLost
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
    TileDone,
    rendering,
)
from toyz_web.meters import Meters
from toyz_web.open_images import WITHDRAWN, OpenImage, OpenImages
from toyz_web.sending import Sending
from toyz_web.sink import Sink
from toyz_web.tilecache import EncodedTile, TileCache
from toyz_web.waiting import Waiting, WaitingList

log = structlog.get_logger("toyz.session")
_LOST = ErrorInfo(SessionLost.code, "The session ended while it worked on this. It was restarted; try again.")
_ENDED = ErrorInfo(SessionLost.code, "The session has ended.")


class Link:
    """One session as its window sees it; a `toyz_sessions.handle.SessionListener`.

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
        self._sink = sink
        self._tiles = tiles
        self._meters = meters
        self._before = 0
        self._resting = True
        self._closed = False
        self._waiting = WaitingList(limit)
        self._images = OpenImages()
        self._sending = Sending(sink, self._waiting, self._images, self.cached, self._fail)

    @property
    def handle(self) -> SessionHandle | None:
        """Its session, while there is one."""
        return self._sending.handle

    @property
    def number(self) -> int:
        """Which process of the window serves it now, from 1; 0 before the first."""
        return self._before + (self.handle.number if self.handle is not None else 0)

    @property
    def pid(self) -> int:
        """Of the process that serves it now; 0 while there is none."""
        return self.handle.pid if self.handle is not None else 0

    @property
    def open_images(self) -> int:
        """How many images are open."""
        return len(self._images)

    @property
    def resting(self) -> bool:
        """Whether there is no session, since nobody uses it; the next thing asked for starts one."""
        return self._resting

    def adopt(self, handle: SessionHandle) -> None:
        """Begin, or go on after a rest, with the session of this handle, which is up."""
        self._sending.handle = handle
        self._images.may_see(handle.grants)
        self._resting = False
        if self._before == 0:
            self._sending.ready = True
            self._sending.ask_all()

    async def rest(self) -> None:
        """End the session until something is asked for again; its images are open in the next one."""
        handle = self.handle
        if handle is None or self._waiting or self._images.restoring or self._closed:
            return
        self._before, self._sending.handle = self.number, None
        self._resting, self._sending.ready = True, False
        self._meters.sessions_rested += 1
        await handle.end()

    def fail_all(self, error: ErrorInfo) -> None:
        """Answer everything that waits with an error."""
        for waiting in self._waiting:
            self._fail(waiting, error)

    def regrant(self, grants: tuple[Grant, ...]) -> None:
        """Go on with a session that may see other shares: what showed one that is withdrawn is closed at once."""
        closed = set(self._images.may_see(grant.name for grant in grants))
        for waiting in self._waiting:
            if not isinstance(waiting.message, CallTask) and waiting.message.address.image in closed:
                self._fail(waiting, Forbidden(WITHDRAWN).info)
        if self.handle is not None:
            self.handle.regrant(grants)

    def check_share(self, path: str) -> None:
        """Refuse a path in a share that was withdrawn.

        Raises
        ------
        Forbidden
        """
        self._images.check_share(path)

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
            self._ask(Waiting(id, CallTask(self._waiting.channel_id(id), module, task, beside), payload))

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
        self._images.check_image(tile.image)
        if id in self._waiting:
            return
        # What is there costs the session nothing; who does not read is sent nothing all the same.
        cached = self.cached(tile) if self._sending.reads else None
        if cached is not None:
            self._sink.on_tile(TileDone(id, cached.format), cached.data)
        else:
            self._ask(Waiting(id, rendering(self._waiting.channel_id(id), tile, priority), b""))

    def cancel(self, id: str) -> None:  # noqa: A002
        """Take a call or a tile back, if it waits."""
        waiting = self._waiting.get(id)
        if waiting is not None:
            self._take_back(waiting)
            self._sending.ask_held()

    def _take_back(self, waiting: Waiting) -> None:
        if waiting.sent:
            self._sending.tell(CancelCall(waiting.message.id))
        if not waiting.is_call:
            self._waiting.remove(waiting)
        elif not waiting.sent:
            self._waiting.remove(waiting)
            self._sink.on_update(CallUpdate(waiting.id, Phase.ABORTED), b"")

    def on_left(self) -> None:
        """Something that the sink had to keep has left: go on with tiles that waited for it."""
        self._sending.ask_held()

    def cancel_tiles(self) -> None:
        """Take all tiles back: nobody looks."""
        for waiting in self._waiting:
            if not waiting.is_call:
                self._take_back(waiting)

    def _ask(self, waiting: Waiting) -> None:
        if self._closed:
            raise SessionLost(_ENDED.message)
        self._waiting.add(waiting)
        self.used = waiting.since
        if self._resting:
            self._sink.on_wanted()
        else:
            self._sending.ask(waiting)

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
                self._images.close(message.image)
        elif isinstance(message, Changed):
            self._sink.on_changed(message)
        elif isinstance(message, LogLine) and message.shown:
            message.id = self._waiting.caller_of(message.id)
            self._sink.on_log(message)

    def _on_opened(self, message: Opened, parameters: bytes) -> None:
        if self._images.open(OpenImage(message.task, parameters, message.image)):
            self._sink.on_opened(parameters)

    def on_ready(self, number: int) -> None:
        """Bring a new process to where the last one was."""
        self._sending.ready = True
        if self._before + number <= 1:
            return
        ids = (self._waiting.channel_id("restore") for _ in itertools.count())
        for id, image in tuple(self._images.restore(ids).items()):  # noqa: A001
            self._sending.tell(CallTask(id, "images", image.task), image.parameters)
        self._finish_restoring()

    def on_lost(self, reason: str) -> None:
        """Answer or put back what waited."""
        self._sending.ready = False
        self._meters.sessions_lost += 1
        self._images.interrupted()
        self._sink.on_session_lost(reason)
        for waiting in self._waiting:
            if not waiting.sent:
                continue
            if waiting.repeatable:
                self._waiting.mark_lost(waiting)
            else:
                self._fail(waiting, _LOST)

    def _on_tile(self, message: TileDone, payload: bytes) -> None:
        waiting = self._waiting.answered_by(message.id)
        if waiting is None or isinstance(waiting.message, CallTask):
            return
        self._waiting.remove(waiting)
        self._meters.tiles["session"] += 1
        self._meters.tile_time.observe(time.monotonic() - waiting.since)
        if message.error is None and message.cacheable:
            self._tiles.put(waiting.message.address, EncodedTile(message.format, payload))
        message.id = waiting.id
        self._sending.came(len(payload))
        self._sink.on_tile(message, payload)
        self._sending.ask_held()

    def _on_update(self, message: CallUpdate, payload: bytes) -> None:
        if self._images.is_restoring(message.id):
            if message.phase.final:
                self._images.restored(message.id)
                self._finish_restoring()
            return
        waiting = self._waiting.answered_by(message.id)
        if waiting is None:
            return
        if message.phase.final:
            self._waiting.remove(waiting)
        message.id = waiting.id
        self._sink.on_update(message, payload)

    def _finish_restoring(self) -> None:
        if self._images.restoring or not self._sending.ready:
            return
        self._sink.on_session_restored(self.number)
        self._sending.ask_all()

    def _fail(self, waiting: Waiting, error: ErrorInfo) -> None:
        self._waiting.remove(waiting)
        if waiting.is_call:
            self._sink.on_update(CallUpdate(waiting.id, Phase.ERROR, error=error), b"")
        else:
            self._sink.on_tile(TileDone(waiting.id, error=error), b"")
