"""The files in the cache folders: what may stay, and what goes."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from toyz_sessions.builder_process import PARTIAL

_SPOOLED = (".npy", ".unpacked", ".npy" + PARTIAL, ".unpacked" + PARTIAL)
_TEMPORARY = "tmp"
"""What the names of `tempfile` begin with."""


class _File(NamedTuple):
    used: float
    size: int
    path: Path


def sweep(folder: Path) -> None:
    """Remove what builders that are gone left half done, unless some builder is at work in the folder."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in folder.iterdir():
            if path.name.endswith(PARTIAL):
                path.unlink(missing_ok=True)
            elif path.name.startswith(_TEMPORARY) and path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)


def evict(folders: Iterable[Path], limit: int) -> bool:
    """Remove the spooled files used longest ago until the rest, all folders together, is within `limit` bytes.

    Who has such a file open keeps reading it. What is being written is counted and kept.

    Returns
    -------
    bool
        Whether the rest is within the limit.
    """
    files = [file for folder in folders for file in _spooled(folder)]
    total = sum(file.size for file in files)
    for file in sorted(files):
        if total <= limit:
            break
        if not file.path.name.endswith(PARTIAL):
            file.path.unlink(missing_ok=True)
            total -= file.size
    return total <= limit


def touch(path: Path) -> None:
    """Note that a file is used; the kernel notes a read once a day only."""
    with contextlib.suppress(OSError):
        os.utime(path)


def _spooled(folder: Path) -> Iterable[_File]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(_SPOOLED) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    found = entry.stat(follow_symlinks=False)
                    used = max(found.st_atime, found.st_mtime)
                    yield _File(used, found.st_blocks * 512, Path(entry.path))
