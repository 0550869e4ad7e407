"""A job on its way: from the queue through its process to its end."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import msgspec

from toyz.config import Config
from toyz.errors import Busy, ErrorInfo, SessionLost, TooLarge, ToyzError
from toyz.jobs import Job, Phase
from toyz_sessions.bounds import Bounds
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.job_call import JobCall
from toyz_sessions.logs import LogWriter
from toyz_sessions.messages import CallUpdate, FromSession, Grant, LogLine, Shutdown
from toyz_sessions.worker import Worker

LARGEST_RESULT = 8 << 20
"""Bytes of JSON; more belongs in a file."""
_PROCESS = "toyz_sessions.job_process:run_job"
_TERM_TO_KILL = 0.8
_LAST_WORDS = 2.0
_INTERVAL = 0.05
"""Seconds between two reports of progress that are passed on."""


class RunningJob:
    """One job that has not ended.

    Parameters
    ----------
    job : Job
        Its record, which is changed here.
    grants : sequence of Grant
    call : JobCall
    bounds : Bounds
    changed : callable
        Called when the progress has changed.
    other : callable
        Takes events and log lines.
    warm : bool, optional
        Whether it needs more loaded than every process has.

    Attributes
    ----------
    warm : bool
    """

    def __init__(
        self,
        job: Job,
        grants: Sequence[Grant],
        call: JobCall,
        bounds: Bounds,
        changed: Callable[[Job], None],
        other: Callable[[Job, FromSession, bytes], None],
        *,
        warm: bool = False,
    ) -> None:
        self.job = job
        self.warm = warm
        self.ended = asyncio.Event()
        self._grants = grants
        self._call = call
        self._bounds = bounds
        self._changed = changed
        self._other = other
        self._lines = LogWriter(f"job {job.id} of {job.user}")
        self._worker: Worker | None = None
        self._final: tuple[CallUpdate, bytes] | None = None
        self._stopped: tuple[Phase, ErrorInfo | None] | None = None
        self._reported = 0.0

    async def run(self, held: AbstractAsyncContextManager[ForkServer], config: Config) -> None:
        """Run the process to its end, and write into the record how that was.

        Parameters
        ----------
        held : context manager
            Gives the fork server, which may have to be started first.
        config : Config
        """
        worker: Worker | None = None
        problem = ""
        try:
            async with held as forkserver:
                worker = await Worker.start(
                    forkserver,
                    config,
                    self.job.user,
                    self._grants,
                    _PROCESS,
                    self._call,
                    bounds=self._bounds,
                    receive=self._receive,
                )
                self._worker = worker
                if self._stopped is not None:
                    worker.kill()
                elif self._final is not None:
                    # It was done before it was known to have begun.
                    self._dismiss()
                await worker.died()
        except ToyzError as error:
            problem = error.message
        finally:
            self._worker = None
            if worker is not None:
                await worker.end(grace=0.0)
        self.settle(problem or (worker.outcome if worker is not None else ""), worker.over if worker else None)

    def is_within(self, grants: Sequence[Grant]) -> bool:
        """Whether all that it may touch is among these."""
        return all(grant in grants for grant in self._grants)

    def stop(self, phase: Phase, error: ErrorInfo | None = None) -> None:
        """Have the process end: asked first, killed 0.8 s later with all it has started."""
        if self._stopped is None:
            self._stopped = (phase, error)
        if self._worker is not None:
            self._worker.terminate()
            asyncio.get_running_loop().call_later(_TERM_TO_KILL, self._worker.kill)

    def kill(self) -> None:
        """Kill the process now."""
        if self._worker is not None:
            self._worker.kill()

    def _receive(self, message: FromSession, payload: bytes) -> None:
        if isinstance(message, LogLine):
            self._lines.write(message)
        if not isinstance(message, CallUpdate):
            self._other(self.job, message, payload)
        elif message.phase.final and self._final is None:
            self._final = (message, payload)
            self._dismiss()
        elif self._final is None:
            self._note(message)

    def _note(self, update: CallUpdate) -> None:
        now = time.monotonic()
        if update.progress is None or now - self._reported < _INTERVAL:
            return
        self._reported = now
        self.job.progress = min(1.0, max(0.0, update.progress))
        self.job.message = update.message or ""
        self._changed(self.job)

    def _dismiss(self) -> None:
        """Let the process go, now that its answer is here."""
        if self._worker is not None:
            with contextlib.suppress(Busy, SessionLost):
                self._worker.send(Shutdown())
            asyncio.get_running_loop().call_later(_LAST_WORDS, self._worker.kill)

    def settle(self, problem: str = "", over: ToyzError | None = None) -> None:
        """Write the end into the record; `over` says which bound its process passed."""
        job = self.job
        job.ended = time.time()
        if self._stopped is not None:
            job.phase, job.error = self._stopped
        elif self._final is None and over is not None:
            job.phase, job.error = Phase.ERROR, over.info
        elif self._final is None:
            job.phase = Phase.ERROR
            job.error = ToyzError(f"the job's process is gone: {problem}").info
        else:
            self._conclude(*self._final)

    def _conclude(self, update: CallUpdate, payload: bytes) -> None:
        job = self.job
        if update.phase is not Phase.COMPLETED:
            aborted = update.error is not None and update.error.code == "cancelled"
            job.phase = Phase.ABORTED if aborted else Phase.ERROR
            job.error = None if aborted else update.error
        elif len(payload) > LARGEST_RESULT:
            job.phase = Phase.ERROR
            job.error = TooLarge("the result is too large to be kept; a task should write such into a file").info
        else:
            self._complete(payload)

    def _complete(self, payload: bytes) -> None:
        try:
            self.job.result = msgspec.json.decode(payload)
        except (msgspec.DecodeError, RecursionError):
            self.job.phase, self.job.error = Phase.ERROR, ToyzError("the result is not JSON").info
        else:
            self.job.phase, self.job.progress = Phase.COMPLETED, 1.0
