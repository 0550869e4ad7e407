"""A move to another disk: a copy that is whole and on disk before it has its name.

It grows under a hidden name in the folder where it will lie, so that it belongs to whom the folder's rules say, and
its maker holds it locked. What is left of a session that died is not, and goes when somebody moves to that folder next.
"""

import contextlib
import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator

from toyz.errors import Conflict, NoSpace, TooLarge
from toyz_sessions import paths
from toyz_sessions.places import Place, share_mode
from toyz_sessions.removing import remove_folder
from toyz_sessions.renaming import Name, folders_around

_PREFIX = f"{paths.RESERVED}moving-"
_PIECE = 8 << 20
_DEEPEST = 2 * 100
"""Folders in each other that are gone through; something new lies in half as many."""
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Copied = Callable[[int], None]
"""Told of so many bytes more; what it raises ends the copying."""


@contextlib.contextmanager
def copy_beside(source: Place, target: Place, progress: Callable[[float], None]) -> Iterator[Place]:
    """Copy a file or a folder into the folder of its new name; what has no other name at the end is removed.

    Parameters
    ----------
    source, target : Place
    progress : callable
        Told the fraction that is copied; what it raises ends the copying.

    Raises
    ------
    Conflict
        If there are links or devices in it, another disk is mounted in it, or a file changes meanwhile.
    NoSpace, TooLarge, OSError
    """
    if source.at.identity() in {*folders_around(target.at.folder)}:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    total = _size(source.at, source.found().st_dev)
    _sweep(target.at.folder)
    room = os.fstatvfs(target.at.folder)
    if total > room.f_bavail * room.f_frsize:
        raise NoSpace(f"the disk has no room for {source.shown}")
    done = 0

    def copied(count: int) -> None:
        nonlocal done
        done += count
        progress(done / max(total, 1))

    name = f"{_PREFIX}{secrets.token_hex(8)}"
    copy = Place(f"{target.path.rpartition('/')[0]}/{name}", Name(target.at.folder, name.encode()), target.root)
    with contextlib.ExitStack() as held:
        # Last, when nobody holds it any more.
        held.callback(_remove, copy.at)
        _copy(source.at, copy.at, copied, held)
        copy.at.sync()
        yield copy


def _size(at: Name, device: int, depth: int = 0) -> int:
    """Give the bytes that there are to copy."""
    found = os.stat(at.name, dir_fd=at.folder, follow_symlinks=False)
    if stat.S_ISREG(found.st_mode):
        return found.st_size
    if not stat.S_ISDIR(found.st_mode):
        raise Conflict(f"{_shown(at)} is a link or a device, which is not copied to another disk")
    if found.st_dev != device:
        raise Conflict(f"{_shown(at)} lies on a disk of its own, which cannot be moved")
    if depth > _DEEPEST:
        raise TooLarge("the folders lie too deep in each other to be copied")
    with _opened(at, _READ) as folder:
        return sum(_size(each, device, depth + 1) for each in _inside(folder))


def _copy(source: Name, target: Name, copied: Copied, held: contextlib.ExitStack) -> None:
    """Copy, and hold the copy locked until `held` is closed."""
    with _opened(source, _READ) as read:
        if not stat.S_ISDIR(os.fstat(read).st_mode):
            _copy_file(source, read, target, copied, held)
            return
        os.mkdir(target.name, 0o700, dir_fd=target.folder)
        folder = held.enter_context(_opened(target, _READ))
        _lock(folder)
        share_mode(target.folder, folder)
        for each in _inside(read):
            with contextlib.ExitStack() as own:
                _copy(each, Name(folder, each.name), copied, own)
        _keep_time(read, folder)
        os.fsync(folder)


def _copy_file(source: Name, read: int, target: Name, copied: Copied, held: contextlib.ExitStack) -> None:
    before = os.fstat(read)
    if not stat.S_ISREG(before.st_mode):
        raise Conflict(f"{_shown(source)} is a link or a device, which is not copied to another disk")
    written = held.enter_context(_opened(target, _WRITE))
    _lock(written)
    share_mode(target.folder, written)
    left = before.st_size
    # No more than there was: to a file that something writes to there is no end.
    while left and (count := os.sendfile(written, read, None, min(_PIECE, left))):
        left -= count
        copied(count)
    os.fsync(written)
    after = os.fstat(read)
    if _state(after) != _state(before) or os.fstat(written).st_size != after.st_size:
        raise Conflict(f"{_shown(source)} was changed while it was copied; nothing was moved")
    _keep_time(read, written)


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _keep_time(source: int, target: int) -> None:
    found = os.fstat(source)
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))


def _inside(folder: int) -> Iterator[Name]:
    """Give what is in a folder, but what Toyz keeps there itself."""
    for name in os.listdir(folder):
        if not name.startswith(paths.RESERVED):
            yield Name(folder, os.fsencode(name))


def _sweep(folder: int) -> None:
    """Remove what moves that did not come to their end have left in a folder."""
    for name in os.listdir(folder):
        if name.startswith(_PREFIX):
            left = Name(folder, name.encode())
            # Somebody works on it, or it belongs to somebody else.
            with contextlib.suppress(OSError), _opened(left, _READ) as descriptor:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(left)


def _lock(descriptor: int) -> None:
    """Hold it locked while it is open; where a file system cannot, it is not swept either."""
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove(at: Name) -> None:
    found = at.status()
    if found is None:
        return
    if stat.S_ISDIR(found.st_mode):
        remove_folder(at)
    else:
        os.unlink(at.name, dir_fd=at.folder)


@contextlib.contextmanager
def _opened(at: Name, flags: int) -> Iterator[int]:
    descriptor = os.open(at.name, flags, 0o600, dir_fd=at.folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _shown(at: Name) -> str:
    return paths.display(paths.decode(os.fsdecode(at.name)))
