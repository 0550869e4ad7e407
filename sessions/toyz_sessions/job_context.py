"""What a long task is given."""

from pathlib import Path
from typing import Any

from toyz.context import Image, Level
from toyz.errors import Cancelled
from toyz.readers import OpenFile
from toyz.values import to_json
from toyz_sessions.errand import Errand
from toyz_sessions.files import Shares
from toyz_sessions.messages import Emitted, LogLine
from toyz_sessions.opening import Readers
from toyz_sessions.order import Order
from toyz_sessions.plain_image import open_image
from toyz_sessions.process import Send

_LONGEST = 1000
"""Characters of a log line."""


class JobContext:
    """The `toyz.Context` of a job.

    Parameters
    ----------
    errand : Errand
        Knows of cancellation, and is told the progress.
    module : str
        The task's.
    order : Order
    shares : Shares
    readers : Readers
        The registry.
    send : callable
        Takes messages for the server, from any thread.
    """

    def __init__(self, errand: Errand, module: str, order: Order, shares: Shares, readers: Readers, send: Send) -> None:
        self.session: dict[str, Any] = {}
        self._errand = errand
        self._module = module
        self._order = order
        self._shares = shares
        self._readers = readers
        self._send = send

    @property
    def user(self) -> str:
        """The name of the user."""
        return self._order.user

    @property
    def scratch(self) -> Path:
        """A folder for this job alone, removed afterwards."""
        return self._order.folder

    @property
    def cancelled(self) -> bool:
        """Whether the user has taken the call back."""
        return self._errand.cancelled.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if the user has taken the call back."""
        if self.cancelled:
            raise Cancelled("The job was cancelled.")

    def open(self, path: str) -> OpenFile:
        """Open ``share/relative/path`` for reading."""
        return self._shares.open(path)

    def image(self, path: str, hdu: int | None = None, plane: int = 0) -> Image:
        """Open an image by path."""
        limit = self._order.limits.spool_file
        return open_image(self._shares, self._readers, path, hdu, plane, self.scratch, limit)

    def progress(self, fraction: float, message: str = "") -> None:
        """Report how far the task is; also where a cancelled one ends."""
        self.check()
        self._errand.progress(fraction, message)

    def emit(self, event: str, data: Any) -> None:
        """Send an event to the window's panels of the same module."""
        self._send(Emitted(event, self._module), to_json(data))

    def log(self, message: str, level: Level = "info") -> None:
        """Write to the user's log panel and to the server's log."""
        self._send(LogLine(level, message[:_LONGEST], self._errand.id, shown=True), b"")
