"""The part of an upload that has come: a hidden file beside where the whole will lie.

It lies in the folder of its target, so that the end is a renaming and the file belongs to whom the folder's rules
say. What has come is what the file holds: nothing else is kept of how far an upload is.
"""

import base64
import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from typing import Any

from toyz.errors import AlreadyExists, Conflict, NoSpace, NotFound, WrongChecksum
from toyz_sessions import paths
from toyz_sessions.changes import Changes
from toyz_sessions.files import Shares
from toyz_sessions.new_folders import folders_made
from toyz_sessions.places import Place, place, share_mode, typed
from toyz_sessions.renaming import Name

_PREFIX = f"{paths.RESERVED}upload-"
_PIECE = 1 << 20
_REMEMBERED = 64
"""Uploads of which it is known how their checksum goes on; that of another is read from the part again."""


class _Running:
    """A checksum of the first `size` bytes."""

    def __init__(self) -> None:
        self.size = 0
        self.digest = hashlib.sha256()


class UploadPart:
    """What has come of one upload.

    Parameters
    ----------
    shares : Shares
    path : str
        ``share/relative/path`` of the whole.
    upload : str
        Its id.
    running : dict
        Checksums that go on from piece to piece, by upload; kept by the session.
    """

    def __init__(self, shares: Shares, path: str, upload: str, running: dict[str, Any]) -> None:
        self._shares, self._path, self._upload, self._running = shares, path, upload, running

    def begin(self, length: int, *, overwrite: bool, parents: bool) -> None:
        """Make it, empty.

        Raises
        ------
        AlreadyExists
            If something has the name of the whole, and it is not to be replaced.
        NoSpace
            If the disk has no room for `length` bytes.
        UnsupportedFile
            If it is to replace a link or a device.
        NotFound, Forbidden, InvalidParameter
        """
        paths.check_new_path(self._path)
        around = folders_made(self._shares, self._path.rpartition("/")[0]) if parents else contextlib.nullcontext()
        with around, self._places() as (target, part):
            if target.at.status() is not None:
                if not overwrite:
                    raise AlreadyExists(f"{target.shown} is there already")
                target.found()
            room = os.fstatvfs(target.at.folder)
            if length > room.f_bavail * room.f_frsize:
                raise NoSpace("the disk has no room for this file")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            descriptor = os.open(part.name, flags, 0o600, dir_fd=part.folder)
            try:
                share_mode(part.folder, descriptor)
            finally:
                os.close(descriptor)
            part.sync()

    def size(self) -> int:
        """Give how many bytes have come."""
        with self._opened(os.O_RDONLY) as descriptor:
            return os.fstat(descriptor).st_size

    def write(self, offset: int, data: bytes) -> int:
        """Append a piece, and give how many bytes have come. What cannot be written whole is not written.

        Raises
        ------
        Conflict
            If it is not the next one.
        NoSpace
        """
        with self._opened(os.O_WRONLY) as descriptor:
            if os.fstat(descriptor).st_size != offset:
                raise Conflict("this is not the next piece of the upload")
            try:
                _write_whole(descriptor, data, offset)
            except OSError:
                os.ftruncate(descriptor, offset)
                raise
        self._go_on(offset, data)
        return offset + len(data)

    def settle(self, start: int, algorithm: str = "", checksum: str = "") -> int:
        """Have what has come on disk, and give how much that is.

        Parameters
        ----------
        start : int
            Where the last pieces began.
        algorithm, checksum : str
            Of what came from there, base64; if it is wrong, that is cut off.

        Raises
        ------
        WrongChecksum
        """
        with self._opened(os.O_RDWR) as descriptor:
            if algorithm:
                found = hashlib.new(algorithm)
                _read_into(found, descriptor, start)
                if base64.b64encode(found.digest()).decode() != checksum:
                    os.ftruncate(descriptor, start)
                    self._running.pop(self._upload, None)
                    raise WrongChecksum("what arrived has another checksum than was sent")
            os.fdatasync(descriptor)
            return os.fstat(descriptor).st_size

    def verify(self, length: int, sha256: str = "") -> str:
        """Have the whole on disk, check it, and give what names the very file (device and inode).

        Raises
        ------
        Conflict
            If it is not whole.
        WrongChecksum
        """
        with self._opened(os.O_RDONLY) as descriptor:
            os.fsync(descriptor)
            found = os.fstat(descriptor)
            if found.st_size != length:
                raise Conflict("the upload is not complete")
            running = self._running.pop(self._upload, None)
            if sha256:
                if running is None or running.size != length:
                    running = _Running()
                    _read_into(running.digest, descriptor, 0)
                if running.digest.hexdigest() != sha256:
                    raise WrongChecksum("the file that arrived has another checksum than the one that was sent")
            return name_of(found)

    def commit(self, changes: Changes, inode: str, *, overwrite: bool) -> str:
        """Give it its name, on disk when this returns, and give its path without links; done again, nothing happens.

        Raises
        ------
        AlreadyExists, NotFound
        """
        with self._places() as (target, part):
            hidden = Place(f"{self._path.rpartition('/')[0]}/{os.fsdecode(part.name)}", part)
            came, there = part.status(), target.at.status()
            if there is not None and name_of(there) == inode:
                if came is not None:
                    # It was killed after what is replaced had swapped names with it.
                    changes.throw_away(hidden, target.real)
            elif came is None or name_of(came) != inode:
                raise NotFound("there is no such upload")
            else:
                changes.put_in_place(hidden, target, overwrite=overwrite)
            part.sync()
            return target.real

    def discard(self) -> None:
        """Remove it; one that is gone stays so."""
        self._running.pop(self._upload, None)
        with contextlib.suppress(NotFound), self._places() as (_, part), contextlib.suppress(FileNotFoundError):
            os.unlink(part.name, dir_fd=part.folder)
            part.sync()

    def _go_on(self, offset: int, data: bytes) -> None:
        running = self._running.get(self._upload)
        if offset == 0:
            running = self._running[self._upload] = _Running()
            while len(self._running) > _REMEMBERED:
                del self._running[next(iter(self._running))]
        if running is None or running.size != offset:
            self._running.pop(self._upload, None)
            return
        running.digest.update(data)
        running.size += len(data)

    @contextlib.contextmanager
    def _places(self) -> Iterator[tuple[Place, Name]]:
        """Give where the whole will lie, and the name of the part."""
        with place(self._shares, self._path, new=True) as target:
            yield target, Name(target.at.folder, f"{_PREFIX}{self._upload}".encode())

    @contextlib.contextmanager
    def _opened(self, flags: int) -> Iterator[int]:
        with self._places() as (_, part):
            try:
                descriptor = os.open(
                    part.name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=part.folder
                )
            except FileNotFoundError:
                raise NotFound("there is no such upload") from None
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise NotFound("there is no such upload")
                with typed(self._path):
                    yield descriptor
            finally:
                os.close(descriptor)


def name_of(found: os.stat_result) -> str:
    """Name a file by its device and inode, which a renaming leaves as they are."""
    return f"{found.st_dev}-{found.st_ino}"


def _write_whole(descriptor: int, data: bytes, offset: int) -> None:
    left = memoryview(data)
    while left:
        written = os.pwrite(descriptor, left, offset)
        left, offset = left[written:], offset + written


def _read_into(digest: "hashlib._Hash", descriptor: int, start: int) -> None:
    while piece := os.pread(descriptor, _PIECE, start):
        digest.update(piece)
        start += len(piece)
