"""Short tasks of plugins under way in a session: held to its scratch folder, and to a time."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from toyz.config import Limits
from toyz.errors import ErrorInfo, OverLimit
from toyz_sessions.bounds import session_bounds
from toyz_sessions.scratch import ScratchGuard
from toyz_sessions.task_context import TaskContext

UNHEARD = 3.0
"""Seconds in which a task ends that was told that its time is over; then its process is."""


class PluginCalls:
    """Knows which tasks of plugins run, and since when.

    Parameters
    ----------
    scratch : Path
        Of the session.
    limits : Limits
    fail : callable
        Answers a call with an error.
    """

    def __init__(self, scratch: Path, limits: Limits, fail: Callable[[str, ErrorInfo], None]) -> None:
        self._guard = ScratchGuard(scratch, session_bounds(limits))
        self._seconds = limits.call_time
        self._fail = fail
        self._running: dict[TaskContext, float] = {}
        self._late: set[TaskContext] = set()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def running(self, context: TaskContext) -> Iterator[None]:
        """Count a task as running for the length of the block.

        Raises
        ------
        OverLimit
            At the end, if the scratch folder is too full.
        """
        with self._lock:
            self._running[context] = time.monotonic()
        try:
            with self._guard.checked():
                yield
        finally:
            with self._lock:
                del self._running[context]
                self._late.discard(context)

    def end_late(self) -> str:
        """End the tasks whose time is over; give what hangs and does not hear it."""
        with self._lock:
            ages = {context: time.monotonic() - began for context, began in self._running.items()}
        hung = ""
        for context, age in ages.items():
            if not self._seconds or age <= self._seconds:
                continue
            if context not in self._late:
                self._late.add(context)
                context.cancel()
                text = f"This task took longer than the {self._seconds:g} s that one may take (limits.call_time)."
                self._fail(context.call, OverLimit(text, field="limits.call_time").info)
            elif age > self._seconds + UNHEARD:
                hung = f"a task of {context.module} hung"
        return hung
