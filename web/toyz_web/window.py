"""One open window of a user: its session, its socket while there is one, and what it was told."""

import asyncio
import json
import secrets
from typing import Any, Protocol

import msgspec
import structlog

from toyz.errors import ProtocolError, ToyzError
from toyz.jobs import Job, Phase
from toyz.protocol import (
    VERSION,
    Cancel,
    DataRequest,
    Event,
    Hello,
    Ping,
    PresenceMessage,
    TilePlace,
    TileRequest,
    Update,
    decode_client_message,
)
from toyz_sessions.messages import CallUpdate, Changed, Emitted, FromSession, LogLine, TileDone
from toyz_web.auth import Identity
from toyz_web.calls import Calls
from toyz_web.link import Link
from toyz_web.opened_paths import paths_in
from toyz_web.outbox import Connection
from toyz_web.shared import Shared
from toyz_web.speaker import Speaker

log = structlog.get_logger("toyz.window")
_OWN_MODULES = frozenset({"server", "jobs", "window", "settings", "account", "admin", "workspaces"})
"""Modules in whose name no session may speak."""


class Socket(Connection, Protocol):
    """A connection that knows who opened it."""

    @property
    def identity(self) -> Identity | None:
        """Who opened it."""

    async def identify_again(self) -> Identity | None:
        """Find out whether who opened it could still do so; None if not."""


