"""Changes of a share's files: each ends with one renaming, is on disk when it returns, and replaces nothing unasked."""

import errno
import os
from collections.abc import Callable

from toyz.errors import AlreadyExists, InvalidParameter
from toyz_sessions.files import Shares
from toyz_sessions.moving import copy_beside
from toyz_sessions.places import Place, make_folder, place
from toyz_sessions.renaming import exchange, folders_around, rename_new
from toyz_sessions.trash import Trash

Note = Callable[[str, str, str], None]
"""Told of each change: what was done, to what, and where it is now."""


class Changes:
    """Changes what a user may write.

    Parameters
    ----------
    shares : Shares
    user : str
    note : callable
    """

    def __init__(self, shares: Shares, user: str, note: Note) -> None:
        self._shares, self._note = shares, note
        self.trash = Trash(shares, user)

    def create_folder(self, path: str) -> None:
        """Make a folder.

        Raises
        ------
        AlreadyExists, NotFound, Forbidden, InvalidParameter, NoSpace
        """
        with place(self._shares, path, new=True) as wanted:
            make_folder(wanted.at)
            wanted.at.sync()
        self._note("create_folder", path, "")

    def move(
        self, path: str, to: str, *, overwrite: bool = False, progress: Callable[[float], None] = lambda _: None
    ) -> None:
        """Give a file or a folder another name, in its share or in another.

        To another disk it is copied, and the original goes to the trash: at no moment is there less than one of them.

        Parameters
        ----------
        path, to : str
        overwrite : bool
            Whether what has the new name goes to the trash.
        progress : callable
            Told what fraction is copied; what it raises ends the move, and nothing has happened.

        Raises
        ------
        AlreadyExists, NotFound, UnsupportedFile, Forbidden, InvalidParameter, Conflict, NoSpace
        """
        with place(self._shares, path) as source, place(self._shares, to, new=True) as target:
            source.found()
            try:
                self.put_in_place(source, target, overwrite=overwrite)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                self._move_over(source, target, progress, overwrite=overwrite)
            else:
                self._note("move", source.real, target.real)
            source.at.sync()
            target.at.sync()

    def _move_over(self, source: Place, target: Place, progress: Callable[[float], None], *, overwrite: bool) -> None:
        """Move to another disk."""
        if target.at.status() is not None:
            if not overwrite:
                raise AlreadyExists(f"{target.shown} is there already")
            self._check_replaceable(source, target)
        self.trash.check_reach(source)
        with copy_beside(source, target, progress) as copy:
            # The two never swap names: what has the copy's, when a session dies, is taken for a copy and swept.
            if overwrite and target.at.status() is not None:
                self.throw_away(target, target.real)
            rename_new(copy.at, target.at)
            target.at.sync()
        self._note("move", source.real, target.real)
        self.throw_away(source, source.real)

    def put_in_place(self, source: Place, target: Place, *, overwrite: bool) -> None:
        """Rename; what is in the way goes to the trash if it may, without the name being gone in between.

        Raises
        ------
        AlreadyExists, Conflict, OSError
        """
        try:
            rename_new(source.at, target.at)
            return
        except FileExistsError:
            if not overwrite:
                raise AlreadyExists(f"{target.shown} is there already") from None
        self._check_replaceable(source, target)
        # What is replaced lies in the trash of its own share: it may not come to another even for a moment.
        within = source.path.partition("/")[0] == target.path.partition("/")[0]
        if not within and os.fstat(source.at.folder).st_dev != os.fstat(target.at.folder).st_dev:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        if not within or not exchange(source.at, target.at):
            self.throw_away(target, target.real)
            rename_new(source.at, target.at)
            return
        # What was replaced has the old name of what replaced it.
        self.throw_away(source, target.real)

    def _check_replaceable(self, source: Place, target: Place) -> None:
        _check_apart(source, target)
        target.found()
        self.trash.check_reach(target)

    def throw_away(self, what: Place, was: str) -> None:
        """Move something to the trash that was known by another path.

        Raises
        ------
        OSError
        """
        lies = self.trash.put(what, was)
        self._note("delete", was, lies)

    def delete(self, path: str) -> str:
        """Move a file or a folder to the trash, and give the id under which it can be restored.

        Raises
        ------
        NotFound, UnsupportedFile, Forbidden
        """
        with place(self._shares, path) as what:
            what.found()
            was = what.real
            lies = self.trash.put(what, was)
        self._note("delete", was, lies)
        return lies.split("/")[2]

    def restore(self, share: str, identifier: str, to: str = "") -> str:
        """Move something from the trash to where it was, and give that path.

        Raises
        ------
        NotFound, AlreadyExists, Forbidden
        """
        lay, path = self.trash.restore(share, identifier, to)
        self._note("restore", lay, path)
        return path

    def empty_trash(self, share: str, identifiers: list[str] | None = None) -> int:
        """Remove for good what the user deleted, and give how many things that were.

        Raises
        ------
        NotFound, Forbidden
        """
        gone = self.trash.empty(share, identifiers)
        for lay in gone:
            self._note("remove", lay, "")
        return len(gone)


def _check_apart(source: Place, target: Place) -> None:
    """Refuse to replace a folder by what is in it or by what it is in, and a thing by itself.

    Links lead to one folder by many paths: what is compared is what lies there.
    """
    for one, other in ((source, target), (target, source)):
        if other.at.identity() in {one.at.identity(), *folders_around(one.at.folder)} - {None}:
            raise InvalidParameter(f"{target.shown} cannot be replaced by {source.shown}", field="to")
