"""Windows whose sockets are lost: each is kept for a while, and ends if nobody finds it again."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from toyz_web.window import Window

AT_ONCE = 2
"""Windows that end at the same time: where a class leaves, hundreds of processes would, and hold up who stays."""


class Graces:
    """Keeps lost windows, and lets those go whose time is over.

    Parameters
    ----------
    seconds : float
        For how long each is kept.
    let_go : callable
        Forgets a window, and gives what ends it.
    """

    def __init__(self, seconds: float, let_go: Callable[[Window], Coroutine[Any, Any, None]]) -> None:
        self._seconds = seconds
        self._let_go = let_go
        self._timers: dict[Window, asyncio.TimerHandle] = {}
        self._over: dict[Window, None] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def begin(self, window: Window) -> None:
        """Keep a window that has lost its socket; nothing happens if it is kept already."""
        if window not in self._timers:
            self._timers[window] = asyncio.get_running_loop().call_later(self._seconds, self._expire, window)

    def take_back(self, window: Window) -> None:
        """Keep a window no longer: it was found again, or has ended; nothing happens if it was not lost."""
        self._over.pop(window, None)
        if timer := self._timers.pop(window, None):
            timer.cancel()

    def of(self, user: str) -> list[Window]:
        """Give the windows of a user that are kept; first the one that was lost first."""
        return [window for window in self._timers if window.user == user]

    async def close(self) -> None:
        """Keep none any more, and wait for those that are ending."""
        for window in tuple(self._timers):
            self.take_back(window)
        if self._ending:
            await asyncio.wait(self._ending)

    def _expire(self, window: Window) -> None:
        self._over[window] = None
        self._go_on()

    def _go_on(self) -> None:
        while self._over and len(self._ending) < AT_ONCE:
            window = next(iter(self._over))
            self.take_back(window)
            task = asyncio.create_task(self._let_go(window))
            self._ending.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        self._go_on()