class Window:
    """A window: it takes frames from its socket and answers them, and survives the socket.

    Parameters
    ----------
    id : str
        As the client names it.
    user : str
    shared : Shared
    """

    def __init__(self, id: str, user: str, shared: Shared) -> None:  # noqa: A002
        self.id = id
        self.user = user
        self.connection: Socket | None = None
        self._shared = shared
        self._link = Link(self, shared.tiles, shared.config.limits.queue, shared.meters)
        self._speaker = Speaker(shared.config.limits.replay, shared.meters, shared.outboxes, self._link.on_left)
        self._grants = shared.grants_for(user)
        self._moving = asyncio.Lock()
        self._calls = Calls(self, shared, self._link, self._speaker)
        self._waking: asyncio.Task[None] | None = None

    @property
    def link(self) -> Link:
        """Its session."""
        return self._link

    async def rest(self) -> None:
        """End the session until it is wanted; the window, its view and its open images stay."""
        async with self._moving:
            await self._link.rest()

    def on_wanted(self) -> None:
        """Start a session, which has the images open that an earlier one had, before what is asked for is answered."""
        if self._waking is None or self._waking.done():
            self._waking = asyncio.create_task(self._wake())

    async def _wake(self) -> None:
        async with self._moving:
            try:
                await self._start()
            except ToyzError as error:
                self._link.fail_all(error.info)

    async def _start(self) -> None:
        # The client's name of a window is unique for its user only.
        name = secrets.token_hex(8)
        grants = self._grants
        handle = await self._shared.sessions.open(name, self.user, grants, self._link)
        self._link.adopt(handle)
        if grants != self._grants:
            # They changed while it started.
            self._link.regrant(self._grants)

    def regrant(self) -> None:
        """Have a session of what the user may see now; nothing happens if that has not changed."""
        grants = self._shared.grants_for(self.user)
        if grants != self._grants:
            before, now = ({grant.name for grant in each} for each in (self._grants, grants))
            self._grants = grants
            self._link.regrant(grants)
            self.tell("shares", "server", {"withdrawn": sorted(before - now), "granted": sorted(now - before)})

    async def end(self, code: int = 1001, reason: str = "the window is closed") -> None:
        """End the session, and drop the socket if there is one."""
        self._calls.end()
        if self._waking is not None:
            self._waking.cancel()
        self._shared.rooms.leave(self)
        self.disconnect(code, reason)
        await self._link.close()

    @property
    def _identity(self) -> Identity:
        """Who speaks; a window outlives its sockets, but what comes in comes over one."""
        identity = self.connection.identity if self.connection is not None else None
        return identity if identity is not None else Identity(self.user, scope="read")

    # ---- the socket -----------------------------------------------------------------------

    def connect(self, connection: Socket, seq: int | None) -> None:
        """Speak over this socket from now on; an older one is dropped.

        Parameters
        ----------
        connection : Connection
        seq : int or None
            The last message that the client saw; None for a page that was just loaded.
        """
        self.disconnect(4001, "another page took over this window")
        missed = self._speaker.missed(seq)
        self.connection = connection
        self._speaker.connect(connection)
        hello = Hello(
            version=VERSION,
            window=self.id,
            seq=self._speaker.seq,
            resumed=missed is not None,
            session=self._link.number,
            user=self.user,
        )
        self._speaker.send(hello)
        for message in missed or ():
            self._speaker.put(message)
        self._shared.rooms.update(self)

    def disconnect(self, code: int, reason: str) -> None:
        """Drop the socket."""
        if self.connection is not None:
            connection = self.connection
            self.lose(connection)
            connection.drop(code, reason)

    def lose(self, connection: Socket) -> None:
        """Go on without a socket that is closed; nothing happens if another one has its place."""
        if connection is not self.connection:
            return
        self.connection = None
        self._speaker.disconnect()
        self._link.cancel_tiles()
        self._shared.rooms.update(self)

    # ---- from the client ------------------------------------------------------------------

    def receive(self, frame: str | bytes) -> None:
        """Take a frame of the client."""
        try:
            if isinstance(frame, bytes):
                raise ProtocolError("a client sends text frames only")
            message = decode_client_message(frame)
        except ProtocolError as error:
            log.info("not a message", user=self.user, window=self.id, error=error.message)
            self._speaker.send(Update(_id_of(frame), Phase.ERROR, error=error.info))
            return
        if isinstance(message, Ping):
            self._speaker.send({"pong": message.ping})
        elif isinstance(message, PresenceMessage):
            self._shared.rooms.show(self, message.presence)
        elif isinstance(message, TileRequest):
            self._render(message.id, message.tile, message.priority)
        elif isinstance(message, DataRequest):
            self._render(message.id, message.data, message.priority)
        elif isinstance(message, Cancel):
            self._calls.cancel(message.id)
            self._speaker.take_back_tile(message.id)
        else:
            self._calls.make(message, self._grants, self._identity)

    def _render(self, id: str, tile: TilePlace, priority: float) -> None:  # noqa: A002
        try:
            self._link.render(id, tile, priority)
        except ToyzError as error:
            self.on_tile(TileDone(id, error=error.info), b"")

    # ---- from the server ------------------------------------------------------------------

    def tell_restart(self, seconds: float) -> None:
        """Tell the client that the server is about to be restarted."""
        self._speaker.post(Event("restarting", "server", {"seconds": seconds}))

    def on_job(self, job: Job) -> None:
        """Tell the client of a job of its user."""
        self._speaker.post(Event("update", "jobs", job))
        self._calls.follow(job)

    def on_job_message(self, job: Job, message: FromSession, payload: bytes) -> None:
        """Tell the client what a job of its user emits and logs."""
        if isinstance(message, Emitted) and message.module == job.module:
            self.on_event(message, payload)
        elif isinstance(message, LogLine) and message.shown:
            self._post_log(message, job.id, job.module)

    # ---- from the session -----------------------------------------------------------------

    @property
    def backlog(self) -> int:
        """Bytes that wait for the client to read."""
        return self._speaker.backlog

    def on_update(self, update: CallUpdate, payload: bytes) -> None:
        """Pass an update of a call on."""
        if update.format:
            self._speaker.send_binary(update, payload)
            return
        result = msgspec.Raw(payload) if update.phase is Phase.COMPLETED and payload else update.result
        self._speaker.post(Update(update.id, update.phase, 0, update.progress, update.message, result, update.error))

    def on_tile(self, answer: TileDone, payload: bytes) -> None:
        """Pass a tile on."""
        self._speaker.send_tile(answer, payload)

    def on_event(self, event: Emitted, payload: bytes) -> None:
        """Pass an event on."""
        if event.module not in _OWN_MODULES:
            self._speaker.post(Event(event.event, event.module, msgspec.Raw(payload or b"null")))

    def on_opened(self, parameters: bytes) -> None:
        """Keep in the audit log what was opened."""
        self._shared.audit.note(self.user, "open", ", ".join(paths_in(parameters)))

    def on_changed(self, change: Changed) -> None:
        """Keep in the audit log what was changed."""
        self._shared.on_changed(self.user, change)

    def on_log(self, line: LogLine) -> None:
        """Write to the user's log panel."""
        state = self._speaker.answers.find(line.id)
        self._post_log(line, line.id, state.module if state is not None else "")

    def _post_log(self, line: LogLine, id: str, module: str) -> None:  # noqa: A002
        data = {"level": line.level, "message": line.message[:2000], "id": id, "module": module}
        self._speaker.post(Event("log", "server", data))

    def on_session_lost(self, reason: str) -> None:
        """Say that the session died."""
        log.warning("session lost", user=self.user, window=self.id, reason=reason)
        self._speaker.post(Event("session_lost", "server", {"session": self._link.number}))

    def on_session_restored(self, number: int) -> None:
        """Say that another process has taken over."""
        self._speaker.post(Event("session_restored", "server", {"session": number}))

    # ---- to the client --------------------------------------------------------------------

    def tell(self, event: str, module: str, data: Any) -> None:
        """Tell the client of an event, also if it is away for a moment."""
        self._speaker.post(Event(event, module, data))

    def pass_on(self, body: bytes) -> None:
        """Tell the client of an event that was encoded once for all who are told."""
        self._speaker.post_body(body)

    def show(self, key: str, frame: bytes) -> None:
        """Send a frame if anybody listens; one with the same key that has not left yet is dropped for it."""
        self._speaker.put_newest(key, frame)


def _id_of(frame: str | bytes) -> str:
    """Find the id in what is not a message, so that the client knows which one it was."""
    try:
        # Of the library, which reads what is no text of Unicode too: half a character of two, as pages can send it.
        found = json.loads(frame)
    except (ValueError, RecursionError):
        return ""
    id = found.get("id") if isinstance(found, dict) else None  # noqa: A001
    return id[:64] if isinstance(id, str) and id.isprintable() else ""
