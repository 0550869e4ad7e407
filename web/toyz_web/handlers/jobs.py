"""``/api/jobs``: calls of long tasks."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from toyz.errors import BadRequest, Conflict
from toyz.jobs import Job, Phase
from toyz.protocol import Name
from toyz_web.directory import Place
from toyz_web.handlers.base import BaseHandler
from toyz_web.operations import Operation, operation
from toyz_web.schemas import JobProgress

MAX_WAIT = 60.0


class NewJob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which long task to run, and with what."""

    module: Name
    task: Name
    parameters: dict[str, Any] = {}


class JobsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page of the list."""

    offset: Annotated[int, Meta(ge=0, le=10**9)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class ProgressQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long to wait for a change: until the progress passes `after`, or the job ends."""

    wait: Annotated[float, Meta(ge=0, le=MAX_WAIT)] = 0.0
    after: Annotated[float, Meta(ge=-1, le=1)] = -1.0


class JobsHandler(BaseHandler):
    """All jobs of a user."""

    @operation(Operation(summary="List your jobs, the newest first", query=JobsQuery, response=list[Job]))
    async def get(self, query: JobsQuery) -> Sequence[Job]:
        """Give one page."""
        return await self.services.shared.jobs.list(self.user, query.offset, query.limit)

    @operation(
        Operation(summary="Run a long task as a job", body=NewJob, response=Job, status=201, errors=(404, 413, 503))
    )
    async def post(self, new: NewJob) -> Job:
        """Record and queue it."""
        shared = self.services.shared
        if shared.directory.find(new.module, new.task) is not Place.JOB:
            raise BadRequest(f"{new.module}.{new.task} is not a long task: call it over the websocket", field="task")
        payload = msgspec.json.encode(new.parameters)
        job = await shared.jobs.submit(self.user, shared.grants_for(self.user), new.module, new.task, payload)
        self.set_header("Location", f"{self.services.base_url}api/jobs/{job.id}")
        return job


class JobHandler(BaseHandler):
    """One job."""

    @operation(Operation(summary="Show a job", response=Job, errors=(404,)))
    async def get(self, id: str) -> Job:  # noqa: A002
        """Give its record."""
        return await self.services.shared.jobs.show(self.user, id)

    @operation(Operation(summary="Cancel a job", response=Job, errors=(404,)))
    async def delete(self, id: str) -> Job:  # noqa: A002
        """Kill it; its record stays."""
        return await self.services.shared.jobs.cancel(self.user, id)


class CancelHandler(BaseHandler):
    """Ends a job."""

    @operation(Operation(summary="Cancel a job", response=Job, errors=(404,)))
    async def post(self, id: str) -> Job:  # noqa: A002
        """Kill it; its record stays."""
        return await self.services.shared.jobs.cancel(self.user, id)


class ProgressHandler(BaseHandler):
    """How far a job is, now or at its next change."""

    @operation(Operation(summary="Follow a job", query=ProgressQuery, response=JobProgress, errors=(404,)))
    async def get(self, query: ProgressQuery, id: str) -> JobProgress:  # noqa: A002
        """Answer at once, or when there is news."""
        shared = self.services.shared
        loop_time = self.request.request_time
        while True:
            job = await shared.jobs.show(self.user, id)
            left = query.wait - loop_time()
            if job.phase.final or job.progress > query.after or left <= 0:
                return JobProgress(job.id, job.phase, job.progress, job.message)
            await shared.feed.wait(id, left)


class ResultHandler(BaseHandler):
    """What a job returned."""

    @operation(Operation(summary="Fetch the result of a job", response=Any, errors=(404, 409)))
    async def get(self, id: str) -> bytes:  # noqa: A002
        """Give the JSON that the task returned."""
        job = await self.services.shared.jobs.show(self.user, id)
        if job.phase is not Phase.COMPLETED:
            why = job.error.message if job.error is not None else f"it is {job.phase}"
            raise Conflict(f"The job has no result: {why}")
        return msgspec.json.encode(job.result)
