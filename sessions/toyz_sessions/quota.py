"""The files in the cache folders: what may stay, and what goes."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from toyz.config import Limits
from toyz_sessions.keys import PARTIAL, RESUMABLE, SUFFIXES

_TEMPORARY = "tmp"
"""What the names of `tempfile` begin with."""
_SWEPT = tuple(suffix + PARTIAL for kind, suffix in SUFFIXES.items() if kind not in RESUMABLE)


class _File(NamedTuple):
    used: float
    size: int
    path: Path


class Quota:
    """Bytes that the outputs of some kinds of build may take, all cache folders together.

    Parameters
    ----------
    kinds : iterable of str
        Keys of `toyz_sessions.keys.SUFFIXES`.
    limit : int
        Bytes.
    """

    def __init__(self, kinds: Iterable[str], limit: int) -> None:
        self.limit = limit
        suffixes = [SUFFIXES[kind] for kind in kinds]
        self._suffixes = (*suffixes, *(suffix + PARTIAL for suffix in suffixes))

    def evict(self, folders: Iterable[Path]) -> bool:
        """Remove the files used longest ago until the rest is within the limit.

        Who has such a file open keeps reading it. What is being written is counted and kept.

        Returns
        -------
        bool
            Whether the rest is within the limit.
        """
        files = [file for folder in folders for file in self._files(folder)]
        total = sum(file.size for file in files)
        for file in sorted(files):
            if total <= self.limit:
                break
            if discard(file.path):
                total -= file.size
        return total <= self.limit

    def _files(self, folder: Path) -> Iterator[_File]:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(self._suffixes) and entry.is_file(follow_symlinks=False):
                    with contextlib.suppress(OSError):
                        found = entry.stat(follow_symlinks=False)
                        used = max(found.st_atime, found.st_mtime)
                        yield _File(used, found.st_blocks * 512, Path(entry.path))


def quotas_of(limits: Limits) -> dict[str, Quota]:
    """Give the quota that each kind of build counts towards."""
    spool = Quota(("decode", "decompress"), limits.spool)
    return {"decode": spool, "decompress": spool, "pyramid": Quota(("pyramid",), limits.pyramids)}


def sweep(folder: Path) -> None:
    """Remove what builders that are gone left half done, unless some builder is at work in the folder.

    What the next build goes on from stays; it counts towards its quota.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in folder.iterdir():
            if path.name.endswith(_SWEPT):
                path.unlink(missing_ok=True)
            elif path.name.startswith(_TEMPORARY) and path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)


def discard(path: Path) -> bool:
    """Remove a file; False if a builder is writing it."""
    if not path.name.endswith(PARTIAL):
        path.unlink(missing_ok=True)
        return True
    held = claim(path, create=False)
    if held is None:
        return not path.exists()
    path.unlink(missing_ok=True)
    os.close(held)
    return True


def claim(partial: Path, *, create: bool) -> int | None:
    """Lock an unfinished file against all other builders, those of other servers too.

    Returns
    -------
    int or None
        A descriptor that holds the lock until it is closed; None if somebody else has it, or there is none.
    """
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if create else 0)
    try:
        held = os.open(partial, flags, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Who had it before may have removed it, or given it its final name.
        if os.stat(partial).st_ino == os.fstat(held).st_ino:
            return held
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(held)
    return None


def touch(place: Path | int) -> None:
    """Note that a file is used now; the kernel notes a read once a day only.

    Parameters
    ----------
    place : Path or int
        Its name, or a descriptor.
    """
    with contextlib.suppress(OSError):
        os.utime(place, ns=(time.time_ns(), os.stat(place).st_mtime_ns))
