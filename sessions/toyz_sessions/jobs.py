"""Jobs: calls of long tasks, each in a process of its own."""

import asyncio
import contextlib
import copy
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from toyz.config import Config
from toyz.errors import BadRequest, Busy, Forbidden, NotFound, ToyzError
from toyz.jobs import Job, Phase
from toyz_sessions.bounds import job_bounds
from toyz_sessions.declared import Declared, Plain
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.job_call import JobCall
from toyz_sessions.job_store import JobStore
from toyz_sessions.messages import FromSession, Grant
from toyz_sessions.running_job import RunningJob
from toyz_sessions.warm_forkserver import WarmForkServer

WAITING = 500
"""Jobs of one user that may wait or run."""
_INTERRUPTED = "interrupted by a restart of the server"
_PAGE = 200

_log = logging.getLogger(__name__)

__all__ = ["JobManager", "JobStore"]

IsActive = Callable[[str], Awaitable[bool]]
"""Whether a user is there and not shut out."""


class JobManager:
    """Queues jobs, runs a few at a time, and records how they end.

    Parameters
    ----------
    forkserver : ForkServer
        That of the `SessionManager`; close this first.
    config : Config
        ``limits.jobs`` run at once.
    store : JobStore
        Written when a job is taken, begins and ends; progress is not written.
    on_update : callable
        Called on the loop with a copy of the record at each change, at most 20 times a second.
    on_message : callable, optional
        Called with a copy of the record, and an event (`Emitted`) or `LogLine` of the job and its payload.
    declared : callable, optional
        Gives what a task declares of its jobs, by its module and name.
    runner, registry : str, optional
        ``module:attribute`` of what runs a task in the process, and of what gives the registry.
    """

    def __init__(
        self,
        forkserver: ForkServer,
        config: Config,
        store: JobStore,
        on_update: Callable[[Job], None],
        on_message: Callable[[Job, FromSession, bytes], None] | None = None,
        *,
        declared: Callable[[str, str], Declared] = lambda module, task: Plain(),
        runner: str = "toyz_sessions.dispatch:run_task",
        registry: str = "toyz_extensions.registry:load_registry",
    ) -> None:
        self._forkserver = forkserver
        self._config = config
        self._store = store
        self._on_update = on_update
        self._on_message = on_message
        self._declared = declared
        self._warm = WarmForkServer(
            lambda preload: ForkServer(forkserver.spawner, preload=preload), config.limits.grace
        )
        self._runner = runner
        self._registry = registry
        self._jobs: dict[str, RunningJob] = {}
        self._queue: deque[RunningJob] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        self._draining = False

    async def start(self) -> None:
        """Mark what a former server left unfinished as failed.

        Queued jobs too: the grants they were to run with went with that server.
        """
        unfinished = (Phase.PENDING, Phase.QUEUED, Phase.EXECUTING)
        while jobs := await self._store.list(phases=unfinished, limit=_PAGE):
            for job in jobs:
                job.phase, job.ended, job.error = Phase.ERROR, time.time(), ToyzError(_INTERRUPTED).info
                await self._store.save(job)

    def count(self, phase: Phase) -> int:
        """Give how many jobs that have not ended are in a phase."""
        return sum(running.job.phase is phase for running in self._jobs.values())

    async def drain(self, seconds: float) -> None:
        """Take no more jobs and begin none, and give those that run so long to end."""
        self._draining = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def close(self) -> None:
        """Kill what runs and record it."""
        self._closing = True
        for running in tuple(self._jobs.values()):
            running.stop(Phase.ERROR, ToyzError(_INTERRUPTED).info)
            running.kill()
        for running in tuple(self._queue):
            await self._drop(running)
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._warm.close()

    @property
    def warm_pid(self) -> int:
        """Of the fork server of warmed jobs; 0 while there is none."""
        return self._warm.pid

    @property
    def busy(self) -> bool:
        """Whether any job runs, or waits for its turn."""
        return bool(self._queue or self._tasks)

    async def submit(self, user: str, grants: Sequence[Grant], module: str, task: str, parameters: bytes) -> Job:
        """Record a job and queue it.

        Parameters
        ----------
        user : str
        grants : sequence of Grant
            What it may touch.
        module, task : str
            Looked up in the job's own process.
        parameters : bytes
            JSON of an object.

        Returns
        -------
        Job
            In phase QUEUED; it is recorded when this returns.

        Raises
        ------
        BadRequest
            If the parameters are not a JSON object.
        Busy
            If too many jobs of this user wait.
        """
        if self._draining:
            raise Busy("The server is being restarted; try again in a moment.")
        if self._closing or sum(each.job.user == user for each in self._jobs.values()) >= WAITING:
            raise Busy("too many of your jobs are waiting; try again later")
        job = Job(
            id=secrets.token_hex(16),
            user=user,
            module=module,
            task=task,
            parameters=_decode(parameters),
            phase=Phase.QUEUED,
            created=time.time(),
        )
        call = JobCall(
            id=job.id, module=module, task=task, parameters=parameters, runner=self._runner, registry=self._registry
        )
        declared = self._declared(module, task)
        bounds = job_bounds(self._config.limits, declared.limits)
        running = RunningJob(job, grants, call, bounds, self._update, self._receive, warm=declared.warm)
        self._jobs[job.id] = running
        try:
            await self._store.save(copy.copy(job))
        except BaseException:
            del self._jobs[job.id]
            raise
        taken = copy.copy(job)
        self._queue.append(running)
        self._update(job)
        self._run_next()
        return taken

    async def show(self, user: str, id: str) -> Job:  # noqa: A002
        """Give a job of this user.

        Raises
        ------
        NotFound
            If there is none, or it is another user's: the same error.
        """
        running = self._jobs.get(id)
        job = copy.copy(running.job) if running is not None else await self._store.load(id)
        if job is None or job.user != user:
            raise NotFound("there is no such job")
        return job

    async def cancel(self, user: str, id: str) -> Job:  # noqa: A002
        """Kill a job and give its record; one that has ended stays as it is.

        Raises
        ------
        NotFound
            As `show`.
        """
        await self.show(user, id)
        running = self._jobs.get(id)
        if running is not None:
            running.stop(Phase.ABORTED)
            if running in self._queue:
                await self._drop(running)
            await running.ended.wait()
        return await self.show(user, id)

    async def revoke(self, grants_for: Callable[[str], Sequence[Grant]], is_active: IsActive) -> None:
        """End the jobs whose users may not have them any more: with a share that was withdrawn, or shut out.

        Parameters
        ----------
        grants_for : callable
            What a user may see now.
        is_active : callable
            Whether a user is there and not shut out.
        """
        for running in tuple(self._jobs.values()):
            user = running.job.user
            if running.is_within(grants_for(user)) and await is_active(user):
                continue
            running.stop(Phase.ERROR, Forbidden("What this job worked on has been withdrawn from you.").info)
            if running in self._queue:
                await self._drop(running)

    @property
    def _stopping(self) -> bool:
        return self._closing or self._draining

    def _run_next(self) -> None:
        while self._queue and len(self._tasks) < self._config.limits.jobs and not self._stopping:
            task = asyncio.create_task(self._run(self._queue.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a job could not be followed to its end", exc_info=error)
        self._run_next()

    async def _run(self, running: RunningJob) -> None:
        job = running.job
        job.phase, job.started = Phase.EXECUTING, time.time()
        try:
            await self._save(job)
            if running.warm and not self._warm.pid:
                job.message = "loading what this needs"
            self._update(job)
            held = self._warm.held() if running.warm else contextlib.nullcontext(self._forkserver)
            await running.run(held, self._config)
        finally:
            await self._end(running)

    async def _drop(self, running: RunningJob) -> None:
        """End a job that has not begun."""
        self._queue.remove(running)
        running.settle()
        await self._end(running)

    async def _end(self, running: RunningJob) -> None:
        try:
            await self._save(running.job)
        finally:
            self._jobs.pop(running.job.id, None)
            running.ended.set()
            self._update(running.job)

    async def _save(self, job: Job) -> None:
        """Save a record; a full disk must not stop the job itself."""
        try:
            await self._store.save(copy.copy(job))
        except Exception:
            _log.exception("job %s could not be recorded", job.id)

    def _update(self, job: Job) -> None:
        self._call(self._on_update, copy.copy(job))

    def _receive(self, job: Job, message: FromSession, payload: bytes) -> None:
        if self._on_message is not None:
            self._call(self._on_message, copy.copy(job), message, payload)

    def _call(self, listener: Callable[..., None], *arguments: Any) -> None:
        try:
            listener(*arguments)
        except Exception:
            _log.exception("a listener of jobs failed")

    async def list(self, user: str, offset: int = 0, limit: int = 100) -> Sequence[Job]:
        """Give the jobs of this user, the newest first."""
        records = await self._store.list(user, offset=offset, limit=limit)
        return [copy.copy(self._jobs[job.id].job) if job.id in self._jobs else job for job in records]


def _decode(parameters: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(parameters or b"{}", type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadRequest(f"the parameters are not a JSON object: {str(error)[:200]}") from None
