"""One open window of a user: its session, its socket while there is one, and what it was told."""

import asyncio
import secrets
from typing import Any, Protocol

import msgspec
import structlog

from toyz.errors import Busy, Conflict, ErrorInfo, ProtocolError, ToyzError
from toyz.jobs import Job, Phase
from toyz.plugin import Task
from toyz.protocol import (
    VERSION,
    BinaryHeader,
    Call,
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
    encode_binary,
)
from toyz.values import to_json
from toyz_sessions.dispatch import describe_error
from toyz_sessions.messages import CallUpdate, Changed, Emitted, FromSession, LogLine, TileDone
from toyz_sessions.repeatable import is_repeatable
from toyz_web.answers import Answers, CallState
from toyz_web.auth import Identity
from toyz_web.context import ServerContext
from toyz_web.directory import Place
from toyz_web.link import Link
from toyz_web.opened_paths import paths_in
from toyz_web.outbox import Connection, Outbox
from toyz_web.replay import MAX_BYTES, Replay
from toyz_web.shared import Shared

log = structlog.get_logger("toyz.window")
_OWN_MODULES = frozenset({"server", "jobs", "window", "settings", "account", "admin", "workspaces"})
"""Modules in whose name no session may speak."""


_WAKING = " wake"
"""No call has such an id."""


class Socket(Connection, Protocol):
    """A connection that knows who opened it."""

    @property
    def identity(self) -> Identity | None:
        """Who opened it."""

    async def identify_again(self) -> Identity | None:
        """Find out whether who opened it could still do so; None if not."""


