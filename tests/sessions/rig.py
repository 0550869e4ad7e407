"""What the tests of the process layer share: a loop, a listener that can be waited for, a manager."""

import asyncio
import contextlib
import functools
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec

from toyz.config import Config, Limits, Share
from toyz.errors import SessionLost, from_info
from toyz.jobs import Phase
from toyz_sessions.files import grants_of
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.handle import SessionHandle
from toyz_sessions.manager import SessionManager
from toyz_sessions.messages import CallTask, CallUpdate, FromSession
from toyz_sessions.sandbox import sandbox_available

STANDIN = "tests.sessions.standins:EchoWorkshop"
PATIENCE = 30.0


def looped(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test on a loop of its own."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*arguments, **named), PATIENCE))

    return run


class Listener:
    """Keeps what a session reports, and can be waited on."""

    def __init__(self) -> None:
        self.messages: list[tuple[FromSession, bytes]] = []
        self.ready: list[int] = []
        self.lost: list[str] = []
        self._changed = asyncio.Condition()
        self._notes: set[asyncio.Task[None]] = set()

    def on_message(self, message: FromSession, payload: bytes) -> None:
        self.messages.append((message, payload))
        self._note()

    def on_ready(self, number: int) -> None:
        self.ready.append(number)
        self._note()

    def on_lost(self, reason: str) -> None:
        self.lost.append(reason)
        self._note()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(condition)

    def _note(self) -> None:
        async def notify() -> None:
            async with self._changed:
                self._changed.notify_all()

        task = asyncio.ensure_future(notify())
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)


class Window:
    """A session and its listener: `call` gives what a task answers, or raises its error."""

    def __init__(self, handle: SessionHandle, listener: Listener) -> None:
        self.handle = handle
        self.listener = listener
        self._calls = 0

    def _final(self, call: str) -> tuple[CallUpdate, bytes] | None:
        for message, payload in self.listener.messages:
            if isinstance(message, CallUpdate) and message.id == call and message.phase.final:
                return message, payload
        return None

    def post(self, task: str, **parameters: Any) -> str:
        self._calls += 1
        call = f"call-{self.handle.number}-{self._calls}"
        self.handle.send(CallTask(call, "standin", task), msgspec.json.encode(parameters))
        return call

    async def call(self, task: str, **parameters: Any) -> Any:
        call = self.post(task, **parameters)
        deaths = len(self.listener.lost)
        await self.listener.until(lambda: self._final(call) is not None or len(self.listener.lost) > deaths)
        found = self._final(call)
        if found is None:
            raise SessionLost(self.listener.lost[-1])
        update, payload = found
        if update.phase is not Phase.COMPLETED:
            assert update.error is not None
            raise from_info(update.error)
        return msgspec.json.decode(payload)


def make_config(folder: Path, *, write: bool = False, sandbox: bool | None = None, **limits: Any) -> Config:
    """Make a configuration with one share, ``data``, and its cache, under `folder`; sandboxed where that can be."""
    share, cache = folder / "data", folder / "cache"
    share.mkdir(exist_ok=True)
    return Config(
        shares=(Share(name="data", path=str(share), write=write),),
        cache=str(cache),
        state=str(folder / "state"),
        sandbox=sandbox_available() if sandbox is None else sandbox,
        limits=Limits(**limits),
    )


@contextlib.asynccontextmanager
async def managed(config: Config, forkserver: ForkServer, workshop: str = STANDIN) -> AsyncIterator[SessionManager]:
    """Run a manager with stand-in workshops."""
    manager = SessionManager(config, workshop=workshop, forkserver=forkserver)
    await manager.start()
    try:
        yield manager
    finally:
        await manager.close()


async def open_window(manager: SessionManager, name: str = "w1", user: str = "ann") -> Window:
    """Open a session and wait until its listener knows."""
    listener = Listener()
    handle = await manager.open(name, user, grants_of(manager.config), listener)
    await listener.until(lambda: listener.ready == [1])
    return Window(handle, listener)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def children_of(pid: int) -> list[int]:
    """All descendants of a process."""
    found: list[int] = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
                if parent == pid:
                    found += [int(entry), *children_of(int(entry))]
    return found


def exists(path: str) -> bool:
    """Whether there is a file or folder."""
    return Path(path).exists()


def wait_until_gone(pids: list[int], seconds: float) -> float:
    """Wait until none of the processes runs, or until it has taken too long; give the seconds."""
    began = time.monotonic()
    while any(alive(pid) for pid in pids) and time.monotonic() - began < seconds:
        time.sleep(0.01)
    return time.monotonic() - began
