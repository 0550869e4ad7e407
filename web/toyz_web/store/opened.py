"""Who has a database open: while anybody has, no other may be put in its place."""

import fcntl
import os
from pathlib import Path

from toyz.errors import Conflict


class OpenLock:
    """A lock beside a database. The kernel releases it however its process ends.

    Parameters
    ----------
    path : Path
        Of the database.
    alone : bool
        Whether to hold it alone, to put another database in its place; else with all others who use it.

    Raises
    ------
    Conflict
        If that cannot be now.
    """

    def __init__(self, path: Path, *, alone: bool = False) -> None:
        name = path.with_name(f"{path.name}.lock")
        self._descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise Conflict(
                "A server, or a command, has the database open: end it first."
                if alone
                else "The database is being restored from a backup; try again when that is done."
            ) from None

    def close(self) -> None:
        """Release it."""
        os.close(self._descriptor)