class _AnyId(msgspec.Struct):
    id: str = ""


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
        self._replay = Replay(shared.config.limits.replay)
        self._answers = Answers(shared.config.limits.replay, MAX_BYTES)
        self._outbox: Outbox | None = None
        self._grants = shared.grants_for(user)
        self._moving = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._jobs: dict[str, str] = {}

    async def start(self) -> None:
        """Start the session.

        Raises
        ------
        Busy, SessionLost
        """
        # The client's name of a window is unique for its user only.
        name = secrets.token_hex(8)
        grants = self._grants
        handle = await self._shared.sessions.open(name, self.user, grants, self._link)
        self._link.adopt(handle)
        if grants != self._grants:
            # They changed while it started after a rest.
            self._link.regrant(self._grants)

    @property
    def link(self) -> Link:
        """Its session."""
        return self._link

    async def rest(self) -> None:
        """End the session until it is wanted again; the window, its view and its open images stay."""
        async with self._moving:
            await self._link.rest()

    def on_wanted(self) -> None:
        """Start a session again, which has the same images open, before what is asked for is answered."""
        if _WAKING not in self._tasks:
            self._spawn(_WAKING, self._wake())

    async def _wake(self) -> None:
        async with self._moving:
            try:
                await self.start()
            except ToyzError as error:
                self._link.fail_all(error.info)

    def regrant(self) -> None:
        """Have a session of what the user may see now; nothing happens if that has not changed."""
        grants = self._shared.grants_for(self.user)
        if grants != self._grants:
            self._grants = grants
            self._link.regrant(grants)

    async def end(self, code: int = 1001, reason: str = "the window is closed") -> None:
        """End the session, and drop the socket if there is one."""
        for task in self._tasks.values():
            task.cancel()
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
        missed = self._replay.since(seq) if seq is not None else None
        self.connection = connection
        self._outbox = Outbox(connection)
        hello = Hello(
            version=VERSION,
            window=self.id,
            seq=self._replay.seq,
            resumed=missed is not None,
            session=self._link.number,
            user=self.user,
        )
        self._outbox.put(msgspec.json.encode(hello))
        for message in missed or ():
            self._outbox.put(message)
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
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None
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
            self._send(Update(_id_of(frame), Phase.ERROR, error=error.info))
            return
        if isinstance(message, Ping):
            self._send({"pong": message.ping})
        elif isinstance(message, PresenceMessage):
            self._shared.rooms.show(self, message.presence)
        elif isinstance(message, TileRequest):
            self._render(message.id, message.tile, message.priority)
        elif isinstance(message, DataRequest):
            self._render(message.id, message.data, message.priority)
        elif isinstance(message, Cancel):
            self._cancel(message.id)
        else:
            self._call(message)

    def _render(self, id: str, tile: TilePlace, priority: float) -> None:  # noqa: A002
        try:
            self._link.render(id, tile, priority)
        except ToyzError as error:
            self.on_tile(TileDone(id, error=error.info), b"")

    def _cancel(self, id: str) -> None:  # noqa: A002
        for job, call in self._jobs.items():
            if call == id:
                self._spawn(f"cancel {id}", self._cancel_job(job))
                return
        if id in self._tasks:
            self._tasks[id].cancel()
        else:
            self._link.cancel(id)

    def _call(self, call: Call) -> None:
        state = self._answers.find(call.id)
        if state is not None and not self._is_repeated(call, state):
            return
        self._answers.begin(call.id, call.module, repeatable=is_repeatable(call.module, call.task))
        try:
            found = self._shared.directory.find(call.module, call.task)
            if found is Place.SESSION:
                self._link.call(call.id, call.module, call.task, bytes(call.parameters))
            elif self._answers.running > self._shared.config.limits.queue:
                raise Busy("Too much is waiting already; try again in a moment.")
            elif found is Place.JOB:
                self._spawn(call.id, self._submit(call))
            else:
                self._spawn(call.id, self._run(call, found, self._identity))
        except ToyzError as error:
            self._post(Update(call.id, Phase.ERROR, error=error.info))

    def _is_repeated(self, call: Call, state: CallState) -> bool:
        """Answer a call whose id was used before; True if it is to be made (again)."""
        if state.last is not None:
            self._send(msgspec.Raw(state.last))
        elif state.final and state.repeatable and is_repeatable(call.module, call.task):
            return True
        elif state.final:
            error = Conflict("This call was answered before, and the answer is gone. Call again with another id.")
            self._send(Update(call.id, Phase.ERROR, error=error.info))
        return False

    # ---- the server's own tasks and jobs --------------------------------------------------

    def _spawn(self, id: str, work: Any) -> None:  # noqa: A002
        task = asyncio.create_task(work)
        self._tasks[id] = task
        task.add_done_callback(lambda _: self._tasks.pop(id, None))

    async def _run(self, call: Call, task: Task, identity: Identity) -> None:
        try:
            context = ServerContext(identity, self, self._shared)
            result = await task.call(context, task.decode(bytes(call.parameters)))
            self._post(Update(call.id, Phase.COMPLETED, result=msgspec.Raw(to_json(result))))
        except asyncio.CancelledError:
            self._post(Update(call.id, Phase.ABORTED))
            raise
        except Exception as error:
            self._post(Update(call.id, Phase.ERROR, error=describe_error(error, call.id)))

    async def _submit(self, call: Call) -> None:
        jobs = self._shared.jobs
        try:
            job = await asyncio.shield(
                jobs.submit(self.user, self._grants, call.module, call.task, bytes(call.parameters))
            )
            self._jobs[job.id] = call.id
            self._post(Update(call.id, Phase.PENDING, result={"job": job.id}))
            # It may have begun, or ended, before its id was known here.
            self._follow(await jobs.show(self.user, job.id))
        except Exception as error:
            self._post(Update(call.id, Phase.ERROR, error=describe_error(error, call.id)))

    async def _cancel_job(self, job: str) -> None:
        await self._shared.jobs.cancel(self.user, job)

    def tell_restart(self, seconds: float) -> None:
        """Tell the client that the server is about to be restarted."""
        self._post(Event("restarting", "server", {"seconds": seconds}))

    def on_job(self, job: Job) -> None:
        """Tell the client of a job of its user."""
        self._post(Event("update", "jobs", job))
        self._follow(job)

    def on_job_message(self, job: Job, message: FromSession, payload: bytes) -> None:
        """Tell the client what a job of its user emits and logs."""
        if isinstance(message, Emitted) and message.module == job.module:
            self.on_event(message, payload)
        elif isinstance(message, LogLine) and message.shown:
            self._post_log(message, job.id, job.module)

    def _follow(self, job: Job) -> None:
        call = self._jobs.get(job.id)
        if call is None or job.phase is Phase.PENDING:
            return
        if job.phase.final:
            del self._jobs[job.id]
        self._post(
            Update(
                call,
                job.phase,
                progress=job.progress,
                message=job.message or None,
                result=job.result,
                error=job.error,
            )
        )

    # ---- from the session -----------------------------------------------------------------

    def on_update(self, update: CallUpdate, payload: bytes) -> None:
        """Pass an update of a call on."""
        if update.format:
            self._send_binary(update, payload)
            return
        result = msgspec.Raw(payload) if update.phase is Phase.COMPLETED and payload else update.result
        self._post(Update(update.id, update.phase, 0, update.progress, update.message, result, update.error))

    def on_tile(self, answer: TileDone, payload: bytes) -> None:
        """Pass a tile on."""
        phase = Phase.COMPLETED if answer.error is None else Phase.ERROR
        if answer.error is not None:
            self._shared.meters.error(answer.error.code)
        header = BinaryHeader(answer.id, phase, format=answer.format, error=answer.error)
        if self._outbox is not None:
            self._outbox.put(encode_binary(header, payload), binary=True)

    def on_event(self, event: Emitted, payload: bytes) -> None:
        """Pass an event on."""
        if event.module not in _OWN_MODULES:
            self._post(Event(event.event, event.module, msgspec.Raw(payload or b"null")))

    def on_opened(self, parameters: bytes) -> None:
        """Keep in the audit log what was opened."""
        self._shared.audit.note(self.user, "open", ", ".join(paths_in(parameters)))

    def on_changed(self, change: Changed) -> None:
        """Keep in the audit log what was changed."""
        self._shared.on_changed(self.user, change)

    def on_log(self, line: LogLine) -> None:
        """Write to the user's log panel."""
        state = self._answers.find(line.id)
        self._post_log(line, line.id, state.module if state is not None else "")

    def _post_log(self, line: LogLine, id: str, module: str) -> None:  # noqa: A002
        data = {"level": line.level, "message": line.message[:2000], "id": id, "module": module}
        self._post(Event("log", "server", data))

    def on_session_lost(self, reason: str) -> None:
        """Say that the session died."""
        log.warning("session lost", user=self.user, window=self.id, reason=reason)
        self._post(Event("session_lost", "server", {"session": self._link.number}))

    def on_session_restored(self, number: int) -> None:
        """Say that another process has taken over."""
        self._post(Event("session_restored", "server", {"session": number}))

    # ---- to the client --------------------------------------------------------------------

    def tell(self, event: str, module: str, data: Any) -> None:
        """Tell the client of an event, also if it is away for a moment."""
        self._post(Event(event, module, data))

    def show(self, key: str, frame: bytes) -> None:
        """Send a frame if anybody listens; one with the same key that has not left yet is dropped for it."""
        if self._outbox is not None:
            self._outbox.put_newest(key, frame)

    def _post(self, message: Update | Event) -> None:
        """Number a message, keep it, and send it if anybody listens."""
        if isinstance(message, Update) and message.error is not None:
            self._shared.meters.error(message.error.code)
        message.seq = self._replay.next_seq()
        data = msgspec.json.encode(message)
        self._replay.add(data)
        if isinstance(message, Update):
            self._answers.record(message.id, data, final=message.phase.final)
        if self._outbox is not None:
            self._outbox.put(data)

    def _send(self, message: Any) -> None:
        """Send what is not worth keeping."""
        if self._outbox is not None:
            self._outbox.put(msgspec.json.encode(message))

    def _send_binary(self, update: CallUpdate, payload: bytes) -> None:
        if self._outbox is None:
            error = ErrorInfo(Conflict.code, "The connection dropped before this answer came. Ask again.")
            self._post(Update(update.id, Phase.ERROR, error=error))
            return
        header = BinaryHeader(update.id, update.phase, update.format, update.result, update.error)
        self._outbox.put(encode_binary(header, payload), binary=True)
        self._answers.record(update.id, None, final=update.phase.final)


def _id_of(frame: str | bytes) -> str:
    """Find the id in what is not a message, so that the client knows which one it was."""
    try:
        return msgspec.json.decode(frame, type=_AnyId).id[:64]
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return ""
