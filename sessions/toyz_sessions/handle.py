"""The server's side of one window's session: whichever process serves it now."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from toyz.config import Config
from toyz.errors import Busy, SessionLost, ToyzError
from toyz_sessions.backoff import Backoff
from toyz_sessions.bounds import session_bounds
from toyz_sessions.build_requests import BuildRequests
from toyz_sessions.builders import Builders
from toyz_sessions.forkserver import ForkServer, ForkServerLost
from toyz_sessions.logs import LogWriter
from toyz_sessions.messages import (
    Alive,
    Build,
    FromSession,
    Grant,
    LogLine,
    Poke,
    Shutdown,
    ToSession,
    Unwanted,
)
from toyz_sessions.worker import Worker

BEATS = 4
"""Pokes without an answer, a quarter of the heartbeat apart, after which a session is stuck."""
_TRIES = 5
"""First processes of a session that are started, one after the other, while the fork server dies under them."""
_PROCESS = "toyz_sessions.process:run_session"
_GRACE = 0.7
"""Seconds that a session may take to end by itself."""

_log = logging.getLogger(__name__)


class SessionListener(Protocol):
    """Who a session reports to. All three are called on the event loop and must not block."""

    def on_message(self, message: FromSession, payload: bytes) -> None:
        """Take a message: every kind but `Ready`, `Alive`, `Build` and `Unwanted`."""

    def on_ready(self, number: int) -> None:
        """Process `number` of this window (from 1) is up; 1 comes just after `SessionManager.open` returned."""

    def on_lost(self, reason: str) -> None:
        """The process died; the next one is being started."""


class SessionHandle:
    """A window's session. `SessionManager.open` makes it.

    Attributes
    ----------
    window, user : str
    number : int
        Counts the processes of this window, from 1.
    pid : int
        Of the process that serves it now; 0 while there is none.
    waiting : int
        Calls and tiles that the process had not answered when it last gave a sign of life.
    """

    def __init__(
        self,
        window: str,
        user: str,
        grants: Sequence[Grant],
        listener: SessionListener,
        workshop: str,
        forkserver: ForkServer,
        config: Config,
        builders: Builders,
    ) -> None:
        self.window = window
        self.user = user
        self.number = 0
        self.waiting = 0
        self._grants = {grant.name: grant for grant in grants}
        self._listener = listener
        self._workshop = workshop
        self._forkserver = forkserver
        self._config = config
        self._builds = BuildRequests(builders, self._grants, user, self.send)
        self._log = LogWriter(f"session {window} of {user}")
        self._worker: Worker | None = None
        self._silence = 0
        self._regranted = 0
        self._backoff = Backoff()
        self._ending = asyncio.Event()
        self._up = asyncio.Event()
        self._failure: Exception | None = None
        self._life = asyncio.create_task(self._live(), name=f"session of window {window}")

    @property
    def pid(self) -> int:
        """Of the process that serves the window now; 0 while there is none."""
        return 0 if self._worker is None else self._worker.pid

    @property
    def ending(self) -> bool:
        """Whether it has been told to end."""
        return self._ending.is_set()

    async def opened(self) -> None:
        """Wait for the first process.

        Raises
        ------
        SessionLost
            If it does not come up; the session has ended then.
        """
        await self._up.wait()
        if self._failure is not None:
            raise self._failure

    def send(self, message: ToSession, payload: bytes = b"") -> None:
        """Send a message.

        Raises
        ------
        Busy
            If the session's queue is full.
        SessionLost
            If no process serves the window just now; `SessionListener.on_ready` tells when one does.
        """
        if self._worker is None:
            raise SessionLost("the session is being started")
        self._worker.send(message, payload)

    @property
    def grants(self) -> Mapping[str, Grant]:
        """What its processes may see, by name."""
        return self._grants

    def regrant(self, grants: Sequence[Grant]) -> None:
        """Go on with a process that may see other shares; the one that is there ends at once."""
        self._grants.clear()
        self._grants.update({grant.name: grant for grant in grants})
        self._regranted += 1
        self._backoff = Backoff()
        # Nothing more is sent to it: what comes now waits for the next process.
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill("it may see other shares now")

    def on_end(self, forget: Callable[["SessionHandle"], None]) -> None:
        """Have `forget` called when the session has ended for good."""
        self._life.add_done_callback(lambda _: forget(self))

    async def end(self) -> None:
        """End the session for good. A second call waits for the same end."""
        self._ending.set()
        if self._worker is not None:
            with contextlib.suppress(ToyzError):
                self._worker.send(Shutdown())
        await asyncio.wait({self._life})

    def beat(self) -> None:
        """Ask for a sign of life; kill the process if it has not given one for too long."""
        if self._worker is None:
            return
        if self._silence >= BEATS:
            self._worker.kill("it gave no sign of life")
            return
        self._silence += 1
        with contextlib.suppress(Busy, SessionLost):
            self._worker.send(Poke(self._silence))

    def look(self) -> None:
        """See at once whether its process is within its bounds."""
        if self._worker is not None:
            self._worker.look()

    async def _live(self) -> None:
        """Start a process, and the next when it dies, until the session ends."""
        try:
            await self._serve_on()
        finally:
            self._builds.close()

    async def _serve_on(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._ending.is_set():
            began = loop.time()
            try:
                await self._serve()
            except ToyzError as error:
                orphaned = isinstance(error, ForkServerLost) and self.number < _TRIES
                if not self._up.is_set() and not orphaned:
                    self._failure = error
                    self._up.set()
                    return
                _log.warning("session %s of %s does not start: %s", self.window, self.user, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), self._backoff.after(loop.time() - began))

    async def _serve(self) -> None:
        """Start one process and stay until it ends."""
        self.number += 1
        self._builds.serve(self.number)
        self._silence = 0
        regranted = self._regranted
        worker = await Worker.start(
            self._forkserver,
            self._config,
            self.user,
            tuple(self._grants.values()),
            _PROCESS,
            self._workshop,
            bounds=session_bounds(self._config.limits),
            receive=self._receive,
        )
        if self._ending.is_set() or regranted != self._regranted:
            await worker.end(grace=0.0)
            return
        self._worker = worker
        try:
            self._announce()
            await self._until_end(worker)
        finally:
            self._worker = None
            await worker.end(grace=_GRACE if self._ending.is_set() else 0.0)
        if not self._ending.is_set():
            _log.warning("session %s of %s, process %d: %s", self.window, self.user, self.number, worker.outcome)
            self._tell(self._listener.on_lost, worker.outcome)

    async def _until_end(self, worker: Worker) -> None:
        """Wait until the process has died, or the session is to end."""
        waits = {asyncio.ensure_future(worker.died()), asyncio.ensure_future(self._ending.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _announce(self) -> None:
        """Say that a process is up; the first time, after whoever opened the session has it in hand."""
        if self._up.is_set():
            self._tell(self._listener.on_ready, self.number)
        else:
            self._up.set()
            asyncio.get_running_loop().call_soon(self._tell, self._listener.on_ready, self.number)

    def _receive(self, message: FromSession, payload: bytes) -> None:
        self._silence = 0
        match message:
            case Alive():
                self.waiting = message.waiting
                if message.hung and self._worker is not None:
                    self._worker.kill(message.hung)
            case Build():
                self._builds.request(message)
            case Unwanted():
                self._builds.release(message)
            case LogLine():
                self._log.write(message)
                self._tell(self._listener.on_message, message, payload)
            case _:
                self._tell(self._listener.on_message, message, payload)

    def _tell(self, listener: Callable[..., None], *arguments: object) -> None:
        """Call a listener; what it gets wrong must not end the session."""
        try:
            listener(*arguments)
        except Exception:
            _log.exception("a listener of session %s failed", self.window)
