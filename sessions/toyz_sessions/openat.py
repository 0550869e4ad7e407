"""Opening what lies beneath a folder, with the kernel's word that it does (``openat2(2)``)."""

import ctypes
import errno
import os
import stat
from typing import NamedTuple

from toyz.errors import Forbidden, NotFound, ToyzError, UnsupportedFile

_OPENAT2 = 437
_RESOLVE_NO_MAGICLINKS, _RESOLVE_BENEATH = 0x02, 0x08
_ATTEMPTS = 64
"""The kernel answers EAGAIN when a rename races with a ``..`` of a link; it asks to be tried again."""


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def openat2(folder: int, path: bytes, flags: int) -> int:
    """Open `path` beneath the descriptor `folder`.

    Links are followed while they stay beneath; an absolute link, a ``..`` that leads out, and
    the magic links of ``/proc`` are refused.

    Raises
    ------
    OSError
        EXDEV where the path would leave the folder.
    """
    how = _OpenHow(flags | os.O_CLOEXEC, 0, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)
    for _ in range(_ATTEMPTS):
        descriptor = _libc.syscall(
            ctypes.c_long(_OPENAT2),
            ctypes.c_int(folder),
            ctypes.c_char_p(path),
            ctypes.byref(how),
            ctypes.c_size_t(ctypes.sizeof(how)),
        )
        if descriptor >= 0:
            return int(descriptor)
        code = ctypes.get_errno()
        if code not in (errno.EAGAIN, errno.EINTR):
            break
    raise OSError(code, os.strerror(code))


class Root(NamedTuple):
    """A folder beneath which things are opened: its descriptor (-1 if it is missing) and its resolved path."""

    descriptor: int
    path: bytes

    @classmethod
    def of(cls, path: str) -> "Root":
        """Open a folder.

        Nothing is asked of its file system, as `os.path.realpath` would: a mount whose server has gone away
        keeps nobody waiting until something beneath it is wanted.
        """
        try:
            descriptor = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return cls(-1, b"")
        return cls(descriptor, os.readlink(b"/proc/self/fd/%d" % descriptor))


def open_beneath(root: Root, path: bytes, flags: int) -> int:
    """Open `path` beneath `root`, as `openat2`; an absolute link that leads back inside is followed too.

    Where such a link leads is only guessed by reading it: what is opened is again opened beneath.

    Raises
    ------
    OSError
    """
    try:
        return openat2(root.descriptor, path or b".", flags)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        target = os.path.realpath(os.path.join(root.path, path))
        if not target.startswith(root.path + b"/"):
            raise
    return openat2(root.descriptor, target[len(root.path) + 1 :], flags)


def open_file(root: Root, path: bytes, name: str) -> int:
    """Open a regular file for reading and give its descriptor; `name` is for messages.

    The descriptor is opened without blocking, so that a pipe without a writer is refused
    instead of waited for.

    Raises
    ------
    NotFound, Forbidden, UnsupportedFile
    """
    try:
        descriptor = open_beneath(root, path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise error_of(error, name) from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    what = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
    raise UnsupportedFile(f"{name} is {what}, not a file")


def open_folder(root: Root, path: bytes, name: str) -> int:
    """Open a folder for listing and give its descriptor.

    Raises
    ------
    NotFound
        If there is nothing, or no folder.
    Forbidden
    """
    try:
        return open_beneath(root, path, os.O_RDONLY | os.O_DIRECTORY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENOTDIR and _is_there(root, path):
            raise NotFound(f"{name} is a file, not a folder") from None
        raise error_of(error, name) from None


def _is_there(root: Root, path: bytes) -> bool:
    try:
        os.close(open_beneath(root, path, os.O_PATH))
    except OSError:
        return False
    return True


def error_of(error: OSError, name: str) -> ToyzError:
    """Give the error for the user: what lies outside does not differ from what is not there."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return Forbidden(f"{name} may not be read")
    if error.errno in (errno.ENXIO, errno.ENODEV):
        return UnsupportedFile(f"{name} is a pipe or a device, not a file")
    if error.errno in (errno.EMFILE, errno.ENFILE, errno.EIO, errno.ESTALE, errno.ETIMEDOUT):
        return ToyzError(f"{name} cannot be read now: {os.strerror(error.errno).lower()}")
    return NotFound(f"there is no {name}")
