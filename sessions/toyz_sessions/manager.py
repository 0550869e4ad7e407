"""All sessions of a server."""

import asyncio
import contextlib
from collections.abc import Sequence

from toyz.config import Config
from toyz.errors import Busy, Conflict
from toyz_sessions.builders import Builders
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.handle import BEATS, SessionHandle, SessionListener
from toyz_sessions.messages import Grant


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
        self.forkserver = forkserver or ForkServer()
        self.builders = Builders(self.forkserver, config)
        self._workshop = workshop
        self._handles: dict[str, SessionHandle] = {}
        self._beats: asyncio.Task[None] | None = None

    @property
    def handles(self) -> Sequence[SessionHandle]:
        """Every session there is."""
        return tuple(self._handles.values())

    async def start(self) -> None:
        """Start the fork server and wait until it is ready.

        Raises
        ------
        ToyzError
            If it does not start.
        """
        if self._own:
            await self.forkserver.start()
        await self.builders.start()
        self._beats = asyncio.create_task(self._beat(), name="heartbeat of the sessions")

    async def close(self) -> None:
        """End every process, within two seconds."""
        if self._beats is not None:
            self._beats.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._beats
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
        if len(self._handles) >= limits.sessions:
            raise Busy("the server has as many sessions as it can take; try again later")
        if sum(handle.user == user for handle in self._handles.values()) >= limits.sessions_per_user:
            raise Busy("you have as many windows open as the server allows; close one")

    def _forget(self, handle: SessionHandle) -> None:
        if self._handles.get(handle.window) is handle:
            del self._handles[handle.window]

    async def _beat(self) -> None:
        """Count in pokes, not in seconds: a server that was itself stopped for a while kills nobody."""
        while True:
            await asyncio.sleep(self.config.limits.heartbeat / BEATS)
            for handle in self.handles:
                handle.beat()
