"""News of jobs, from the manager to whoever follows them."""

import asyncio
from collections.abc import Callable

from toyz.jobs import Job
from toyz_sessions.messages import FromSession


class JobFeed:
    """Passes updates of jobs on, and lets a request wait for the next one."""

    def __init__(self) -> None:
        self._followers: list[Callable[[Job], None]] = []
        self._listeners: list[Callable[[Job, FromSession, bytes], None]] = []
        self._changes: dict[str, asyncio.Event] = {}

    def follow(self, follower: Callable[[Job], None]) -> None:
        """Call `follower` at every update, to the end of the server."""
        self._followers.append(follower)

    def listen(self, listener: Callable[[Job, FromSession, bytes], None]) -> None:
        """Call `listener` with every event and log line of a job and its payload."""
        self._listeners.append(listener)

    def pass_on(self, job: Job, message: FromSession, payload: bytes) -> None:
        """Give an event or a log line of a job to the listeners."""
        for listener in self._listeners:
            listener(job, message, payload)

    def publish(self, job: Job) -> None:
        """Tell everybody."""
        for follower in self._followers:
            follower(job)
        change = self._changes.pop(job.id, None)
        if change is not None:
            change.set()

    async def wait(self, id: str, seconds: float) -> None:  # noqa: A002
        """Return at the next update of a job, or after so many seconds."""
        change = self._changes.setdefault(id, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await change.wait()
        except TimeoutError:
            if self._changes.get(id) is change:
                del self._changes[id]
                # Others may wait for the same event with more patience.
                change.set()
