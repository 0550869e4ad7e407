"""Removing a folder with all that is in it, however deep that is."""

import contextlib
import errno
import os
import secrets

from toyz_sessions.renaming import Name

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_folder(folder: Name) -> None:
    """Remove a folder and what is in it; links in it are not followed, and what is gone meanwhile is gone.

    Folders deeper in it are brought up into itself first, so that no more than two are open at a time.

    Raises
    ------
    OSError
    """
    try:
        top = os.open(folder.name, _FOLDER, dir_fd=folder.folder)
    except FileNotFoundError:
        return
    try:
        waiting = _clear(top, top)
        while waiting:
            with contextlib.suppress(FileNotFoundError):
                waiting += _emptied(top, waiting.pop())
    finally:
        os.close(top)
    with contextlib.suppress(FileNotFoundError):
        os.rmdir(folder.name, dir_fd=folder.folder)


def _emptied(top: int, name: bytes) -> list[bytes]:
    """Remove a folder of the top, and give what was in it and is in the top now."""
    inner = os.open(name, _FOLDER, dir_fd=top)
    try:
        brought = _clear(inner, top)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=top)
    return brought


def _clear(folder: int, top: int) -> list[bytes]:
    """Remove the files of a folder, bring the folders that are in it up to the top, and give their names there."""
    with os.scandir(folder) as entries:
        found = [(os.fsencode(entry.name), entry.is_dir(follow_symlinks=False)) for entry in entries]
    brought: list[bytes] = []
    for name, is_folder in found:
        with contextlib.suppress(FileNotFoundError):
            if not is_folder:
                os.unlink(name, dir_fd=folder)
            elif folder == top:
                brought.append(name)
            elif not _removed_empty(folder, name):
                above = secrets.token_hex(8).encode()
                os.rename(name, above, src_dir_fd=folder, dst_dir_fd=top)
                brought.append(above)
    return brought


def _removed_empty(folder: int, name: bytes) -> bool:
    try:
        os.rmdir(name, dir_fd=folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    return True
