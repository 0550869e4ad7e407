"""The entries of one folder, scanned once and sorted in memory."""

import fnmatch
import os
import re
import stat
from collections.abc import Callable, Sequence
from typing import NamedTuple

from toyz_sessions.listing import Sort
from toyz_sessions.paths import RESERVED

MOST = 1_000_000
"""Entries that are looked at; a folder with more is cut off."""

Follow = Callable[[str], os.stat_result | None]
"""Gives the status of what a link leads to, None if that is outside or missing."""


class Status(NamedTuple):
    """What ``stat`` tells of one entry."""

    is_file: bool
    is_folder: bool
    size: int
    modified: float


_NOTHING = Status(is_file=False, is_folder=False, size=0, modified=0.0)


class Scan(NamedTuple):
    """The names in a folder, folders apart from the rest, as the operating system gives them."""

    folders: Sequence[str]
    others: Sequence[str]
    truncated: bool


def scan(descriptor: int, follow: Follow) -> Scan:
    """Read the names of a folder; what leads to a folder counts as one, and Toyz's own are left out."""
    folders: list[str] = []
    others: list[str] = []
    truncated = False
    with os.scandir(descriptor) as entries:
        for entry in entries:
            if len(folders) + len(others) >= MOST:
                truncated = True
                break
            if entry.name.startswith(RESERVED):
                continue
            (folders if _is_folder(entry, follow) else others).append(entry.name)
    return Scan(folders, others, truncated)


def _is_folder(entry: "os.DirEntry[str]", follow: Follow) -> bool:
    if not entry.is_symlink():
        return entry.is_dir(follow_symlinks=False)
    target = follow(entry.name)
    return target is not None and stat.S_ISDIR(target.st_mode)


def status(descriptor: int, name: str, follow: Follow) -> Status:
    """Give the status of an entry, or of what a link leads to; all is 0 where there is nothing to open."""
    try:
        found: os.stat_result | None = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    except OSError:
        return _NOTHING
    if found is not None and stat.S_ISLNK(found.st_mode):
        found = follow(name)
    if found is None:
        return _NOTHING
    is_file, is_folder = stat.S_ISREG(found.st_mode), stat.S_ISDIR(found.st_mode)
    return Status(is_file, is_folder, found.st_size if is_file else 0, found.st_mtime)


def order(
    names: Sequence[str], sort: Sort, statuses: Callable[[str], Status], reader_of: Callable[[str], str]
) -> list[str]:
    """Sort names; what is equal is in the order of the names, which ignores case."""
    by_name = sorted(names, key=lambda name: (name.casefold(), name))
    if sort == "size":
        by_name.sort(key=lambda name: statuses(name).size)
    elif sort == "modified":
        by_name.sort(key=lambda name: statuses(name).modified)
    elif sort == "kind":
        by_name.sort(key=lambda name: (reader_of(name), name.rpartition(".")[2].casefold()))
    return by_name


def select(names: Sequence[str], pattern: str, *, hidden: bool) -> Sequence[str]:
    """Keep what passes the filter: a part of the name, or a glob if it has ``*`` or ``?``; case is ignored."""
    if not hidden:
        names = [name for name in names if not name.startswith(".")]
    if not pattern:
        return names
    wanted = pattern.casefold()
    if "*" in wanted or "?" in wanted:
        matches = re.compile(fnmatch.translate(wanted.replace("[", "[[]"))).match
        return [name for name in names if matches(name.casefold())]
    return [name for name in names if wanted in name.casefold()]
