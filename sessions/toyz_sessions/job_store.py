"""What keeps the records of jobs."""

from collections.abc import Sequence
from typing import Protocol

from toyz.jobs import Job, Phase


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
