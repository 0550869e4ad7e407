"""A running child process, as the server sees it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from typing import Any

from toyz_sessions.census import descendants

UNKNOWN = 255
"""What `multiprocess` gives for an exit code when the fork server is gone."""


class Child:
    """A process of the fork server. Its end is noticed at once: the kernel wakes the loop.

    Attributes
    ----------
    pid : int
    code : int or None
        The exit code; the negative number of the signal if one killed it.
    """

    def __init__(self, popen: Any, on_exit: Callable[[int], None]) -> None:
        self.pid = int(popen.pid)
        self.code: int | None = None
        self._popen = popen
        self._on_exit = on_exit
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._watched = self._watch()

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.code is None

    async def wait(self) -> None:
        """Wait until it has ended."""
        await self._ended.wait()

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal, to it or to its whole process group; nothing happens if it has ended."""
        if not self.alive:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if group:
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it with all that it has started.

        Inside the sandbox nothing can leave its process group, which the kernel kills as one. Elsewhere a
        descendant may have a group of its own.
        """
        left = descendants(self.pid) if self.alive else []
        self.signal(signal.SIGKILL, group=True)
        self.signal(signal.SIGKILL)
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def _watch(self) -> int:
        self._loop.add_reader(self._popen.sentinel, self._reap)
        return int(self._popen.sentinel)

    def _reap(self) -> None:
        """Take the exit code; there is none when the fork server itself has died."""
        code = self._popen.poll()
        if code is None:
            return
        self._loop.remove_reader(self._watched)
        self._kill_rest(orphaned=code == UNKNOWN)
        self.code = int(code)
        self._popen.release()
        self._ended.set()
        self._on_exit(self.code)

    def _kill_rest(self, *, orphaned: bool) -> None:
        """Kill what it has started; and itself, if it is the fork server that died, not it."""
        self.signal(signal.SIGKILL, group=True)
        if orphaned:
            self.signal(signal.SIGKILL)
