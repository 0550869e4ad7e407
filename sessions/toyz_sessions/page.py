"""One page of a folder: what is in it, sorted, filtered and described."""

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from toyz_sessions import paths
from toyz_sessions.folder import Follow, Status, order, scan, select, status
from toyz_sessions.folder_cache import FolderCache
from toyz_sessions.listing import Entry, Kind, Listing, Sort
from toyz_sessions.messages import Grant


class Query(NamedTuple):
    """Which page, and of what; as in `toyz_sessions.files.Shares.list`."""

    offset: int
    limit: int
    sort: Sort
    descending: bool
    pattern: str
    hidden: bool
    reader_of: Callable[[str], str]


class OpenFolder(NamedTuple):
    """A folder open for listing: its path, its descriptor, how to follow its links, the right to write."""

    path: str
    descriptor: int
    follow: Follow
    writable: bool


def page(folder: OpenFolder, query: Query, cache: FolderCache) -> Listing:
    """Give a page of a folder, folders first."""
    known: dict[str, Status] = {}

    def status_of(name: str) -> Status:
        if name not in known:
            known[name] = status(folder.descriptor, name, folder.follow)
        return known[name]

    found = os.fstat(folder.descriptor)
    scanned = cache.get((found.st_dev, found.st_ino, found.st_mtime_ns), lambda: scan(folder.descriptor, folder.follow))
    ordered = scanned.ordered(query.sort, lambda names: order(names, query.sort, status_of, query.reader_of))
    folders, others = (select(names, query.pattern, hidden=query.hidden) for names in ordered)
    chosen = _slice(folders, others, query)
    entries = [_describe(folder, name, status_of(name), query.reader_of) for name in chosen]
    return Listing(
        path=folder.path,
        parent=folder.path.rpartition("/")[0],
        entries=entries,
        total=len(folders) + len(others),
        offset=query.offset,
        truncated=scanned.found.truncated,
        writable=folder.writable,
    )


def _slice(folders: Sequence[str], others: Sequence[str], query: Query) -> list[str]:
    """Cut the page out of the folders followed by the rest."""
    chosen: list[str] = []
    start, wanted = query.offset, query.limit
    for names in (folders, others):
        stop = min(start + wanted, len(names))
        last = len(names) - 1
        chosen += [names[last - place if query.descending else place] for place in range(start, stop)]
        wanted -= max(0, stop - start)
        start = max(0, start - len(names))
    return chosen


def _describe(folder: OpenFolder, name: str, known: Status, reader_of: Callable[[str], str]) -> Entry:
    entry = entry_of(f"{folder.path}/{paths.decode(name)}", known, writable=folder.writable)
    if entry.kind == "file":
        entry.reader = reader_of(name)
    return entry


def entry_of(path: str, known: Status, *, writable: bool) -> Entry:
    """Describe one entry of a share."""
    kind: Kind = "file" if known.is_file else "folder" if known.is_folder else "other"
    name = paths.display(path.rpartition("/")[2])
    return Entry(name=name, path=path, kind=kind, size=known.size, modified=known.modified, writable=writable)


def page_of_shares(grants: Sequence[Grant], query: Query) -> Listing:
    """Give a page of the list of shares."""
    names = sorted((grant.name for grant in grants), key=str.casefold, reverse=query.descending)
    chosen = select(names, query.pattern, hidden=True)
    writable = {grant.name: grant.write for grant in grants}
    entries = [
        Entry(name=name, path=name, kind="share", writable=writable[name])
        for name in chosen[query.offset : query.offset + query.limit]
    ]
    return Listing(path="", parent=None, entries=entries, total=len(chosen), offset=query.offset)
