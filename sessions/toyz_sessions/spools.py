"""Where files are unpacked and planes decoded: by builders for a session, on the spot for a job."""

import os
import tempfile
import threading
from collections.abc import Callable, Set
from pathlib import Path

import numpy as np

from toyz.errors import SessionLost, TimedOut, from_info
from toyz.jobs import Phase
from toyz.readers import HduInfo, OpenFile, Raster, Source
from toyz_sessions.files import Shares
from toyz_sessions.keys import SUFFIXES
from toyz_sessions.messages import Build, BuildUpdate, Unwanted
from toyz_sessions.opening import Readers, UnpackedFile
from toyz_sessions.spooled import PendingRaster, SpooledRaster
from toyz_sessions.unpacking import unpack_for_readers
from toyz_tiles.raster import ArrayRaster

FIRST_PIECE = 60.0
"""Seconds to wait for the first piece of a packed file."""
PATIENCE = 2.0
"""Seconds to wait for a decoded plane before it is shown as still coming."""


class BuildWatch:
    """What a session knows of the builds it asked for."""

    def __init__(self, send: Callable[[Build | Unwanted], None]) -> None:
        self._send = send
        self._asked: dict[str, Build] = {}
        self._updates: dict[str, BuildUpdate] = {}
        self._changed = threading.Condition()
        self._listeners: dict[str, list[Callable[[BuildUpdate], None]]] = {}
        self.on_update: Callable[[BuildUpdate], None] = lambda update: None
        """Told of every update, after those that listen to its key."""

    def request(self, build: Build) -> None:
        """Ask for a build whose output is not there, unless it is on its way.

        One that was done and is gone (the cache has a quota) is done again.
        """
        with self._changed:
            known = self._updates.get(build.key)
            if known is not None and not known.phase.final:
                return
            self._asked[build.key] = build
            self._updates[build.key] = BuildUpdate(build.key, Phase.PENDING)
        self._send(build)

    def keep_only(self, wanted: Set[str]) -> None:
        """Take back what was asked for and is not done, but for the builds of the keys `wanted`."""
        with self._changed:
            unwanted = [
                self._asked.pop(key)
                for key, update in tuple(self._updates.items())
                if not update.phase.final and key not in wanted
            ]
            for build in unwanted:
                del self._updates[build.key]
                self._listeners.pop(build.key, None)
        for build in unwanted:
            self._send(Unwanted(build.key, build.share))

    def listen(self, key: str, listener: Callable[[BuildUpdate], None]) -> None:
        """Be told of every later update of a build."""
        with self._changed:
            self._listeners.setdefault(key, []).append(listener)

    def update(self, update: BuildUpdate) -> None:
        """Take an update from the server and pass it on."""
        with self._changed:
            if update.key not in self._asked:
                # It was on its way when the build was taken back.
                return
            self._updates[update.key] = update
            listeners = list(self._listeners.get(update.key, ()))
            if update.phase.final:
                self._listeners.pop(update.key, None)
            self._changed.notify_all()
        for listener in [*listeners, self.on_update]:
            listener(update)

    def status(self, key: str) -> BuildUpdate | None:
        """The last update of a build."""
        with self._changed:
            return self._updates.get(key)

    def wait(self, key: str, enough: Callable[[BuildUpdate], bool], timeout: float) -> BuildUpdate:
        """Wait until a build has ended or an update is `enough`; then give the last update."""
        with self._changed:
            self._changed.wait_for(
                lambda: key in self._updates and (self._updates[key].phase.final or enough(self._updates[key])), timeout
            )
            return self._updates.get(key, BuildUpdate(key, Phase.PENDING))


def _raise_if_failed(update: BuildUpdate) -> None:
    if update.phase in {Phase.ERROR, Phase.ABORTED}:
        raise (
            from_info(update.error) if update.error is not None else SessionLost("The builder was stopped; try again.")
        )


