"""Names beneath a share that may be written: where something is made, renamed, replaced or removed."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from toyz.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    InvalidParameter,
    NoSpace,
    NotFound,
    TooLarge,
    ToyzError,
    UnsupportedFile,
)
from toyz_sessions import paths
from toyz_sessions.files import Shares
from toyz_sessions.openat import open_folder
from toyz_sessions.renaming import Name

_KINDS: dict[type[ToyzError], tuple[str, tuple[int, ...]]] = {
    AlreadyExists: ("{name} is there already", (errno.EEXIST, errno.ENOTEMPTY)),
    NoSpace: ("the disk is full", (errno.ENOSPC, errno.EDQUOT)),
    Forbidden: ("{name} may not be changed", (errno.EACCES, errno.EPERM, errno.EROFS)),
    NotFound: ("there is no {name}", (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)),
    Conflict: ("{name} lies on another disk of the server", (errno.EXDEV,)),
    TooLarge: ("{name} is larger than a file may be", (errno.EFBIG,)),
}
_INVALID = {errno.ENAMETOOLONG: "the name is too long", errno.EINVAL: "a folder cannot be moved into itself"}
_SHARED_BITS = 0o775
"""What a new folder takes over from the one that it is in: never that everybody may write."""


class Place(NamedTuple):
    """A name in an open folder of a share; there need not be anything.

    Attributes
    ----------
    path : str
        ``share/relative/path``.
    at : Name
    root : bytes
        Where the share lies; empty if that is not known.
    """

    path: str
    at: Name
    root: bytes = b""

    @property
    def share(self) -> str:
        """The name of the share."""
        return self.path.partition("/")[0]

    @property
    def shown(self) -> str:
        """The path for messages."""
        return paths.display(self.path)

    @property
    def real(self) -> str:
        """The path on which no folder is a link: a thing has one such path, and links may lead to it by many."""
        folder = os.readlink(b"/proc/self/fd/%d" % self.at.folder)
        root = self.root.rstrip(b"/") + b"/"
        if not self.root or not (folder + b"/").startswith(root):
            return self.path
        within = paths.decode(os.fsdecode(folder[len(root) :]))
        return "/".join(filter(None, (self.share, within, self.path.rpartition("/")[2])))

    def found(self) -> os.stat_result:
        """Give the status of the file or folder that is there.

        Raises
        ------
        NotFound
        UnsupportedFile
            If it is a link, a pipe, a socket or a device: those are left alone.
        """
        status = self.at.status()
        if status is None:
            raise NotFound(f"there is no {self.shown}")
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise UnsupportedFile(f"{self.shown} is a link or a device, which Toyz leaves alone")
        return status


@contextlib.contextmanager
def place(shares: Shares, path: str, *, new: bool = False) -> Iterator[Place]:
    """Open the folder of a name that is to be changed.

    Parameters
    ----------
    shares : Shares
    path : str
    new : bool
        Whether something is to get this name, which must be one that can be shown.

    Raises
    ------
    NotFound
        If there is no such folder.
    Forbidden
        If the share is granted for viewing only.
    InvalidParameter
        If it is the share itself, or no name for something new.
    """
    if not _writable(shares, path):
        raise InvalidParameter("a share itself cannot be changed", field="parameters.path")
    folder, _, name = path.rpartition("/")
    if new:
        paths.check_new_path(path)
    with contextlib.closing(_Folder(shares, folder)) as opened, typed(path):
        yield Place(path, Name(opened.descriptor, paths.encode(name)), opened.root.path)


@contextlib.contextmanager
def top(shares: Shares, share: str) -> Iterator[int]:
    """Open the folder of a share in which something is to be changed.

    Raises
    ------
    NotFound
        If there is no such share.
    Forbidden
        If it is granted for viewing only.
    """
    if _writable(shares, share):
        raise paths.not_found(share)
    with contextlib.closing(_Folder(shares, share)) as opened, typed(share):
        yield opened.descriptor


def _writable(shares: Shares, path: str) -> str:
    """Give the part of a path beneath its share, in which the user may write."""
    grant, relative = shares.split(path)
    if not grant.write:
        raise Forbidden(f"{paths.display(grant.name)} is granted to you for viewing only")
    return relative


class _Folder:
    def __init__(self, shares: Shares, path: str) -> None:
        self.root, relative = shares.locate(path)
        self.descriptor = open_folder(self.root, relative, paths.display(path))

    def close(self) -> None:
        os.close(self.descriptor)


@contextlib.contextmanager
def typed(path: str) -> Iterator[None]:
    """Turn what the operating system says into errors for the user."""
    try:
        yield
    except OSError as error:
        raise error_of_change(error, paths.display(path)) from None


def error_of_change(error: OSError, name: str) -> ToyzError:
    """Give the error for the user."""
    code = error.errno or 0
    if code in _INVALID:
        return InvalidParameter(_INVALID[code])
    for kind, (words, codes) in _KINDS.items():
        if code in codes:
            return kind(words.format(name=name))
    return ToyzError(f"{name} cannot be changed now: {os.strerror(code).lower()}")


def make_folder(at: Name, *, private: bool = False) -> None:
    """Make a folder which those may use who may use the one that it is in.

    Parameters
    ----------
    at : Name
    private : bool
        Whether nobody else may.

    Raises
    ------
    OSError
    """
    os.mkdir(at.name, 0o700, dir_fd=at.folder)
    if not private:
        descriptor = os.open(at.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at.folder)
        try:
            share_mode(at.folder, descriptor)
        finally:
            os.close(descriptor)


def share_mode(folder: int, descriptor: int) -> None:
    """Let those use something new who may use the folder that it is in: a session's own files are for nobody else."""
    own, around = os.fstat(descriptor).st_mode, os.fstat(folder).st_mode
    bits = (around & _SHARED_BITS | 0o700) if stat.S_ISDIR(own) else (around & _SHARED_BITS & 0o666 | 0o600)
    os.fchmod(descriptor, (own & 0o7000) | bits)
