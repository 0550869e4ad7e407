"""A process with one thing to do, a job or a build: do it in a thread, tell how it goes, leave when told."""

import errno
import logging
import os
import signal
import threading
from collections.abc import Callable

from toyz.errors import ErrorInfo, ToyzError
from toyz.jobs import Phase
from toyz_sessions.bounds import Bounds
from toyz_sessions.messages import CallUpdate, CancelCall, FromSession, Shutdown, ToSession
from toyz_sessions.session_channel import SessionChannel

_PERIOD = 0.1
"""Seconds between looks at the progress: it is told ten times a second at most."""
_LONGEST = 500
"""Characters of a progress message."""

_log = logging.getLogger(__name__)


class Errand:
    """The one thing, and how far it is. `progress` is for the thread that does it, the rest for the main one.

    Parameters
    ----------
    id : str
        Under which it is told of.
    name : str
        For the log.
    bounds : Bounds
        What the process may use.
    """

    def __init__(self, id: str, name: str, bounds: Bounds) -> None:  # noqa: A002
        self.id = id
        self.name = name
        self._bounds = bounds
        self.cancelled = threading.Event()
        self._lock = threading.Lock()
        self._noted: tuple[float, str] | None = None
        self._finished = False
        self._forking = False
        if bounds.alone:
            os.register_at_fork(before=self._note_fork)

    def progress(self, fraction: float, message: str = "") -> None:
        """Note how far it is; cheap enough for an inner loop."""
        with self._lock:
            self._noted = (min(1.0, max(0.0, float(fraction))), message[:_LONGEST])

    def run(self, channel: SessionChannel, do: Callable[[], bytes]) -> None:
        """Call `do` in a thread, tell its progress and its result, and stay until the server has heard it.

        The main thread only talks, so that signals and messages are heard whatever the other does.
        """

        def work() -> None:
            try:
                result = do()
            except BaseException as error:
                self._finish(channel, CallUpdate(self.id, Phase.ERROR, error=self._info(error)), b"")
            else:
                self._finish(channel, CallUpdate(self.id, Phase.COMPLETED, progress=1.0), result)

        def handle(message: ToSession, payload: bytes) -> None:
            if isinstance(message, CancelCall):
                self.cancelled.set()
            elif isinstance(message, Shutdown):
                channel.stop()

        signal.signal(signal.SIGTERM, lambda number, frame: self.cancelled.set())
        threading.Thread(target=work, name=self.name, daemon=True).start()
        channel.run(handle, lambda: self._report(channel), period=_PERIOD)
        channel.close()

    def _report(self, channel: SessionChannel) -> None:
        with self._lock:
            noted, self._noted = self._noted, None
            if noted is not None and not self._finished:
                update: FromSession = CallUpdate(self.id, Phase.EXECUTING, progress=noted[0], message=noted[1])
                channel.send(update)

    def _finish(self, channel: SessionChannel, update: CallUpdate, payload: bytes) -> None:
        with self._lock:
            self._finished = True
            channel.send(update, payload)

    def _note_fork(self) -> None:
        self._forking = True

    def _info(self, error: BaseException) -> ErrorInfo:
        """Give the error for the user; what it was exactly goes to the log."""
        if isinstance(error, ToyzError):
            return error.info
        _log.error("%s failed", self.name, exc_info=error, extra={"call": self.id})
        if isinstance(error, MemoryError):
            return self._bounds.exceeded("memory").info
        if isinstance(error, PermissionError) and self._forking:
            return self._bounds.exceeded("processes").info
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return self._bounds.exceeded("file").info
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return ToyzError("the disk is full").info
        return ToyzError(f"this failed ({type(error).__name__}); the log says more").info
