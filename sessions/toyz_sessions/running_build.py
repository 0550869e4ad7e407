"""A build on its way: from the queue through its process to its end."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from toyz.config import Config, Limits
from toyz.errors import Busy, SessionLost, ToyzError
from toyz.jobs import Phase
from toyz_sessions.bounds import builder_bounds
from toyz_sessions.builder_process import run_builder
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.keys import PARTIAL, RESUMABLE, SUFFIXES
from toyz_sessions.logs import LogWriter
from toyz_sessions.messages import Build, BuildUpdate, CallUpdate, CancelCall, FromSession, Grant, LogLine, Shutdown
from toyz_sessions.worker import Worker

_LAST_WORDS = 2.0
"""Seconds in which a builder that is done, or taken back, ends by itself."""

_log = logging.getLogger(__name__)


class RunningBuild:
    """One build that has not ended.

    Attributes
    ----------
    build : Build
    grant : Grant
    user : str
        Who asked for it first.
    listeners : list of callable
        Told of each update.
    update : BuildUpdate
        How it stands.
    """

    def __init__(
        self, build: Build, grant: Grant, listeners: list[Callable[[BuildUpdate], None]], user: str = ""
    ) -> None:
        self.build = build
        self.user = user
        self.grant = grant
        self.listeners = listeners
        self.update = BuildUpdate(build.key, Phase.QUEUED)
        self._lines = LogWriter(f"builder of {build.share}")
        self._worker: Worker | None = None
        self._final: CallUpdate | None = None
        self._killed = ""
        self._abandoned = False
        self._code: int | None = None
        self._over: ToyzError | None = None
        self._moved = True

    @property
    def output(self) -> Path:
        """What it writes."""
        return Path(self.grant.cache) / f"{self.build.key}{SUFFIXES[self.build.kind]}"

    @property
    def partial(self) -> Path:
        """What it writes, before that is finished."""
        return self.output.with_name(self.output.name + PARTIAL)

    @property
    def resumable(self) -> bool:
        """Whether the next build may go on from what this one left: one that failed would fail there again."""
        return self.build.kind in RESUMABLE and (self._abandoned or self._code == -signal.SIGKILL)

    def moved(self) -> bool:
        """Whether there was progress since this was asked last."""
        moved, self._moved = self._moved, False
        return moved

    def tell(self, update: BuildUpdate) -> None:
        """Tell everybody how the build stands."""
        self.update = update
        for listener in tuple(self.listeners):
            try:
                listener(update)
            except Exception:
                _log.exception("a listener of build %s failed", self.build.key)

    def kill(self, reason: str) -> None:
        """End it; `reason` is told."""
        self._killed = self._killed or reason
        if self._worker is not None:
            self._worker.kill()

    def abandon(self) -> None:
        """Have it end at the next piece of its work, because nobody wants it any more."""
        self._abandoned = True
        if self._worker is not None:
            self._bid(CancelCall(self.build.key))

    async def run(self, forkserver: ForkServer, config: Config, runner: str) -> BuildUpdate:
        """Run the process to its end and give how that was; what comes before is told."""
        self.tell(BuildUpdate(self.build.key, Phase.EXECUTING))
        problem = ""
        worker: Worker | None = None
        try:
            worker = await Worker.start(
                forkserver,
                config,
                self.user,
                (self.grant,),
                run_builder,
                self.build,
                runner,
                bounds=builder_bounds(config.limits, _largest(self.build, config.limits)),
                receive=self._receive,
            )
            self._worker = worker
            if self._killed:
                worker.kill()
            elif self._final is not None:
                # It was done before it was known to have begun.
                self._bid(Shutdown())
            elif self._abandoned:
                self._bid(CancelCall(self.build.key))
            await worker.died()
            problem, self._code, self._over = worker.outcome, worker.code, worker.over
        except ToyzError as error:
            problem = error.message
        finally:
            self._worker = None
            if worker is not None:
                await worker.end(grace=0.0)
        return self._last_update(problem)

    def _receive(self, message: FromSession, payload: bytes) -> None:
        if isinstance(message, LogLine):
            self._lines.write(message)
        elif isinstance(message, CallUpdate) and self._final is None:
            self._moved = True
            if message.phase.final:
                self._final = message
                self._bid(Shutdown())
            else:
                self.tell(BuildUpdate(self.build.key, Phase.EXECUTING, message.progress or 0.0))

    def _bid(self, message: CancelCall | Shutdown) -> None:
        """Tell the process to end, and see that it does."""
        if self._worker is not None:
            with contextlib.suppress(Busy, SessionLost):
                self._worker.send(message)
            asyncio.get_running_loop().call_later(_LAST_WORDS, self._worker.kill)

    def _last_update(self, problem: str) -> BuildUpdate:
        if self._final is not None and self._final.phase is Phase.COMPLETED:
            return BuildUpdate(self.build.key, Phase.COMPLETED, 1.0)
        if self._abandoned:
            return BuildUpdate(self.build.key, Phase.ABORTED, self.update.progress)
        if self._final is not None and self._final.error is not None:
            return BuildUpdate(self.build.key, Phase.ERROR, error=self._final.error)
        if self._over is not None:
            return BuildUpdate(self.build.key, Phase.ERROR, error=self._over.info)
        message = f"the file could not be prepared: {self._killed or problem}"
        return BuildUpdate(self.build.key, Phase.ERROR, error=ToyzError(message).info)


def _largest(build: Build, limits: Limits) -> int:
    """Give the bytes that a file may hold; what a packed file holds is unpacked for its pyramid, too."""
    return max(limits.spool_file, limits.pyramids) if build.kind == "pyramid" else min(limits.spool_file, limits.spool)