class SessionSpool:
    """A session's spool for one opening: builders write into the share's cache, the session reads from it.

    Attributes
    ----------
    pending : list of PendingRaster
        Those it gave whose pixels are still to come.
    """

    def __init__(self, shares: Shares, watch: BuildWatch) -> None:
        self._shares, self.watch = shares, watch
        self.pending: list[PendingRaster] = []

    def _finished(self, build: Build) -> int | None:
        return self._shares.open_cache(build.share, build.key + SUFFIXES[build.kind])

    def unpacked(self, build: Build, file: OpenFile) -> tuple[OpenFile, bool]:
        """Give the unpacked file, or what there is of it so far.

        Raises
        ------
        CorruptFile, TooLarge, TimedOut
        """
        found = self._unpacked_so_far(build, file)
        if found is not None and found[1]:
            return found
        self.watch.request(build)
        update = self.watch.wait(build.key, lambda seen: seen.progress > 0, FIRST_PIECE)
        _raise_if_failed(update)
        found = self._unpacked_so_far(build, file)
        if found is None:
            raise TimedOut("The file could not be unpacked in time; try again in a moment.")
        return found

    def _unpacked_so_far(self, build: Build, file: OpenFile) -> tuple[OpenFile, bool] | None:
        """Open the finished file, or the growing one, which may get its final name just between the two looks."""
        name = build.key + SUFFIXES[build.kind]
        for suffix, complete in (("", True), (".partial", False), ("", True)):
            fd = self._shares.open_cache(build.share, name + suffix)
            if fd is not None:
                return UnpackedFile(fd, file), complete
        return None

    def decoded(self, build: Build, source: Source, info: HduInfo) -> Raster:
        """Give the decoded plane; one that takes long is given as a `PendingRaster`.

        Raises
        ------
        CorruptFile, UnsupportedFile, TooLarge
            If it cannot be decoded.
        """
        del source
        fd = self._finished(build)
        if fd is not None:
            return SpooledRaster(OpenFile(fd, build.path))
        pending = PendingRaster(info.plane_shape, np.dtype(info.dtype), info.channels)
        self.watch.request(build)
        self.watch.listen(build.key, lambda update: self._arrive(build, pending, update))
        update = self.watch.wait(build.key, lambda seen: False, PATIENCE)
        _raise_if_failed(update)
        if update.phase is Phase.COMPLETED:
            fd = self._finished(build)
            if fd is not None:
                return SpooledRaster(OpenFile(fd, build.path))
        self.pending.append(pending)
        return pending

    def _arrive(self, build: Build, pending: PendingRaster, update: BuildUpdate) -> None:
        if update.phase is Phase.COMPLETED and not pending.arrived:
            fd = self._finished(build)
            if fd is not None:
                pending.arrive(SpooledRaster(OpenFile(fd, build.path)))


class LocalSpool:
    """A spool for a process that may die: everything is done here and now.

    Parameters
    ----------
    scratch : Path
        Where files are unpacked.
    limit : int
        Bytes that one file may unpack to.
    shares : Shares
    readers : Readers
    """

    def __init__(self, scratch: Path, limit: int, shares: Shares, readers: Readers) -> None:
        self._scratch, self._limit, self._shares, self._readers = scratch, limit, shares, readers

    def unpacked(self, build: Build, file: OpenFile) -> tuple[OpenFile, bool]:
        """Unpack into scratch, unless the cache has the file.

        Raises
        ------
        CorruptFile, TooLarge
        """
        ready = self._cached(build)
        if ready is not None:
            return UnpackedFile(ready, file), True
        handle, name = tempfile.mkstemp(dir=self._scratch)
        try:
            os.unlink(name)
            with os.fdopen(os.dup(handle), "w+b") as output:
                unpack_for_readers(file, output, self._readers, limit=self._limit, report=lambda fraction: None)
        except BaseException:
            os.close(handle)
            raise
        return UnpackedFile(handle, file), True

    def decoded(self, build: Build, source: Source, info: HduInfo) -> Raster:
        """Take the decoded plane from the cache, or decode it.

        Raises
        ------
        CorruptFile, UnsupportedFile
        """
        ready = self._cached(build)
        if ready is not None:
            return SpooledRaster(OpenFile(ready, build.path))
        return ArrayRaster(source.decode(info.index, build.plane))

    def _cached(self, build: Build) -> int | None:
        return self._shares.open_cache(build.share, build.key + SUFFIXES[build.kind])
