"""Changes of a share's files: each is one renaming, on disk when it returns, and replaces nothing unasked."""

from collections.abc import Callable

from toyz.errors import AlreadyExists, InvalidParameter
from toyz_sessions import paths
from toyz_sessions.files import Shares
from toyz_sessions.places import Place, make_folder, place
from toyz_sessions.renaming import exchange, rename_new
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

    def move(self, path: str, to: str, *, overwrite: bool = False) -> None:
        """Give a file or a folder another name, in the same share.

        Parameters
        ----------
        path, to : str
        overwrite : bool
            Whether what has the new name goes to the trash.

        Raises
        ------
        AlreadyExists, NotFound, UnsupportedFile, Forbidden, InvalidParameter
        """
        if path.partition("/")[0] != to.partition("/")[0]:
            with place(self._shares, path), place(self._shares, to, new=True):
                raise InvalidParameter("what is moved stays in its share: download it and upload it there", field="to")
        with place(self._shares, path) as source, place(self._shares, to, new=True) as target:
            source.found()
            self.put_in_place(source, target, overwrite=overwrite)
            source.at.sync()
            target.at.sync()
        self._note("move", path, to)

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
        _check_apart(source, target)
        target.found()
        self.trash.check_reach(target)
        if not exchange(source.at, target.at):
            self.throw_away(target, target.path)
            rename_new(source.at, target.at)
            return
        # What was replaced has the old name of what replaced it.
        self.throw_away(source, target.path)

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
            lies = self.trash.put(what, path)
        self._note("delete", path, lies)
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
    """Refuse to replace a folder by what is in it, and a thing by itself."""
    for one, other in ((source.path, target.path), (target.path, source.path)):
        if one == other or one.startswith(f"{other}/"):
            raise InvalidParameter(f"{paths.display(other)} cannot be replaced by {paths.display(one)}", field="to")
