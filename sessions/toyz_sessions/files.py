"""The shares of a session: opening and listing what lies beneath them, and nothing else."""

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from toyz.config import Config
from toyz.errors import InvalidParameter, NotFound
from toyz.readers import OpenFile, identity_of
from toyz_sessions import paths
from toyz_sessions.folder import Follow, Status
from toyz_sessions.folder_cache import FolderCache
from toyz_sessions.listing import Entry, Listing, Sort
from toyz_sessions.messages import Grant
from toyz_sessions.openat import Root, open_beneath, open_file, open_folder
from toyz_sessions.page import OpenFolder, Query, entry_of, page, page_of_shares
from toyz_sessions.quota import touch

_LONGEST_FILTER = 256
_LONGEST_PAGE = 1000


def grants_of(config: Config) -> tuple[Grant, ...]:
    """Give every share of the configuration as a grant, for a user who may see them all."""
    return tuple(
        Grant(share.name, share.path, str(Path(config.cache) / share.name), share.write) for share in config.shares
    )


class Shares:
    """The shares that a user may see, by name. Safe to use from several threads.

    Their folders are opened at once and everything is opened beneath those descriptors. A share
    whose folder is missing then is listed, and holds nothing.

    Parameters
    ----------
    grants : sequence of Grant
    """

    def __init__(self, grants: Sequence[Grant]) -> None:
        self.grants = {grant.name: grant for grant in grants}
        self._roots = {grant.name: Root.of(grant.path) for grant in grants}
        self._caches = {grant.name: Root.of(grant.cache) for grant in grants}
        self._folders = FolderCache()

    def split(self, path: str) -> tuple[Grant, str]:
        """Split ``share/relative/path``; the rest is empty for the share itself.

        Raises
        ------
        NotFound
            If there is no such share, or the rest is not a plain relative path.
        """
        share, relative = paths.split(path)
        grant = self.grants.get(share)
        if grant is None:
            raise paths.not_found(path)
        return grant, relative

    def open(self, path: str) -> OpenFile:
        """Open a regular file for reading; who opens it closes it.

        Raises
        ------
        NotFound
            If there is none beneath the share.
        Forbidden
            If the server's account may not read it.
        UnsupportedFile
            If it is a folder, a pipe, a socket or a device.
        """
        root, relative = self.locate(path)
        return OpenFile(open_file(root, relative, paths.display(path)), path)

    def open_cache(self, share: str, name: str) -> int | None:
        """Open a file of the share's cache for reading, and note that it is used.

        Parameters
        ----------
        share : str
        name : str
            Of a file directly in the folder.

        Returns
        -------
        int or None
            A descriptor, which the caller closes; None if there is no such file.
        """
        folder = self._caches.get(share)
        if folder is None or folder.descriptor < 0 or "/" in name:
            return None
        try:
            descriptor = open_file(folder, paths.encode(name), name)
        except NotFound:
            return None
        touch(descriptor)
        return descriptor

    def stat(self, path: str) -> Entry:
        """Describe one file or folder.

        Raises
        ------
        NotFound
            If there is nothing there, or nothing that may be opened.
        """
        grant, _ = self.split(path)
        root, relative = self.locate(path)
        found = _look(root, relative)
        if found is None:
            raise paths.not_found(path)
        is_file, is_folder = stat.S_ISREG(found.st_mode), stat.S_ISDIR(found.st_mode)
        known = Status(is_file, is_folder, found.st_size if is_file else 0, found.st_mtime)
        return entry_of(path, known, writable=grant.write)

    def status(self, path: str) -> os.stat_result | None:
        """Give the status of what a path leads to, one of Toyz's own names included; None if there is nothing."""
        share, _, relative = path.partition("/")
        root = self._roots.get(share)
        return None if root is None or root.descriptor < 0 else _look(root, paths.encode(relative))

    def identity(self, path: str) -> str:
        """Give the identity of a file as it is now (`toyz.readers.OpenFile.identity`); empty if there is none."""
        try:
            found = _look(*self.locate(path))
        except NotFound:
            return ""
        return "" if found is None else identity_of(found)

    def close(self) -> None:
        """Close the folders' descriptors."""
        for root in (*self._roots.values(), *self._caches.values()):
            if root.descriptor >= 0:
                os.close(root.descriptor)
        self._roots.clear()
        self._caches.clear()

    def list(
        self,
        path: str,
        offset: int = 0,
        limit: int = 200,
        sort: Sort = "name",
        descending: bool = False,
        filter: str = "",  # noqa: A002
        hidden: bool = False,
        *,
        reader_of: Callable[[str], str] | None = None,
    ) -> Listing:
        """List a page of a folder, folders first; the empty path lists the shares.

        Parameters
        ----------
        path : str
        offset, limit : int
            The page; at most 1,000 entries.
        sort : str
        descending : bool
            Turns the order round, of folders and of files.
        filter : str
            Part of a name, or a glob with ``*`` and ``?``; case is ignored.
        hidden : bool
            Whether names that begin with a dot are listed.
        reader_of : callable, optional
            Gives the reader that a name promises.

        Raises
        ------
        NotFound, Forbidden
        InvalidParameter
            If the filter is too long.
        """
        if len(filter) > _LONGEST_FILTER:
            raise InvalidParameter("the filter is too long", field="filter")
        limit = max(0, min(limit, _LONGEST_PAGE))
        query = Query(max(0, offset), limit, sort, descending, filter, hidden, reader_of or (lambda name: ""))
        if not path:
            return page_of_shares(tuple(self.grants.values()), query)
        grant, _ = self.split(path)
        root, relative = self.locate(path)
        descriptor = open_folder(root, relative, paths.display(path))
        try:
            folder = OpenFolder(path, descriptor, _follower(root, relative), grant.write)
            return page(folder, query, self._folders)
        finally:
            os.close(descriptor)

    def locate(self, path: str) -> tuple[Root, bytes]:
        """Give the folder of a share and what a path names beneath it.

        Raises
        ------
        NotFound
        """
        grant, relative = self.split(path)
        root = self._roots.get(grant.name)
        if root is None or root.descriptor < 0:
            raise paths.not_found(path)
        return root, paths.encode(relative)


def _look(root: Root, relative: bytes) -> os.stat_result | None:
    """Give the status of what lies there, links followed as far as they stay beneath the root."""
    try:
        descriptor = open_beneath(root, relative, os.O_PATH)
    except OSError:
        return None
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def _follower(root: Root, folder: bytes) -> Follow:
    def follow(name: str) -> os.stat_result | None:
        entry = os.fsencode(name)
        return _look(root, folder + b"/" + entry if folder else entry)

    return follow
