"""A build on its way: from the queue through its process to its end."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from toyz.config import Config
from toyz.errors import Busy, SessionLost, ToyzError
from toyz.jobs import Phase
from toyz_sessions.builder_process import run_builder
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.keys import SUFFIXES
from toyz_sessions.logs import LogWriter
from toyz_sessions.messages import Build, BuildUpdate, CallUpdate, FromSession, Grant, LogLine, Shutdown
from toyz_sessions.worker import Worker

_LAST_WORDS = 2.0

_log = logging.getLogger(__name__)


class RunningBuild:
    """One build that has not ended.

    Attributes
    ----------
    build : Build
    grant : Grant
    listeners : list of callable
        Told of each update.
    update : BuildUpdate
        How it stands.
    """

    def __init__(self, build: Build, grant: Grant, listeners: list[Callable[[BuildUpdate], None]]) -> None:
        self.build = build
        self.grant = grant
        self.listeners = listeners
        self.update = BuildUpdate(build.key, Phase.QUEUED)
        self._lines = LogWriter(f"builder of {build.share}")
        self._worker: Worker | None = None
        self._final: CallUpdate | None = None
        self._killed = ""
        self._moved = True

    @property
    def output(self) -> Path:
        """What it writes."""
        return Path(self.grant.cache) / f"{self.build.key}{SUFFIXES[self.build.kind]}"

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

    async def run(self, forkserver: ForkServer, config: Config, runner: str) -> None:
        """Run the process to its end and tell how that was."""
        self.tell(BuildUpdate(self.build.key, Phase.EXECUTING))
        problem = ""
        worker: Worker | None = None
        try:
            worker = await Worker.start(
                forkserver, config, "", (self.grant,), run_builder, self.build, runner, receive=self._receive
            )
            self._worker = worker
            if self._killed:
                worker.kill()
            elif self._final is not None:
                # It was done before it was known to have begun.
                self._dismiss()
            await worker.died()
            problem = worker.outcome
        except ToyzError as error:
            problem = error.message
        finally:
            self._worker = None
            if worker is not None:
                await worker.end(grace=0.0)
        self.tell(self._last_update(problem))

    def _receive(self, message: FromSession, payload: bytes) -> None:
        if isinstance(message, LogLine):
            self._lines.write(message)
        elif isinstance(message, CallUpdate) and self._final is None:
            self._moved = True
            if message.phase.final:
                self._final = message
                self._dismiss()
            else:
                self.tell(BuildUpdate(self.build.key, Phase.EXECUTING, message.progress or 0.0))

    def _dismiss(self) -> None:
        if self._worker is not None:
            with contextlib.suppress(Busy, SessionLost):
                self._worker.send(Shutdown())
            asyncio.get_running_loop().call_later(_LAST_WORDS, self._worker.kill)

    def _last_update(self, problem: str) -> BuildUpdate:
        if self._final is not None and self._final.phase is Phase.COMPLETED:
            return BuildUpdate(self.build.key, Phase.COMPLETED, 1.0)
        if self._final is not None and self._final.error is not None:
            return BuildUpdate(self.build.key, Phase.ERROR, error=self._final.error)
        message = f"the file could not be prepared: {self._killed or problem}"
        return BuildUpdate(self.build.key, Phase.ERROR, error=ToyzError(message).info)
