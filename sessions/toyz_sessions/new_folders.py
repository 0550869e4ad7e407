"""Folders that are made on the way to something new, and go again if that does not come."""

import contextlib
import os
from collections.abc import Iterator

from toyz.errors import NotFound, ToyzError
from toyz_sessions import paths
from toyz_sessions.files import Shares
from toyz_sessions.openat import open_folder
from toyz_sessions.places import make_folder, place


@contextlib.contextmanager
def folders_made(shares: Shares, path: str, *, new: bool = True) -> Iterator[None]:
    """Make a folder, and those that it is in, where they are missing; what was made is taken away if the block fails.

    Parameters
    ----------
    shares : Shares
    path : str
    new : bool
        Whether their names are new ones, which must be such that can be shown; else they had them before.

    Raises
    ------
    ToyzError
        Before any is made if a name is none.
    """
    missing = _missing(shares, path)
    if new:
        for each in missing:
            paths.check_new_path(each)
    made: list[str] = []
    try:
        for each in reversed(missing):
            made += [each] if _make(shares, each) else []
        yield
    except BaseException:
        for each in reversed(made):
            _take_away(shares, each)
        raise


def _missing(shares: Shares, path: str) -> list[str]:
    """Give the folders of a path that are not there, the innermost first."""
    missing: list[str] = []
    while path:
        try:
            os.close(open_folder(*shares.locate(path), paths.display(path)))
        except NotFound:
            if "/" not in path:
                raise
        else:
            break
        missing.append(path)
        path = path.rpartition("/")[0]
    return missing


def _make(shares: Shares, path: str) -> bool:
    """Make a folder; False if somebody else has made it meanwhile."""
    with place(shares, path) as wanted:
        try:
            make_folder(wanted.at)
        except FileExistsError:
            return False
        wanted.at.sync()
    return True


def _take_away(shares: Shares, path: str) -> None:
    """Remove a folder if it is empty still."""
    with contextlib.suppress(ToyzError), place(shares, path) as made:
        os.rmdir(made.at.name, dir_fd=made.at.folder)
