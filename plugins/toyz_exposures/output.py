"""Files that appear whole or not at all, and what is said when they cannot."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from toyz.errors import Conflict, Forbidden, InvalidParameter, NotFound, TooLarge, ToyzError


def explain(error: OSError, name: str) -> ToyzError:
    """Say why a file could not be written, in a sentence without its folder."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return TooLarge(f"no space is left for {name}")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Forbidden(f"{name} cannot be written there: permission denied")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return NotFound(f"the folder for {name} does not exist")
    return ToyzError(f"{name} cannot be written: {error.strerror or 'input/output error'}")


def check_target(path: Path, *, overwrite: bool) -> None:
    """Refuse what cannot be written before any work is done.

    Raises
    ------
    NotFound
        If the folder does not exist.
    Conflict
        If the file exists and must not be replaced.
    InvalidParameter
        If a folder is in the way.
    """
    if not path.parent.is_dir():
        raise NotFound(f"the folder for {path.name} does not exist")
    if path.is_dir():
        raise InvalidParameter(f"{path.name} is a folder", field="out")
    if path.exists() and not overwrite:
        raise Conflict(f"{path.name} exists already")


def check_space(path: Path, size: int) -> None:
    """Refuse to begin a file for which the disk has no room.

    Raises
    ------
    TooLarge
    """
    free = shutil.disk_usage(path.parent).free
    if free < size:
        raise TooLarge(f"{path.name} needs {size / 1e9:.2f} GB, and {free / 1e9:.2f} GB are free")


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside `path` that takes its name at the end, if nothing went wrong.

    Nothing is synced: a made exposure can be made again.

    Raises
    ------
    ToyzError
        For what the system refuses.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        # Unbuffered: what is written comes in large pieces.
        with partial.open("xb", buffering=0) as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise explain(error, path.name) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_all(file: BinaryIO, data: bytes | memoryview) -> None:
    """Write every byte; an unbuffered file may take fewer at a time."""
    rest = memoryview(data)
    while rest.nbytes:
        rest = rest[file.write(rest) :]
