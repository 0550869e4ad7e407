"""All sessions of a server."""

import asyncio
from collections.abc import Sequence

from toyz.config import Config
from toyz.errors import BadRequest, Busy, Conflict
from toyz_sessions import layers, sandbox
from toyz_sessions.builders import Builders
from toyz_sessions.census import machine_tasks
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.handle import BEATS, SessionHandle, SessionListener
from toyz_sessions.messages import Grant
from toyz_sessions.spawners import make_spawner

_GUARD = 0.5
"""Seconds between two looks at how many processes and threads the machine has."""
_SUDDEN = 200
"""That many more since the last look are looked into."""


class SessionManager:
    """Starts sessions, watches them, and starts again those that die.

    Parameters
    ----------
    config : Config
    workshop : str, optional
        ``module:attribute`` of what does the work inside a session.
    forkserver : ForkServer, optional
        One that is started and closed by whoever made it.

    Attributes
    ----------
    forkserver : ForkServer
        Also for `toyz_sessions.jobs.JobManager`.
    builders : Builders
    """

    def __init__(
        self,
        config: Config,
        *,
        workshop: str = "toyz_sessions.workshop:Workshop",
        forkserver: ForkServer | None = None,
    ) -> None:
        self.config = config
        self._own = forkserver is None
        self.forkserver = forkserver or ForkServer(make_spawner(config))
        self.builders = Builders(self.forkserver, config)
        self._workshop = workshop
        self._handles: dict[str, SessionHandle] = {}
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    @property
    def handles(self) -> Sequence[SessionHandle]:
        """Every session there is."""
        return tuple(self._handles.values())

    async def start(self) -> None:
        """Start the fork server and wait until it is ready.

        Raises
        ------
        BadRequest
            If nothing would keep a session from the files of others, and that was not asked for.
        ToyzError
            If it does not start.
        """
        if self.config.sandbox and not layers.holds(self.config):
            raise BadRequest(sandbox.REFUSAL)
        if self._own:
            await self.forkserver.start()
        await self.builders.start()
        self._tasks = (
            asyncio.create_task(self._beat(), name="heartbeat of the sessions"),
            asyncio.create_task(self._guard(), name="guard against bombs of processes"),
        )

    async def close(self) -> None:
        """End every process, within two seconds."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await asyncio.gather(self.builders.close(), *(handle.end() for handle in self.handles))
        if self._own:
            await self.forkserver.close()

    async def open(self, window: str, user: str, grants: Sequence[Grant], listener: SessionListener) -> SessionHandle:
        """Start the session of a window; returns when its first process is ready.

        Raises
        ------
        Busy
            If there are too many sessions, of this user or of all.
        Conflict
            If the window has one.
        SessionLost
            If the process does not come up.
        """
        self._check_room(window, user)
        handle = SessionHandle(
            window, user, grants, listener, self._workshop, self.forkserver, self.config, self.builders
        )
        self._handles[window] = handle
        handle.on_end(self._forget)
        try:
            await handle.opened()
        except asyncio.CancelledError:
            await handle.end()
            raise
        return handle

    def _check_room(self, window: str, user: str) -> None:
        limits = self.config.limits
        if window in self._handles:
            raise Conflict("this window has a session already")
        # Those that are ending are gone in a moment.
        taken = [handle for handle in self._handles.values() if not handle.ending]
        if len(taken) >= limits.sessions:
            raise Busy("the server has as many sessions as it can take; try again later")
        if sum(handle.user == user for handle in taken) >= limits.sessions_per_user:
            raise Busy("you have as many windows open as the server allows; close one")

    def _forget(self, handle: SessionHandle) -> None:
        if self._handles.get(handle.window) is handle:
            del self._handles[handle.window]

    async def _beat(self) -> None:
        """Count in pokes, not in seconds: a server that was itself stopped for a while kills nobody."""
        while True:
            # One after the other: hundreds of processes that wake at once would hold up who works.
            handles = self.handles
            pause = self.config.limits.heartbeat / BEATS / max(1, len(handles))
            for handle in handles:
                handle.beat()
                await asyncio.sleep(pause)
            if not handles:
                await asyncio.sleep(pause)

    async def _guard(self) -> None:
        """Look at all sessions when the machine has many more processes than a moment ago: one may be a bomb."""
        before = machine_tasks()
        while True:
            await asyncio.sleep(_GUARD)
            now = machine_tasks()
            if now > before + _SUDDEN:
                for handle in self.handles:
                    handle.look()
            before = now
