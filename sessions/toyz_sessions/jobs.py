"""Jobs: calls of long tasks, each in a process of its own."""

from collections.abc import Callable, Sequence
from typing import Protocol

from toyz.config import Config
from toyz.jobs import Job, Phase

from toyz_sessions.forkserver import ForkServer
from toyz_sessions.messages import Grant


class JobStore(Protocol):
    """Where the records of jobs are kept."""

    async def save(self, job: Job) -> None:
        """Insert or replace the record; it is safe when this returns."""

    async def load(self, id: str) -> Job | None:  # noqa: A002
        """Give the record, or None."""

    async def list(
        self, user: str | None = None, *, offset: int = 0, limit: int = 100, phases: Sequence[Phase] = ()
    ) -> Sequence[Job]:
        """Give records, the newest first: of one user or of all, in these phases or in any."""


class JobManager:
    """Queues jobs, runs a few at a time, and records how they end."""

    def __init__(
        self, forkserver: ForkServer, config: Config, store: JobStore, on_update: Callable[[Job], None]
    ) -> None:
        raise NotImplementedError

    async def start(self) -> None:
        """Mark what a former server left unfinished as failed: "interrupted by a restart"."""
        raise NotImplementedError

    async def close(self) -> None:
        """Kill what runs."""
        raise NotImplementedError

    async def submit(self, user: str, grants: Sequence[Grant], module: str, task: str, parameters: bytes) -> Job:
        """Record a job and queue it. `parameters` is the JSON of an object.

        Raises
        ------
        Busy
            If too many jobs of this user wait.
        """
        raise NotImplementedError

    async def show(self, user: str, id: str) -> Job:  # noqa: A002
        """Give a job of this user.

        Raises
        ------
        NotFound
            If there is none, or it is another user's: the same error.
        """
        raise NotImplementedError

    async def cancel(self, user: str, id: str) -> Job:  # noqa: A002
        """Kill a job and give its record; one that has ended stays as it is.

        Raises
        ------
        NotFound
        """
        raise NotImplementedError

    async def list(self, user: str, offset: int = 0, limit: int = 100) -> Sequence[Job]:
        """Give the jobs of this user, the newest first."""
        raise NotImplementedError
