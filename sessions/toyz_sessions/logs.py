"""Log records of a process go to the server, which has the log."""

import logging
import time

from toyz_sessions.messages import LogLine
from toyz_sessions.session_channel import SessionChannel

LONGEST = 2000
"""Characters of a line."""
BURST, RATE = 100, 10.0
"""Lines that one process may log at once, and then in a second."""
_WARNINGS = "py.warnings"
_log = logging.getLogger("toyz_sessions")


class ChannelHandler(logging.Handler):
    """Sends each record as a `LogLine`."""

    def __init__(self, channel: SessionChannel) -> None:
        super().__init__()
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record; what libraries warn of is of interest to developers only."""
        try:
            level = "debug" if record.name == _WARNINGS else record.levelname.lower()
            self._channel.send(LogLine(level, _shortened(self.format(record)), getattr(record, "call", "")))
        except Exception:
            self.handleError(record)


def _shortened(text: str) -> str:
    """Leave out the middle of a long text: a traceback ends with what went wrong."""
    room = LONGEST * 3 // 4
    return text if len(text) <= room else f"{text[: room // 3]} … {text[-2 * room // 3 :]}"


def log_to_channel(channel: SessionChannel) -> None:
    """Send what this process logs, and Python's warnings, through `channel`."""
    root = logging.getLogger()
    root.handlers[:] = [ChannelHandler(channel)]
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)


class LogWriter:
    """Writes to the server's log what a process, which nobody need trust, has sent.

    Parameters
    ----------
    origin : str
        Whose process it is.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._allowance = float(BURST)
        self._last = time.monotonic()
        self._dropped = 0

    def write(self, line: LogLine) -> None:
        """Write one line on one line; of a flood, a hundred and then ten a second."""
        now = time.monotonic()
        self._allowance = min(BURST, self._allowance + RATE * (now - self._last))
        self._last = now
        if self._allowance < 1:
            self._dropped += 1
            return
        self._allowance -= 1
        level = logging.getLevelNamesMapping().get(line.level.upper(), logging.INFO)
        text = line.message[:LONGEST].encode("unicode_escape", "replace").decode("ascii")[:LONGEST]
        if self._dropped:
            text, self._dropped = f"{text} ({self._dropped} lines before it were too many)", 0
        call = line.id[:64].encode("unicode_escape", "replace").decode("ascii")
        _log.log(level, "%s %s: %s", self._origin, call, text, extra={"call": call})
