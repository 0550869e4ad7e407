"""The fork server: a process with everything imported, from which all others are forked."""

import asyncio
import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import zmq
from multiprocess import forkserver, get_context, popen_forkserver, process, reduction, spawn
from multiprocess.context import set_spawning_popen

from toyz.config import Config
from toyz.errors import SessionLost, ToyzError
from toyz_sessions.child import Child
from toyz_sessions.rundir import RunDirectory
from toyz_sessions.spawners.base import Spawner
from toyz_sessions.spawners.fork import ForkSpawner

_PRELOAD = "toyz_sessions.preload"
_POOLS = ("OPENBLAS", "OMP", "MKL", "BLIS", "NUMBA", "NUMEXPR")
_ONE_THREAD = {f"{pool}_NUM_THREADS": "1" for pool in _POOLS}
"""A process forked while others run a pool of threads would inherit its locks, and a pool in each of a hundred
sessions would be as many threads as the machine has CPUs, a hundred times. Who runs the server may say otherwise."""
_GIVE_BACK = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "8388608"}
"""Bands of rows and larger arrays go back to the system one by one: left to itself, malloc would raise the threshold to
the largest buffer it has seen, and what is kept would hold the room between. The arrays of a tile are smaller, and are
used again: the kernel takes longer to make and clear their memory than a tile takes to render."""
_ENVIRONMENT = _ONE_THREAD | _GIVE_BACK
_SECRETS = ("TOYZ_TOKEN",)
_CLOSING = 1.0


class ForkServerLost(SessionLost):
    """The fork server died while it started a process: the next one may do better."""


class ForkServer:
    """Starts processes in milliseconds.

    Starting one waits for the fork, so that is done in a thread of its own and never on the loop.

    Parameters
    ----------
    spawner : Spawner, optional
        What its processes do to themselves first; nothing by default.
    preload : str, optional
        The module that it imports before it forks.

    Attributes
    ----------
    spawner : Spawner
    run : RunDirectory
        Sockets and scratch folders.
    context : zmq.Context
        Of the channels.
    """

    def __init__(self, spawner: Spawner | None = None, *, preload: str = _PRELOAD) -> None:
        self.spawner = spawner or ForkSpawner(Config())
        self._server = forkserver.ForkServer()
        self._server.set_forkserver_preload([preload])
        self._processes = get_context("forkserver")
        self.run = RunDirectory()
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="toyz-forkserver")
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        """Of the fork server; 0 if it was never started."""
        return int(self._server._forkserver_pid or 0)

    async def start(self) -> None:
        """Start it and wait until its modules are imported.

        Raises
        ------
        BadRequest
            If its spawner does not work on this host.
        ToyzError
            If they cannot be.
        """
        await asyncio.to_thread(self.spawner.check)
        await asyncio.to_thread(self.spawner.prepare, self.run)
        exited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        await self.launch(_probe, on_exit=exited.set_result)
        if await exited != 0:
            raise ToyzError("the fork server could not import the program; its standard error says why")

    async def launch(self, target: Callable[..., None], *arguments: Any, on_exit: Callable[[int], None]) -> Child:
        """Fork a process that calls ``target(*arguments)``.

        Parameters
        ----------
        target : callable
            A function of an importable module.
        *arguments
            Pickled.
        on_exit : callable
            Called once on the loop with the exit code when the process has ended; a negative
            code is the signal that killed it.

        Raises
        ------
        ForkServerLost
            If the fork server cannot be reached.
        """
        loop = asyncio.get_running_loop()
        popen = await loop.run_in_executor(self._executor, self._fork, target, arguments)
        return Child(popen, on_exit)

    async def close(self) -> None:
        """End it, and with it whatever still runs."""
        stopping = asyncio.get_running_loop().run_in_executor(self._executor, self._server._stop)
        done, _ = await asyncio.wait({stopping}, timeout=_CLOSING)
        if not done:
            os.kill(self.pid, signal.SIGKILL)
            await stopping
        self._executor.shutdown(wait=False)
        self.context.destroy(linger=0)
        self.run.remove()

    def _fork(self, target: Callable[..., None], arguments: tuple[Any, ...]) -> "_Popen":
        try:
            with _environment():
                self._server.ensure_running()
            return _Popen(self._processes.Process(target=target, args=arguments, daemon=False), self._server)
        except (OSError, EOFError) as error:
            raise ForkServerLost(f"no process could be started: {type(error).__name__}") from error


class _Popen(popen_forkserver.Popen):  # type: ignore[misc]
    """A process of one particular fork server, into which the server's ``__main__`` is not imported.

    `multiprocess` has one fork server for everybody and runs the main script again in each child:
    here that is the command line with all of the web server.
    """

    def __init__(self, process_object: process.BaseProcess, server: forkserver.ForkServer) -> None:
        self._server = server
        super().__init__(process_object)

    def _launch(self, process_object: process.BaseProcess) -> None:
        given = spawn.get_preparation_data(process_object.name)
        preparation = {name: given[name] for name in ("name", "authkey", "sys_path", "orig_dir")}
        buffer = io.BytesIO()
        set_spawning_popen(self)
        try:
            reduction.dump(preparation, buffer)
            reduction.dump(process_object, buffer)
        finally:
            set_spawning_popen(None)
        self.sentinel, pipe = self._server.connect_to_new_process([])
        self._lifeline = os.dup(pipe)
        with open(pipe, "wb") as stream:
            stream.write(buffer.getbuffer())
        self.pid = forkserver.read_signed(self.sentinel)

    def release(self) -> None:
        """Close the descriptors; the process must have ended."""
        os.close(self.sentinel)
        os.close(self._lifeline)


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Set what the fork server is to find: the module search path, few threads, no secrets."""
    before = dict(os.environ)
    path = os.pathsep.join(entry for entry in sys.path if entry)
    try:
        os.environ.update({name: before.get(name, value) for name, value in _ENVIRONMENT.items()})
        os.environ["PYTHONPATH"] = path
        for name in _SECRETS:
            os.environ.pop(name, None)
        yield
    finally:
        for name in (*_ENVIRONMENT, "PYTHONPATH", *_SECRETS):
            if name in before:
                os.environ[name] = before[name]
            else:
                os.environ.pop(name, None)


def _probe() -> None:
    sys.exit(0 if _PRELOAD in sys.modules else 1)
