"""A second fork server, for jobs that need more loaded than every process has.

Large libraries and compiled code would cost each start of the server a second, and its memory, whether a job wants
them or not. So this one begins when the first such job is wanted, and ends when none has been for a while.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from toyz.errors import ToyzError
from toyz_sessions.forkserver import ForkServer

_PRELOAD = "toyz_sessions.preload_warm"
_PATIENCE = 180.0
"""Seconds until it is given up: what a library compiles for the first time after it was installed takes long."""


class WarmForkServer:
    """A fork server while somebody wants it.

    Parameters
    ----------
    make : callable
        Makes one that imports the module of this name.
    rest : float
        Seconds without a job after which it ends.
    """

    def __init__(self, make: Callable[[str], ForkServer], rest: float) -> None:
        self._make, self._rest = make, rest
        self._running: ForkServer | None = None
        self._jobs = 0
        self._moving = asyncio.Lock()
        self._resting: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int:
        """Of the fork server; 0 while there is none."""
        return self._running.pid if self._running is not None else 0

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[ForkServer]:
        """Give the fork server, which is begun if there is none, and does not end meanwhile.

        Raises
        ------
        ToyzError
            If it does not begin.
        """
        self._jobs += 1
        try:
            yield await self._begun()
        finally:
            self._jobs -= 1
            self._rest_later()

    async def close(self) -> None:
        """End it, and with it whatever still runs."""
        if self._resting is not None:
            self._resting.cancel()
        async with self._moving:
            await self._end()

    async def _begun(self) -> ForkServer:
        async with self._moving:
            if self._running is None:
                self._running = await self._begin()
            return self._running

    async def _begin(self) -> ForkServer:
        beginning = self._make(_PRELOAD)
        try:
            async with asyncio.timeout(_PATIENCE):
                await beginning.start()
        except BaseException as error:
            await beginning.close()
            if isinstance(error, TimeoutError):
                raise ToyzError("what this job needs could not be loaded in time") from None
            raise
        return beginning

    def _rest_later(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        self._resting = asyncio.get_running_loop().call_later(self._rest, self._rest_now)

    def _rest_now(self) -> None:
        task = asyncio.create_task(self._end_unused(), name="end of the fork server for warmed jobs")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end_unused(self) -> None:
        async with self._moving:
            if self._jobs == 0:
                await self._end()

    async def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await running.close()
