"""``jobs``: calls of long tasks, as records."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from toyz.errors import BadRequest
from toyz.jobs import Job
from toyz.plugin import Plugin
from toyz.protocol import Id, Name
from toyz_web.context import ServerContext
from toyz_web.directory import Place

plugin = Plugin("jobs", title="Jobs")
Offset = Annotated[int, Meta(ge=0, le=10**9)]
Limit = Annotated[int, Meta(ge=1, le=1000)]


@plugin.task(name="list")
async def list_jobs(context: ServerContext, offset: Offset = 0, limit: Limit = 100) -> Sequence[Job]:
    """Give your jobs, the newest first."""
    return await context.shared.jobs.list(context.user, offset, limit)


@plugin.task
async def show(context: ServerContext, id: Id) -> Job:  # noqa: A002
    """Give one of your jobs."""
    return await context.shared.jobs.show(context.user, id)


@plugin.task
async def cancel(context: ServerContext, id: Id) -> Job:  # noqa: A002
    """Kill one of your jobs; one that has ended stays as it is."""
    return await context.shared.jobs.cancel(context.user, id)


@plugin.task
async def submit(context: ServerContext, module: Name, task: Name, parameters: dict[str, Any] | None = None) -> Job:
    """Run a long task as a job.

    Raises
    ------
    UnknownTask
    BadRequest
        If the task is not a long one.
    """
    if context.shared.directory.find(module, task) is not Place.JOB:
        raise BadRequest(f"{module}.{task} is not a long task: call it instead", field="parameters.task")
    payload = msgspec.json.encode(parameters or {})
    grants = context.shared.grants_for(context.user)
    return await context.shared.jobs.submit(context.user, grants, module, task, payload)
