"""The context of a short task: it runs in a thread of the session."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toyz.context import Level
from toyz.errors import Cancelled
from toyz.jobs import Phase
from toyz.readers import OpenFile
from toyz.values import to_json
from toyz_sessions.changes import Changes
from toyz_sessions.files import Shares
from toyz_sessions.folder_watch import FolderWatch
from toyz_sessions.images import ImageStore
from toyz_sessions.messages import CallUpdate, Changed, Emitted, FromSession, LogLine, Opened
from toyz_sessions.opening import Readers
from toyz_sessions.plain_image import PlainImage, open_image

INTERVAL = 0.1
"""Seconds between two reports of progress that are sent."""


class TaskContext:
    """Implements `toyz.context.Context` in a session; built-in tasks find the session's own things here too.

    Attributes
    ----------
    shares : Shares
    images : ImageStore
    folders : FolderWatch
    changes : Changes
    payload : bytes
        Binary data that came with the call.
    """

    def __init__(
        self,
        call: str,
        module: str,
        *,
        user: str,
        scratch: Path,
        state: dict[str, Any],
        shares: Shares,
        readers: Readers,
        images: ImageStore,
        folders: FolderWatch,
        payload: bytes = b"",
        unpack_limit: int,
        send: Callable[[FromSession, bytes], None],
    ) -> None:
        self.call, self.module = call, module
        self.user, self.scratch, self.session = user, scratch, state
        self.shares, self.readers, self.images = shares, readers, images
        self.folders, self.payload = folders, payload
        self.changes = Changes(shares, user, self._changed)
        self._unpack_limit, self._send = unpack_limit, send
        self._cancelled = threading.Event()
        self._last_progress = 0.0

    @property
    def cancelled(self) -> bool:
        """Whether the user has taken the call back."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Take the call back; called by the session."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise `Cancelled` if the user has taken the call back."""
        if self.cancelled:
            raise Cancelled("The call was taken back.")

    def open(self, path: str) -> OpenFile:
        """Open a file of a share for reading."""
        return self.shares.open(path)

    def image(self, path: str, hdu: int | None = None, plane: int = 0) -> PlainImage:
        """Open an image by path."""
        return open_image(self.shares, self.readers, path, hdu, plane, self.scratch, self._unpack_limit)

    def progress(self, fraction: float, message: str = "") -> None:
        """Report how far the task is; reports that follow each other too closely are dropped."""
        self.check()
        now = time.monotonic()
        if now - self._last_progress >= INTERVAL:
            self._last_progress = now
            share = min(1.0, max(0.0, float(fraction)))
            self._send(CallUpdate(self.call, Phase.EXECUTING, share, message or None), b"")

    def announce(self, image: str, task: str, parameters: dict[str, Any]) -> None:
        """Tell the server that an image is open, and by which task and parameters it can be opened again."""
        self._send(Opened(image, task), to_json(parameters))

    def _changed(self, action: str, path: str, to: str) -> None:
        self._send(Changed(action, path, to), b"")

    def emit(self, event: str, data: Any) -> None:
        """Send an event of this module to the window."""
        self._send(Emitted(event, self.module), to_json(data))

    def log(self, message: str, level: Level = "info") -> None:
        """Write to the user's log panel and to the server's log."""
        self._send(LogLine(level, message[:1000], self.call, shown=True), b"")
