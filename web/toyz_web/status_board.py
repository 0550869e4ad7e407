"""Gathers how a server is doing."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from toyz import __version__
from toyz.config import Config
from toyz.jobs import Phase
from toyz_sessions import landlock
from toyz_sessions.jobs import JobManager
from toyz_sessions.manager import SessionManager
from toyz_web.backup import last_backup
from toyz_web.instance import DATABASE
from toyz_web.processes import Memories
from toyz_web.status import Installation, Load, ServerStatus, ShownSession
from toyz_web.store.migrations import STEPS
from toyz_web.tilecache import TileCache

if TYPE_CHECKING:
    from toyz_web.desk import Desk
    from toyz_web.window import Window


class Opened(Protocol):
    """Who knows all windows and desks: `toyz_web.hub.Hub`."""

    @property
    def draining(self) -> bool:
        """Whether the server is about to end."""

    def windows(self) -> "list[Window]":
        """Give all windows."""

    def desks(self) -> "list[Desk]":
        """Give all desks."""

    def users(self) -> set[str]:
        """Give the names of those who have one."""

    async def end_window(self, user: str, name: str) -> None:
        """End a window."""

    async def end_desk(self, user: str) -> None:
        """End a desk."""


class StatusBoard:
    """Tells how a server is doing.

    Parameters
    ----------
    config : Config
    sessions : SessionManager
    jobs : JobManager
    tiles : TileCache
    memories : Memories

    Attributes
    ----------
    opened : Opened
        Set once the windows have a place.
    """

    opened: Opened

    def __init__(
        self, config: Config, sessions: SessionManager, jobs: JobManager, tiles: TileCache, memories: Memories
    ) -> None:
        self._config, self._sessions, self._jobs, self._tiles = config, sessions, jobs, tiles
        self._memories = memories
        self._started = time.time()

    async def show(self, user: str, *, all_users: bool) -> ServerStatus:
        """Give the status as a user may know it; of everybody if it is an administrator."""
        sessions = await asyncio.to_thread(self._with_memory, self._shown("" if all_users else user))
        return ServerStatus(
            __version__,
            self._started,
            self.opened.draining,
            await asyncio.to_thread(self._load),
            sorted(sessions, key=lambda each: (each.user, each.idle)),
            await self._installation() if all_users else None,
        )

    async def end(self, user: str, window: str) -> None:
        """End a window, or without its name what answers a user's requests.

        Raises
        ------
        NotFound
        """
        await (self.opened.end_window(user, window) if window else self.opened.end_desk(user))

    def _shown(self, user: str) -> list[ShownSession]:
        """Give the sessions of a user, or of all."""
        now, found = time.monotonic(), []
        for window in self.opened.windows():
            link, connected = window.link, window.connection is not None
            idle, images = now - link.used, link.open_images
            found.append(ShownSession(window.user, window.id, connected, link.resting, idle, 0, images, link.pid))
        for desk in self.opened.desks():
            link, idle = desk.link, now - desk.used
            found.append(ShownSession(desk.user, "", False, False, idle, 0, link.open_images, link.pid))
        return [each for each in found if user in ("", each.user)]

    def _with_memory(self, shown: list[ShownSession]) -> list[ShownSession]:
        found = self._memories.measure(each.pid for each in shown)
        return [msgspec.structs.replace(each, memory=found[each.pid].own if each.pid in found else 0) for each in shown]

    def _own(self, pids: Sequence[int]) -> int:
        """Add up the memory that processes have for themselves."""
        return sum(memory.own for memory in self._memories.measure(pids).values())

    def _load(self) -> Load:
        used, total = _memory_of_machine()
        builders = self._sessions.builders
        return Load(
            users=len(self.opened.users()),
            windows=len(self.opened.windows()),
            sessions=len(self._sessions.handles),
            sessions_limit=self._config.limits.sessions,
            jobs_running=self._jobs.count(Phase.EXECUTING),
            jobs_queued=self._jobs.count(Phase.QUEUED),
            builders_running=builders.running,
            builders_queued=builders.queued,
            processors=round(os.getloadavg()[0] / (os.cpu_count() or 1), 2),
            memory_used=used,
            memory_total=total,
        )

    async def _installation(self) -> Installation:
        forkservers = [self._sessions.forkserver.pid, self._jobs.warm_pid]
        pids = [os.getpid()], forkservers, [handle.pid for handle in self._sessions.handles]
        server, forkserver, sessions = await asyncio.to_thread(lambda: [self._own(each) for each in pids])
        on_disk = await asyncio.to_thread(_sizes, Path(self._config.cache))
        limits, kept = self._config.limits, await asyncio.to_thread(last_backup, self._config)
        return Installation(
            server_memory=server,
            forkserver_memory=forkserver,
            sessions_memory=sessions,
            tile_cache=self._tiles.used,
            tile_cache_limit=self._tiles.capacity,
            pyramids=on_disk.get(".pyramid", 0),
            pyramids_limit=limits.pyramids,
            unpacked=on_disk.get(".unpacked", 0) + on_disk.get(".npy", 0),
            unpacked_limit=limits.spool,
            database=await asyncio.to_thread(_size_of_database, Path(self._config.state)),
            schema=len(STEPS),
            sandbox=f"Landlock {landlock.abi()}" if self._config.sandbox else "off",
            last_backup=kept.created if kept is not None else None,
        )


def _size_of_database(state: Path) -> int:
    """Give the bytes of the database and of its write-ahead log."""
    return sum(path.stat().st_size for path in (state / DATABASE, state / f"{DATABASE}-wal") if path.exists())


def _memory_of_machine() -> tuple[int, int]:
    """Give the bytes that are used and those that there are; noughts where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0, 0
    sizes = {name: int(rest.split()[0]) << 10 for name, _, rest in (line.partition(":") for line in lines)}
    total = sizes.get("MemTotal", 0)
    return total - sizes.get("MemAvailable", total), total


def _sizes(cache: Path) -> dict[str, int]:
    """Add up what lies in the cache's folders, by the ends of the names; holes take none."""
    found: dict[str, int] = {}
    for path in cache.glob("*/*"):
        try:
            size = path.stat().st_blocks * 512
        except OSError:
            continue
        found[path.suffix] = found.get(path.suffix, 0) + size
    return found
