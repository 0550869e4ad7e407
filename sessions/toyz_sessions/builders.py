"""Builders: processes that write pyramids and unpacked files into the cache."""

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from toyz.config import Config
from toyz.errors import BadRequest, Busy, ToyzError
from toyz.jobs import Phase
from toyz_sessions import spool
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.keys import SUFFIXES
from toyz_sessions.messages import Build, BuildUpdate, Grant
from toyz_sessions.running_build import RunningBuild

STALL = 300.0
"""Seconds without progress after which a build is given up."""
_WAITING = 500
_KEY = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}")

_log = logging.getLogger(__name__)
Notify = Callable[[BuildUpdate], None]


class Builders:
    """Runs builds, each key once, a few at a time; what somebody waits for goes before pyramids.

    Parameters
    ----------
    forkserver : ForkServer
    config : Config
        ``limits.builders`` run at once; ``limits.spool`` bounds the unpacked files of all shares.
    runner : str, optional
        ``module:attribute`` of what does a build in its process.
    stall : float, optional
        Seconds without progress after which a build is given up.
    """

    def __init__(
        self, forkserver: ForkServer, config: Config, *, runner: str = "toyz_sessions.work:run", stall: float = STALL
    ) -> None:
        self._forkserver = forkserver
        self._config = config
        self._runner = runner
        self._stall = stall
        self._builds: dict[tuple[str, str], RunningBuild] = {}
        self._queue: list[RunningBuild] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._folders: set[Path] = {Path(config.cache) / share.name for share in config.shares}
        self._closing = False

    async def start(self) -> None:
        """Sweep away what a former server left half written, and what is over the limit."""
        await asyncio.to_thread(_tidy, tuple(self._folders), self._config.limits.spool)

    def request(self, build: Build, grant: Grant, notify: Notify) -> None:
        """Run `build` unless it runs or is done.

        Parameters
        ----------
        build : Build
            As a session, which nobody need trust, has sent it.
        grant : Grant
            The share that it names.
        notify : callable
            Called on the loop with how the build stands, from now to its end; not before this returns.
        """
        problem = self._problem(build, grant)
        if problem is not None:
            self._later(notify, BuildUpdate(build.key[:128], Phase.ERROR, error=problem.info))
            return
        running = self._builds.get((grant.cache, build.key))
        if running is not None:
            running.listeners.append(notify)
            self._later(notify, running.update)
            return
        running = RunningBuild(build, grant, [notify])
        self._builds[grant.cache, build.key] = running
        self._folders.add(Path(grant.cache))
        self._queue.append(running)
        self._later(notify, running.update)
        self._run_next()

    async def close(self) -> None:
        """End all builds."""
        self._closing = True
        self._queue.clear()
        for running in self._builds.values():
            running.kill("the server is ending")
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _problem(self, build: Build, grant: Grant) -> ToyzError | None:
        if not _KEY.fullmatch(build.key) or build.kind not in SUFFIXES or build.share != grant.name:
            return BadRequest("no such build")
        if len(self._queue) >= _WAITING or self._closing:
            return Busy("too many files are waiting to be prepared; try again later")
        return None

    def _later(self, notify: Notify, update: BuildUpdate) -> None:
        asyncio.get_running_loop().call_soon(notify, update)

    def _run_next(self) -> None:
        while self._queue and len(self._tasks) < self._config.limits.builders and not self._closing:
            running = min(self._queue, key=lambda each: each.build.kind == "pyramid")
            self._queue.remove(running)
            task = asyncio.create_task(self._run(running), name=f"build {running.build.key}")
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a build could not be followed to its end", exc_info=error)
        self._run_next()

    async def _run(self, running: RunningBuild) -> None:
        key = (running.grant.cache, running.build.key)
        watch = asyncio.create_task(self._watch(running))
        try:
            if await asyncio.to_thread(running.output.exists):
                await asyncio.to_thread(spool.touch, running.output)
                running.tell(BuildUpdate(running.build.key, Phase.COMPLETED, 1.0))
            else:
                await running.run(self._forkserver, self._config, self._runner)
        finally:
            watch.cancel()
            del self._builds[key]
        if running.update.phase is not Phase.COMPLETED:
            _log.warning("build %s of %s: %s", running.build.kind, running.build.share, running.update.error)
        await asyncio.to_thread(_clear, running, self._spools(), self._config.limits.spool)

    async def _watch(self, running: RunningBuild) -> None:
        """Stop a build that makes no progress, or that fills the cache beyond what others can make room for."""
        patience = self._stall
        while True:
            await asyncio.sleep(min(1.0, self._stall / 4))
            patience = self._stall if running.moved() else patience - min(1.0, self._stall / 4)
            if patience <= 0:
                running.kill("it made no progress for too long")
            elif running.build.kind != "pyramid" and not await asyncio.to_thread(
                spool.evict, self._spools(), self._config.limits.spool
            ):
                running.kill("unpacked, it would not fit into the cache")

    def _spools(self) -> Sequence[Path]:
        return tuple(self._folders)


def _tidy(folders: Sequence[Path], limit: int) -> None:
    for folder in folders:
        spool.sweep(folder)
    spool.evict(folders, limit)


def _clear(running: RunningBuild, folders: Sequence[Path], limit: int) -> None:
    """Clear up after a build: the half-written file of one that failed, others for which there is no room."""
    if running.update.phase is not Phase.COMPLETED:
        spool.sweep(Path(running.grant.cache))
    spool.evict(folders, limit)
