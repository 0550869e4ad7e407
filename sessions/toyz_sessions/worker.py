"""A child process with its channel: what a session, a job and a builder are to the server."""

import asyncio
import contextlib
import shutil
import signal
from collections.abc import Callable, Sequence
from typing import Any

from toyz.config import Config
from toyz.errors import SessionLost, ToyzError
from toyz_sessions.bounds import Bounds
from toyz_sessions.channel import Receive, ServerChannel
from toyz_sessions.child import UNKNOWN, Child
from toyz_sessions.forkserver import ForkServer, ForkServerLost
from toyz_sessions.launch import launch
from toyz_sessions.messages import FromSession, Grant, Ready, ToSession
from toyz_sessions.order import Order
from toyz_sessions.watch import Watch

READY = 20.0
"""Seconds in which a process must be ready; the first may wait for the fork server's imports."""


class Worker:
    """A process and its channel. Make it with `start`.

    Attributes
    ----------
    ready : Ready
        What it said when it began.
    over : ToyzError or None
        Which of its bounds it passed, if that is why it ended.
    """

    ready: Ready
    over: ToyzError | None = None

    def __init__(self, scratch: str, bounds: Bounds, receive: Receive) -> None:
        self._scratch = scratch
        self._bounds = bounds
        self._receive = receive
        self._channel: ServerChannel | None = None
        self._child: Child | None = None
        self._broken = ""
        self._watch: Watch | None = None
        self._began: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()

    @classmethod
    async def start(
        cls,
        forkserver: ForkServer,
        config: Config,
        user: str,
        grants: Sequence[Grant],
        target: str | Callable[..., None],
        *arguments: Any,
        bounds: Bounds,
        receive: Receive,
    ) -> "Worker":
        """Fork a process that calls ``target(order, *arguments)``, wait until it is ready, and watch it from then on.

        Raises
        ------
        SessionLost
            If it does not come up, or cannot be locked in; `ForkServerLost` if that is not its fault.
        Forbidden
            If the user has no account to run it as, where one is needed.
        """
        place = await asyncio.to_thread(forkserver.spawner.place, forkserver.run, user, grants)
        worker = cls(place.scratch, bounds, receive)
        order = Order(
            place=place,
            spawner=forkserver.spawner.name,
            user=user,
            grants=tuple(grants),
            limits=config.limits,
            bounds=bounds,
            sandbox=config.sandbox,
        )
        try:
            await worker._begin(forkserver, order, target, arguments)
        except BaseException:
            await worker.end(grace=0.0)
            raise
        return worker

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._child.pid if self._child is not None else 0

    @property
    def outcome(self) -> str:
        """How it ended, for the log and the user; empty while it runs."""
        if self._child is None or self._child.code is None:
            return ""
        return self._broken or describe(self._child.code)

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return None if self._child is None else self._child.code

    def send(self, message: ToSession, payload: bytes = b"") -> None:
        """Send a message.

        Raises
        ------
        Busy
            If too many wait.
        SessionLost
            If it has ended.
        """
        if self._channel is None or self._child is None or not self._child.alive:
            raise SessionLost("the process has ended")
        self._channel.send(message, payload)

    def terminate(self) -> None:
        """Ask the whole process group to end."""
        if self._child is not None:
            self._child.signal(signal.SIGTERM, group=True)

    def kill(self, reason: str = "") -> None:
        """Kill the whole process group; `reason` becomes the outcome."""
        self._broken = self._broken or reason
        if self._child is not None:
            self._child.kill()

    def look(self) -> None:
        """See at once whether it is within its bounds."""
        if self._watch is not None:
            self._watch.look()

    async def died(self) -> None:
        """Wait until the process has ended."""
        if self._child is not None:
            await self._child.wait()

    async def end(self, *, grace: float) -> None:
        """Wait `grace` seconds for the process to end, kill it if it has not, and clear up after it."""
        if grace > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.died(), grace)
        self.kill()
        await self.died()
        if self._watch is not None:
            await self._watch.stop()
        if self._channel is not None:
            self._channel.close()
        await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)

    async def _begin(
        self, forkserver: ForkServer, order: Order, target: str | Callable[..., None], arguments: tuple[Any, ...]
    ) -> None:
        queue = order.limits.queue
        self._channel = ServerChannel(forkserver.context, order.endpoint, self._take, self.kill, queue=queue)
        forkserver.spawner.admit(order.place)
        self._child = await forkserver.launch(launch, order, target, *arguments, on_exit=self._exited)
        try:
            self.ready = await asyncio.wait_for(self._began, READY)
        except TimeoutError:
            raise SessionLost("the process did not come up in time") from None
        if self.ready.problem or self.ready.sandboxed != order.sandbox:
            raise SessionLost(self.ready.problem or "the process is not in its sandbox")
        self._watch = Watch(
            self._child.pid, order.scratch, order.bounds, self._stop_excess, spare=forkserver.spawner.overhead
        )

    def _stop_excess(self, error: ToyzError) -> None:
        if self._child is not None and self._child.alive:
            self.over = error
            self.kill(error.message)

    def _take(self, message: FromSession, payload: bytes) -> None:
        if not isinstance(message, Ready):
            self._receive(message, payload)
        elif not self._began.done():
            self._began.set_result(message)

    def _exited(self, code: int) -> None:
        if code == -signal.SIGXCPU and self.over is None:
            self.over = self._bounds.exceeded("cpu")
        if not self._began.done():
            lost = ForkServerLost if code == UNKNOWN else SessionLost
            self._began.set_exception(lost(f"the process did not come up: {describe(code)}"))


def describe(code: int) -> str:
    """Say how a process ended, from its exit code."""
    if code == -signal.SIGKILL:
        return "it was killed, perhaps for want of memory"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"it crashed ({signal.Signals(-code).name})"
    return "it ended by itself" if code == 0 else "it failed"
