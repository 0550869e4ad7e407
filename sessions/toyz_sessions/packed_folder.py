"""A folder as one zip archive, made while it is sent: files are read when their turn comes, and stored as they are."""

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from zipstream import ZipStream

from toyz.errors import Conflict, TooLarge, ToyzError
from toyz_sessions import paths
from toyz_sessions.files import Shares
from toyz_sessions.openat import Root, open_file, open_folder

MOST = 100_000
"""Files and folders in one archive."""
_PIECE = 1 << 20
_DEEPEST = 200
_LEFT_OUT = "NOT INCLUDED.txt"


class _Inside(NamedTuple):
    """Something in the folder: its name in the archive and on disk beneath the share, and how many bytes it has."""

    name: str
    relative: bytes
    size: int


class PackedFolder:
    """An archive under way.

    Parameters
    ----------
    shares : Shares
    path : str
        ``share/relative/path`` of a folder.

    Raises
    ------
    TooLarge
        If there are too many files in it.
    NotFound
    """

    def __init__(self, shares: Shares, path: str) -> None:
        self._root, relative = shares.locate(path)
        self.name = safe_name(path.rpartition("/")[2])
        self.left_out: list[str] = []
        self.files = 0
        self._found: list[_Inside] = []
        self._walk(relative, self.name, 0)
        archive = ZipStream(sized=True)
        taken: set[str] = set()
        for each in self._found:
            name = _unlike(each.name, taken)
            archive.add(None if each.size < 0 else self._read(each), name, size=max(each.size, 0))
        if self.left_out:
            archive.add("\n".join(self.left_out) + "\n", f"{self.name}/{_LEFT_OUT}")
        self.size = len(archive)
        self._pieces: Iterator[bytes] = iter(archive)
        self._number = 0

    def next(self, number: int) -> bytes:
        """Give the next piece; nothing at the end.

        Raises
        ------
        Conflict
            If it is not the piece of that number that comes next, or a file is not what it was at the beginning.
        """
        if number != self._number:
            raise Conflict("the pieces of a download come one after the other")
        self._number += 1
        piece = bytearray()
        for part in self._pieces:
            piece += part
            if len(piece) >= _PIECE // 2:
                break
        return bytes(piece)

    def _walk(self, folder: bytes, name: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise TooLarge("the folders lie too deep in each other for one archive")
        descriptor = open_folder(self._root, folder, paths.display(name))
        try:
            with os.scandir(descriptor) as entries:
                names = sorted(entry.name for entry in entries if not entry.name.startswith(paths.RESERVED))
        finally:
            os.close(descriptor)
        self._keep(_Inside(f"{name}/", folder, -1))
        for each in names:
            self._take(
                folder + b"/" + os.fsencode(each) if folder else os.fsencode(each), f"{name}/{safe_name(each)}", depth
            )

    def _take(self, relative: bytes, name: str, depth: int) -> None:
        """Add a file, or what is in a folder; what cannot be read is named in the archive instead."""
        try:
            found = status_of(self._root, relative)
            if stat.S_ISDIR(found.st_mode):
                self._walk(relative, name, depth + 1)
            elif stat.S_ISREG(found.st_mode):
                os.close(open_file(self._root, relative, name))
                self._keep(_Inside(name, relative, found.st_size))
            else:
                self.left_out.append(f"{name}: not a file")
        except TooLarge:
            raise
        except (ToyzError, OSError):
            self.left_out.append(f"{name}: may not be read")

    def _keep(self, inside: _Inside) -> None:
        self._found.append(inside)
        self.files += inside.size >= 0
        if len(self._found) > MOST:
            raise TooLarge(f"there are more than {MOST} files in this folder: download parts of it")

    def _read(self, inside: _Inside) -> Iterator[bytes]:
        descriptor = open_file(self._root, inside.relative, paths.display(inside.name))
        try:
            offset = 0
            while offset < inside.size:
                piece = os.pread(descriptor, min(_PIECE, inside.size - offset), offset)
                if not piece:
                    raise Conflict(f"{paths.display(inside.name)} has become shorter")
                yield piece
                offset += len(piece)
        finally:
            os.close(descriptor)


def status_of(root: Root, relative: bytes) -> os.stat_result:
    """Give the status of what lies there; a link to a file counts as that, one to a folder is none: it may lead round.

    Raises
    ------
    OSError
    """
    folder, _, name = relative.rpartition(b"/")
    parent = open_folder(root, folder, "it")
    try:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    finally:
        os.close(parent)
    if not stat.S_ISLNK(found.st_mode):
        return found
    descriptor = open_file(root, relative, "it")
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def safe_name(name: str) -> str:
    """Give a name for an archive or a download: none that hides, turns round or leads elsewhere when it is unpacked."""
    shown = paths.display(paths.decode(name)).replace("\\", "_").replace(":", "_")
    return "_" if shown.strip(". ") == "" else shown


def _unlike(name: str, taken: set[str]) -> str:
    """Give a name that no other has: two may look alike once what cannot be shown is replaced."""
    bare, slash = name.rstrip("/"), "/" if name.endswith("/") else ""
    number, unlike = 1, bare
    while unlike in taken:
        number += 1
        unlike = f"{bare} ({number})"
    taken.add(unlike)
    return unlike + slash
