"""The calls of a window: each is answered by the server itself, by the session, or by a job."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec

from toyz.errors import Busy, Conflict, ToyzError
from toyz.jobs import Job, Phase
from toyz.plugin import Task
from toyz.protocol import Call, Update
from toyz.values import to_json
from toyz_sessions.dispatch import describe_error
from toyz_sessions.messages import Grant
from toyz_sessions.repeatable import is_repeatable
from toyz_web.answers import CallState
from toyz_web.auth import Identity
from toyz_web.context import ServerContext
from toyz_web.directory import Place
from toyz_web.link import Link
from toyz_web.rooms import Guest
from toyz_web.shared import Shared
from toyz_web.speaker import Speaker


class Calls:
    """Has calls answered, each id once.

    Parameters
    ----------
    window : Guest
        Whose they are.
    shared : Shared
    link : Link
        To the session.
    speaker : Speaker
        Tells the client.
    """

    def __init__(self, window: Guest, shared: Shared, link: Link, speaker: Speaker) -> None:
        self._window = window
        self._shared = shared
        self._link = link
        self._speaker = speaker
        self._answers = speaker.answers
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._jobs: dict[str, str] = {}

    def end(self) -> None:
        """Give up what the server itself does for them; jobs go on."""
        for task in self._tasks.values():
            task.cancel()

    def cancel(self, id: str) -> None:  # noqa: A002
        """Take a call or a tile back."""
        for job, call in self._jobs.items():
            if call == id:
                self._spawn(f"cancel {id}", self._cancel_job(job))
                return
        if id in self._tasks:
            self._tasks[id].cancel()
        else:
            self._link.cancel(id)

    def make(self, call: Call, grants: tuple[Grant, ...], identity: Identity) -> None:
        """Have a call answered.

        Parameters
        ----------
        call : Call
        grants : tuple of Grant
            What a job of it may see.
        identity : Identity
            Who calls.
        """
        state = self._answers.find(call.id)
        if state is not None and not self._is_repeated(call, state):
            return
        self._answers.begin(call.id, call.module, repeatable=is_repeatable(call.module, call.task))
        try:
            found = self._shared.directory.find(call.module, call.task)
            if found is Place.SESSION:
                self._link.call(call.id, call.module, call.task, bytes(call.parameters))
            elif self._answers.running > self._shared.config.limits.queue:
                raise Busy("Too much is waiting already; try again in a moment.")
            elif found is Place.JOB:
                self._spawn(call.id, self._submit(call, grants))
            else:
                self._spawn(call.id, self._run(call, found, identity))
        except ToyzError as error:
            self._speaker.post(Update(call.id, Phase.ERROR, error=error.info))

    def _is_repeated(self, call: Call, state: CallState) -> bool:
        """Answer a call whose id was used before; True if it is to be made (again)."""
        if state.last is not None:
            self._speaker.put(state.last)
        elif state.final and state.repeatable and is_repeatable(call.module, call.task):
            return True
        elif state.final:
            error = Conflict("This call was answered before, and the answer is gone. Call again with another id.")
            self._speaker.send(Update(call.id, Phase.ERROR, error=error.info))
        return False

    def _spawn(self, id: str, work: Coroutine[Any, Any, None]) -> None:  # noqa: A002
        task = asyncio.create_task(work)
        self._tasks[id] = task
        task.add_done_callback(lambda _: self._tasks.pop(id, None))

    async def _run(self, call: Call, task: Task, identity: Identity) -> None:
        try:
            context = ServerContext(identity, self._window, self._shared)
            result = await task.call(context, task.decode(bytes(call.parameters)))
            self._speaker.post(Update(call.id, Phase.COMPLETED, result=msgspec.Raw(to_json(result))))
        except asyncio.CancelledError:
            self._speaker.post(Update(call.id, Phase.ABORTED))
            raise
        except Exception as error:
            self._speaker.post(Update(call.id, Phase.ERROR, error=describe_error(error, call.id)))

    async def _submit(self, call: Call, grants: tuple[Grant, ...]) -> None:
        jobs = self._shared.jobs
        try:
            job = await asyncio.shield(
                jobs.submit(self._window.user, grants, call.module, call.task, bytes(call.parameters))
            )
            self._jobs[job.id] = call.id
            self._speaker.post(Update(call.id, Phase.PENDING, result={"job": job.id}))
            # It may have begun, or ended, before its id was known here.
            self.follow(await jobs.show(self._window.user, job.id))
        except Exception as error:
            self._speaker.post(Update(call.id, Phase.ERROR, error=describe_error(error, call.id)))

    async def _cancel_job(self, job: str) -> None:
        await self._shared.jobs.cancel(self._window.user, job)

    def follow(self, job: Job) -> None:
        """Tell the client how a call stands whose job this is; nothing happens if it is no job of these calls."""
        call = self._jobs.get(job.id)
        if call is None or job.phase is Phase.PENDING:
            return
        if job.phase.final:
            del self._jobs[job.id]
        self._speaker.post(
            Update(
                call,
                job.phase,
                progress=job.progress,
                message=job.message or None,
                result=job.result,
                error=job.error,
            )
        )
