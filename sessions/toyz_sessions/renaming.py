"""Renaming without replacing by accident (``renameat2(2)``), and what does the same where a file system cannot."""

import ctypes
import errno
import os
import platform
import stat
from collections.abc import Iterator
from typing import NamedTuple

_NOREPLACE, _EXCHANGE = 1, 2
_NUMBERS = {"x86_64": 316, "aarch64": 276}
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


Identity = tuple[int, int]
"""Device and inode."""


class Name(NamedTuple):
    """A name in an open folder."""

    folder: int
    name: bytes

    def status(self) -> os.stat_result | None:
        """Give the status of what has the name, a link not followed; None if nothing has."""
        try:
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def identity(self) -> Identity | None:
        """Give what is the same of a thing whatever path leads to it; None if nothing has the name."""
        status = self.status()
        return None if status is None else (status.st_dev, status.st_ino)

    def sync(self) -> None:
        """Have the folder on disk."""
        os.fsync(self.folder)


def folders_around(folder: int) -> Iterator[Identity]:
    """Give an open folder and all that it lies in, up to the root, as far as they may be gone through."""
    opened, before = os.dup(folder), None
    try:
        while (found := _identity(opened)) != before:
            yield found
            above = os.open("..", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=opened)
            os.close(opened)
            opened, before = above, found
    except PermissionError:
        return
    finally:
        os.close(opened)


def _identity(descriptor: int) -> Identity:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def rename_new(source: Name, target: Name) -> None:
    """Rename, if nothing has the new name.

    Network file systems know no such call: there a file gets its second name before it loses its first, which
    replaces nothing either; a folder can only take the place of an empty one.

    Raises
    ------
    OSError
        EEXIST if something has the name.
    """
    try:
        _renameat2(source, target, _NOREPLACE)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS):
            raise
        _rename_new_slowly(source, target)


def exchange(one: Name, other: Name) -> bool:
    """Have two things swap their names in one step; False where the file system cannot.

    Raises
    ------
    OSError
    """
    try:
        _renameat2(one, other, _EXCHANGE)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOSYS):
            return False
        raise
    return True


def _rename_new_slowly(source: Name, target: Name) -> None:
    found = os.stat(source.name, dir_fd=source.folder, follow_symlinks=False)
    if stat.S_ISDIR(found.st_mode):
        if target.status() is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        os.rename(source.name, target.name, src_dir_fd=source.folder, dst_dir_fd=target.folder)
    else:
        os.link(source.name, target.name, src_dir_fd=source.folder, dst_dir_fd=target.folder, follow_symlinks=False)
        os.unlink(source.name, dir_fd=source.folder)


def _renameat2(source: Name, target: Name, flags: int) -> None:
    number = _NUMBERS.get(platform.machine())
    if number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    result = _libc.syscall(
        ctypes.c_long(number),
        ctypes.c_int(source.folder),
        ctypes.c_char_p(source.name),
        ctypes.c_int(target.folder),
        ctypes.c_char_p(target.name),
        ctypes.c_uint(flags),
    )
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
