"""Builders: processes that write pyramids and unpacked files into the cache."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from toyz.config import Config
from toyz.errors import BadRequest, Busy, ToyzError
from toyz.jobs import Phase
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.keys import SUFFIXES
from toyz_sessions.messages import Build, BuildUpdate, Grant
from toyz_sessions.quota import Quota, discard, quotas_of, sweep, touch
from toyz_sessions.running_build import RunningBuild

STALL = 300.0
"""Seconds without progress after which a build is given up."""
_WAITING = 500
_KEY = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}")

_log = logging.getLogger(__name__)
Notify = Callable[[BuildUpdate], None]


class Builders:
    """Runs builds, each key once, a few at a time; what somebody waits for goes before pyramids.

    A build ends before its time when everybody who asked for it has taken that back.

    Parameters
    ----------
    forkserver : ForkServer
    config : Config
        ``limits.builders`` run at once; ``limits.spool`` bounds the unpacked files of all shares,
        ``limits.pyramids`` their pyramids.
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
        self._quotas = quotas_of(config.limits)
        self._closing = False

    @property
    def running(self) -> int:
        """How many builds run."""
        return len(self._tasks)

    @property
    def queued(self) -> int:
        """How many builds wait."""
        return len(self._queue)

    async def start(self) -> None:
        """Sweep away what a former server left half written, and what is over the limits."""
        if not self._forkserver.spawner.shared_caches:
            self._folders.update(await asyncio.to_thread(lambda: tuple(Path(self._config.cache).glob("@*/*"))))
        await asyncio.to_thread(_tidy, tuple(self._folders), self._quotas)

    def request(self, build: Build, grant: Grant, notify: Notify, user: str = "") -> None:
        """Run `build` unless it runs or is done.

        Parameters
        ----------
        build : Build
            As a session, which nobody need trust, has sent it.
        grant : Grant
            The share that it names.
        notify : callable
            Called on the loop with how the build stands, from now to its end; not before this returns.
        user : str
            For whom.
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
        running = self._enqueue(build, grant, [notify], user)
        self._later(notify, running.update)
        self._run_next()

    def release(self, key: str, grant: Grant, notify: Notify) -> None:
        """Take a request back; a build that nobody else wants is abandoned, and `notify` hears no more of it.

        Parameters
        ----------
        key : str
        grant : Grant
        notify : callable
            As it was given to `request`.
        """
        running = self._builds.get((grant.cache, key))
        if running is None or notify not in running.listeners:
            return
        running.listeners.remove(notify)
        if running.listeners:
            return
        if running in self._queue:
            self._queue.remove(running)
            del self._builds[grant.cache, key]
        else:
            running.abandon()

    async def close(self) -> None:
        """End all builds."""
        self._closing = True
        self._queue.clear()
        for running in self._builds.values():
            running.kill("the server is ending")
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _enqueue(self, build: Build, grant: Grant, listeners: list[Notify], user: str) -> RunningBuild:
        running = RunningBuild(build, grant, listeners, user)
        self._builds[grant.cache, build.key] = running
        self._folders.add(Path(grant.cache))
        self._queue.append(running)
        return running

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
                await asyncio.to_thread(touch, running.output)
                last = BuildUpdate(running.build.key, Phase.COMPLETED, 1.0)
            else:
                last = await running.run(self._forkserver, self._config, self._runner)
        finally:
            watch.cancel()
            del self._builds[key]
        if last.phase is Phase.ABORTED and running.listeners and not self._closing:
            # Somebody came while it was ending.
            self._enqueue(running.build, running.grant, running.listeners, running.user)
        else:
            running.tell(last)
        if last.phase is Phase.ERROR:
            _log.warning("build %s of %s: %s", running.build.kind, running.build.share, last.error)
        await asyncio.to_thread(_clear, running, last, self._spools(), self._quotas)

    async def _watch(self, running: RunningBuild) -> None:
        """Stop a build that makes no progress, or that fills the cache beyond what others can make room for."""
        patience = self._stall
        while True:
            await asyncio.sleep(min(1.0, self._stall / 4))
            patience = self._stall if running.moved() else patience - min(1.0, self._stall / 4)
            if patience <= 0:
                running.kill("it made no progress for too long")
            elif not await asyncio.to_thread(self._quotas[running.build.kind].evict, self._spools()):
                running.kill("what comes of it would not fit into the cache")

    def _spools(self) -> Sequence[Path]:
        return tuple(self._folders)


def _tidy(folders: Sequence[Path], quotas: Mapping[str, Quota]) -> None:
    for folder in folders:
        sweep(folder)
    for quota in set(quotas.values()):
        quota.evict(folders)


def _clear(running: RunningBuild, last: BuildUpdate, folders: Sequence[Path], quotas: Mapping[str, Quota]) -> None:
    """Clear up after a build: what is of no use of one that ended early, others for which there is no room."""
    if last.phase is not Phase.COMPLETED:
        if not running.resumable:
            discard(running.partial)
        sweep(Path(running.grant.cache))
    quotas[running.build.kind].evict(folders)
