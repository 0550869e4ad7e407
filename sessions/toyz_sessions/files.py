"""The shares of a session: opening and listing what lies beneath them, and nothing else."""

from collections.abc import Callable, Sequence

from toyz.config import Config
from toyz.readers import OpenFile

from toyz_sessions.listing import Entry, Listing, Sort
from toyz_sessions.messages import Grant


def grants_of(config: Config) -> tuple[Grant, ...]:
    """Give every share of the configuration as a grant (one user, who may see them all)."""
    raise NotImplementedError


class Shares:
    """The shares that a user may see, by name. Safe to use from several threads."""

    def __init__(self, grants: Sequence[Grant]) -> None:
        raise NotImplementedError

    def split(self, path: str) -> tuple[Grant, str]:
        """Split ``share/relative/path`` (relative may be empty).

        Raises
        ------
        NotFound
            If there is no such share, or the rest is not a plain relative path.
        """
        raise NotImplementedError

    def open(self, path: str) -> OpenFile:
        """Open a regular file for reading.

        Raises
        ------
        NotFound
            If there is none beneath the share.
        Forbidden
            If the server's account may not read it.
        UnsupportedFile
            If it is a folder, a pipe, a socket or a device.
        """
        raise NotImplementedError

    def open_cache(self, share: str, name: str) -> int | None:
        """Open a file of the share's cache folder for reading; the caller closes the descriptor."""
        raise NotImplementedError

    def stat(self, path: str) -> Entry:
        """Describe one entry.

        Raises
        ------
        NotFound
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close the folders' descriptors."""
        raise NotImplementedError

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
        """List a page of a folder; the empty path lists the shares.

        Raises
        ------
        NotFound, Forbidden
        """
        raise NotImplementedError
