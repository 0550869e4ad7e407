"""All windows and desks of a server, by user."""

import asyncio
import re
import secrets
import time
from collections.abc import Coroutine
from typing import Any

import structlog

from toyz.errors import BadRequest, Busy, NotFound
from toyz.jobs import Job
from toyz_sessions.jobs import IsActive
from toyz_sessions.messages import FromSession
from toyz_web.desk import Desk
from toyz_web.graces import Graces
from toyz_web.shared import Shared
from toyz_web.shares import ANONYMOUS
from toyz_web.window import Socket, Window
from toyz_web.window_register import WindowRegister

log = structlog.get_logger("toyz.hub")
_RESTART = (1012, "the server is restarted")
WINDOW_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Hub:
    """Finds the window of a socket and the desk of a request, and ends those that nobody uses.

    Parameters
    ----------
    shared : Shared
    """

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self._last_use = time.monotonic()
        self._windows = WindowRegister()
        self._desks: dict[str, asyncio.Task[Desk]] = {}
        self._sockets: dict[Socket, Window] = {}
        self._graces = Graces(shared.config.limits.grace, self._let_go)
        self._endings: set[asyncio.Task[None]] = set()
        self._idle: asyncio.Task[None] | None = None
        self._draining = False
        shared.board.opened = self
        shared.feed.follow(self._on_job)
        shared.feed.listen(self._on_job_message)
        shared.access.follow(self.recheck)

    async def connect(self, socket: Socket, user: str, window: str, seq: int | None) -> Window:
        """Give a socket its window, a new one or the one it names.

        Raises
        ------
        BadRequest
            If the name is not one.
        Busy
            If there are too many windows, of this user or of all.
        """
        if window and not WINDOW_ID.fullmatch(window):
            raise BadRequest("a window's name has 8 to 64 letters, digits, - and _", field="window")
        found = await self._window(user, window or secrets.token_urlsafe(16))
        self._graces.take_back(found)
        found.connect(socket, seq)
        self._sockets[socket] = found
        return found

    def lose(self, socket: Socket) -> None:
        """Go on without a socket; its window has a grace period to be found again."""
        window = self._sockets.pop(socket, None)
        if window is None:
            return
        window.lose(socket)
        if window.connection is None:
            self._graces.begin(window)

    async def recheck(self, is_active: IsActive) -> None:
        """Close the sockets of those who are signed out by now, and end all that belongs to users who are gone.

        Parameters
        ----------
        is_active : callable
            Whether a user is there and not shut out.
        """
        for socket in tuple(self._sockets):
            if await socket.identify_again() is None and socket in self._sockets:
                self._sockets[socket].disconnect(4003, "signed out")
                self.lose(socket)
        for user in self.users():
            if user != ANONYMOUS and not await is_active(user):
                self._end_user(user)
        there: list[Window | Desk] = [*self._windows, *self.desks()]
        await self.shared.jobs.revoke(self.shared.grants_for, is_active)
        for found in there:
            found.regrant()

    def _end_user(self, user: str) -> None:
        """End the windows and the desk of a user."""
        for window in self._windows.of(user):
            self._forget(window)
            self._later(window.end())
        if user in self._desks:
            self._later(self._end_started(self._desks.pop(user)))

    async def desk(self, user: str) -> Desk:
        """Give the windowless session of a user, started if need be.

        Raises
        ------
        Busy, SessionLost
        """
        if user not in self._desks:
            self._refuse_new()
            self._desks[user] = asyncio.create_task(self._start_desk(user))
        task = self._desks[user]
        try:
            found = await asyncio.shield(task)
        except BaseException:
            if task.done() and self._desks.get(user) is task:
                del self._desks[user]
            raise
        # From here until its next call it is in use, or it could be culled between the two.
        found.used = time.monotonic()
        return found

    def last_use(self) -> float:
        """Give when anything was asked for last, in seconds since the epoch; now, while jobs run."""
        used = [self._last_use, *(window.link.used for window in self._windows), *(desk.used for desk in self.desks())]
        self._last_use = time.monotonic() if self.shared.jobs.busy else max(used)
        return time.time() - (time.monotonic() - self._last_use)

    def known_desk(self, user: str) -> Desk | None:
        """Give the windowless session of a user if it runs; it counts as used."""
        task = self._desks.get(user)
        found = _started(task) if task is not None else None
        if found is None:
            return None
        found.used = time.monotonic()
        return found

    def start(self) -> None:
        """Begin to have the sessions rest that nobody uses."""
        if self.shared.config.limits.idle > 0:
            self._idle = asyncio.create_task(self._watch_idle(), name="idle sessions")

    @property
    def draining(self) -> bool:
        """Whether the server is about to end."""
        return self._draining

    def drain(self, seconds: float) -> None:
        """Take no new windows, and tell those that are there that the server is restarted."""
        self._draining = True
        for window in self._windows:
            window.tell_restart(seconds)

    def windows(self) -> list[Window]:
        """Give all windows."""
        return list(self._windows)

    def desks(self) -> list[Desk]:
        """Give all desks that have begun."""
        return [desk for desk in map(_started, self._desks.values()) if desk is not None]

    def users(self) -> set[str]:
        """Give the names of those who have a window or a desk."""
        return self._windows.users() | set(self._desks)

    async def end_window(self, user: str, name: str) -> None:
        """End a window: its page gets another when it speaks next.

        Raises
        ------
        NotFound
        """
        window = self._windows.get(user, name)
        if window is None:
            raise NotFound("There is no such window.", field="parameters.window")
        self._forget(window)
        await window.end(4002, "the window was ended")

    async def end_desk(self, user: str) -> None:
        """End the session of a user's requests; the next one starts another.

        Raises
        ------
        NotFound
        """
        if user not in self._desks:
            raise NotFound("There is no such session.", field="parameters.user")
        await self._end_started(self._desks.pop(user))

    async def close(self) -> None:
        """End everything."""
        if self._idle is not None:
            self._idle.cancel()
        ending = [window.end(*_RESTART) for window in self._windows]
        ending += [self._end_started(task) for task in self._desks.values()]
        for window in self._windows:
            self._forget(window)
        self._desks.clear()
        await asyncio.gather(self._graces.close(), *ending, *self._endings)

    def _refuse_new(self) -> None:
        if self._draining:
            raise Busy("The server is being restarted; try again in a moment.")

    async def _watch_idle(self) -> None:
        """Have sessions rest whose windows are connected, but not used."""
        limit = self.shared.config.limits.idle
        while True:
            await asyncio.sleep(min(limit / 4, 60.0))
            now = time.monotonic()
            idle = [window for window in self._windows if now - window.link.used >= limit]
            # One after the other: where a class pauses, hundreds of processes would end at once, and hold up others.
            for window in idle:
                if not window.link.resting and window.link.used + limit <= time.monotonic():
                    await window.rest()

    async def _window(self, user: str, name: str) -> Window:
        """Find a window, or begin it."""
        while (found := self._windows.get(user, name)) is None:
            self._refuse_new()
            try:
                self._check_room(user)
            except Busy:
                # Windows that were closed live on for a while; a new one comes before the oldest of them.
                # Where several come at once, another may have been quicker to take its place.
                if not await self._end_oldest_lost(user):
                    raise
            else:
                self._windows.add(Window(name, user, self.shared))
        return found

    def _check_room(self, user: str) -> None:
        """Refuse one window more than there may be sessions: each may want one at any time.

        Raises
        ------
        Busy
        """
        limits = self.shared.config.limits
        if len(self._windows) >= limits.sessions:
            raise Busy("the server has as many windows as it can take; try again later")
        if self._windows.count_of(user) >= limits.sessions_per_user:
            raise Busy("you have as many windows open as the server allows; close one")

    async def _end_oldest_lost(self, user: str) -> bool:
        """End the window of this user that lost its connection first; False if all are connected."""
        lost = self._graces.of(user)
        if not lost:
            return False
        self._forget(lost[0])
        await lost[0].end()
        return True

    async def _start_desk(self, user: str) -> Desk:
        desk = Desk(user, self.shared)
        await desk.start()
        desk.regrant()
        asyncio.get_running_loop().call_later(self.shared.config.limits.grace, self._watch_desk, user, desk)
        return desk

    def _watch_desk(self, user: str, desk: Desk) -> None:
        grace = self.shared.config.limits.grace
        left = desk.used + grace - time.monotonic()
        task = self._desks.get(user)
        if task is None or (task.done() and task.result() is not desk):
            return
        if left <= 0 and not desk.busy:
            del self._desks[user]
            self._later(desk.end())
        else:
            asyncio.get_running_loop().call_later(max(left, grace / 10), self._watch_desk, user, desk)

    def _let_go(self, window: Window) -> Coroutine[Any, Any, None]:
        self._forget(window)
        return window.end()

    def _forget(self, window: Window) -> None:
        self._windows.remove(window)
        self._graces.take_back(window)

    def _later(self, work: object) -> None:
        assert asyncio.iscoroutine(work)
        task = asyncio.create_task(work)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    @staticmethod
    async def _end_started(task: asyncio.Task[Desk]) -> None:
        if not task.done():
            task.cancel()
        try:
            await (await task).end()
        except (Exception, asyncio.CancelledError):
            log.debug("a session that was being started is given up")

    def _on_job(self, job: Job) -> None:
        for window in self._windows.of(job.user):
            window.on_job(job)

    def _on_job_message(self, job: Job, message: FromSession, payload: bytes) -> None:
        for window in self._windows.of(job.user):
            window.on_job_message(job, message, payload)


def _started(task: asyncio.Task[Desk]) -> Desk | None:
    """Give what a task has started; None if it has not, or could not."""
    done = task.done() and not task.cancelled() and task.exception() is None
    return task.result() if done else None
