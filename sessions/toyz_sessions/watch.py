"""Keeps an eye on one process: it, with all that it starts, stays within its bounds.

The kernel's own limits hold for each process alone, or for all of a user. What a whole family of
processes uses is counted here, from outside, a few times a second for a job.
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import Callable

from toyz.errors import ToyzError
from toyz_sessions.bounds import Bounds
from toyz_sessions.census import Census, shared_out_memory, take_census, unlinked_bytes
from toyz_sessions.limits import THREADS
from toyz_sessions.scratch import measure

_PERIODS = {"job": 0.25, "builder": 1.0, "session": 10.0}
"""Seconds between two looks."""
_MANY = 4096
"""Processes where the configuration bounds them not at all."""
_SHARE = 20
"""To look through a scratch folder takes at most one part in so many of a processor."""
_SLACK = 1.25
"""How much fuller than its bound a session's scratch may be for a moment: the call that filled it is told first."""


class Watch:
    """Follows a process until `stop`.

    Parameters
    ----------
    pid : int
    scratch : str
    bounds : Bounds
    over : callable
        Called once on the loop with the error that says what was passed.
    spare : int
        Processes that are not of its own making.
    """

    def __init__(
        self, pid: int, scratch: str, bounds: Bounds, over: Callable[[ToyzError], None], *, spare: int = 0
    ) -> None:
        self._pid, self._scratch, self._bounds, self._over, self._spare = pid, scratch, bounds, over, spare
        self._began = time.monotonic()
        self._next_walk = 0.0
        self._now = asyncio.Event()
        self._task = asyncio.create_task(self._follow(), name=f"watch of process {pid}")

    def look(self) -> None:
        """Look now."""
        self._now.set()

    async def stop(self) -> None:
        """Look no more."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _follow(self) -> None:
        while True:
            # Not all at the same moment, where many began at the same moment.
            patience = _PERIODS[self._bounds.kind] * random.uniform(0.75, 1.0)
            if self._bounds.time:
                patience = min(patience, max(0.0, self._began + self._bounds.time - time.monotonic()))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._now.wait(), patience)
            self._now.clear()
            what = await asyncio.to_thread(self._passed)
            if what:
                self._over(self._bounds.exceeded(what))
                return

    def _passed(self) -> str:
        """Give which bound has been passed, if any."""
        bounds = self._bounds
        if bounds.time and time.monotonic() - self._began >= bounds.time:
            return "time"
        found = take_census(self._pid, (bounds.processes or _MANY) + self._spare)
        if self._crowded(found):
            return "processes"
        if bounds.cpu and found.cpu > bounds.cpu:
            return "cpu"
        if found.memory > bounds.memory and self._memory_passed(found):
            return "memory"
        return self._scratch_passed(found.pids)

    def _memory_passed(self, found: Census) -> bool:
        """Count memory exactly, what several share once.

        To read that of a process takes a lock that it holds while it forks: those that fork without end
        would keep the reader waiting, so all stand still meanwhile.
        """
        if len(found.pids) == 1:
            return True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGSTOP)
        try:
            return shared_out_memory(found.pids) > self._bounds.memory
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGCONT)

    def _crowded(self, found: Census) -> bool:
        processes = len(found.pids) - self._spare
        return processes > (self._bounds.processes or _MANY) or found.tasks > processes + THREADS

    def _scratch_passed(self, pids: tuple[int, ...]) -> str:
        began = time.monotonic()
        if began < self._next_walk or not self._bounds.scratch:
            return ""
        slack = _SLACK if self._bounds.kind == "session" else 1.0
        size, files = int(self._bounds.scratch * slack), int(self._bounds.scratch_files * slack)
        found = measure(self._scratch, size=size, files=files)
        try:
            nameless = unlinked_bytes(pids, os.stat(self._scratch).st_dev)
        except OSError:
            return ""
        ended = time.monotonic()
        self._next_walk = ended + _SHARE * (ended - began)
        if found.files > files:
            return "scratch_files"
        return "scratch" if found.size + nameless > size else ""
