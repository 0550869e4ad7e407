"""A page of a folder's entries, as ``files.list`` answers with it."""

from typing import Literal

import msgspec

Kind = Literal["share", "folder", "file", "other"]
Sort = Literal["name", "size", "modified", "kind"]


class Entry(msgspec.Struct, kw_only=True):
    """One entry of a folder.

    Attributes
    ----------
    name : str
        For people: what cannot be shown safely (control characters, marks that turn the
        direction of writing, bytes that are not UTF-8) is replaced by U+FFFD.
    path : str
        What opens it: ``share/relative/path``.
    kind : str
        ``other`` is what cannot be opened: a socket, a device, a link that leads out.
    size : int
        Bytes; 0 for folders.
    modified : float
        Seconds since the Unix epoch.
    reader : str
        Which reader its name promises; empty if none.
    writable : bool
        Whether the share is granted for writing.
    """

    name: str
    path: str
    kind: Kind
    size: int = 0
    modified: float = 0.0
    reader: str = ""
    writable: bool = False


class Listing(msgspec.Struct, kw_only=True):
    """A page of a folder.

    Attributes
    ----------
    path : str
    parent : str or None
        None at the list of shares.
    entries : list of Entry
    total : int
        Entries that pass the filter, on all pages.
    offset : int
    truncated : bool
        Whether the folder holds more entries than are looked at.
    writable : bool
    """

    path: str
    parent: str | None
    entries: list[Entry]
    total: int
    offset: int
    truncated: bool = False
    writable: bool = False
